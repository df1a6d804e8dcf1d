"""Columns of lists: derived from a record's declaration; a screen adds the ones that only it can compute."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from models.fields import Choice, Kind, Value, is_empty
from models.forms import value_type
from models.i18n import _
from models.present import present
from models.text import cells, fold
from models.vocabulary import vocabulary
from tui.widgets.columns import Column
from tui.widgets.rows import Marked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.present import Lookup
    from models.records import Document, Record
    from tui.widgets.rows import Cell, StyleName

    Text = Callable[[Document, Lookup], str]
    Order = Callable[[Document, Lookup], Any]


@dataclass(frozen=True, slots=True)
class ListColumn:
    """One column: its heading, its width in cells, what it says of a document, and how it sorts.

    `order` returns what documents are compared by, `None` for nothing (which always comes last); without it the folded
    text counts. `descending` columns begin with the greatest value, as dates do. `right` puts numbers below each other.
    `flex` is the column's part of the cells that are left over, `mark` the colour of its texts, which are signs then.
    """

    name: str
    label: str
    width: int
    text: Text
    order: Order | None = None
    descending: bool = False
    right: bool = False
    flex: int = 0
    mark: StyleName | None = None

    def cell(self, document: Document, lookup: Lookup) -> Cell:
        """Return what the table shows of `document`."""
        text = self.text(document, lookup)
        return Marked(text, self.mark) if self.mark and text else text

    def placed(self) -> Column:
        """Return the column as the table knows it."""
        return Column(self.name, _(self.label), self.width, self.flex, "right" if self.right else "left")

    def key(self, document: Document, lookup: Lookup) -> Any:
        """Return what `document` is sorted by in this column; `None` where it has nothing to say."""
        if self.order is not None:
            return self.order(document, lookup)
        return fold(self.text(document, lookup)) or None


@cache
def columns_for(model: type[Record]) -> tuple[ListColumn, ...]:
    """Return the columns of a family: its fields with a width, in their order; the title takes what is left."""
    columns = [_column(model, name, kind) for name, kind in model.kinds().items() if kind.width > 0]
    title = next((column.name for column in columns if column.name in model.about.title), "")
    return tuple(replace(column, flex=1) if column.name == title else column for column in columns)


def _column(model: type[Record], name: str, kind: Kind) -> ListColumn:
    plain = value_type(model.model_fields[name]) if isinstance(kind, Value) else str
    sign = isinstance(kind, Choice) and name == model.about.status

    def text(document: Document, lookup: Lookup) -> str:
        value = document.get(name)
        shown = present(kind, value, lookup).replace("\n", " ")
        return f"{_sign(kind, value)}{shown}" if sign and shown else shown

    def raw(document: Document, _lookup: Lookup) -> Any:
        value = document.get(name)
        return None if is_empty(value) else value

    def place(document: Document, _lookup: Lookup) -> int | None:
        value = document.get(name)
        return None if is_empty(value) else _places(kind).get(str(value), len(_places(kind)))

    order: Order | None = None
    if isinstance(kind, Choice):
        order = place
    elif plain is not str:
        order = raw
    number = plain in (int, float)
    label = _(kind.short or kind.label)
    # One cell more than the heading: the column that the list is sorted by carries a sign.
    return ListColumn(
        name, label, max(kind.width, cells(label) + 1), text, order, descending=plain is dt.date, right=number
    )


def _sign(kind: Kind, value: Any) -> str:
    found = vocabulary(kind.vocabulary).sign(str(value)) if isinstance(kind, Choice) else ""
    return f"{found} " if found else ""


@cache
def _places(kind: Kind) -> dict[str, int]:
    codes = vocabulary(kind.vocabulary) if isinstance(kind, Choice) else ()
    return {code: number for number, code in enumerate(codes)}


def sorted_by(column: ListColumn, documents: Sequence[Document], lookup: Lookup, *, descending: bool) -> list[Document]:
    """Return `documents` in the order of one column; those with nothing in it come last, whichever the direction.

    Values that cannot be compared (a text where another device wrote a number) are compared as text.
    """
    keyed = [(column.key(document, lookup), document) for document in documents]
    filled = [pair for pair in keyed if pair[0] is not None]
    try:
        filled.sort(key=lambda pair: pair[0], reverse=descending)
    except TypeError:
        filled.sort(key=lambda pair: str(pair[0]), reverse=descending)
    return [document for _key, document in filled] + [document for key, document in keyed if key is None]
