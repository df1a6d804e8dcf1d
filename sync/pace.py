"""Pace: how much one push carries. It grows on a quick line and shrinks on a slow one, or where a server takes less."""

from __future__ import annotations

from dataclasses import dataclass

LEAST = 16 * 1024
MOST = 1024 * 1024
"""Of edits in one push, not yet compressed."""
QUICK, SLOW = 2.0, 8.0
"""Seconds within which a push is worth to be doubled, and from which on it is halved: a cut line then repeats little."""


@dataclass
class Pace:
    """The bytes of edits that the next push carries; one edit goes out whatever its size."""

    room: int = MOST
    most: int = MOST

    def took(self, seconds: float) -> None:
        """Learn from a push that went through."""
        if seconds <= QUICK:
            self.room = min(self.room * 2, self.most)
        elif seconds >= SLOW:
            self.room = max(self.room // 2, LEAST)

    def too_much(self, size: int) -> None:
        """Learn that a server did not take `size` bytes of edits: this much is not tried again."""
        self.most = self.room = max(size // 2, 1)
