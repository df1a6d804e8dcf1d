"""The clock: the only source of the present moment, handed to whatever needs it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the moment, the local day, and how a moment reads on the local wall."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...

    def today(self) -> date:
        """Return the present day in the local zone."""
        ...

    def local(self, moment: datetime) -> datetime:
        """Return the aware `moment` in the local zone, for showing."""
        ...


class SystemClock:
    """The computer's clock in the computer's zone."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Return the present day in the computer's zone."""
        return self.local(self.now()).date()

    def local(self, moment: datetime) -> datetime:
        """Return the aware `moment` in the computer's zone."""
        return moment.astimezone()


class FixedClock:
    """A clock that stands still until `advance` moves it; its zone is that of the moment it was made with."""

    def __init__(self, moment: datetime) -> None:
        """Stand at `moment`; raises ValueError where it has no zone."""
        if moment.tzinfo is None or moment.utcoffset() is None:
            raise ValueError("a fixed clock needs a moment with a zone")
        self._zone = moment.tzinfo
        self._now = moment.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment at which the clock stands, aware, in UTC."""
        return self._now

    def today(self) -> date:
        """Return the day at which the clock stands, in its own zone."""
        return self.local(self._now).date()

    def local(self, moment: datetime) -> datetime:
        """Return the aware `moment` in the clock's own zone."""
        return moment.astimezone(self._zone)

    def advance(self, span: timedelta) -> None:
        """Move the clock by `span` of elapsed time; changes of summer time do not lengthen or shorten it."""
        self._now += span
