"""Rows: what a table shows, asked for line by line, so that only the rows in sight are ever made into text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Literal, NamedTuple, Protocol, TypeAlias, TypeVar, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

StyleName: TypeAlias = Literal["muted", "warning", "error", "success", "accent", "bold"]


class Marked(NamedTuple):
    """A cell's text with what it means; the theme decides how that looks. A sign in the text has to say it as well."""

    text: str
    style_name: StyleName


Cell: TypeAlias = str | Marked


class RowSource(Protocol):
    """The rows of a table in their order; `cells` is called for rows in sight only and should take microseconds."""

    def __len__(self) -> int:
        """Return the number of rows, headings included."""
        ...

    def cells(self, index: int, /) -> Sequence[Cell]:
        """Return one cell for each column of the table, hidden columns too."""
        ...

    def key(self, index: int, /) -> str:
        """Return what the row is known by, whatever the order."""
        ...

    def index_of(self, key: str, /) -> int | None:
        """Return where the row with this key stands; None where there is none."""
        ...


@runtime_checkable
class GroupedSource(RowSource, Protocol):
    """Rows among which some are headings; these have no cells, and the cursor jumps over them."""

    def heading(self, index: int, /) -> str | None:
        """Return the heading that this row is; None for an ordinary row."""
        ...


T = TypeVar("T")


class Rows(Generic[T]):
    """A source over a sequence of things that is not changed while it is shown; texts among them are headings."""

    def __init__(
        self, things: Sequence[T | str], *, key: Callable[[T], str], cells: Callable[[T], Sequence[Cell]]
    ) -> None:
        """Show `things`; `cells` makes a thing's cells, `key` says what it is known by."""
        self._things = things
        self._key_of = key
        self._cells_of = cells
        self._index: dict[str, int] | None = None

    def __len__(self) -> int:
        """Return the number of rows, headings included."""
        return len(self._things)

    def cells(self, index: int, /) -> Sequence[Cell]:
        """Return the cells of a thing; none of a heading."""
        thing = self._things[index]
        return () if isinstance(thing, str) else self._cells_of(thing)

    def key(self, index: int, /) -> str:
        """Return the key of a thing; an empty one of a heading."""
        thing = self._things[index]
        return "" if isinstance(thing, str) else self._key_of(thing)

    def index_of(self, key: str, /) -> int | None:
        """Return where the thing with this key stands; the first such question looks at all things once."""
        if self._index is None:
            self._index = {self.key(index): index for index in range(len(self))}
            self._index.pop("", None)
        return self._index.get(key)

    def heading(self, index: int, /) -> str | None:
        """Return the heading at `index`; None where a thing stands."""
        thing = self._things[index]
        return thing if isinstance(thing, str) else None


class NoRows:
    """The source of a table before it is given one."""

    def __len__(self) -> int:
        """Return that there are none."""
        return 0

    def cells(self, index: int, /) -> Sequence[Cell]:
        """Refuse: there is no row."""
        raise IndexError(index)

    def key(self, index: int, /) -> str:
        """Refuse: there is no row."""
        raise IndexError(index)

    def index_of(self, key: str, /) -> int | None:
        """Return that no row has this key."""
        del key
        return None
