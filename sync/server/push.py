"""Push: the edits of a device come into a team's records, in one transaction that the caller commits before it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from uuid import NAMESPACE_URL, uuid5

import orjson
from sqlalchemy import and_, bindparam, func, insert, select, update

from models.migrations import SCHEMA
from models.records import KINDS, is_readable, record_class
from models.text import clean_tree
from sync.check import fold
from sync.merge import Conflict, canonical, changed, fields_of, merge
from sync.protocol import RECORD_BYTES, UNKNOWN_BASE, Op, Result, digest
from sync.server.audit import Audit
from sync.server.feed import put_feed, take_feed
from sync.server.refusal import Actor, Refused
from sync.server.tables import history, out_entry, receipt, record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from models.records import Document

CONFLICT = "conflict"
GONE = "gone"
"""Why an edit of a record is refused that went to another team: the device sets it aside when it reads of that."""

# Statements are built once: making them anew for each push costs more than the database does.
_LAST = select(func.max(receipt.c.n)).where(
    and_(receipt.c.team_id == bindparam("of_team"), receipt.c.device_id == bindparam("of_device"))
)
_RECEIPTS = select(receipt.c.n, receipt.c.sha, receipt.c.result).where(
    and_(
        receipt.c.team_id == bindparam("of_team"),
        receipt.c.device_id == bindparam("of_device"),
        receipt.c.n.in_(bindparam("numbers", expanding=True)),
    )
)
_RECORDS = select(record.c.record_id, record.c.rev, record.c.document).where(
    and_(record.c.team_id == bindparam("of_team"), record.c.record_id.in_(bindparam("ids", expanding=True)))
)
_LEFT = select(out_entry.c.record_id).where(
    and_(out_entry.c.team_id == bindparam("of_team"), out_entry.c.record_id.in_(bindparam("ids", expanding=True)))
)
_REVISION = select(history.c.document).where(
    and_(
        history.c.team_id == bindparam("of_team"),
        history.c.record_id == bindparam("of_record"),
        history.c.rev == bindparam("of_rev"),
    )
)
_CHANGE = (
    update(record)
    .where(and_(record.c.team_id == bindparam("new_team_id"), record.c.record_id == bindparam("new_record_id")))
    .values({name: bindparam(f"new_{name}") for name in ("rev", "seq", "document")})
)


class Judge(Protocol):
    """Says why an actor may not write a record, or nothing where they may."""

    def __call__(self, actor: Actor, document: Document) -> str:
        """Return a reason or an empty text."""
        ...


class Stored(NamedTuple):
    """A record as it stands; revision 0 is one that there is not."""

    rev: int
    document: Document


class Push:
    """One push. Rows are collected and written together at the end: a statement an edit would cost most of the time."""

    def __init__(self, connection: Connection, actor: Actor, now: str, judge: Judge) -> None:
        """Take the team's counter row for `actor`; `now` is the server's time in UTC."""
        self._feed = take_feed(connection, actor.team)
        self._connection = connection
        self._actor = actor
        self._now = now
        self._judge = judge
        self._audit = Audit(connection, actor.team)
        self._stored: dict[str, Stored] = {}
        self._before: dict[str, int] = {}
        self._gone: set[str] = set()
        self._revisions: list[dict[str, Any]] = []
        self._receipts: list[dict[str, Any]] = []

    def take(self, epoch: str, ops: Sequence[Op]) -> list[Result]:
        """Return what became of each edit; raises `Refused` for the whole where its numbers do not fit."""
        if epoch != self._feed.epoch:
            raise Refused(409, "epoch_changed")
        last = self._last()
        self._load({op.record for op in ops})
        again = self._answered([op for op in ops if op.n <= last], last)
        results: list[Result] = []
        for op in ops:
            if op.n <= last and op.n in again:
                results.append(again[op.n])
                continue
            if op.n != last + 1:
                raise Refused(409, "gap", expected=last + 1)
            result = self._one(op)
            last = op.n
            self._receipts.append(
                {**self._mine(), "n": op.n, "sha": op.sha, "result": result.model_dump_json()},
            )
            results.append(result)
        self._write()
        return results

    def _mine(self) -> dict[str, str]:
        return {"team_id": self._actor.team, "device_id": self._actor.device}

    def _last(self) -> int:
        asked = {"of_team": self._actor.team, "of_device": self._actor.device}
        return int(self._connection.execute(_LAST, asked).scalar() or 0)

    def _answered(self, ops: Sequence[Op], last: int) -> dict[int, Result]:
        """Return the stored results of edits that came before; raises `Refused` where a number now means another edit.

        So it is with a device that was brought back from a copy of its folder: it goes on with the number it is told.
        """
        if not ops:
            return {}
        asked = {"of_team": self._actor.team, "of_device": self._actor.device, "numbers": [op.n for op in ops]}
        rows = self._connection.execute(_RECEIPTS, asked).all()
        sent = {op.n: op for op in ops}
        if any(sent[row.n].sha != row.sha for row in rows):
            raise Refused(422, "number_used_twice", expected=last + 1)
        return {int(row.n): self._still(sent[row.n], Result.model_validate_json(row.result)) for row in rows}

    def _still(self, op: Op, result: Result) -> Result:
        """Return a stored result without the content of a record that left the team since."""
        return result.model_copy(update={"record": None, "conflicts": []}) if op.record in self._gone else result

    def _load(self, ids: set[str]) -> None:
        run = self._connection.execute
        for key, rev, text in run(_RECORDS, {"of_team": self._actor.team, "ids": sorted(ids)}):
            self._stored[key] = Stored(int(rev), orjson.loads(text))
            self._before[key] = int(rev)
        if missing := sorted(ids - self._stored.keys()):
            self._gone.update(run(_LEFT, {"of_team": self._actor.team, "ids": missing}).scalars())

    def _one(self, op: Op) -> Result:
        stored = self._stored.get(op.record, Stored(0, {}))
        if op.record in self._gone:
            return Result(n=op.n, status="rejected", reason=GONE)
        base = self._base(op, stored)
        if base is None:
            return Result(n=op.n, status="rejected", reason=UNKNOWN_BASE, rev=stored.rev)
        base = _as_seen(op, base)
        mine = _edited(op, base)
        reason = _unfit(op, mine, stored) or self._judge(self._actor, stored.document or mine)
        if reason:
            return Result(n=op.n, status="rejected", reason=reason, rev=stored.rev)
        # Devices of older versions send older forms; they meet in the present one.
        base, now, theirs = map(SCHEMA.upgraded, (base, mine, stored.document if stored.rev else base))
        merged = merge(base, now, theirs, fields_of(op.kind))
        document, rev = stored.document, stored.rev
        if changed(stored.document, merged.record):
            rev += 1
            document = self._revise(merged.record, rev)
        conflicts = [self._put_aside(op, conflict, rev) for conflict in merged.conflicts]
        fields = sorted({*op.changes, *op.removed})
        self._audit.note(self._actor, self._now, "write", {"record": op.record, "rev": rev, "fields": fields})
        as_sent = stored.rev == op.base_rev and not op.seen and now is mine
        return Result(
            n=op.n,
            status="conflict" if conflicts else "applied" if as_sent else "merged",
            rev=rev,
            at=self._now if rev != stored.rev else "",
            record=None if as_sent else document,
            conflicts=conflicts,
        )

    def _base(self, op: Op, stored: Stored) -> Document | None:
        """Return what an edit was made from, `None` where this server never had it."""
        if op.base_rev == 0:
            return {}
        document = stored.document if stored.rev == op.base_rev else self._revision(op)
        return document if document is not None and digest(document) == op.base else None

    def _revision(self, op: Op) -> Document | None:
        for row in self._revisions:
            if row["record_id"] == op.record and row["rev"] == op.base_rev:
                document: Document = orjson.loads(row["document"])
                return document
        asked = {"of_team": self._actor.team, "of_record": op.record, "of_rev": op.base_rev}
        text = self._connection.execute(_REVISION, asked).scalar()
        return None if text is None else orjson.loads(text)

    def _revise(self, document: Document, rev: int) -> Document:
        stamps = {"updated_at": self._now, "updated_by": self._actor.user, "device": self._actor.device}
        document = {**document, **stamps, "rev": rev}
        key = document["id"]
        before = self._stored.get(key)
        seq, records, folded = self._feed.seq + 1, self._feed.records, fold(self._feed.folded, key, rev)
        if before is None:
            records += 1
        else:
            folded = fold(folded, key, before.rev)
        self._feed = self._feed._replace(seq=seq, records=records, folded=folded)
        self._stored[key] = Stored(rev, document)
        self._revisions.append(
            {
                "team_id": self._actor.team,
                "record_id": key,
                "kind": document["kind"],
                "rev": rev,
                "seq": seq,
                "user_id": self._actor.user,
                "device_id": self._actor.device,
                "at": self._now,
                "epoch": self._feed.epoch,
                "document": orjson.dumps(document).decode(),
            }
        )
        return document

    def _put_aside(self, op: Op, conflict: Conflict, rev: int) -> Document:
        """Write what could not be decided as a record of its own, which travels like any other, and return it."""
        path = "/".join(conflict.path)
        # With its epoch, as a server that was restored sees the numbers of a device a second time.
        name = f"feldbuch:conflict:{self._actor.team}:{self._feed.epoch}:{self._actor.device}:{op.n}:{path}"
        key = uuid5(NAMESPACE_URL, name).hex
        said: Document = {
            "id": key,
            "kind": CONFLICT,
            "record": op.record,
            "record_kind": op.kind,
            "record_rev": rev,
            "path": list(conflict.path),
            "rule": conflict.rule,
            "status": "offen",
            "base": conflict.base,
            "kept": conflict.kept,
            "other": conflict.other,
            "other_by": self._actor.user,
            "created_at": self._now,
        }
        return self._revise({name: value for name, value in said.items() if value is not None}, 1)

    def _write(self) -> None:
        latest = {row["record_id"]: row for row in self._revisions}
        new = [row for key, row in latest.items() if key not in self._before]
        known = [{f"new_{name}": value for name, value in latest[key].items()} for key in latest if key in self._before]
        run = self._connection.execute
        if new:
            run(insert(record), [{name: row[name] for name in _RECORD} for row in new])
        if known:
            run(_CHANGE, known)
        if self._revisions:
            run(insert(history), [{name: row[name] for name in _HISTORY} for row in self._revisions])
        if self._receipts:
            run(insert(receipt), self._receipts)
        self._audit.write()
        put_feed(self._connection, self._actor.team, self._feed)


_RECORD = tuple(column.name for column in record.c)
_HISTORY = tuple(column.name for column in history.c)


def _as_seen(op: Op, base: Document) -> Document:
    """Return the base as the person saw it who made the edit: of some fields, an older state."""
    if not op.seen:
        return base
    kept = {name: value for name, value in base.items() if name not in op.seen}
    seen: Document = clean_tree({name: value[0] for name, value in op.seen.items() if value})
    return kept | seen


def _edited(op: Op, base: Document) -> Document:
    # What is stored is clean, so that only what came needs to be made so.
    edited: Document = {**base, **clean_tree({**op.changes, "id": op.record, "kind": op.kind})}
    return {name: value for name, value in edited.items() if name not in op.removed}


def _unfit(op: Op, mine: Document, stored: Stored) -> str:
    """Return why an edit cannot be a record, or nothing."""
    if stored.rev and stored.document.get("kind") != op.kind:
        return "other_kind"
    if len(canonical(mine)) > RECORD_BYTES:
        return "too_large"
    if mine.get("confidentiality") == "privat":
        return "private"
    if not _readable(mine) and (not stored.rev or _readable(stored.document)):
        return "unreadable"
    return ""


def _readable(document: Document) -> bool:
    """Tell whether a record is as this version knows its kind; what is of a newer version is not this one's to judge."""
    kind, version = str(document["kind"]), document.get("schema_version")
    newer = kind not in KINDS or (type(version) is int and version > record_class(kind).schema_now)
    return newer or is_readable(document)
