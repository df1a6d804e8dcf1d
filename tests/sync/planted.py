"""Bugs to plant: mistakes that syncing programs make, each as a small patch, which the simulator must see.

A bug is a function that patches our code and returns the class of server to simulate with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from sqlalchemy import delete, insert, update

import sync.exchange
import sync.rebase
import sync.server.push
from models.fieldbook import Taken
from models.records import KINDS, record_class
from sync.exchange import SENT, Exchange
from sync.merge import DELETION, Merged, merge
from sync.protocol import PUSH, Pushed, Result
from sync.server.feed import put_feed, take_feed
from sync.server.push import Push
from sync.server.tables import out_entry, receipt, team_feed
from tests.sync.world import Server, judge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.fields import Kind
    from models.records import Document
    from sync.engine import Answer, Request
    from sync.protocol import Lineage, Op, Page
    from sync.server.refusal import Actor

Bug = Callable[[pytest.MonkeyPatch], type[Server]]


class Planted(NamedTuple):
    """A bug, the troubles of the worlds in which it shows, and the first of the seeds to try."""

    bug: Bug
    troubles: frozenset[str]
    first: int = 0


def cursor_before_records(patch: pytest.MonkeyPatch) -> type[Server]:
    """The cursor of a page is saved in a commit of its own, before the page."""
    received = Exchange.received

    def early(self: Exchange, page: Page) -> None:
        self._book.take_over([], self._state(cursor=page.cursor))
        received(self, page)

    patch.setattr(Exchange, "received", early)
    return Server


def sequence_instead_of_counter(_patch: pytest.MonkeyPatch) -> type[Server]:
    """A push takes its numbers when it begins, and others that begin later commit before it."""

    class Sequenced(Server):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.taken: dict[bytes, int] = {}

        def arrives(self, user: str, device: str, request: Request) -> None:
            team = self.team_of(user)
            if request.method == "POST" and team and device not in self.revoked:
                with self.engine.begin() as connection:
                    feed = take_feed(connection, team)
                    put_feed(connection, team, feed._replace(seq=feed.seq + 50))
                self.taken[request.body] = feed.seq

        def _push(self, actor: Actor, body: bytes) -> Answer:
            begun = self.taken.pop(body, None)
            if begun is None:
                return super()._push(actor, body)
            row = update(team_feed).where(team_feed.c.team_id == actor.team)
            with self.engine.begin() as connection:
                now = take_feed(connection, actor.team).seq
                connection.execute(row.values(seq=begun))
            try:
                return super()._push(actor, body)
            finally:
                with self.engine.begin() as connection:
                    connection.execute(row.values(seq=max(now, take_feed(connection, actor.team).seq)))

    return Sequenced


def answer_before_commit(_patch: pytest.MonkeyPatch) -> type[Server]:
    """The answer goes out, and then the commit fails."""

    class Hasty(Server):
        def _push(self, actor: Actor, body: bytes) -> Answer:
            if self.crash != "before":
                return super()._push(actor, body)
            self.crash = ""
            push = PUSH.validate_json(body)
            with self.engine.connect() as connection:
                results = Push(connection, actor, self.moment.isoformat(), judge).take(push.epoch, push.ops)
                connection.rollback()
            return self.said(Pushed(results=results))

    return Hasty


def receipts_in_another_transaction(patch: pytest.MonkeyPatch) -> type[Server]:
    """An edit is committed, and its receipt after it."""
    held: list[dict[str, Any]] = []
    write = Push._write

    def without_receipts(self: Push) -> None:
        held[:] = self._receipts
        self._receipts = []
        write(self)

    class Later(Server):
        def _push(self, actor: Actor, body: bytes) -> Answer:
            held.clear()
            answer = super()._push(actor, body)
            if held:
                with self.engine.begin() as connection:
                    connection.execute(insert(receipt), held)
            return answer

    patch.setattr(Push, "_write", without_receipts)
    return Later


def _with_merge(patch: pytest.MonkeyPatch, merging: Callable[..., Merged]) -> type[Server]:
    patch.setattr(sync.server.push, "merge", merging)
    patch.setattr(sync.rebase, "merge", merging)
    return Server


def delete_beats_edit(patch: pytest.MonkeyPatch) -> type[Server]:
    """What somebody deleted is gone, whatever others wrote into it meanwhile."""

    def merging(base: Document, mine: Document, theirs: Document, fields: Mapping[str, Kind]) -> Merged:
        gone = next((side for side in (mine, theirs) if side.get("deleted_at") and not base.get("deleted_at")), None)
        return merge(base, mine, theirs, fields) if gone is None else Merged(gone)

    return _with_merge(patch, merging)


def last_push_wins(patch: pytest.MonkeyPatch) -> type[Server]:
    """A record is pushed as a whole, and is then what the last one sent."""
    patch.setattr(sync.server.push, "merge", lambda _base, mine, _theirs, _fields: Merged(mine))
    return Server


def conflicts_forgotten(patch: pytest.MonkeyPatch) -> type[Server]:
    """Of two edits of one thing the first one stays, and nobody is told of the other."""
    return _with_merge(patch, lambda *sides: Merged(merge(*sides).record))


def epoch_ignored(_patch: pytest.MonkeyPatch) -> type[Server]:
    """A server that is restored from a backup says nothing of it."""

    class Silent(Server):
        def restore(self, content: bytes) -> None:
            super().restore(content)
            self.epoch = "e1"
            with self.engine.begin() as connection:
                connection.execute(update(team_feed).values(epoch="e1"))

    return Silent


def filter_instead_of_out(_patch: pytest.MonkeyPatch) -> type[Server]:
    """Records that were handed over are just not in the feed any more."""

    class Filtering(Server):
        def hand_over(self, ids: list[str], source: str, target: str) -> list[str]:
            handed = super().hand_over(ids, source, target)
            with self.engine.begin() as connection:
                connection.execute(delete(out_entry))
            return handed

    return Filtering


def parked_dropped(patch: pytest.MonkeyPatch) -> type[Server]:
    """What leaves the scope takes the edits along that waited here."""
    patch.setattr(sync.exchange, "park", lambda *_args, **_options: None)
    return Server


def receipts_tell_all(patch: pytest.MonkeyPatch) -> type[Server]:
    """An edit that comes again gets its answer, though the record went to another team since."""
    patch.setattr(Push, "_still", lambda _self, _op, result: result)
    return Server


def gone_taken_back(patch: pytest.MonkeyPatch) -> type[Server]:
    """An edit of a record that went to another team makes it anew in the old one."""
    load = Push._load

    def forgetful(self: Push, ids: set[str]) -> None:
        load(self, ids)
        self._gone.clear()

    patch.setattr(Push, "_load", forgetful)
    return Server


def younger_edit_overwritten(patch: pytest.MonkeyPatch) -> type[Server]:
    """The answer to an edit takes the place of what was typed while it was under way."""
    patch.setattr(sync.exchange, "rebased", lambda _base, theirs, *_rest: Taken(theirs["id"], theirs, theirs))
    return Server


def under_way_forgotten(patch: pytest.MonkeyPatch) -> type[Server]:
    """An edit whose answer was lost goes out under the same number with what was typed since."""
    outgoing = Exchange.outgoing

    def anew(self: Exchange, *most: int) -> list[Op]:
        ops = self._book.meta(SENT).get("ops", [])
        if ops:
            self._book.take_over([], {SENT: {}} | self._state(numbered=ops[0]["n"] - 1))
        return outgoing(self, *most)

    patch.setattr(Exchange, "outgoing", anew)

    def any_content(self: Push, ops: list[Op], _last: int) -> dict[int, Result]:
        return _stored(self, ops)

    patch.setattr(Push, "_answered", any_content)
    return Server


def number_of_a_copy_believed(patch: pytest.MonkeyPatch) -> type[Server]:
    """A number that was used is answered as before, whatever edit comes under it now."""
    patch.setattr(Push, "_answered", lambda self, ops, _last: _stored(self, ops))
    return Server


def _stored(push: Push, ops: list[Op]) -> dict[int, Result]:
    asked = {"of_team": push._actor.team, "of_device": push._actor.device, "numbers": [op.n for op in ops]}
    rows = push._connection.execute(sync.server.push._RECEIPTS, asked).all() if ops else []
    return {int(row.n): Result.model_validate_json(row.result) for row in rows}


def renumbered_sends_all_as_new(patch: pytest.MonkeyPatch) -> type[Server]:
    """A laptop that was brought back from a backup sends all that it has as if it had made it."""
    number_from = Exchange.number_from

    def anew(self: Exchange, expected: int) -> None:
        number_from(self, expected)
        self._book.take_over([Taken(key, None, self._book.peek(key)) for key in [*self._book.bases()]], {})

    patch.setattr(Exchange, "number_from", anew)
    return Server


def seen_forgotten(patch: pytest.MonkeyPatch) -> type[Server]:
    """A younger edit goes out as if its author had seen what a colleague wrote before."""
    patch.setattr(sync.rebase, "_seen", lambda _merged, _base: {})
    return Server


def private_fields_sent(patch: pytest.MonkeyPatch) -> type[Server]:
    """A record goes out with its private fields."""
    patch.setattr(sync.exchange, "without_private", lambda document: document)
    return Server


def unknown_fields_dropped(patch: pytest.MonkeyPatch) -> type[Server]:
    """The server keeps the fields that it knows."""
    edited = sync.server.push._edited

    def known(op: Op, base: Document) -> Document:
        document = edited(op, base)
        if op.kind not in KINDS:
            return document
        kept = {"rev", *DELETION, *record_class(op.kind).model_fields}
        return {name: value for name, value in document.items() if name in kept}

    patch.setattr(sync.server.push, "_edited", known)
    return Server


def lineage_ignored(patch: pytest.MonkeyPatch) -> type[Server]:
    """After a server was restored, revisions are told by their numbers alone."""
    pulled = Exchange._pulled

    def by_number(self: Exchange, theirs: Document, _epoch: str, lineage: Lineage | None) -> Taken | None:
        return pulled(self, theirs, sync.exchange.DIFFERS, lineage)

    def any_base(self: Push, op: Op, stored: Any) -> Document | None:
        if op.base_rev == 0:
            return {}
        return stored.document if stored.rev == op.base_rev else self._revision(op)

    patch.setattr(Exchange, "_pulled", by_number)
    patch.setattr(Push, "_base", any_base)
    return Server


def _worlds(*troubles: str) -> frozenset[str]:
    return frozenset(troubles)


BUGS = (
    Planted(cursor_before_records, _worlds("power"), 3),
    Planted(sequence_instead_of_counter, _worlds("late"), 11),
    Planted(answer_before_commit, _worlds("server_dies"), 7),
    Planted(receipts_in_another_transaction, _worlds("server_dies")),
    Planted(delete_beats_edit, _worlds()),
    Planted(last_push_wins, _worlds()),
    Planted(conflicts_forgotten, _worlds()),
    Planted(epoch_ignored, _worlds("server_restored")),
    Planted(filter_instead_of_out, _worlds("handed_over")),
    Planted(parked_dropped, _worlds("handed_over")),
    Planted(receipts_tell_all, _worlds("handed_over", "server_dies"), 7),
    Planted(gone_taken_back, _worlds("handed_over")),
    Planted(younger_edit_overwritten, _worlds("server_dies")),
    Planted(under_way_forgotten, _worlds("server_dies")),
    Planted(number_of_a_copy_believed, _worlds("laptop_restored")),
    Planted(renumbered_sends_all_as_new, _worlds("laptop_restored")),
    Planted(seen_forgotten, _worlds("server_dies")),
    Planted(private_fields_sent, _worlds()),
    Planted(unknown_fields_dropped, _worlds()),
    Planted(lineage_ignored, _worlds("server_restored"), 5),
)
