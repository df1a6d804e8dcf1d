"""Columns of a table: how wide each is on a screen, and how a text is fitted into one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from models.text import cells, clean, cut

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDE = 110
"""From this width on there are two blanks between columns instead of one."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `width` cells, and with `flex` its share of what is left over.

    It shrinks to `minimum` (half its width, where nothing is said) before the last columns are left out, and it is
    not shown at all where the table is narrower than `hide_below` cells.
    """

    key: str
    label: str
    width: int
    flex: int = 0
    align: Literal["left", "right"] = "left"
    minimum: int | None = None
    hide_below: int = 0

    @property
    def least(self) -> int:
        """The smallest width this column may have; only flexible columns and those with a minimum shrink."""
        if self.minimum is not None:
            return min(self.minimum, self.width)
        return (self.width + 1) // 2 if self.flex else self.width


class Placed(NamedTuple):
    """A column on the screen: its place among all columns, where it begins, and its width in cells."""

    number: int
    column: Column
    start: int
    width: int


def lay_out(columns: Sequence[Column], room: int, table_width: int) -> list[Placed]:
    """Return the columns that are shown in `room` cells of a table that is `table_width` cells wide, in order."""
    gap = 2 if table_width >= WIDE else 1
    kept = [(number, column) for number, column in enumerate(columns) if table_width >= column.hide_below]
    while len(kept) > 1 and sum(column.least for _number, column in kept) + gap * (len(kept) - 1) > room:
        kept.pop()
    if not kept or room <= 0:
        return []
    widths = _widths([column for _number, column in kept], room - gap * (len(kept) - 1))
    placed: list[Placed] = []
    start = 0
    for (number, column), width in zip(kept, widths, strict=True):
        placed.append(Placed(number, column, start, width))
        start += width + gap
    return placed


def _widths(columns: list[Column], room: int) -> list[int]:
    widths = [column.width for column in columns]
    spare = room - sum(widths)
    if spare >= 0:
        return _shared(widths, [column.flex for column in columns], spare)
    give = [column.width - column.least for column in columns]
    if sum(give) <= -spare:
        # Nothing is left to give: one last column that is wider than the table.
        return [min(column.least, room) for column in columns]
    taken = _shared([0] * len(columns), give, -spare)
    return [width - part for width, part in zip(widths, taken, strict=True)]


def _shared(base: list[int], weights: list[int], amount: int) -> list[int]:
    """Add `amount` to the numbers of `base` by weight, so that the sum is exact."""
    total = sum(weights)
    if total == 0:
        return base
    shared: list[int] = []
    done = passed = 0
    for number, weight in zip(base, weights, strict=True):
        passed += weight
        upto = amount * passed // total
        shared.append(number + upto - done)
        done = upto
    return shared


def fitted(text: str, width: int, align: str = "left") -> str:
    """Return `text` as one clean line of exactly `width` cells, cut with `…` where it is longer."""
    text = cut(clean(text, lines=False), width)
    blanks = " " * (width - cells(text))
    return blanks + text if align == "right" else text + blanks


def header(placed: Sequence[Placed], sort: tuple[str, bool] | None) -> str:
    """Return the header line; the column of `sort` (its key, and whether descending) carries ▲ or ▼."""
    text = ""
    for _number, column, start, width in placed:
        label = column.label
        if sort is not None and sort[0] == column.key:
            label = fitted(label, width - 1).rstrip() + ("▼" if sort[1] else "▲")
        text += " " * (start - cells(text)) + fitted(label, width, column.align)
    return text
