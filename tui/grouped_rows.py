"""GroupedRows: any sequence of things as the rows of a table, with texts between them as headings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui.widgets.rows import Cell

T = TypeVar("T")


class GroupedRows(Generic[T]):
    """A source over things that do not change while they are shown; their cells are made when they come into sight."""

    def __init__(
        self, things: Sequence[T | str], *, key: Callable[[T], str], cells: Callable[[T], Sequence[Cell]]
    ) -> None:
        """Show `things`; `cells` makes a thing's cells, `key` says what it is known by."""
        self._things = things
        self._key = key
        self._cells = cells
        self._places: dict[str, int] | None = None

    def __len__(self) -> int:
        """Return the number of rows, headings included."""
        return len(self._things)

    def cells(self, index: int) -> Sequence[Cell]:
        """Return the cells of a thing; none of a heading."""
        thing = self._things[index]
        return () if isinstance(thing, str) else self._cells(thing)

    def key(self, index: int) -> str:
        """Return the key of a thing; an empty one of a heading."""
        thing = self._things[index]
        return "" if isinstance(thing, str) else self._key(thing)

    def index_of(self, key: str) -> int | None:
        """Return where the thing with this key stands; the first such question looks at all things once."""
        if self._places is None:
            self._places = {self.key(index): index for index in range(len(self._things))}
        return self._places.get(key) if key else None

    def heading(self, index: int) -> str | None:
        """Return the heading at `index`; `None` where a thing stands."""
        thing = self._things[index]
        return thing if isinstance(thing, str) else None
