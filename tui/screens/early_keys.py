"""EarlyKeys: keys typed while a screen is being opened reach it, in their order; none goes to the screen below.

Textual sends a key to what has the focus when it arrives. Between the key that opens a screen and the moment when its
first field has the focus, keys would go to the widget that opened it, or to the new screen and be lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.widgets import Input, TextArea

from tui.textual_private import TellingScreen, own_bindings

if TYPE_CHECKING:
    from textual.widget import Widget


class EarlyKeys(TellingScreen[Any]):
    """A screen that keeps early keys and gives them to the widget that gets the focus first.

    That is the one that `FIRST_FOCUS` names, or the one that a subclass returns from `first_widget`.
    """

    FIRST_FOCUS: ClassVar[str] = ""
    # Textual would give the focus while keys still wait in this screen's queue: later keys would overtake them.
    AUTO_FOCUS = ""

    def __init__(self) -> None:
        """Begin without keys."""
        super().__init__()
        self._early: list[events.Key] = []
        self._settled = False

    def first_widget(self) -> Widget | None:
        """Return the widget that is to have the focus first."""
        return next(iter(self.query(self.FIRST_FOCUS)), None) if self.FIRST_FOCUS else None

    def leaving(self) -> None:
        """Put away what is open, as the program ends; screens that hold something unsaved override this."""

    def on_mount(self) -> None:
        """Give the focus once the screen stands."""
        self.call_later(self._settle)

    def _settle(self) -> None:
        if self._settled:
            return
        if self.message_queue_size:
            # Among the messages that wait there may be keys: they come first.
            self.call_later(self._settle)
            return
        self._settled = True
        target = self.first_widget()
        if target is not None:
            self.set_focus(target)
            for key in self._early:
                target.post_message(key)
        self._early.clear()

    def feed(self, event: events.Key) -> None:
        """Take a key that was typed for this screen before it was ready."""
        key = events.Key(event.key, event.character)
        if self._settled and self.focused is not None:
            self.focused.post_message(key)
        else:
            self._early.append(key)

    async def on_key(self, event: events.Key) -> None:
        """Pass on a key that was typed for another widget by now; run this screen's own key in its turn.

        Textual runs bindings only after all of a burst was sent to what had the focus: in "/abc" the letters would come
        before the search that they are meant for.
        """
        above = self.app.screen
        if above is not self and isinstance(above, EarlyKeys):
            above.feed(event)
            event.stop()
        elif not self._settled and self.first_widget() is not None:
            self.feed(event)
            event.stop()
        elif event.is_printable and isinstance(self.focused, Input | TextArea):
            # An input takes its own characters: this one was sent before the input had the focus.
            self.focused.post_message(events.Key(event.key, event.character))
            event.stop()
        else:
            for binding in own_bindings(self, event.key):
                if not binding.priority and await self.app.run_action(binding.action, self):
                    event.stop()
                    return
