"""The cycle: scopes, then everything that waits here goes out, then everything that is new comes in, until both are quiet.

A cycle is a generator: it yields requests and is sent the answers, so that it does no I/O, knows no clock, and can be driven
by httpx as by a test that drops, repeats and reorders what it likes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from sync.protocol import PAGE, PUSHED, SCOPES, Page, Problem, Push, read_cursor

if TYPE_CHECKING:
    from collections.abc import Generator

    from sync.exchange import Exchange
    from sync.protocol import Scope

Read = TypeVar("Read")

WRITERS = ("adviser", "lead")
MOST_ROUNDS = 100
"""Requests of one kind in one cycle after which something is wrong with the server."""


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


@dataclass
class Report:
    """What a cycle did: edits that the server has now, conflicts, refusals; records that came in."""

    sent: int = 0
    conflicts: int = 0
    rejected: int = 0
    received: int = 0


def cycle(exchange: Exchange) -> Generator[Request, Answer, Report]:
    """Yield the requests of one cycle; raises `NotSynced`."""
    report = Report()
    granted = _read(SCOPES, (yield Request("GET", "/v1/scopes")))
    scope = next((scope for scope in granted.scopes if scope.role in WRITERS), None)
    if scope is None:
        raise NotSynced("no_scope")
    exchange.begin(scope.team, granted.user, exchange.standing.device, scope.epoch)
    for _round in range(MOST_ROUNDS):
        yield from _push(exchange, scope, report)
        yield from _pull(exchange, scope, report)
        if not exchange.outgoing():
            return report
    raise NotSynced("never_quiet")


def _push(exchange: Exchange, scope: Scope, report: Report) -> Generator[Request, Answer, None]:
    for _round in range(MOST_ROUNDS):
        ops = exchange.outgoing()
        if not ops:
            return
        push = Push(device=exchange.standing.device, epoch=scope.epoch, ops=ops)
        answer = yield Request("POST", f"/v1/teams/{scope.team}/push", orjson.dumps(push.model_dump()))
        if answer.status == 200:
            results = _read(PUSHED, answer).results
            exchange.answered(results)
            report.sent += sum(result.status != "rejected" for result in results)
            report.conflicts += sum(len(result.conflicts) for result in results)
            report.rejected += sum(result.status == "rejected" for result in results)
            continue
        problem = _problem(answer)
        if problem.expected is None:
            raise NotSynced(problem.code)
        exchange.number_from(problem.expected)
    raise NotSynced("never_quiet")


def _pull(exchange: Exchange, scope: Scope, report: Report) -> Generator[Request, Answer, None]:
    whole = not exchange.standing.cursor or exchange.restarted
    while True:
        cursor = exchange.standing.cursor or f"{scope.epoch}:0"
        asked = "&lineage=1" if exchange.restarted else ""
        answer = yield Request("GET", f"/v1/teams/{scope.team}/feed?since={cursor}{asked}")
        if answer.status == 304 and not whole:
            return
        # An empty feed has nothing new either, but its beginning is a place to stand.
        page = Page(records=[], cursor=cursor, more=False) if answer.status == 304 else _read(PAGE, answer)
        if read_cursor(page.cursor)[1] < read_cursor(cursor)[1]:
            raise NotSynced("cursor_went_back")
        exchange.received(page)
        report.received += len(page.records)
        if not page.more:
            break
    if whole:
        # The whole feed was read: what the server once had and now lacks goes there again.
        exchange.all_seen()
    _compare(exchange, page)


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
        raise NotSynced("offline") from None


def _read(adapter: TypeAdapter[Read], answer: Answer) -> Read:
    """Return what an answer says; what is not of our server, such as the page of a hotel's network, means offline."""
    if answer.status != 200:
        raise NotSynced(_problem(answer).code)
    try:
        return adapter.validate_json(answer.body)
    except ValidationError:
        raise NotSynced("offline") from None
