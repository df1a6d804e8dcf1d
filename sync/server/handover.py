"""Handing over: records go from one team to another. They leave the old feed with an `out` entry and stand in the new one.

All in one transaction, so that no device ever finds them in both teams or in none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from sqlalchemy import and_, bindparam, delete, insert, literal, select

from models.fields import Reference
from models.records import CONFLICT, record_class
from sync.check import fold
from sync.protocol import OWN, make_op
from sync.server.access import SERVER, authorize, judge
from sync.server.audit import Audit
from sync.server.devices import moment
from sync.server.feed import Feed, look_at_feed, put_feed, take_feed
from sync.server.push import Push
from sync.server.refusal import Actor, Refused
from sync.server.tables import history, out_entry, record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from models.records import Document

BATCH: Final = 500
"""Records that are moved with one statement."""

_HERE = and_(record.c.team_id == bindparam("of_team"), record.c.record_id.in_(bindparam("ids", expanding=True)))
_FOUND = select(record).where(_HERE).order_by(record.c.seq)
_TAKE_AWAY = delete(record).where(_HERE)
_REVISIONS = and_(history.c.team_id == bindparam("of_team"), history.c.record_id.in_(bindparam("ids", expanding=True)))


class Handed(NamedTuple):
    """What a handing over did: records that went, and the ids of conflicts with what the other team had of them."""

    records: int
    conflicts: list[str]


def belongings(connection: Connection, team: str, school: str) -> list[str]:
    """Return the ids of all records of a team that are about a school, given by its number, and of what follows from these.

    What is about another school stays where it is, even where it refers to one of these.
    """
    rows = connection.execute(select(record.c.document).where(record.c.team_id == team)).scalars()
    others: list[Document] = []
    chosen: dict[str, None] = {}
    for text in rows:
        document: Document = orjson.loads(text)
        about = _subject(document)
        if about == school:
            chosen[document["id"]] = None
        elif not about:
            others.append(document)
    grown = True
    while grown:
        following = [document["id"] for document in others if chosen.keys() & set(_references(document))]
        grown = not chosen.keys() >= set(following)
        chosen.update(dict.fromkeys(following))
    return list(chosen)


def _subject(document: Document) -> str:
    """Return the number of the school that a record is about, or nothing."""
    kind = record_class(str(document.get("kind", "")))
    name = kind.about.subject
    if document.get("kind") == "school":
        return str(document.get("number", ""))
    declared = kind.kinds().get(name)
    to_school = isinstance(declared, Reference) and "school" in declared.to.split()
    return str(document.get(name) or "") if to_school else ""


def _references(document: Document) -> Iterator[str]:
    for name, declared in record_class(str(document.get("kind", ""))).kinds().items():
        if isinstance(declared, Reference) and document.get(name):
            yield str(document[name])


def hand_over(connection: Connection, by: Actor, ids: Sequence[str], to: str, now: datetime) -> Handed:
    """Give records of the actor's team to another one, with their history and the conflicts about them.

    Where the other team has one of them already, such as a school of the directory, the two become one by the same merge
    as two edits. Raises `Refused`; nothing was changed then.
    """
    authorize(by, "hand_over", by.team)
    if to in {by.team, SERVER}:
        raise Refused(422, "other_team_needed")
    # Always in the same order: two teams that hand over to each other must not wait for each other.
    feeds = {team: take_feed(connection, team) for team in sorted((by.team, to))}
    ids = list(dict.fromkeys(ids))
    ids += _conflicts_about(connection, by.team, set(ids))
    moving = _Moving(connection, by, to, moment(now), feeds)
    for start in range(0, len(ids), BATCH):
        moving.move(ids[start : start + BATCH])
    return moving.end()


def _conflicts_about(connection: Connection, team: str, ids: set[str]) -> list[str]:
    mine = and_(record.c.team_id == team, record.c.kind == CONFLICT)
    rows = connection.execute(select(record.c.record_id, record.c.document).where(mine).order_by(record.c.seq))
    return [key for key, text in rows if key not in ids and orjson.loads(text).get("record") in ids]


class _Moving:
    """One handing over, in batches. Both teams' counter rows are held."""

    def __init__(self, connection: Connection, by: Actor, to: str, now: str, feeds: dict[str, Feed]) -> None:
        self._run = connection.execute
        self._connection = connection
        self._by = by
        self._to = to
        self._now = now
        self._feeds = feeds
        self._audits = {team: Audit(connection, team) for team in feeds}
        self._meeting: list[Document] = []
        self._count = 0

    def move(self, ids: list[str]) -> None:
        """Move some records; raises `Refused` where the team does not have one of them."""
        rows = [dict(row) for row in self._run(_FOUND, {"of_team": self._by.team, "ids": ids}).mappings()]
        if len(rows) != len(ids):
            raise Refused(404, "not_found")
        there = set(
            self._run(_FOUND.with_only_columns(record.c.record_id), {"of_team": self._to, "ids": ids}).scalars()
        )
        going = [row for row in rows if row["record_id"] not in there]
        self._meeting += [orjson.loads(row["document"]) for row in rows if row["record_id"] in there]
        self._leave(rows)
        self._arrive(going)
        # Else it would meet its own numbers when the record comes back one day; nobody here may read it any more.
        self._run(delete(history).where(_REVISIONS), {"of_team": self._by.team, "ids": ids})
        self._count += len(rows)
        self._audits[self._by.team].note(self._by, self._now, "hand_over", {"to": self._to, "records": ids})
        self._audits[self._to].note(self._by, self._now, "take_over", {"from": self._by.team, "records": ids})

    def _leave(self, rows: list[dict[str, Any]]) -> None:
        feed = self._feeds[self._by.team]
        gone: list[dict[str, Any]] = []
        for row in rows:
            feed = feed._replace(
                seq=feed.seq + 1,
                records=feed.records - 1,
                folded=fold(feed.folded, row["record_id"], row["rev"]),
            )
            entry = {"team_id": self._by.team, "seq": feed.seq, "record_id": row["record_id"], "kind": row["kind"]}
            gone.append(entry)
        self._feeds[self._by.team] = feed
        self._run(_TAKE_AWAY, {"of_team": self._by.team, "ids": [row["record_id"] for row in rows]})
        self._run(insert(out_entry), gone)

    def _arrive(self, rows: list[dict[str, Any]]) -> None:
        feed = self._feeds[self._to]
        come: list[dict[str, Any]] = []
        for row in rows:
            feed = feed._replace(
                seq=feed.seq + 1,
                records=feed.records + 1,
                folded=fold(feed.folded, row["record_id"], row["rev"]),
            )
            come.append({**row, "team_id": self._to, "seq": feed.seq})
        self._feeds[self._to] = feed
        if come:
            self._run(insert(record), come)
            self._bring_history([row["record_id"] for row in come])

    def _bring_history(self, ids: list[str]) -> None:
        # The epoch is the other team's: for its devices these revisions came about with the handing over.
        epoch = self._feeds[self._to].epoch
        names = [column.name for column in history.c]
        kept = [history.c[name] for name in names if name not in {"team_id", "epoch"}]
        revisions = select(literal(self._to), literal(epoch), *kept).where(_REVISIONS)
        target = ["team_id", "epoch", *(column.name for column in kept)]
        self._run(insert(history).from_select(target, revisions), {"of_team": self._by.team, "ids": ids})

    def end(self) -> Handed:
        """Write what remains, and merge what both teams had."""
        for team, audit in self._audits.items():
            audit.write()
            put_feed(self._connection, team, self._feeds[team])
        return Handed(self._count, self._merge())

    def _merge(self) -> list[str]:
        # As edits of a device that there is only now: so they are merged, refused and audited like those of any other.
        device = f"hand-over-{self._by.team}-{self._feeds[self._by.team].seq}"
        actor = Actor(self._by.user, device, self._to, self._by.role)
        ops = [
            make_op(number, document["id"], document["kind"], None, {k: v for k, v in document.items() if k not in OWN})
            for number, document in enumerate(self._meeting, 1)
        ]
        conflicts: list[str] = []
        for start in range(0, len(ops), BATCH):
            epoch = look_at_feed(self._connection, self._to).epoch
            push = Push(self._connection, actor, self._now, judge)
            for result in push.take(epoch, ops[start : start + BATCH]):
                if result.status == "rejected":
                    raise Refused(409, "not_taken", detail=result.reason)
                conflicts += [str(conflict["id"]) for conflict in result.conflicts]
        return conflicts
