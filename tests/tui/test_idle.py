"""The watch that locks: it counts from the last touch, through sleep, and no clock that is put back stops it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings, strategies as st

from models.clock import FixedClock
from tui.idle import IdleWatch

if TYPE_CHECKING:
    from collections.abc import Sequence


@given(st.lists(st.integers(0, 500), max_size=20), st.integers(1, 1440))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_is_over_exactly_when_nobody_was_there_for_so_long(
    clock: FixedClock, seconds: Sequence[int], minutes: int
) -> None:
    watch = IdleWatch(clock)
    for span in seconds:
        clock.advance(timedelta(seconds=span))
        watch.touch()
    clock.advance(timedelta(minutes=minutes, seconds=-1))
    assert not watch.over(minutes)
    clock.advance(timedelta(seconds=1))
    assert watch.over(minutes)
    watch.touch()
    assert not watch.over(minutes)


def test_zero_minutes_mean_never(clock: FixedClock) -> None:
    watch = IdleWatch(clock)
    clock.advance(timedelta(days=400))

    assert not watch.over(0)


def test_a_clock_that_is_put_back_counts_from_there(clock: FixedClock) -> None:
    watch = IdleWatch(clock)
    clock.advance(timedelta(days=-1))
    assert not watch.over(5)
    clock.advance(timedelta(minutes=5))

    assert watch.over(5)
