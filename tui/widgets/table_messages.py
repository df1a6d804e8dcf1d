"""What a table tells its screen; the handlers are called `on_row_opened` and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from tui.widgets.table import VirtualTable


class RowHighlighted(Message):
    """The cursor stands on another row; both are None when the table has become empty."""

    def __init__(self, table: VirtualTable, key: str | None, index: int | None) -> None:
        """Name the row."""
        super().__init__()
        self.table, self.key, self.index = table, key, index

    @property
    def control(self) -> VirtualTable:
        """The table, for `@on` with a selector."""
        return self.table


class RowOpened(Message):
    """A row was opened: Enter, a double click, or a click on the row under the cursor."""

    def __init__(self, table: VirtualTable, key: str) -> None:
        """Name the row."""
        super().__init__()
        self.table, self.key = table, key

    @property
    def control(self) -> VirtualTable:
        """The table, for `@on` with a selector."""
        return self.table


class MarksChanged(Message):
    """A row was marked or its mark taken away."""

    def __init__(self, table: VirtualTable, keys: frozenset[str]) -> None:
        """Carry the keys of all marked rows."""
        super().__init__()
        self.table, self.keys = table, keys


class SortRequested(Message):
    """The heading of a column was clicked."""

    def __init__(self, table: VirtualTable, column: str) -> None:
        """Name the column by its key."""
        super().__init__()
        self.table, self.column = table, column
