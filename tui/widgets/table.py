"""VirtualTable: the table of all lists; it draws the lines in sight and nothing else, so any number of rows is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from models.text import clean
from tui.commands import Command, bindings
from tui.widgets.columns import Column, Placed, fitted, header, lay_out
from tui.widgets.rows import Cell, GroupedSource, Marked, NoRows, RowSource, StyleName
from tui.widgets.table_messages import MarksChanged, RowHighlighted, RowOpened, SortRequested

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events

__all__ = [
    "Cell",
    "Column",
    "GroupedSource",
    "Marked",
    "MarksChanged",
    "RowHighlighted",
    "RowOpened",
    "RowSource",
    "SortRequested",
    "StyleName",
    "VirtualTable",
]

CURSOR = "▸"
MARK = "●"
CACHED_LINES = 512
BOLD = Style(bold=True)


class VirtualTable(ScrollView, can_focus=True, inherit_bindings=False):
    """A table over a `RowSource`: header line, rows, a cursor that keeps to its row when the data change.

    The header line is left out where no column has a label. Only visible rows are asked for and drawn, and drawn lines
    are kept until the rows, the width, the cursor or the colours change.
    """

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("cursor(-1)", "up", "Zeile nach oben", footer=False, palette=False),
        Command("cursor(1)", "down", "Zeile nach unten", footer=False, palette=False),
        Command("page(-1)", "pageup", "Seite nach oben", footer=False, palette=False),
        Command("page(1)", "pagedown", "Seite nach unten", footer=False, palette=False),
        Command("first", "home", "Erste Zeile", footer=False, palette=False),
        Command("last", "end", "Letzte Zeile", footer=False, palette=False),
        Command("open_row", "enter", "Öffnen", footer=False, palette=False),
        Command("toggle_mark", "space", "Markieren", footer=False, palette=False),
    )
    BINDINGS = bindings(KEYS)
    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--row",
        "table--header",
        "table--heading",
        "table--cursor",
        "table--muted",
        "table--warning",
        "table--error",
        "table--success",
        "table--accent",
        "table--bold",
    }
    DEFAULT_CSS = """
    VirtualTable {
        height: 1fr; background: $background; color: $foreground;
        overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; scrollbar-gutter: stable;
    }
    VirtualTable > .table--header { color: $text-muted; text-style: underline; }
    VirtualTable > .table--heading { color: $primary; text-style: bold; }
    VirtualTable > .table--muted { color: $text-muted; }
    VirtualTable > .table--warning { color: $warning; }
    VirtualTable > .table--error { color: $error; }
    VirtualTable > .table--success { color: $success; }
    VirtualTable > .table--accent { color: $accent; }
    VirtualTable > .table--bold { text-style: bold; }
    VirtualTable > .table--cursor {
        background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground;
        text-style: $block-cursor-blurred-text-style;
    }
    VirtualTable:focus > .table--cursor {
        background: $block-cursor-background; color: $block-cursor-foreground; text-style: $block-cursor-text-style;
    }
    """

    def __init__(
        self,
        columns: Sequence[Column] = (),
        *,
        empty_text: str = "",
        markable: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name for it
        classes: str | None = None,
    ) -> None:
        """Show no rows yet; `empty_text` (of one or several lines) stands in the middle while there are none."""
        super().__init__(id=id, classes=classes)
        self.markable = markable
        self._columns = list(columns)
        self._source: RowSource = NoRows()
        self._grouped: GroupedSource | None = None
        self._empty_text = empty_text
        self._cursor: int | None = None
        self._cursor_key: str | None = None
        self._marked: set[str] = set()
        self._sign_of: Callable[[str], str] | None = None
        self._sort: tuple[str, bool] | None = None
        self._placed: list[Placed] = []
        self._width = self._body_height = 0
        self._opened_by_click = False
        self._drawn: LRUCache[tuple[int, bool], Strip] = LRUCache(CACHED_LINES)
        self._style_cache: dict[str, Style] = {}

    # What is shown

    def set_source(self, source: RowSource, columns: Sequence[Column] | None = None, *, keep: bool = True) -> None:
        """Show the rows of `source`, in new columns where some are given.

        With `keep`, the cursor stays on the row with its key and the row on its line of the screen; where the key is
        gone, the cursor takes the nearest row. Without, it starts at the first row and no row is marked.
        """
        if columns is not None:
            self._columns = list(columns)
        line = None if self._cursor is None else self._cursor - self.scroll_offset.y
        self._source = source
        self._grouped = source if isinstance(source, GroupedSource) else None
        self._marked = {key for key in self._marked if source.index_of(key) is not None} if keep else set()
        cursor = self._selectable(self._kept_cursor() if keep else 0, 1)
        self._lay_out()
        self.virtual_size = Size(0, len(source) + self._header_height)
        if not keep:
            self._scroll(0)
        elif cursor is not None and line is not None:
            self._scroll(cursor - line)
        self._place_cursor(cursor)
        self.refresh()

    def _kept_cursor(self) -> int:
        cursor, key, source = self._cursor, self._cursor_key, self._source
        if cursor is None or key is None:
            return 0
        # Asked first, because a record may stand in a list twice and is then found at its first place only.
        if cursor < len(source) and self._heading(cursor) is None and source.key(cursor) == key:
            return cursor
        index = source.index_of(key)
        return cursor if index is None else index

    def show_signs(self, sign_of: Callable[[str], str] | None) -> None:
        """Show before each row the sign, of one cell, that `sign_of` returns for its key; with `None` there is no room for any."""
        if (sign_of is None) != (self._sign_of is None):
            self._sign_of = sign_of
            self._lay_out()
        self._sign_of = sign_of
        self.refresh_rows()

    def refresh_rows(self) -> None:
        """Draw the rows anew after something about them changed, but neither their number nor their order."""
        self._drawn.clear()
        self.refresh()

    @property
    def source(self) -> RowSource:
        """The rows that are shown."""
        return self._source

    @property
    def empty_text(self) -> str:
        """What stands in the table while there are no rows."""
        return self._empty_text

    @empty_text.setter
    def empty_text(self, text: str) -> None:
        self._empty_text = text
        if not len(self._source):
            self.refresh()

    def set_sort(self, column: str | None, *, descending: bool = False) -> None:
        """Show by ▲ or ▼ which column the rows are sorted by; sorting them is up to the source."""
        self._sort = None if column is None else (column, descending)
        self.refresh()

    # Cursor and marks

    @property
    def cursor_index(self) -> int | None:
        """The row the cursor stands on, headings counted; None in a table without rows."""
        return self._cursor

    @property
    def cursor_key(self) -> str | None:
        """The key of the row the cursor stands on; None in a table without rows."""
        return self._cursor_key

    def move_to_key(self, key: str) -> bool:
        """Put the cursor on the row with this key; return whether there is one."""
        index = self._source.index_of(key)
        if index is None or self._heading(index) is not None:
            return False
        self._place_cursor(index)
        return True

    def move_by(self, rows: int) -> None:
        """Move the cursor by so many rows, at most to the first or last one."""
        if self._cursor is not None:
            target = min(max(self._cursor + rows, 0), len(self._source) - 1)
            self._place_cursor(self._selectable(target, 1 if rows > 0 else -1))

    @property
    def marked_keys(self) -> frozenset[str]:
        """The keys of the marked rows."""
        return frozenset(self._marked)

    def _heading(self, index: int) -> str | None:
        return None if self._grouped is None else self._grouped.heading(index)

    def _selectable(self, index: int, step: int) -> int | None:
        """Return the nearest row that is no heading: in the direction of `step` first, else in the other."""
        length = len(self._source)
        index = min(max(index, 0), length - 1)
        for direction in (step, -step):
            found = index
            while 0 <= found < length:
                if self._heading(found) is None:
                    return found
                found += direction
        return None

    def _place_cursor(self, index: int | None) -> None:
        old = self._cursor
        key = None if index is None else self._source.key(index)
        changed = key != self._cursor_key or (old is None) != (index is None)
        self._cursor, self._cursor_key = index, key
        for row in {old, index} - {None} if old != index else ():
            self._refresh_row(row)
        if index is not None:
            self._reveal(index)
        if changed:
            self.post_message(RowHighlighted(self, key, index))

    def _refresh_row(self, row: int | None) -> None:
        if row is not None and 0 <= row - self.scroll_offset.y < self._body_height:
            self.refresh_line(row + self._header_height)

    # Scrolling: `scroll_y` is the first row in sight

    @property
    def _header_height(self) -> int:
        return 1 if any(column.label for column in self._columns) else 0

    def _scroll(self, top: int) -> None:
        self.scroll_to(y=top, animate=False, force=True)

    def _reveal(self, index: int) -> None:
        """Scroll so far that a row is in sight, and the headings right above it where there is room."""
        height, top = self._body_height, self.scroll_offset.y
        if height == 0:
            return
        first = index
        while first > 0 and index - first < height - 1 and self._heading(first - 1) is not None:
            first -= 1
        if first < top:
            self._scroll(first)
        elif index >= top + height:
            self._scroll(index - height + 1)

    def _lay_out(self) -> None:
        # Kept, because Textual computes these from the whole layout each time, which costs more than drawing a line.
        self._width, height = self.scrollable_content_region.size
        self._body_height = max(height - self._header_height, 0)
        self._drawn.clear()
        self._placed = lay_out(self._columns, self._width - self._gutter - self._margin, self.outer_size.width)

    @property
    def _margin(self) -> int:
        # Keeps texts off the scrollbar; asked of the rows, for the bar itself comes and goes only after this layout.
        return 1 if len(self._source) > self._body_height else 0

    @property
    def _gutter(self) -> int:
        return 2 + self.markable + (self._sign_of is not None)

    def on_resize(self) -> None:
        """Lay out the columns for the new width, and keep the cursor in sight."""
        self._lay_out()
        if self._cursor is not None:
            self._reveal(self._cursor)
        # What was drawn before the columns had a place is not to stay on the screen.
        self.refresh()

    def notify_style_update(self) -> None:
        """Forget the drawn lines when theme or focus change the colours."""
        super().notify_style_update()
        self._style_cache.clear()
        self._drawn.clear()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw one line of the widget: the header, a row, or a line of the empty text."""
        width = self._width
        body = y - self._header_height
        if body < 0:
            text = " " * self._gutter + header(self._placed, self._sort)
            return self._strip([Segment(text, self._style("header"))], width, self._style("header"))
        if not len(self._source):
            return self._empty_line(body, width)
        row = body + self.scroll_offset.y
        if row >= len(self._source):
            return Strip.blank(width, self._style("row"))
        at = (row, row == self._cursor)
        strip = self._drawn.get(at)
        if strip is None or strip.cell_length != width:
            strip = self._drawn[at] = self._draw_row(row, width)
        return strip

    def _draw_row(self, row: int, width: int) -> Strip:
        heading = self._heading(row)
        if heading is not None:
            style = self._style("heading")
            return self._strip([Segment(" " + fitted(heading, width - 1), style)], width, style)
        here = row == self._cursor
        base = self._style("cursor" if here else "row")
        sign = CURSOR if here else " "
        if self.markable:
            sign += MARK if self._source.key(row) in self._marked else " "
        if self._sign_of is not None:
            sign += fitted(self._sign_of(self._source.key(row)), 1)
        text, style, end = sign + " ", base, 0
        segments: list[Segment] = []
        cells = self._source.cells(row)
        for number, column, start, room in self._placed:
            cell = cells[number] if number < len(cells) else ""
            words, cell_style = (
                (cell, base) if isinstance(cell, str) else (cell.text, self._cell_style(cell, base, here=here))
            )
            text += " " * (start - end)
            if cell_style is not style:
                # As few segments as possible: Textual handles each of them several times before it is on the screen.
                segments.append(Segment(text, style))
                text, style = "", cell_style
            text += fitted(words, room, column.align)
            end = start + room
        segments.append(Segment(text, style))
        return self._strip(segments, width, base)

    def _cell_style(self, cell: Marked, base: Style, *, here: bool) -> Style:
        if not here:
            return self._style(cell.style_name)
        # On the cursor's background only its own colour is sure to be readable.
        return base + BOLD if cell.style_name == "bold" else base

    def _empty_line(self, y: int, width: int) -> Strip:
        lines = clean(self._empty_text).split("\n")
        number = y - max((self._body_height - len(lines)) // 2, 0)
        text = fitted(lines[number], width).rstrip().center(width) if 0 <= number < len(lines) else ""
        style = self._style("muted")
        return self._strip([Segment(text, style)], width, style)

    def _style(self, name: str) -> Style:
        style = self._style_cache.get(name)
        if style is None:
            style = self._style_cache[name] = self.get_component_rich_style(f"table--{name}")
        return style

    def _strip(self, segments: list[Segment], width: int, style: Style) -> Strip:
        # Measured by the renderer's own tables, so that a sign whose width is disputed cannot shift the border.
        return Strip(segments).adjust_cell_length(width, style)

    # Keys and mouse

    def action_cursor(self, rows: int) -> None:
        """Move the cursor up or down."""
        self.move_by(rows)

    def action_page(self, direction: int) -> None:
        """Move cursor and view by a page, so that the cursor stays on its line of the screen."""
        page = max(self._body_height - 1, 1)
        if self._cursor is None:
            return
        line = self._cursor - self.scroll_offset.y
        if 0 <= line < self._body_height:
            self._scroll(self.scroll_offset.y + direction * page)
        self.move_by(direction * page)

    def action_first(self) -> None:
        """Go to the first row."""
        self.move_by(-len(self._source))

    def action_last(self) -> None:
        """Go to the last row."""
        self.move_by(len(self._source))

    def action_open_row(self) -> None:
        """Open the row under the cursor."""
        if self._cursor_key is not None:
            self.post_message(RowOpened(self, self._cursor_key))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the space bar to the screen where rows cannot be marked."""
        return self.markable if action == "toggle_mark" else super().check_action(action, parameters)

    def action_toggle_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away, and go on to the next one."""
        if self._cursor is None or self._cursor_key is None:
            return
        self._marked ^= {self._cursor_key}
        for here in (True, False):
            self._drawn.discard((self._cursor, here))
        self._refresh_row(self._cursor)
        self.post_message(MarksChanged(self, self.marked_keys))
        self.move_by(1)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row under the mouse; open it where the cursor was there already."""
        at = event.get_content_offset(self)
        if at is None:
            return
        event.stop()
        row = at.y - self._header_height
        if row < 0:
            self._click_header(at.x - self._gutter)
            return
        row += self.scroll_offset.y
        if row >= len(self._source) or self._heading(row) is not None:
            return
        opens = row == self._cursor and not (event.chain > 1 and self._opened_by_click)
        self._opened_by_click = opens
        self._place_cursor(row)
        if opens:
            self.action_open_row()

    def _click_header(self, x: int) -> None:
        for _number, column, start, width in self._placed:
            if start <= x <= start + width:
                self.post_message(SortRequested(self, column.key))
                return
