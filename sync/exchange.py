"""Exchange: what a fieldbook sends, and what it makes of the answers. Decides and stores; knows no network and no time.

What is being sent is stored before it goes out: an edit whose answer was lost goes out again under the same number, and
counts once. Younger edits wait in the outbox; when the answer comes they are rebased on it with the server's own merge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from models.fieldbook import Taken
from models.jsonl import without_private
from models.migrations import SCHEMA
from sync.account import OLD, REFUSED, STATE
from sync.check import check_of
from sync.merge import changed
from sync.parked import base_of, lost_there, park, take_up
from sync.protocol import MOST_OPS, UNKNOWN_BASE, Op, Page, Result, digest, make_op, sha_of
from sync.rebase import as_seen, as_sent, rebased
from sync.removals import held_by, removed_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.fieldbook import Fieldbook
    from models.migrations import Schema
    from models.records import Document
    from sync.protocol import Check, Lineage

SENT, PARKED = "sync-sent", "sync-parked"
"""Documents of the program's own: what is under way, and what lost its scope."""

DIFFERS = "differs"
"""Why the whole feed is read again: the two sides do not have the same. Else the reason is the epoch of a server that was
restored from a backup since: the one in which a record was last acknowledged."""


class Standing(NamedTuple):
    """Where a fieldbook's sync stands. `numbered` is the last number that was given to an edit.

    `removed` counts what the pages of a pull that is not yet through took away, of the `held` records before it.
    """

    team: str = ""
    user: str = ""
    device: str = ""
    epoch: str = ""
    cursor: str = ""
    numbered: int = 0
    total: int = 0
    removed: int = 0
    held: int = 0


class Exchange:
    """The sync of one fieldbook with one team."""

    def __init__(self, fieldbook: Fieldbook, schema: Schema = SCHEMA) -> None:
        """Exchange the records of `fieldbook`, which has them in the form of `schema`."""
        self._book = fieldbook
        self._schema = schema

    @property
    def standing(self) -> Standing:
        """Where the sync stands."""
        return Standing(**self._book.meta(STATE))

    def _state(self, **values: Any) -> dict[str, Document]:
        return {STATE: self.standing._replace(**values)._asdict()}

    def begin(self, team: str, user: str, device: str, epoch: str) -> None:
        """Note whose feed is read from now on; another epoch than before means reading it from its beginning."""
        now = self.standing
        if (now.team, now.user, now.device, now.epoch) != (team, user, device, epoch):
            with self._book.alone():
                state = self._state(team=team, user=user, device=device, epoch=epoch)
                if now.team not in ("", team):
                    self._leave(now.team, state)
                elif now.epoch == epoch:
                    self._book.take_over([], state)
                else:
                    self._restart(state, now.epoch)

    def would_leave(self, team: str) -> tuple[int, int]:
        """Return how many of how many records here would stay with the team of before, if it is another one now."""
        return len(self._book.bases()) if self.standing.team not in ("", team) else 0, held_by(self._book)

    def would_go(self, page: Page) -> tuple[int, int]:
        """Return how many of how many records would be gone from here after a page, those before it in one pull included."""
        return self.standing.removed + removed_by(self._book, page), self.standing.held or held_by(self._book)

    def _leave(self, team: str, state: dict[str, Document]) -> None:
        """Begin with another team: what the former one has stays there, what it lacks waits here for a way back.

        Records that no server ever knew are this device's own, and go to the new team.
        """
        unsure = {str(op["record"]) for op in self._book.meta(SENT).get("ops", [])} | self._book.meta(OLD).keys()
        parked = dict(self._book.meta(PARKED))
        leaving = sorted(self._book.bases().keys() | unsure)
        for record_id in leaving:
            park(parked, self._book, record_id, team, unsure=record_id in unsure)
        taken = [Taken(record_id, None, None) for record_id in leaving]
        state[STATE] |= {"cursor": "", "numbered": 0, "total": 0, "removed": 0, "held": 0}
        self._book.take_over(taken, state | {PARKED: parked, SENT: {}, REFUSED: {}, OLD: {}})

    @property
    def restarted(self) -> bool:
        """Whether the whole feed is being read again; until that is done nothing is sent."""
        return bool(self._book.meta(OLD))

    @property
    def needs_lineage(self) -> bool:
        """Whether more must be known of a record than how it is now: from what it came about."""
        return self.restarted or bool(self._book.meta(PARKED))

    def start_over(self) -> None:
        """Read the feed from its beginning next time: the two sides do not have the same."""
        with self._book.alone():
            self._restart(self._state(), DIFFERS)

    def _restart(self, state: dict[str, Document], why: str) -> None:
        state[STATE] |= {"cursor": "", "removed": 0, "held": 0}
        waiting = {key: reason for key, reason in self._book.meta(OLD).items() if reason != DIFFERS}
        again = dict.fromkeys(sorted(self._book.bases()), why) if why else {}
        self._book.take_over([], state | {OLD: again | waiting})

    def _now(self) -> str:
        return self._book.clock.now().isoformat(timespec="seconds")

    # Sending

    def waiting(self) -> int:
        """Return how many records have edits that no server acknowledged."""
        return len(self._book.outbox())

    def parked(self) -> int:
        """Return how many records wait here for a way back to the team that they left with."""
        return len(self._book.meta(PARKED))

    def refusals(self) -> dict[str, str]:
        """Return record id → why its edits were refused; what was edited since is not among them, it goes out again."""
        refused = self._book.meta(REFUSED)
        waiting = {key: self._book.outbox().get(key) for key in refused}
        ops = {key: self._op(entry, 1) for key, entry in waiting.items() if entry is not None}
        return {key: refused[key]["reason"] for key, op in ops.items() if op and refused[key]["sent"] == _content(op)}

    def outgoing(self, most: int = MOST_OPS) -> list[Op]:
        """Return the edits to send now: those under way, else the next ones of the outbox, durably noted as sent.

        Until the whole feed was read there are no others than those under way; these come first, as what a page brings would
        change what they were made from.
        """
        with self._book.alone():
            under_way = [Op.model_validate(op) for op in self._book.meta(SENT).get("ops", [])]
            if under_way or self.restarted or not self.standing.cursor:
                return under_way
            refused = self._book.meta(REFUSED)
            number = self.standing.numbered
            ops: list[Op] = []
            entries = sorted(self._book.outbox().values(), key=lambda entry: int(entry["n"]))
            for entry in entries:
                op = self._op(entry, number + len(ops) + 1)
                if op is None or refused.get(op.record, {}).get("sent") == _content(op):
                    continue
                ops.append(op)
                if len(ops) == most:
                    break
            if ops:
                noted = {SENT: {"ops": [op.model_dump() for op in ops]}}
                self._book.take_over([], noted | self._state(numbered=number + len(ops)))
            return ops

    def _op(self, entry: Document, number: int) -> Op | None:
        record_id = str(entry["record"])
        base = self._book.base(record_id)
        whole = self._book.peek(record_id)
        # Another thread asks for what was refused, and may do so while it goes from here.
        document = without_private(whole) if whole is not None else None
        if document is None:
            return None
        before = without_private(base) or {} if base is not None else {}
        fields = changed(before, document)
        changes = {name: document[name] for name in fields if name in document}
        removed = [name for name in fields if name not in document]
        seen = {name: value for name, value in entry.get("seen", {}).items() if name in fields}
        return make_op(number, record_id, str(entry["kind"]), base, changes, removed, seen)

    def number_from(self, expected: int) -> None:
        """Give the edits under way new numbers, the first of them `expected`: the server counts otherwise than we do."""
        with self._book.alone():
            self._book.take_over([], {SENT: {}} | self._state(numbered=expected - 1))

    def refuse(self, op: Op, reason: str) -> None:
        """Set an edit under way aside that the server does not even read; it gave it no number, the others get theirs anew."""
        with self._book.alone():
            refused = self._book.meta(REFUSED) | {op.record: {"reason": reason, "sent": _content(op)}}
            self._book.take_over([], {SENT: {}, REFUSED: refused} | self._state(numbered=op.n - 1))

    def answered(self, results: Sequence[Result]) -> int:
        """Take over what became of the edits under way, in one commit; younger edits are rebased. Returns for how many."""
        with self._book.alone():
            ops = {op.n: op for op in self.outgoing()}
            before = len(ops)
            refused = dict(self._book.meta(REFUSED))
            old = dict(self._book.meta(OLD))
            taken: list[Taken] = []
            for result in results:
                op = ops.pop(result.n, None)
                if op is None:
                    continue
                refused.pop(op.record, None)
                if result.status != "rejected" or result.reason == UNKNOWN_BASE:
                    old.pop(op.record, None)
                if result.reason == UNKNOWN_BASE:
                    # A server that lost what it once acknowledged: the record goes there again as a whole.
                    taken.append(Taken(op.record, None, self._book.peek(op.record)))
                elif result.status == "rejected":
                    refused[op.record] = {"reason": result.reason, "sent": _content(op)}
                else:
                    taken.append(self._acknowledged(op, result))
                    taken += [Taken(str(conflict["id"]), conflict, conflict) for conflict in result.conflicts]
            left = {"ops": [op.model_dump() for op in ops.values()]} if ops else {}
            self._book.take_over(taken, {SENT: left, REFUSED: refused, OLD: old})
            return before - len(ops)

    def _acknowledged(self, op: Op, result: Result) -> Taken:
        sent = as_sent(op, self._book.base(op.record))
        theirs = result.record if result.record is not None else self._stamped(sent, result)
        return self._rebased(sent, theirs)

    def _stamped(self, sent: Document, result: Result) -> Document:
        standing = self.standing
        stamps = {"updated_at": result.at, "updated_by": standing.user, "device": standing.device} if result.at else {}
        return {**sent, **stamps, "rev": result.rev}

    def _rebased(self, base: Document, theirs: Document) -> Taken:
        whole = self._book.peek(theirs["id"])
        if whole is None:
            # It was taken back here while it was under way: the server learns of that as a deletion.
            return Taken(theirs["id"], theirs, {**theirs, "deleted_at": self._now()})
        return rebased(base, theirs, whole, self._schema)

    # Receiving

    def news(self, page: Page) -> int:
        """Return how many records of a page say something that this side does not know: its own edits come back too."""
        return sum(self._book.base(str(document["id"])) != document for document in page.records)

    def received(self, page: Page) -> None:
        """Take over a page and its cursor in one commit."""
        with self._book.alone():
            old, parked, refused = (dict(self._book.meta(name)) for name in (OLD, PARKED, REFUSED))
            taken: list[Taken] = []
            for document in page.records:
                record_id = document["id"]
                epoch = old.pop(record_id, DIFFERS)
                lineage = page.lineage.get(record_id)
                here = self._book.peek(record_id) is not None
                left = None if here else take_up(parked, record_id, self.standing.team, lineage)
                if left is not None:
                    taken.append(rebased(base_of(left, lineage), document, left["document"], self._schema))
                else:
                    one = self._pulled(document, epoch, lineage)
                    taken += [one] if one is not None else []
            for out in page.out:
                # What the server was told before it was restored may not have gone along.
                unsure = old.get(out.record, DIFFERS) != DIFFERS
                park(parked, self._book, out.record, self.standing.team, unsure=unsure)
                if out.record in parked:
                    # Its way is known: it did not get lost.
                    parked[out.record] = {**parked[out.record], "unsure": False}
                old.pop(out.record, None)
                refused.pop(out.record, None)
                taken.append(Taken(out.record, None, None))
            epoch = page.cursor.rpartition(":")[0]
            removed, held = self.would_go(page) if page.more else (0, 0)
            told = {"total": page.total or self.standing.total, "removed": removed, "held": held}
            state = self._state(cursor=page.cursor, epoch=epoch, **told)
            noted = {OLD: old, PARKED: parked, REFUSED: refused}
            changes = {name: document for name, document in noted.items() if document != self._book.meta(name)}
            self._book.take_over(taken, state | changes)

    def _pulled(self, theirs: Document, epoch: str, lineage: Lineage | None) -> Taken | None:
        """Return what becomes of a record; `epoch` is that of its base where the server was restored since."""
        record_id = str(theirs["id"])
        base: Document = self._book.base(record_id) or {}
        if base and epoch != DIFFERS and (lineage is None or digest(base) not in lineage.digests):
            if lineage is not None and lineage.epoch == epoch and int(theirs["rev"]) < int(base["rev"]):
                # What the server has is what this record was made from: all that was lost there is an edit from here.
                return Taken(record_id, theirs, self._book.peek(record_id))
            # Others went on from the restored state. Which side changed what nobody knows any more: both are kept.
            base = {}
        if base == theirs:
            return None
        if self._book.peek(record_id) is None:
            return Taken(record_id, theirs, theirs)
        seen = self._book.outbox().get(record_id, {}).get("seen", {})
        return self._rebased(as_seen(base, seen), theirs)

    def check(self) -> Check:
        """Return what this side has acknowledged of the scope."""
        return check_of((key, int(base.get("rev", 0))) for key, base in self._book.bases().items())

    def all_seen(self) -> None:
        """Send again, as new, what a whole feed did not hold though the server once acknowledged it."""
        with self._book.alone():
            lost, parked = self._book.meta(OLD), dict(self._book.meta(PARKED))
            taken = [Taken(key, None, self._book.peek(key)) for key in lost]
            for key in lost_there(parked, self._book, self.standing.team):
                left = take_up(parked, key, self.standing.team, None)
                taken += [Taken(key, None, left["document"])] if left is not None else []
            self._book.take_over(taken, {OLD: {}} | ({PARKED: parked} if parked != self._book.meta(PARKED) else {}))


def _content(op: Op) -> str:
    """Return what identifies an edit but for its number: what was refused once is not sent again as it was."""
    return sha_of(op.model_dump(exclude={"n", "sha"}))
