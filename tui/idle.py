"""IdleWatch: tells when nobody has touched the keyboard for so long that the fieldbook is to be locked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.clock import Clock


class IdleWatch:
    """Measures by the clock on the wall: while a laptop sleeps, others stand still."""

    def __init__(self, clock: Clock) -> None:
        """Begin at this moment."""
        self._clock = clock
        self._last = clock.now()

    def touch(self) -> None:
        """Note that somebody is there."""
        self._last = self._clock.now()

    def over(self, minutes: int) -> bool:
        """Tell whether nobody was there for `minutes`; 0 means never."""
        now = self._clock.now()
        # A clock that was put back must not keep the fieldbook open.
        self._last = min(self._last, now)
        return minutes > 0 and now - self._last >= timedelta(minutes=minutes)
