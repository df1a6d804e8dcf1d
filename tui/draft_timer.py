"""DraftTimer: writes a draft a moment after the last key, and never again once its screen is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message_pump import MessagePump
    from textual.timer import Timer


class DraftTimer:
    """Calls `write` when nothing was typed for `delay` seconds.

    What a screen tells itself may arrive after it was saved and left: `close` makes sure that no draft comes of it.
    """

    def __init__(self, owner: MessagePump, write: Callable[[], None], delay: float) -> None:
        """Write for `owner`, whose timers end with it."""
        self._owner = owner
        self._write = write
        self._delay = delay
        self._timer: Timer | None = None
        self.closed = False

    @property
    def pending(self) -> bool:
        """Whether something was typed that is not written yet."""
        return self._timer is not None

    def touch(self) -> None:
        """Begin the delay anew: something was typed."""
        self.cancel()
        if not self.closed:
            self._timer = self._owner.set_timer(self._delay, self._due)

    def _due(self) -> None:
        self.cancel()
        if not self.closed:
            self._write()

    def cancel(self) -> None:
        """Forget the delay: what was typed is being written, or thrown away."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def close(self) -> None:
        """Write nothing any more: the record is saved, or its draft given up."""
        self.cancel()
        self.closed = True
