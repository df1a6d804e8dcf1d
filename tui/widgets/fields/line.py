"""LineField: the editor of one-line values, and TextField: the editor of long text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from textual import on
from textual.geometry import Size
from textual.reactive import Reactive
from textual.strip import Strip
from textual.widgets import Input, TextArea

from models.text import cells, clean
from tui.widgets.fields.editor import Edited
from tui.widgets.fields.typing_order import TypingOrder

if TYPE_CHECKING:
    from textual import events


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
        super().__init__(_one_line(text), compact=True, select_on_focus=replaced)
        self.field = field

    def entered(self) -> Any:
        """Return the text as it stands."""
        return self.value

    def enter(self, value: Any) -> None:
        """Show `value`."""
        with self.prevent(Input.Changed):
            self.value = _one_line(str(value or ""))
        self.cursor_position = len(self.value)

    def on_paste(self, event: events.Paste) -> None:
        """Take all that is pasted, made harmless, as one line."""
        event.text = _one_line(event.text)

    def on_focus(self) -> None:
        """Bring the cursor into sight, once the line has its width: its first text may be longer."""
        self.call_after_refresh(self._reveal_cursor)

    def _reveal_cursor(self) -> None:
        before = cells(self.value[: self.cursor_position])
        if before >= self.content_size.width:
            self.scroll_to(before + 1 - self.content_size.width, animate=False)

    def on_blur(self) -> None:
        """Show the beginning again."""
        self.scroll_to(0, animate=False)

    def render_line(self, y: int) -> Strip:
        """Draw the line, with an ellipsis at each end beyond which its text goes on."""
        strip = super().render_line(y)
        start, width, length = int(self.scroll_offset.x), self.content_size.width, cells(self.value)
        if y or (start == 0 and length <= width):
            return strip
        more = Segment("…", self.rich_style)
        cursor = cells(self.value[: self.cursor_position]) - start if self.has_focus else -1
        if start and cursor != 0:
            strip = Strip([more, *strip.crop(1)])
        if start + width < length and cursor != width - 1:
            strip = Strip([*strip.crop(0, width - 1), more])
        return strip

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(Edited(self))


def _one_line(text: str) -> str:
    return clean(text).replace("\n", " ")


class TextField(TypingOrder, TextArea):
    """Long text; it grows with its content up to a few lines, then scrolls. Tab leaves it."""

    DEFAULT_CSS = """
    TextField { width: 1fr; height: auto; min-height: 2; max-height: 8; background: $surface; padding: 0; }
    TextField:focus { background: $panel; max-height: 12; }
    """

    def __init__(self, field: str, text: str) -> None:
        """Edit `field`, showing `text`."""
        super().__init__(clean(text), compact=True, soft_wrap=True, tab_behavior="focus", show_line_numbers=False)
        self.field = field
        self._needed: tuple[tuple[int, str], int] = ((0, ""), 1)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the lines that the text needs in `width` cells.

        Textual answers with those of the last drawing: after a change of width, or beside its own scrollbar, wrong ones.
        """
        del container, viewport
        wanted = (width, self.text)
        if self._needed[0] != wanted:
            room = max(width - 1, 1)  # the cursor may stand behind the last character
            wrapped = type(self.wrapped_document)(self.document, room, self.indent_width)
            self._needed = (wanted, wrapped.height)
        return self._needed[1]

    def entered(self) -> Any:
        """Return the text as it stands."""
        return self.text

    def enter(self, value: Any) -> None:
        """Show `value`."""
        with self.prevent(TextArea.Changed):
            self.load_text(clean(str(value or "")))

    def on_paste(self, event: events.Paste) -> None:
        """Take what is pasted, made harmless."""
        event.text = clean(event.text)

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.post_message(Edited(self))
