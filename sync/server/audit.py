"""The audit: who did what with which record. Names of fields, never values; each row vouches for the one before it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import bindparam, insert, select

from sync.check import NOTHING
from sync.server.tables import audit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from sync.server.refusal import Actor
_LAST = (
    select(audit.c.number, audit.c.chain)
    .where(audit.c.team_id == bindparam("of_team"))
    .order_by(audit.c.number.desc())
    .limit(1)
)


class Entry(NamedTuple):
    """One row as it stands."""

    number: int
    at: str
    user: str
    device: str
    verb: str
    subject: str
    chain: str


def link(before: str, entry: tuple[int, str, str, str, str, str]) -> str:
    """Return the hash of a row over that of the row before it."""
    return hashlib.sha256(before.encode() + orjson.dumps(entry)).hexdigest()


class Audit:
    """Writes rows for one team within one transaction that holds the team's counter row."""

    def __init__(self, connection: Connection, team: str) -> None:
        """Go on behind the last row of `team`."""
        self._connection = connection
        self._team = team
        last = connection.execute(_LAST, {"of_team": team}).one_or_none()
        self._number, self._chain = (int(last.number), str(last.chain)) if last else (0, NOTHING)
        self._rows: list[dict[str, Any]] = []

    def note(self, actor: Actor, at: str, verb: str, subject: Mapping[str, Any]) -> None:
        """Add a row; it is written with `write`."""
        text = orjson.dumps(subject, option=orjson.OPT_SORT_KEYS).decode()
        self._number += 1
        self._chain = link(self._chain, (self._number, at, actor.user, actor.device, verb, text))
        self._rows.append(
            {
                "team_id": self._team,
                "number": self._number,
                "at": at,
                "user_id": actor.user,
                "device_id": actor.device,
                "verb": verb,
                "subject": text,
                "chain": self._chain,
            }
        )

    def write(self) -> None:
        """Write all rows that were noted."""
        if self._rows:
            self._connection.execute(insert(audit), self._rows)
            self._rows = []


def first_break(entries: Iterable[Entry]) -> int | None:
    """Return the number of the first row that was changed, put in or taken out, `None` where all is as it was written."""
    chain = NOTHING
    for expected, entry in enumerate(entries, 1):
        chain = link(chain, (entry.number, entry.at, entry.user, entry.device, entry.verb, entry.subject))
        if entry.number != expected or entry.chain != chain:
            return expected
    return None
