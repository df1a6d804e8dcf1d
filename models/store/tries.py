"""Tries: after wrong passphrases the next one has to wait, a little longer each time; nobody is ever locked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 60


def wait_before(wrong: int) -> int:
    """Return the seconds to wait after so many wrong tries in a row: 0, 0, 0, 1, 2, 4 and so on, at most 60."""
    return 0 if wrong < 3 else min(2 ** min(wrong - 3, 6), LONGEST)


class Tries:
    """Counts wrong tries in a row, in the memory of one run of the program.

    The wait keeps somebody at the keyboard from guessing by hand; a copy of the files could be tried elsewhere without
    any wait, and against that stands Argon2id. So the count is not worth a file that could be damaged, or that could
    lock out its owner when the clock is wrong.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Measure time with `monotonic`, in seconds."""
        self._monotonic = monotonic
        self._wrong = 0
        self._free_at = 0.0

    def left(self) -> float:
        """Return the seconds until the next try, 0 where it may be now."""
        return max(self._free_at - self._monotonic(), 0.0) if self._wrong else 0.0

    def failed(self) -> None:
        """Count a wrong try."""
        self._wrong += 1
        self._free_at = self._monotonic() + wait_before(self._wrong)

    def succeeded(self) -> None:
        """Begin anew."""
        self._wrong = 0
