"""SearchLine: the one line above a list in which a search is typed; it is there only while it is used."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from models.i18n import _
from tui.widgets.fields.typing_order import TypingOrder


class SearchLine(TypingOrder, Input):
    """A one-line search field, hidden until `begin`; tells its screen of every change."""

    DEFAULT_CSS = """
    SearchLine { display: none; height: 1; border: none; padding: 0 1; background: $surface; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("down", "leave", show=False)]

    class Typed(Message):
        """The text has changed."""

        def __init__(self, text: str) -> None:
            """Carry the whole text."""
            super().__init__()
            self.text = text

    class Left(Message):
        """The person goes on in the list."""

    def __init__(self) -> None:
        """Begin hidden and empty."""
        super().__init__(placeholder=_("Suchen …"), compact=True, select_on_focus=False)

    @property
    def open(self) -> bool:
        """Whether the line is there."""
        return self.display

    def begin(self) -> None:
        """Show the line and type into it."""
        self.display = True
        # At once, not after the next refresh: what is typed next is meant for this line.
        self.screen.set_focus(self)

    def end(self) -> None:
        """Empty the line and take it away."""
        self.value = ""
        self.display = False

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass on what stands there now."""
        event.stop()
        self.post_message(self.Typed(self.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on in the list with Enter."""
        event.stop()
        self.post_message(self.Left())

    def action_leave(self) -> None:
        """Go on in the list with the arrow down."""
        self.post_message(self.Left())
