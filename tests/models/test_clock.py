"""The clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.clock import Clock, FixedClock, SystemClock

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_fixed_clock_tells_utc_and_the_day_of_its_own_zone() -> None:
    clock: Clock = FixedClock(datetime(2026, 11, 25, 0, 30, tzinfo=BERLIN))

    assert clock.now() == datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert clock.now().tzinfo is UTC
    assert clock.today() == date(2026, 11, 25)
    assert clock.local(clock.now()).hour == 0


def test_a_fixed_clock_moves_only_when_told_and_by_elapsed_time() -> None:
    clock = FixedClock(datetime(2026, 3, 28, 12, 0, tzinfo=BERLIN))  # the night before summer time

    clock.advance(timedelta(days=1))

    assert clock.now() == clock.now() == datetime(2026, 3, 29, 11, 0, tzinfo=UTC)
    assert clock.local(clock.now()).hour == 13


def test_a_fixed_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        FixedClock(datetime(2026, 11, 24, 9, 0))  # noqa: DTZ001 - the missing zone is the subject


def test_the_system_clock_is_aware_and_agrees_with_itself() -> None:
    clock: Clock = SystemClock()
    before, now = clock.today(), clock.now()

    assert now.tzinfo is UTC
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)
    assert clock.local(now).utcoffset() == now.astimezone().utcoffset()
    assert before <= clock.local(clock.now()).date()
