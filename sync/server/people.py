"""People: teams, who has which role in them, and the invitations by which somebody gets there."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import uuid4

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update

from sync.check import NOTHING
from sync.protocol import Scope
from sync.server.access import INVITES, SERVER, authorize, may_invite
from sync.server.devices import add_device, moment, note, tidy_name
from sync.server.feed import take_feed
from sync.server.refusal import Actor, Refused
from sync.server.tables import invitation, membership, person, team, team_feed
from sync.server.tokens import code_mac, new_code, plain_code

if TYPE_CHECKING:
    from sqlalchemy import Connection

CONSOLE: Final = Actor("console", "", SERVER, "administrator")
"""Whoever works at the server itself, with its folder in hand."""
VALID: Final = timedelta(hours=72)
"""How long an invitation can be redeemed."""
KEPT: Final = timedelta(days=30)
"""How long one that nobody redeemed is remembered, so that its late redeemer hears why."""


class Team(NamedTuple):
    """A team; `district` is the code of its Bezirksregierung."""

    team: str
    name: str
    district: str
    members: int


class Member(NamedTuple):
    """A person in a team."""

    user: str
    name: str
    role: str


class Joined(NamedTuple):
    """What redeeming a code made."""

    token: str
    user: str
    device: str
    team: str


# Built once: it is asked in every cycle of every device.
_SCOPES = (
    select(membership.c.team_id, team.c.name, membership.c.role, team_feed.c.epoch)
    .join(team_feed, team_feed.c.team_id == membership.c.team_id)
    .outerjoin(team, team.c.team_id == membership.c.team_id)
    .where(membership.c.user_id == bindparam("of_user"))
    .order_by(team.c.name, membership.c.team_id)
)


def new_epoch() -> str:
    """Return the name of an epoch that never was."""
    return secrets.token_hex(8)


def found_server(connection: Connection) -> None:
    """Make the team of those who run the server, where there is none yet."""
    if connection.execute(select(team_feed.c.team_id).where(team_feed.c.team_id == SERVER)).first() is None:
        _add_feed(connection, SERVER)


def _add_feed(connection: Connection, key: str) -> None:
    made = {"team_id": key, "seq": 0, "epoch": new_epoch(), "records": 0, "folded": NOTHING}
    connection.execute(insert(team_feed), made)


def add_team(connection: Connection, name: str, district: str, now: datetime, by: Actor = CONSOLE) -> str:
    """Make a team and return its id; raises `Refused` where the name is taken."""
    authorize(by, "teams", SERVER)
    name = tidy_name(name)
    district = tidy_name(district) if district.strip() else ""
    take_feed(connection, SERVER)
    if connection.execute(select(team.c.team_id).where(team.c.name == name)).first() is not None:
        raise Refused(409, "name_taken")
    key = uuid4().hex
    _add_feed(connection, key)
    made = {"team_id": key, "name": name, "district": district, "created_at": moment(now)}
    connection.execute(insert(team), made)
    note(connection, SERVER, by, now, "add_team", team=key)
    return key


def teams(connection: Connection) -> list[Team]:
    """Return all teams by name."""
    rows = connection.execute(
        select(team.c.team_id, team.c.name, team.c.district, func.count(membership.c.user_id))
        .outerjoin(membership, membership.c.team_id == team.c.team_id)
        .group_by(team.c.team_id, team.c.name, team.c.district)
        .order_by(team.c.name)
    )
    return [Team(*row) for row in rows]


def members(connection: Connection, key: str) -> list[Member]:
    """Return the people of a team by name."""
    rows = connection.execute(
        select(person.c.user_id, person.c.name, membership.c.role)
        .join(membership, membership.c.user_id == person.c.user_id)
        .where(membership.c.team_id == key)
        .order_by(person.c.name, person.c.user_id)
    )
    return [Member(*row) for row in rows]


def scopes_of(connection: Connection, user: str) -> list[Scope]:
    """Return what a person may see, by the names of the teams."""
    rows = connection.execute(_SCOPES, {"of_user": user})
    return [Scope(team=key, name=name or "Server", role=role, epoch=epoch) for key, name, role, epoch in rows]


def invite(
    connection: Connection,
    secret: bytes,
    key: str,
    role: str,
    name: str,
    by: Actor,
    now: datetime,
    *,
    user: str = "",
) -> str:
    """Return a code by which a person enrols one device in a team, once within 72 hours; raises `Refused`.

    With `user` the device is for somebody who is known already, who thereby joins the team or changes the role in it.
    """
    may_invite(by, role, key)
    take_feed(connection, key)
    if user:
        _may_bring(connection, user, key, by)
    connection.execute(
        delete(invitation).where(and_(invitation.c.team_id == key, invitation.c.expires_at < moment(now - KEPT)))
    )
    code = new_code()
    made: dict[str, Any] = {
        "code_mac": code_mac(secret, code),
        "team_id": key,
        "role": role,
        "name": tidy_name(name),
        "user_id": user,
        "invited_by": by.user,
        "created_at": moment(now),
        "expires_at": moment(now + VALID),
    }
    connection.execute(insert(invitation), made)
    note(connection, key, by, now, "invite", invitation=made["code_mac"][:16], role=role, user=user)
    return code


def _may_bring(connection: Connection, user: str, key: str, by: Actor) -> None:
    """Raise `Refused` where `by` must not act for somebody: a device of theirs sees what all their roles see."""
    theirs = connection.execute(select(membership.c.team_id).where(membership.c.user_id == user)).scalars().all()
    if by.team != SERVER and set(theirs) != {key}:
        raise Refused(404, "not_found")
    if connection.execute(select(person.c.user_id).where(person.c.user_id == user)).first() is None:
        raise Refused(404, "not_found")


def redeem(connection: Connection, secret: bytes, code: str, device_name: str, now: datetime) -> Joined:
    """Make a device from an invitation; raises `Refused`: 404 unknown_code, 410 used or expired."""
    mac = code_mac(secret, code)
    asked = select(invitation).where(invitation.c.code_mac == mac)
    offered = connection.execute(asked).one_or_none() if plain_code(code) else None
    if offered is None:
        raise Refused(404, "unknown_code")
    take_feed(connection, offered.team_id)
    # Only now, with the team's row in hand, is it settled who came first and whether the offer still stands.
    offered = connection.execute(asked).one_or_none()
    if offered is None:
        raise Refused(404, "unknown_code")
    if offered.redeemed_at:
        raise Refused(410, "used")
    if offered.expires_at <= moment(now):
        raise Refused(410, "expired")
    connection.execute(update(invitation).where(invitation.c.code_mac == mac).values(redeemed_at=moment(now), name=""))
    user = offered.user_id or uuid4().hex
    if not offered.user_id:
        connection.execute(insert(person), {"user_id": user, "name": offered.name, "created_at": moment(now)})
    _put_role(connection, offered.team_id, user, offered.role, now)
    key, token = add_device(connection, secret, user, device_name, now)
    by = Actor(user, key, offered.team_id, offered.role)
    note(connection, offered.team_id, by, now, "enrol", invitation=mac[:16], role=offered.role)
    return Joined(token, user, key, offered.team_id)


def _put_role(connection: Connection, key: str, user: str, role: str, now: datetime) -> None:
    mine = and_(membership.c.team_id == key, membership.c.user_id == user)
    if not connection.execute(update(membership).where(mine).values(role=role)).rowcount:
        made = {"team_id": key, "user_id": user, "role": role, "since": moment(now)}
        connection.execute(insert(membership), made)


def set_role(connection: Connection, by: Actor, key: str, user: str, role: str, now: datetime) -> None:
    """Give a person a role in a team, as a new member or another one than before; raises `Refused`."""
    may_invite(by, role, key)
    take_feed(connection, key)
    _may_bring(connection, user, key, by)
    _put_role(connection, key, user, role, now)
    _end_offers(connection, key, user, given_out=role not in INVITES)
    note(connection, key, by, now, "set_role", user=user, role=role)


def remove(connection: Connection, by: Actor, key: str, user: str, now: datetime) -> None:
    """End a person's role in a team at once; raises `Refused`."""
    authorize(by, "revoke", key)
    take_feed(connection, key)
    _leave_one(connection, key, user)
    mine = and_(membership.c.team_id == key, membership.c.user_id == user)
    if not connection.execute(delete(membership).where(mine)).rowcount:
        raise Refused(404, "not_found")
    _end_offers(connection, key, user, given_out=True)
    note(connection, key, by, now, "remove", user=user)


def _end_offers(connection: Connection, key: str, user: str, *, given_out: bool) -> None:
    """Take back what would undo a change of rights: codes for this person, and codes that this person gave out."""
    theirs = invitation.c.user_id == user
    if given_out:
        theirs = or_(theirs, invitation.c.invited_by == user)
    connection.execute(delete(invitation).where(and_(invitation.c.team_id == key, theirs)))


def _leave_one(connection: Connection, key: str, user: str) -> None:
    """Raise `Refused` for the last administrator: nobody could invite another one."""
    if key != SERVER:
        return
    all_of_them = connection.execute(select(membership.c.user_id).where(membership.c.team_id == SERVER)).scalars().all()
    if list(all_of_them) == [user]:
        raise Refused(409, "last_administrator")
