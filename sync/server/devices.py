"""Devices: how one proves whose it is, how it gets a new token, and how its access ends."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar
from uuid import uuid4

from sqlalchemy import and_, bindparam, delete, insert, select, update

from models.text import clean
from sync.server.access import SERVER, authorize
from sync.server.audit import Audit
from sync.server.feed import take_feed
from sync.server.refusal import Actor, Refused
from sync.server.tables import device, invitation, membership, person, token as tokens
from sync.server.tokens import LONGEST_TOKEN, new_token, token_mac

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from sync.server.database import Database

T = TypeVar("T")

OVERLAP: Final = timedelta(hours=24)
"""How long an old token lives at most beside its successor."""
SEEN_EVERY: Final = timedelta(minutes=10)
"""How exactly the server remembers when a device was last there; each time is a write."""
TOLD_EVERY: Final = timedelta(hours=1)
"""How often the audit says of one token that it was refused."""
LONGEST_NAME: Final = 80


class Person(NamedTuple):
    """Who a token stands for."""

    user: str
    device: str
    name: str


class Device(NamedTuple):
    """A device as those see it who may take its access away; moments are ISO 8601, empty where there was none."""

    device: str
    name: str
    user: str
    person: str
    role: str
    created_at: str
    seen_at: str
    revoked_at: str


class _Held(NamedTuple):
    """A token that is known, with what else is known of it."""

    person: Person
    mac: str
    refusal: str
    used_at: str
    refused_at: str
    seen_at: str


# Built once: it is asked with every request.
_HELD = (
    select(
        *(tokens.c.ends_at, tokens.c.superseded, tokens.c.used_at, tokens.c.refused_at),
        *(device.c.device_id, device.c.user_id, device.c.revoked_at, device.c.seen_at, person.c.name),
    )
    .join(device, device.c.device_id == tokens.c.device_id)
    .join(person, person.c.user_id == device.c.user_id)
    .where(tokens.c.mac == bindparam("of_mac"))
)


def moment(now: datetime) -> str:
    """Return an instant as the tables keep it: text in UTC that sorts by time."""
    return now.astimezone(UTC).isoformat(timespec="milliseconds")


def note(connection: Connection, team: str, by: Actor, now: datetime, verb: str, /, **subject: str | int) -> None:
    """Write one row of a team's audit, holding the team's counter row; raises `Refused` where there is no such team."""
    take_feed(connection, team)
    audit = Audit(connection, team)
    audit.note(by, moment(now), verb, subject)
    audit.write()


def tidy_name(text: str) -> str:
    """Return the name of a person, device or team as it may be kept; raises `Refused` for an empty or a long one."""
    name = clean(text, lines=False).strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise Refused(422, "malformed")
    return name


def add_device(connection: Connection, secret: bytes, user: str, name: str, now: datetime) -> tuple[str, str]:
    """Make a device for a person; returns its id and its first token, which nobody can be told again."""
    key, fresh = uuid4().hex, new_token()
    made = {"device_id": key, "user_id": user, "name": tidy_name(name), "created_at": moment(now)}
    connection.execute(insert(device), made)
    _issue(connection, secret, key, fresh, now)
    return key, fresh


def _issue(connection: Connection, secret: bytes, key: str, fresh: str, now: datetime) -> None:
    issued = {"mac": token_mac(secret, fresh), "device_id": key, "issued_at": moment(now)}
    connection.execute(insert(tokens), issued)


def identify(connection: Connection, secret: bytes, token: str, now: datetime) -> Person:
    """Return whose device a token is; raises `Refused` with 401 and why: unknown_token, revoked, superseded, expired.

    Reads only. Requests come through `admit`, which also keeps what a use of a token changes.
    """
    held = _held(connection, secret, token, now)
    if held.refusal:
        raise Refused(401, held.refusal)
    return held.person


def _held(connection: Connection, secret: bytes, token: str, now: datetime) -> _Held:
    if not 0 < len(token) <= LONGEST_TOKEN:
        raise Refused(401, "unknown_token")
    mac = token_mac(secret, token)
    row = connection.execute(_HELD, {"of_mac": mac}).one_or_none()
    if row is None:
        raise Refused(401, "unknown_token")
    refusal = ""
    if row.revoked_at:
        refusal = "revoked"
    elif row.superseded:
        refusal = "superseded"
    elif row.ends_at and row.ends_at <= moment(now):
        refusal = "expired"
    known = Person(row.user_id, row.device_id, row.name)
    return _Held(known, mac, refusal, row.used_at, row.refused_at, row.seen_at)


def admit(database: Database, secret: bytes, token: str) -> Person:
    """Return whose device a token is, for a request that begins; raises `Refused` as `admit_to` does."""
    return admit_to(database, secret, token, lambda _connection, person: person)


def admit_to(database: Database, secret: bytes, token: str, work: Callable[[Connection, Person], T]) -> T:
    """Return what `work` reads for the owner of a token, in the state in which it was good; raises `Refused` with 401 and why.

    The first use of a new token ends the one before it; when a device was there is kept; a refusal is audited.
    """
    now = database.clock.now()

    def read(connection: Connection) -> tuple[_Held, T | Refused]:
        held = _held(connection, secret, token, now)
        try:
            return held, Refused(401, held.refusal) if held.refusal else work(connection, held.person)
        except Refused as refused:
            # What it asked for is not to be had; the token was used all the same.
            return held, refused

    held, result = database.read(read)
    # What is to be kept can wait: neither a full disk nor a busy database keeps a device from reading.
    with suppress(Refused):
        if held.refusal:
            if held.refused_at <= moment(now - TOLD_EVERY):
                database.write(lambda connection: _note_refusal(connection, held, now))
        elif not held.used_at or held.seen_at <= moment(now - SEEN_EVERY):
            database.write(lambda connection: _note_use(connection, held, now))
    if isinstance(result, Refused):
        raise result
    return result


def _note_refusal(connection: Connection, held: _Held, now: datetime) -> None:
    told = update(tokens).where(tokens.c.mac == held.mac).values(refused_at=moment(now))
    by = Actor(held.person.user, held.person.device, SERVER, "")
    note(connection, SERVER, by, now, "refused", reason=held.refusal)
    connection.execute(told)


def _note_use(connection: Connection, held: _Held, now: datetime) -> None:
    connection.execute(update(device).where(device.c.device_id == held.person.device).values(seen_at=moment(now)))
    if held.used_at:
        return
    mine = and_(tokens.c.mac == held.mac, tokens.c.used_at == "", tokens.c.superseded.is_(False))
    if connection.execute(update(tokens).where(mine).values(used_at=moment(now))).rowcount:
        others = and_(tokens.c.device_id == held.person.device, tokens.c.mac != held.mac)
        # Whatever came before it, and whatever was given out and never used.
        connection.execute(update(tokens).where(others).values(superseded=True))


def rotate(connection: Connection, secret: bytes, token: str, now: datetime) -> str:
    """Return a new token for the device of `token`, which lives on until the new one is used, 24 hours at most.

    Asked again because the answer was lost, the device gets another one. Raises `Refused`.
    """
    take_feed(connection, SERVER)
    held = _held(connection, secret, token, now)
    if held.refusal:
        raise Refused(401, held.refusal)
    mine = tokens.c.device_id == held.person.device
    connection.execute(
        update(tokens)
        .where(and_(tokens.c.mac == held.mac, tokens.c.ends_at == ""))
        .values(ends_at=moment(now + OVERLAP), used_at=held.used_at or moment(now))
    )
    connection.execute(delete(tokens).where(and_(mine, tokens.c.mac != held.mac, tokens.c.used_at == "")))
    fresh = new_token()
    _issue(connection, secret, held.person.device, fresh, now)
    note(connection, SERVER, Actor(held.person.user, held.person.device, SERVER, ""), now, "rotate")
    return fresh


def revoke(connection: Connection, by: Actor, team: str, device_id: str, now: datetime) -> None:
    """End the access of a team's device at once, and that of codes which its owner gave out; raises `Refused`."""
    authorize(by, "revoke", team)
    take_feed(connection, team)
    owner = connection.execute(
        select(device.c.user_id)
        .join(membership, membership.c.user_id == device.c.user_id)
        .where(and_(membership.c.team_id == team, device.c.device_id == device_id))
    ).scalar()
    if owner is None:
        raise Refused(404, "not_found")
    open_ones = and_(invitation.c.invited_by == owner, invitation.c.redeemed_at == "")
    connection.execute(delete(invitation).where(open_ones))
    working = and_(device.c.device_id == device_id, device.c.revoked_at == "")
    if connection.execute(update(device).where(working).values(revoked_at=moment(now))).rowcount:
        note(connection, team, by, now, "revoke", device=device_id, user=owner)


def devices(connection: Connection, team: str) -> list[Device]:
    """Return all devices of a team's members, by their age."""
    rows = connection.execute(
        select(
            *(device.c.device_id, device.c.name, device.c.user_id, person.c.name.label("person"), membership.c.role),
            *(device.c.created_at, device.c.seen_at, device.c.revoked_at),
        )
        .join(person, person.c.user_id == device.c.user_id)
        .join(membership, membership.c.user_id == device.c.user_id)
        .where(membership.c.team_id == team)
        .order_by(device.c.created_at, device.c.device_id)
    )
    return [Device(*row) for row in rows]
