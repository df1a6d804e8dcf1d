"""TypingOrder: lets an editor's own keys act in the order in which they were typed.

Textual inserts printable characters at once, but runs bindings only after the key has bubbled up; in a burst such as
"ab⌫c" the characters overtake the binding (Textualize/textual #6605). Running the editor's own bindings inside its key
handler keeps the order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.textual_private import give_up_keys, own_bindings

if TYPE_CHECKING:
    from textual import events

FORM_KEYS = ("ctrl+d", "ctrl+k", "ctrl+u", "ctrl+y")
"""Keys that mean the same in every field of every form."""


class TypingOrder:
    """Mixin for focusable editors, placed before the Textual class; no widget itself, as Textual follows first bases.

    The form's commands keep their keys in an editor too: where Textual's editors use the same ones, they give them up.
    """

    def on_mount(self: Any) -> None:
        """Leave the form's keys to the form."""
        give_up_keys(self, FORM_KEYS)

    async def on_key(self: Any, event: events.Key) -> None:
        """Run this widget's binding for the key now, not after bubbling."""
        for binding in own_bindings(self, event.key):
            if not binding.priority and await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()
                return
