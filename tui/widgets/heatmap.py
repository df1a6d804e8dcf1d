"""HeatMap: a table of levels, rows × criteria, with a digit in every cell beside its colour; one line-API widget."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from models.i18n import _
from models.rules.comparison import NOT_ASSESSED, Comparison
from models.text import cells, clean, cut

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events

CELL = 4
"""Cells of one column: room for `[3]` around the cell that is highlighted, and a blank."""

WIDEST_LABEL = 28
"""Cells of the row labels; more only where the columns leave room."""
PINNED = 2
"""Rows that never scroll: the column numbers above, the legend below."""

_STEPS = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}
_EMPTY = Comparison((), (), ())


class CellOpened(Message):
    """Somebody wants to see what is behind a cell."""

    def __init__(self, row_key: str, criterion_id: str) -> None:
        self.row_key = row_key
        self.criterion_id = criterion_id
        super().__init__()


class HeatMap(ScrollView, can_focus=True):
    """Levels of many schools, or of one school on many days. 0 stands for not assessed, a dot for nothing yet."""

    DEFAULT_CSS = """
    HeatMap {
        height: 1fr; width: 1fr; background: $background; color: $foreground;
        overflow: auto; scrollbar-gutter: stable; scrollbar-size: 1 1;
    }
    HeatMap > .heatmap--label { color: $foreground; }
    HeatMap > .heatmap--head { color: $text-muted; }
    HeatMap > .heatmap--marked { color: $accent; text-style: bold; }
    HeatMap > .heatmap--legend { color: $primary; }
    HeatMap > .heatmap--none { color: $text-muted; }
    HeatMap > .heatmap--level0 { color: $text-muted; background: $panel; }
    HeatMap > .heatmap--level1 { color: auto 95%; background: $primary 15%; }
    HeatMap > .heatmap--level2 { color: auto 95%; background: $primary 35%; }
    HeatMap > .heatmap--level3 { color: auto 95%; background: $primary 65%; }
    HeatMap > .heatmap--level4 { color: auto 95%; background: $primary; text-style: bold; }
    """
    # One hue in steps, not red to green: it shows progress, reads without colour vision, and is no grade.
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"heatmap--{role}"
        for role in (
            *("label", "head", "marked", "legend", "none"),
            *("level0", "level1", "level2", "level3", "level4"),
        )
    }
    ALLOW_SELECT = False

    def __init__(
        self,
        table: Comparison = _EMPTY,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        """Show `table`, its first cell highlighted."""
        super().__init__(id=id, classes=classes)
        self._row = 0
        self._column = 0
        self._styles: dict[str, Style] = {}
        self._take(table)

    def show(self, table: Comparison) -> None:
        """Show another table; the highlighted row and criterion stay where the new one has them."""
        key = self._table.rows[self._row].key if self._table.rows else ""
        criterion = self._table.criteria[self._column].id if self._table.criteria else ""
        self._take(table)
        keys, ids = [row.key for row in table.rows], [each.id for each in table.criteria]
        self._row = keys.index(key) if key in keys else 0
        self._column = ids.index(criterion) if criterion in ids else 0
        self._measure()

    @property
    def highlighted(self) -> tuple[str, str] | None:
        """Row key and criterion id of the highlighted cell; None in an empty table."""
        if not self._table.rows or not self._table.criteria:
            return None
        return self._table.rows[self._row].key, self._table.criteria[self._column].id

    def _take(self, table: Comparison) -> None:
        self._table = table
        self._labels = [clean(row.label, lines=False) for row in table.rows]

    # --- keys and mouse -------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Move by cell, page or to the ends of a row; open the cell."""
        page = max(self._room.height - PINNED, 1)
        if event.key == "enter":
            self._open()
        elif event.key in _STEPS:
            down, right = _STEPS[event.key]
            self._go(self._row + down, self._column + right)
        elif event.key in ("pageup", "pagedown"):
            self._go(self._row + (page if event.key == "pagedown" else -page), self._column)
        elif event.key in ("home", "end"):
            self._go(self._row, 0 if event.key == "home" else len(self._table.criteria))
        else:
            return
        event.stop()
        event.prevent_default()

    def on_click(self, event: events.Click) -> None:
        """Highlight the cell under the mouse; a click on the highlighted one opens it."""
        at = event.get_content_offset(self)
        if at is None or not 1 <= at.y < self._legend_row:
            return
        row = at.y - 1 + self.scroll_offset.y
        column = (at.x - self._label_width) // CELL + self._first_column if at.x >= self._label_width else self._column
        if row >= len(self._table.rows) or column >= len(self._table.criteria):
            return
        event.stop()
        if (row, column) == (self._row, self._column):
            self._open()
        else:
            self._go(row, column)

    def _open(self) -> None:
        if self.highlighted:
            self.post_message(CellOpened(*self.highlighted))

    def _go(self, row: int, column: int) -> None:
        self._row = min(max(row, 0), max(len(self._table.rows) - 1, 0))
        self._column = min(max(column, 0), max(len(self._table.criteria) - 1, 0))
        self._follow()
        self.refresh()

    # --- drawing --------------------------------------------------------------------------------------------------

    @property
    def _room(self) -> Size:
        return self.scrollable_content_region.size

    @property
    def _label_width(self) -> int:
        longest = max(map(cells, self._labels), default=0) + 3
        spare = self._room.width - len(self._table.criteria) * CELL
        return min(longest, max(WIDEST_LABEL, spare), max(self._room.width // 2, CELL))

    @property
    def _first_column(self) -> int:
        """The first column in sight; columns are never cut in half at the left."""
        return -(-self.scroll_offset.x // CELL)

    @property
    def _legend_row(self) -> int:
        return min(self._room.height - 1, len(self._table.rows) + 1)

    def on_resize(self) -> None:
        """Measure the table anew."""
        self._measure()

    def notify_style_update(self) -> None:
        """Forget the colours that were in use."""
        self._styles.clear()
        super().notify_style_update()

    def _measure(self) -> None:
        # The last column needs no blank behind it; 13 criteria then fit into 80 cells.
        width = self._label_width + len(self._table.criteria) * CELL - 1
        self.virtual_size = Size(width, len(self._table.rows) + PINNED)
        self._follow()
        self.refresh()

    def _follow(self) -> None:
        """Scroll just as far as the highlighted cell asks for."""
        rows = max(self._room.height - PINNED, 1)
        columns = max((self._room.width - self._label_width + 1) // CELL, 1)
        top, left = self.scroll_offset.y, self._first_column
        top = min(max(top, self._row - rows + 1), self._row)
        left = min(max(left, self._column - columns + 1), self._column)
        self.scroll_to(x=left * CELL, y=top, animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        """Draw the column numbers, one row of levels, or the legend."""
        if y == 0:
            segments = self._numbers()
        elif y == self._legend_row:
            segments = self._legend()
        else:
            row = y - 1 + self.scroll_offset.y
            inside = y < self._legend_row and row < len(self._table.rows)
            segments = self._levels(row) if inside else []
        return Strip(segments).adjust_cell_length(self._room.width, self._style("label"))

    def _numbers(self) -> list[Segment]:
        segments = [Segment(" " * self._label_width, self._style("head"))]
        for column in range(self._first_column, len(self._table.criteria)):
            text = f"{column + 1:>2}".ljust(CELL)
            segments.append(Segment(text, self._style("marked" if column == self._column else "head")))
        return segments

    def _levels(self, row: int) -> list[Segment]:
        width = self._label_width
        mark = "▸" if row == self._row else " "
        label = cut(self._labels[row], width - 3)
        text = f"{mark} {label}" + " " * (width - 2 - cells(label))
        segments = [Segment(text, self._style("marked" if row == self._row else "label"))]
        levels = self._table.rows[row].levels
        for column in range(self._first_column, len(levels)):
            level = levels[column]
            here = row == self._row and column == self._column
            sign = "·" if level is None else str(level)
            role = "none" if level is None else f"level{level}"
            segments.append(Segment(f"[{sign}]" if here else f" {sign} ", self._style(role)))
            segments.append(Segment(" " * (CELL - 3), self._style("label")))
        return segments

    def _legend(self) -> list[Segment]:
        if not self.highlighted:
            return [Segment(_(" Noch keine Bestandsaufnahme."), self._style("legend"))]
        criterion, section = self._table.criteria[self._column], self._table.sections[self._column]
        level = self._table.rows[self._row].levels[self._column]
        said = _("offen") if level is None else _("nicht bewertet") if level == NOT_ASSESSED else str(level)
        text = f" {self._column + 1} {clean(criterion.title, lines=False)}: {said}"
        if section.title != criterion.title:
            text += f" · {clean(section.title, lines=False)}"
        return [Segment(cut(text, self._room.width), self._style("legend"))]

    def _style(self, role: str) -> Style:
        style = self._styles.get(role)
        if style is None:
            style = self._styles[role] = self.get_component_rich_style(f"heatmap--{role}")
        return style
