"""EarlyKeys: keys typed while a screen is being opened reach it, in their order; none goes to the screen below.

Textual sends a key to what has the focus when it arrives. Between the key that opens a screen and the moment when its
first field has the focus, keys would go to the widget that opened it, or to the new screen and be lost.
"""

from __future__ import annotations

from typing import Any

from textual import events
from textual.screen import Screen


class EarlyKeys(Screen[Any]):
    """A screen that keeps early keys and gives them to the widget that gets the focus first."""

    def __init__(self) -> None:
        """Begin without keys."""
        super().__init__()
        self._early: list[events.Key] = []
        self._settled = False

    def feed(self, event: events.Key) -> None:
        """Take a key that was typed for this screen before it was ready."""
        key = events.Key(event.key, event.character)
        target = self.focused
        if self._settled and target is not None:
            target.post_message(key)
        else:
            self._early.append(key)

    def on_key(self, event: events.Key) -> None:
        """Pass on a key that arrived here too early, or for the screen that lies above by now."""
        above = self.app.screen
        if above is not self and isinstance(above, EarlyKeys):
            above.feed(event)
            event.stop()
        elif not self._settled and self.focused is None and self.focus_chain:
            self.feed(event)
            event.stop()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Give the early keys to the first widget that has the focus."""
        self._settled = True
        early, self._early = self._early, []
        for key in early:
            event.widget.post_message(key)
