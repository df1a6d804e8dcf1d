"""Schedule: when the app syncs next. It only decides; what time it is comes in, as seconds that count evenly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sync.account import NO_ACCESS

if TYPE_CHECKING:
    from collections.abc import Callable

AT_START: Final = 1.0
AFTER_SAVE: Final = 4.0
"""Seconds from the first of some saves to the sync that takes them all along."""
AFTER_NETWORK: Final = 2.0
EVERY: Final = 300.0
FIRST_PAUSE: Final = 10.0
"""Seconds after a first failure; they double with each further one, up to `EVERY`."""
LONG_PAUSE: Final = 3600.0
"""Seconds after a failure that goes on until somebody does something about it."""

NEEDS_SOMEBODY: Final = NO_ACCESS | {"certificate", "ca", "protocol", "would_remove"}
STOPPED: Final = "stopped"


class Schedule:
    """When one app syncs next. `chance` is a number from 0 to 1, so that the devices of a team do not come in step."""

    def __init__(self, chance: Callable[[], float]) -> None:
        """Begin with nothing to do."""
        self._chance = chance
        self._failures = 0
        self.running = False
        self.due: float | None = None
        """The second at which the next sync begins; `None` where none was ever wished for."""

    @property
    def failing(self) -> bool:
        """Whether the last sync failed."""
        return self._failures > 0

    def is_due(self, now: float) -> bool:
        """Tell whether to begin a sync at this second."""
        return not self.running and self.due is not None and now >= self.due

    def begins(self, now: float) -> None:
        """Note that the app begins."""
        self._hasten(now + AT_START)

    def saved(self, now: float) -> None:
        """Note that something was saved. While the server is away that hastens nothing: it waits for the next try."""
        if not self._failures:
            self._hasten(now + AFTER_SAVE)

    def network_came(self, now: float) -> None:
        """Note that this device has another way into the network than before."""
        if self._failures:
            self._hasten(now + AFTER_NETWORK)

    def started(self) -> None:
        """Note that a sync begins, for whatever reason."""
        self.running = True
        self.due = None

    def ended(self, now: float, code: str = "") -> None:
        """Note that the sync ended; `code` says why it failed, empty where it did not."""
        self.running = False
        if code and code != STOPPED:
            self._failures += 1
            pause = (
                LONG_PAUSE if code in NEEDS_SOMEBODY else min(EVERY, FIRST_PAUSE * 2.0 ** min(self._failures - 1, 9))
            )
            # What was saved meanwhile hastens nothing either.
            self.due = now + pause * (0.5 + 0.5 * self._chance())
            return
        if not code:
            self._failures = 0
        self._hasten(now + EVERY * (0.9 + 0.2 * self._chance()))

    def _hasten(self, at: float) -> None:
        self.due = at if self.due is None else min(self.due, at)
