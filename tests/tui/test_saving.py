"""What is written in the app's own thread: in order, drafts only in their last state, and told in the app's turn."""

from __future__ import annotations

from queue import Empty, Queue
from threading import Event, get_ident
from typing import TYPE_CHECKING, Any

import pytest

from models.errors import StoreFull
from tui.saving import Saving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 30.0


class Turns:
    """An app without a screen: what is handed to it from the other thread waits until it takes its turn."""

    def __init__(self) -> None:
        self._waiting: Queue[Callable[[], Any]] = Queue()
        self.told: list[str] = []
        self.busy: list[bool] = []
        self.saving = Saving(self)

    def call_later(self, callback: Callable[..., Any], *args: Any) -> bool:
        """Keep `callback` for its turn."""
        self._waiting.put(lambda: callback(*args))
        return True

    def saving_changed(self) -> None:
        """Note whether something is being saved."""
        self.busy.append(self.saving.busy)

    def take(self) -> None:
        """Take turns until all is written."""
        while self.saving.busy:
            try:
                self._waiting.get(timeout=PATIENCE)()
            except StoreFull as error:
                self.told.append(str(error))
            except Empty:
                raise AssertionError("Nothing came back") from None


def fail() -> None:
    """Fail as a full disk does."""
    raise StoreFull("voll")


@pytest.fixture
def turns() -> Iterator[Turns]:
    """An app."""
    app = Turns()
    yield app
    app.take()


@pytest.fixture
def gate(turns: Turns) -> Iterator[Event]:
    """What the first thing to write waits for."""
    opened = Event()
    turns.saving.do(lambda: opened.wait(PATIENCE))
    yield opened
    opened.set()


def test_all_is_written_in_the_order_in_which_it_was_asked_for_and_in_another_thread(turns: Turns) -> None:
    written: list[tuple[int, bool]] = []
    ended: list[tuple[int, bool]] = []
    here = get_ident()
    for number in range(20):
        turns.saving.do(
            lambda number=number: written.append((number, get_ident() == here)),  # type: ignore[misc]
            lambda _nothing, number=number: ended.append((number, get_ident() == here)),  # type: ignore[misc]
        )
    turns.take()
    assert written == [(number, False) for number in range(20)]
    assert ended == [(number, True) for number in range(20)]


def test_what_follows_gets_what_was_returned_and_nothing_is_busy_any_more(turns: Turns) -> None:
    got: list[object] = []
    turns.saving.do(lambda: "gespeichert", lambda text: got.extend((text, turns.saving.busy)))
    assert turns.saving.busy
    turns.take()
    assert got == ["gespeichert", False]
    assert turns.busy == [True, False]


def test_of_drafts_that_wait_only_the_last_one_is_written(turns: Turns, gate: Event) -> None:
    written: list[str] = []
    for text in ("a", "ab", "abc"):
        turns.saving.do(lambda text=text: written.append(text), replaces="draft 1")  # type: ignore[misc]
    turns.saving.do(lambda: written.append("x"), replaces="draft 2")
    gate.set()
    turns.take()
    assert written == ["abc", "x"]


def test_a_draft_typed_after_a_save_is_written_after_it(turns: Turns, gate: Event) -> None:
    written: list[str] = []
    turns.saving.do(lambda: written.append("draft a"), replaces="draft 1")
    turns.saving.do(lambda: written.append("record a"))
    turns.saving.do(lambda: written.append("draft ab"), replaces="draft 1")
    gate.set()
    turns.take()
    assert written == ["record a", "draft ab"]


def test_an_error_is_told_and_what_was_asked_for_after_it_is_written(turns: Turns) -> None:
    written: list[str] = []
    turns.saving.do(fail, lambda _nothing: written.append("never"), failed=lambda: written.append("failed"))
    turns.saving.do(lambda: written.append("next"))
    turns.take()
    assert sorted(written) == ["failed", "next"]
    assert turns.told == ["voll"]


def test_settling_comes_at_once_where_nothing_waits(turns: Turns) -> None:
    settled: list[bool] = []
    turns.saving.settle(lambda: settled.append(True))
    assert settled == [True]


def test_settling_comes_after_all_that_waits(turns: Turns, gate: Event) -> None:
    events: list[str] = []
    turns.saving.do(lambda: events.append("written"), lambda _nothing: events.append("told"))
    turns.saving.settle(lambda: events.append("settled"))
    assert events == []
    gate.set()
    turns.take()
    assert events == ["written", "told", "settled"]


def test_settling_does_not_come_where_something_failed(turns: Turns, gate: Event) -> None:
    settled: list[bool] = []
    turns.saving.do(fail)
    turns.saving.settle(lambda: settled.append(True))
    gate.set()
    turns.take()
    assert settled == []
    turns.saving.settle(lambda: settled.append(True))
    assert settled == [True]


async def test_closing_waits_until_all_is_written(turns: Turns, gate: Event) -> None:
    written: list[str] = []
    turns.saving.do(lambda: written.append("record"))
    gate.set()
    await turns.saving.close()
    assert written == ["record"]
