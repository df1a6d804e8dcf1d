"""Who may do what. One table, deny by default; roles are read at each request and never carried in a token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import and_, bindparam, or_, select

from sync.server.refusal import Actor, Refused
from sync.server.tables import device, membership, team

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from models.records import Document

Verb = Literal[
    "read",
    "write",
    "history",
    "inspect",
    "count",
    "assign",
    "invite",
    "revoke",
    "devices",
    "hand_over",
    "teams",
    "audit",
]
"""read, write: the team's records. history: of one of them. inspect: a single one, with a reason. count: aggregates only.
assign: advisers' deployments. devices: who has which device. teams: make teams. audit: what was done."""

SERVER: Final = "server"
"""The team of those who run the server: it has no records, and its members reach every team with what is technical."""

ROLES: Final[Mapping[str, frozenset[Verb]]] = {
    "adviser": frozenset({"read", "write", "history", "count"}),
    "lead": frozenset({"read", "write", "history", "count", "invite", "revoke", "devices", "hand_over"}),
    "overseer": frozenset({"inspect", "count", "assign"}),
    "support": frozenset(),
    "administrator": frozenset({"invite", "revoke", "devices", "teams", "audit"}),
}

INVITES: Final[Mapping[str, frozenset[str]]] = {
    "lead": frozenset({"adviser", "lead"}),
    "administrator": frozenset(ROLES),
}
"""Whom a role may invite: nobody makes more of somebody than they are."""

ASSIGNED: Final = frozenset({"deployment"})
"""Kinds of records that an overseer writes."""


# Built once: these are asked with every request, and making them anew costs more than the database does.
_ON_DEVICE = and_(
    device.c.device_id == bindparam("of_device"),
    device.c.user_id == bindparam("of_user"),
    device.c.revoked_at == "",
)
_WORKING = select(device.c.device_id).where(_ON_DEVICE)
_ROLES_ON = (
    select(membership.c.team_id, membership.c.role)
    .join(device, device.c.user_id == membership.c.user_id)
    .where(and_(_ON_DEVICE, or_(membership.c.team_id == bindparam("of_team"), membership.c.team_id == SERVER)))
)


def authorize(actor: Actor, verb: Verb, scope: str, *, reason: str = "") -> None:
    """Return where `actor` may do `verb` in the team `scope`; raises `Refused`.

    The team is that of the stored thing, never one that a request names. What belongs to others does not exist: 404.
    """
    if actor.team != scope and not _of_the_server(actor):
        raise Refused(404, "not_found")
    if verb not in ROLES.get(actor.role, frozenset()):
        raise Refused(403, "forbidden")
    if verb == "inspect" and not reason.strip():
        raise Refused(403, "reason_needed")


def may_invite(actor: Actor, role: str, scope: str) -> None:
    """Return where `actor` may invite somebody into the team `scope` as `role`; raises `Refused`."""
    authorize(actor, "invite", scope)
    # Administrators are of the server, and of the server are only administrators.
    fits = (role == "administrator") == (scope == SERVER)
    if role not in INVITES.get(actor.role, frozenset()) or not fits:
        raise Refused(403, "forbidden")


def actor_in(connection: Connection, user: str, device_id: str, scope: str) -> Actor:
    """Return a person on a device in their present role in a team; raises `Refused` where they have none there.

    Called behind `take_feed` this is in order with every change of rights, as these take the same row.
    """
    asked = {"of_user": user, "of_device": device_id, "of_team": scope}
    roles = {row.team_id: row.role for row in connection.execute(_ROLES_ON, asked)}
    if scope in roles:
        return Actor(user, device_id, scope, roles[scope])
    if SERVER in roles and connection.execute(select(team.c.team_id).where(team.c.team_id == scope)).first():
        return Actor(user, device_id, SERVER, roles[SERVER])
    if connection.execute(_WORKING, asked).first() is None:
        raise Refused(401, "revoked")
    raise Refused(404, "not_found")


def judge(actor: Actor, document: Document) -> str:
    """Return why an actor may not write a record of their team, or nothing where they may; the judge of `Push`."""
    verbs = ROLES.get(actor.role, frozenset())
    if "write" in verbs or ("assign" in verbs and document.get("kind") in ASSIGNED):
        return ""
    return "forbidden"


def _of_the_server(actor: Actor) -> bool:
    return actor.team == SERVER and actor.role == "administrator"
