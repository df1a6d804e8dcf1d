"""The queue in front of the one thread that talks to the server: turns, errors and the end, without an app around it."""

from __future__ import annotations

import asyncio
from queue import Empty, Queue
from threading import Event, current_thread
from typing import TYPE_CHECKING, Any

import pytest

from models.errors import FeldbuchError, SyncFailed
from models.fieldbook import Fieldbook
from models.records import parse
from sync.engine import Report
from tests.tui.wire import PATIENCE, Wire
from tui.syncing import Syncing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sync.halt import Halt


class Desk:
    """What stands for the app: its turn comes when the test says so."""

    def __init__(self) -> None:
        self.turns: Queue[Callable[[], Any]] = Queue()
        self.told: list[Report | FeldbuchError] = []
        self.shown = 0

    def call_later(self, callback: Callable[..., Any], *args: Any) -> bool:
        """Take a call from any thread."""
        self.turns.put(lambda: callback(*args))
        return True

    def sync_changed(self) -> None:
        """Count."""
        self.shown += 1

    def sync_told(self, outcome: Report | FeldbuchError) -> None:
        """Remember."""
        self.told.append(outcome)

    def until(self, condition: Callable[[], bool]) -> None:
        """Take turns until something is so."""
        while not condition():
            try:
                self.turns.get(timeout=PATIENCE)()
            except Empty:
                raise AssertionError("It did not come") from None


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Fieldbook]:
    """A fieldbook."""
    with Fieldbook.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def desk() -> Desk:
    """The app."""
    return Desk()


@pytest.fixture
def wire(book: Fieldbook) -> Wire:
    """The way to the server."""
    wire = Wire()
    wire.connect(book)
    return wire


@pytest.fixture
def syncing(desk: Desk, book: Fieldbook, wire: Wire) -> Iterator[Syncing]:
    """What is tested."""
    made = Syncing(desk, book, wire.connection)
    yield made
    wire.go_on()
    asyncio.run(made.close())


def test_other_work_waits_for_the_sync_and_runs_in_its_thread(syncing: Syncing, desk: Desk, wire: Wire) -> None:
    wire.hang()
    order: list[str] = []

    def work(_halt: Halt) -> str:
        order.append(current_thread().name)
        return "fertig"

    assert syncing.now()
    syncing.online(work, order.append)
    assert wire.reached.wait(PATIENCE)
    assert (order, syncing.running) == ([], True)
    wire.go_on()
    desk.until(lambda: len(order) == 2)
    assert order == ["sync", "fertig"]
    assert desk.told == [Report()]


def test_a_sync_waits_for_other_work(syncing: Syncing, desk: Desk, wire: Wire) -> None:
    free = Event()
    done: list[bool] = []
    syncing.online(lambda _halt: free.wait(PATIENCE), done.append)
    assert syncing.now()
    assert (wire.syncs, syncing.running, syncing.phase) == (0, True, "")
    free.set()
    desk.until(lambda: desk.told != [])
    assert (done, wire.syncs) == ([True], 1)


def test_an_error_of_other_work_is_told_or_goes_to_whoever_wants_it(syncing: Syncing, desk: Desk) -> None:
    def fail(_halt: Halt) -> None:
        raise SyncFailed("Der Server ist nicht zu erreichen.", "offline")

    caught: list[FeldbuchError] = []
    syncing.online(fail, lambda _nothing: None)
    syncing.online(fail, lambda _nothing: None, caught.append)
    desk.until(lambda: caught != [])
    assert [str(error) for error in (*desk.told, *caught)] == ["Der Server ist nicht zu erreichen."] * 2
    assert syncing.last is None, "it says nothing of the sync"


def test_a_mistake_in_other_work_comes_up_in_the_apps_turn_and_the_next_work_is_done(
    syncing: Syncing, desk: Desk
) -> None:
    def fail(_halt: Halt) -> None:
        raise ZeroDivisionError

    done: list[None] = []
    syncing.online(fail, lambda _nothing: None)
    syncing.online(lambda _halt: None, done.append)
    with pytest.raises(ZeroDivisionError):
        desk.until(lambda: done != [])
    desk.until(lambda: done != [])


def test_asking_twice_syncs_once_and_tells_once(syncing: Syncing, desk: Desk, wire: Wire) -> None:
    wire.hang()
    assert syncing.now()
    assert syncing.now()
    wire.go_on()
    desk.until(lambda: not syncing.running)
    assert (wire.syncs, len(desk.told)) == (1, 1)


def test_who_agrees_to_removals_during_a_sync_gets_another_one(syncing: Syncing, desk: Desk, wire: Wire) -> None:
    wire.hang()
    assert syncing.now()
    assert syncing.now(removals=True)
    wire.go_on()
    desk.until(lambda: len(desk.told) == 2)
    assert (wire.syncs, wire.most_at_once) == (2, 1)


def test_one_that_was_stopped_is_over_at_once_and_its_late_end_says_nothing(
    syncing: Syncing, desk: Desk, wire: Wire
) -> None:
    wire.hang()
    assert syncing.now()
    assert wire.reached.wait(PATIENCE)
    syncing.stop()
    assert not syncing.running
    assert [error.code for error in desk.told if isinstance(error, SyncFailed)] == ["stopped"]
    assert syncing.trouble == ""
    wire.go_on()
    assert syncing.now()
    desk.until(lambda: not syncing.running)
    assert isinstance(syncing.last, Report)


def test_after_the_end_nothing_begins(syncing: Syncing, desk: Desk, wire: Wire) -> None:
    asyncio.run(syncing.close())
    syncing.now()
    syncing.online(lambda _halt: None, lambda _nothing: None)
    assert wire.syncs == 0
    assert desk.turns.empty()


def test_the_end_waits_for_what_is_being_written(syncing: Syncing, book: Fieldbook) -> None:
    writing, free = Event(), Event()

    def work(_halt: Halt) -> None:
        with book.alone():
            writing.set()
            assert free.wait(PATIENCE)
            book.save(parse({"kind": "task", "id": "t1", "text": "Beamer ausleihen"}))

    async def end() -> None:
        closing = asyncio.create_task(syncing.close())
        for _turn in range(20):
            await asyncio.sleep(0)
        assert not closing.done()
        free.set()
        await closing

    syncing.online(work, lambda _nothing: None)
    assert writing.wait(PATIENCE)
    asyncio.run(end())
    assert book.peek("t1") is not None
