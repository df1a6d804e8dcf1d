"""The cycle: scopes, then everything that waits here goes out, then everything that is new comes in, until both are quiet.

A cycle is a generator: it yields requests and is sent the answers, so that it does no I/O, knows no clock, and can be driven
by httpx as by a test that drops, repeats and reorders what it likes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from sync.pace import Pace
from sync.protocol import PAGE, PUSHED, SCOPES, Page, Problem, read_cursor
from sync.removals import too_many

if TYPE_CHECKING:
    from collections.abc import Generator

    from sync.exchange import Exchange
    from sync.protocol import Op, Scope, Scopes

Read = TypeVar("Read")

WRITERS = ("adviser", "lead")
MOST_ROUNDS = 100
"""Requests of one kind in one cycle that led nowhere, after which something is wrong with the server."""
TOO_SLOW = 408
UNREADABLE = (TOO_SLOW, 413, 422)
"""What a server answers to a body that it does not read because of its size or of something in it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be asked. `body` is JSON, not yet compressed."""

    method: str
    path: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Status 0: nothing, or nothing that a server of ours would say."""

    status: int
    body: bytes = b""


class NotSynced(Exception):
    """The cycle ended early; nothing is lost, and the next one goes on where this one stopped. `code` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class WouldRemove(NotSynced):
    """So many of the records here would go that a person has to agree: at least `count` of the `held` that there were.

    Few of these may be gone, with the pages before; how many come behind is not known.
    """

    def __init__(self, count: int, held: int) -> None:
        self.count = count
        self.held = held
        super().__init__("would_remove")


@dataclass
class Report:
    """What a cycle did: edits that the server has now, conflicts, refusals; records that came in from others."""

    sent: int = 0
    conflicts: int = 0
    rejected: int = 0
    received: int = 0


def cycle(
    exchange: Exchange, pace: Pace | None = None, *, removals: bool = False
) -> Generator[Request, Answer, Report]:
    """Yield the requests of one cycle; raises `NotSynced`, and `WouldRemove` unless `removals` were agreed to.

    `pace` is what was learned of the line so far; it goes on learning.
    """
    pace = pace or Pace()
    report = Report()
    granted = _read(SCOPES, (yield Request("GET", "/v1/scopes")))
    scope = _scope(granted, exchange.standing.team)
    if scope is None:
        raise NotSynced("no_scope")
    if not removals:
        _ask(*exchange.would_leave(scope.team))
    exchange.begin(scope.team, granted.user, exchange.standing.device, scope.epoch)
    for _round in range(MOST_ROUNDS):
        yield from _push(exchange, scope, report, pace)
        yield from _pull(exchange, scope, report, removals=removals)
        if not exchange.outgoing():
            return report
    raise NotSynced("never_quiet")


def _ask(count: int, held: int) -> None:
    if too_many(count, held):
        raise WouldRemove(count, held)


def _scope(granted: Scopes, team: str) -> Scope | None:
    """Return the scope that is worked in: that of the same team as before, where it is still there."""
    writing = [scope for scope in granted.scopes if scope.role in WRITERS]
    return next((scope for scope in writing if scope.team == team), next(iter(writing), None))


def _push(exchange: Exchange, scope: Scope, report: Report, pace: Pace) -> Generator[Request, Answer, None]:
    room, patience = pace.most, MOST_ROUNDS
    while patience:
        ops = exchange.outgoing()
        if not ops:
            return
        parts = _fitting(ops, min(room, pace.room))
        answer = yield Request("POST", f"/v1/teams/{scope.team}/push", _body(exchange, scope, parts))
        if answer.status == 200:
            results = _read(PUSHED, answer).results
            patience -= exchange.answered(results) == 0
            report.sent += sum(result.status != "rejected" for result in results)
            report.conflicts += sum(len(result.conflicts) for result in results)
            report.rejected += sum(result.status == "rejected" for result in results)
            continue
        patience -= 1
        problem = _problem(answer)
        if problem.expected is not None:
            exchange.number_from(problem.expected)
        elif answer.status not in UNREADABLE or (answer.status == TOO_SLOW and len(parts) == 1):
            raise NotSynced(problem.code)
        elif len(parts) > 1 and answer.status != 422:
            pace.too_much(sum(map(len, parts)))
        elif len(parts) > 1:
            # Halved until the one is found that the server does not read, so that it holds up no other.
            room = sum(map(len, parts)) // 2
        else:
            exchange.refuse(ops[0], problem.code)
            report.rejected += 1
            room = pace.most
    raise NotSynced("never_quiet")


def _fitting(ops: list[Op], room: int) -> list[bytes]:
    """Return the first edits as JSON, as many as fit, and at least one."""
    parts: list[bytes] = []
    for op in ops:
        part = orjson.dumps(op.model_dump())
        room -= len(part)
        if parts and room < 0:
            break
        parts.append(part)
    return parts


def _body(exchange: Exchange, scope: Scope, parts: list[bytes]) -> bytes:
    """Return a `Push` of edits that are JSON already."""
    about = orjson.dumps({"device": exchange.standing.device, "epoch": scope.epoch})
    return about[:-1] + b',"ops":[' + b",".join(parts) + b"]}"


def _pull(exchange: Exchange, scope: Scope, report: Report, *, removals: bool) -> Generator[Request, Answer, None]:
    whole = not exchange.standing.cursor or exchange.restarted
    while True:
        cursor = exchange.standing.cursor or f"{scope.epoch}:0"
        asked = "&lineage=1" if exchange.needs_lineage else ""
        answer = yield Request("GET", f"/v1/teams/{scope.team}/feed?since={cursor}{asked}")
        if answer.status == 304 and not whole:
            return
        # An empty feed has nothing new either, but its beginning is a place to stand.
        page = Page(records=[], cursor=cursor, more=False) if answer.status == 304 else _read(PAGE, answer)
        _check_cursor(cursor, page)
        if not removals:
            _ask(*exchange.would_go(page))
        report.received += exchange.news(page)
        exchange.received(page)
        if not page.more:
            break
    if whole:
        # The whole feed was read: what the server once had and now lacks goes there again.
        exchange.all_seen()
    _compare(exchange, page)


def _check_cursor(asked: str, page: Page) -> None:
    """Raise `NotSynced` for a page that does not lead on from where it was asked for."""
    epoch, position = read_cursor(asked)
    try:
        told, reached = read_cursor(page.cursor)
    except ValueError:
        raise NotSynced("offline") from None
    if told != epoch:
        raise NotSynced("epoch_changed")
    if reached < position or (page.more and reached == position):
        raise NotSynced("cursor_went_back")


def _compare(exchange: Exchange, page: Page) -> None:
    """Raise `NotSynced` where both sides do not have the same; the next cycle then reads the whole feed."""
    if page.check is not None and page.check != exchange.check():
        exchange.start_over()
        raise NotSynced("differs")


def _problem(answer: Answer) -> Problem:
    if answer.status == 0:
        raise NotSynced("offline")
    try:
        return Problem.model_validate_json(answer.body)
    except ValidationError:
        if answer.status == 413:
            # Whoever stands before the server and takes no larger bodies says so in words of its own.
            return Problem(code="too_large")
        raise NotSynced("offline") from None


def _read(adapter: TypeAdapter[Read], answer: Answer) -> Read:
    """Return what an answer says; what is not of our server, such as the page of a hotel's network, means offline."""
    if answer.status != 200:
        raise NotSynced(_problem(answer).code)
    try:
        return adapter.validate_json(answer.body)
    except ValidationError:
        raise NotSynced("offline") from None
