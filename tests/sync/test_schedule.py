"""When the app syncs next, in time that only the test lets pass; and that by this alone everything gets to everybody."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from models.records import parse
from sync.schedule import (
    AFTER_NETWORK,
    AFTER_SAVE,
    AT_START,
    EVERY,
    FIRST_PAUSE,
    LONG_PAUSE,
    NEEDS_SOMEBODY,
    STOPPED,
    Schedule,
)
from tests.sync.laptop import Laptop
from tests.sync.network import Network
from tests.sync.world import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CODES = ("", "offline", "busy", "revoked", STOPPED)


def schedule(chance: float = 1.0) -> Schedule:
    """Return one whose chance is always the same."""
    return Schedule(lambda: chance)


def failed(times: int, code: str = "offline", chance: float = 1.0) -> Schedule:
    """Return one whose last syncs failed at second 0."""
    made = schedule(chance)
    for _time in range(times):
        made.started()
        made.ended(0.0, code)
    return made


def test_without_a_wish_nothing_begins() -> None:
    assert not schedule().is_due(1e9)


def test_it_begins_a_moment_after_the_start() -> None:
    made = schedule()
    made.begins(100.0)
    assert not made.is_due(100.0)
    assert made.is_due(100.0 + AT_START)


def test_saves_are_taken_along_together_a_few_seconds_after_the_first() -> None:
    made = schedule()
    for second in (0.0, 1.0, 3.5):
        made.saved(second)
    assert made.due == AFTER_SAVE


def test_never_two_at_once() -> None:
    made = schedule()
    made.started()
    made.saved(0.0)
    made.begins(0.0)
    assert not made.is_due(1e9)
    made.ended(10.0)
    assert made.is_due(10.0)


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_after_one_that_went_well_the_next_comes_in_about_five_minutes(chance: float) -> None:
    made = schedule(chance)
    made.started()
    made.ended(1000.0)
    assert made.due is not None
    assert 0.9 * EVERY <= made.due - 1000.0 <= 1.1 * EVERY


def test_what_was_saved_during_a_sync_goes_out_soon_after_it() -> None:
    made = schedule()
    made.started()
    made.saved(5.0)
    made.ended(6.0)
    assert made.due == 5.0 + AFTER_SAVE


def test_pauses_grow_and_stay_below_five_minutes() -> None:
    made = schedule()
    pauses: list[float | None] = []
    for _time in range(2000):
        made.started()
        made.ended(0.0, "offline")
        pauses.append(made.due)
    assert pauses[:6] == [FIRST_PAUSE, 20.0, 40.0, 80.0, 160.0, EVERY]
    assert set(pauses[6:]) == {EVERY}


def test_one_that_went_well_makes_the_pauses_short_again() -> None:
    made = failed(5)
    made.started()
    made.ended(0.0)
    made.started()
    made.ended(0.0, "offline")
    assert made.due == FIRST_PAUSE


def test_while_the_server_is_away_a_save_hastens_nothing() -> None:
    made = failed(3)
    before = made.due
    made.saved(0.0)
    assert made.due == before


def test_a_save_during_a_sync_that_fails_hastens_nothing_either() -> None:
    made = schedule()
    made.started()
    made.saved(0.0)
    made.ended(0.0, "busy")
    assert made.due == FIRST_PAUSE


@pytest.mark.parametrize("code", sorted(NEEDS_SOMEBODY))
def test_what_somebody_must_help_is_rarely_tried_again(code: str) -> None:
    assert failed(1, code).due == LONG_PAUSE


@pytest.mark.parametrize("code", ["offline", "certificate"])
def test_another_network_ends_the_pause(code: str) -> None:
    made = failed(6, code)
    made.network_came(50.0)
    assert made.due == 50.0 + AFTER_NETWORK


def test_another_network_means_nothing_where_all_went_well() -> None:
    made = schedule()
    made.started()
    made.ended(0.0)
    before = made.due
    made.network_came(10.0)
    assert made.due == before


def test_one_that_was_ended_by_hand_is_no_failure() -> None:
    made = failed(1, STOPPED)
    assert not made.failing
    assert made.due is not None
    assert made.due >= 0.9 * EVERY


@given(st.lists(st.tuples(st.floats(0, 500), st.sampled_from(CODES), st.floats(0, 1))))
def test_once_begun_there_is_always_a_next_time_and_it_is_not_far(steps: list[tuple[float, str, float]]) -> None:
    chances = iter([chance for _wait, _code, chance in steps])
    made = Schedule(lambda: next(chances))
    now = 0.0
    made.begins(now)
    for wait, code, _chance in steps:
        now += wait
        made.saved(now)
        if made.is_due(now):
            made.started()
            made.ended(now, code)
            assert made.due is not None
            assert now < made.due <= now + LONG_PAUSE
    assert made.due is not None


# In a world: nobody presses a key, the schedule alone decides


class Device:
    """A laptop that syncs when its schedule says so, over a network that is there or not."""

    def __init__(self, laptop: Laptop, server: Server, seed: int, is_online: Callable[[float], bool]) -> None:
        self.laptop = laptop
        self.server = server
        self.is_online = is_online
        self.schedule = Schedule(random.Random(seed).random)
        self.schedule.begins(0.0)
        self.tries: list[float] = []

    def pass_second(self, now: float) -> None:
        """Look once, as the app does."""
        if self.schedule.is_due(now):
            self.tries.append(now)
            self.schedule.started()
            network = Network() if self.is_online(now) else Network(random.Random(1), trouble=1e9)
            outcome = self.laptop.sync(self.server, network)
            self.schedule.ended(now, outcome if isinstance(outcome, str) else "")

    def note(self, now: float, text: str) -> None:
        """Save something."""
        self.laptop.book.save(parse({"kind": "task", "text": text}))
        self.schedule.saved(now)

    def texts(self) -> set[str]:
        """Return what it knows."""
        return {str(document["text"]) for document in self.laptop.documents().values()}


@pytest.fixture
def laptops() -> Iterator[list[Laptop]]:
    """Two laptops."""
    both = [Laptop("a"), Laptop("b")]
    yield both
    for laptop in both:
        laptop.close()


def test_by_the_schedule_alone_everything_saved_gets_to_everybody(laptops: list[Laptop]) -> None:
    server, dice = Server(), random.Random(7)
    devices = [Device(laptop, server, seed, lambda now: int(now / 400) % 3 > 0) for seed, laptop in enumerate(laptops)]
    saved: set[str] = set()
    for second in range(3600):
        for device in devices:
            if second < 2400 and dice.random() < 0.01:
                text = f"{device.laptop.name} {second}"
                saved.add(text)
                device.note(second, text)
            device.pass_second(second)
    assert len(saved) > 20
    assert [device.texts() for device in devices] == [saved, saved]
    assert server.documents().keys() == laptops[0].documents().keys()


def test_a_day_without_a_network_costs_few_tries(laptops: list[Laptop]) -> None:
    device = Device(laptops[0], Server(), 1, lambda _now: False)
    for second in range(8 * 3600):
        if second % 600 == 0:
            device.note(second, "x")
        device.pass_second(second)
    assert 8 * 3600 / EVERY <= len(device.tries) < 8 * 3600 / EVERY * 2.2
