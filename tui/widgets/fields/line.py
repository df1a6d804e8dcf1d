"""LineField: the editor of one-line values, and TextField: the editor of long text."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input, TextArea

from tui.widgets.fields.editor import Edited
from tui.widgets.fields.typing_order import TypingOrder


class LineField(TypingOrder, Input):
    """One line of text, also for numbers, dates and times: they are read by the form, never masked here."""

    DEFAULT_CSS = """
    LineField { width: 1fr; height: 1; background: $surface; padding: 0; }
    LineField:focus { background: $panel; }
    """

    # Textual lays the whole screen out anew whenever an input's text has another width, that is at each character. This
    # one is as wide as its row, whatever its text: drawing the line suffices.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)

    def __init__(self, field: str, text: str, *, replaced: bool = False) -> None:
        """Edit `field`, showing `text`; what is typed replaces it where it is `replaced`, else it is added."""
        super().__init__(text, compact=True, select_on_focus=replaced)
        self.field = field

    def entered(self) -> Any:
        """Return the text as it stands."""
        return self.value

    def enter(self, value: Any) -> None:
        """Show `value`."""
        with self.prevent(Input.Changed):
            self.value = str(value or "")
        self.cursor_position = len(self.value)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(Edited(self))


class TextField(TypingOrder, TextArea):
    """Long text; it grows with its content up to a few lines, then scrolls. Tab leaves it."""

    DEFAULT_CSS = """
    TextField { width: 1fr; height: auto; min-height: 2; max-height: 8; background: $surface; padding: 0; }
    TextField:focus { background: $panel; max-height: 12; }
    """

    def __init__(self, field: str, text: str) -> None:
        """Edit `field`, showing `text`."""
        super().__init__(text, compact=True, soft_wrap=True, tab_behavior="focus", show_line_numbers=False)
        self.field = field

    def entered(self) -> Any:
        """Return the text as it stands."""
        return self.text

    def enter(self, value: Any) -> None:
        """Show `value`."""
        with self.prevent(TextArea.Changed):
            self.load_text(str(value or ""))

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.post_message(Edited(self))
