"""Figures: what was measured, as rows with median, least and greatest value, and as a table that reads as text and Markdown."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HEADINGS = ("Gemessen", "Läufe", "Median", "min.", "max.", "Prozessorzeit", "Ziel")
_SHORT = (0, 2, 3, 4, 6)
"""The columns of these that stand in the README."""


class Row(Protocol):
    """A row of a table; `short` ones stand in the README as well."""

    @property
    def short(self) -> bool:
        """Tell whether the row stands in the README."""
        ...

    def cells(self) -> tuple[str, ...]:
        """Return the texts, as many as the table's headings."""
        ...

    def brief(self) -> tuple[str, ...]:
        """Return the texts for the README, as many as the table's brief headings."""
        ...


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: values of one unit. `short` rows stand in the README as well; `note` says why there are no values."""

    what: str
    values: Sequence[float]
    unit: str = "ms"
    target: str = ""
    cpu: Sequence[float] = ()
    note: str = ""
    short: bool = False

    def cells(self) -> tuple[str, ...]:
        """Return the row's texts, as many as `HEADINGS`."""
        if not self.values:
            return self.what, "0", self.note or "nicht gemessen", "", "", "", self.target
        cpu = said(median(self.cpu), self.unit) if self.cpu else ""
        middle, least, most = (said(value, self.unit) for value in spread(self.values))
        return self.what, str(len(self.values)), middle, least, most, cpu, self.target

    def brief(self) -> tuple[str, ...]:
        """Return the texts without number of runs and processor time."""
        cells = self.cells()
        return tuple(cells[n] for n in _SHORT)


@dataclass(frozen=True, slots=True)
class Beside:
    """One row that sets contenders side by side: the values of each by its name, and how ours relates to the others.

    `ratios` are pairs of names: the median of the first in terms of the second's.
    """

    what: str
    values: Mapping[str, Sequence[float]]
    names: Sequence[str]
    ratios: Sequence[tuple[str, str]]
    unit: str = "ms"
    target: str = ""
    label: str = ""
    """How the README calls the row; without it the row does not stand there."""

    @property
    def short(self) -> bool:
        """Tell whether the row stands in the README."""
        return bool(self.label)

    def cells(self) -> tuple[str, ...]:
        """Return the texts; each contender's is its median with the least and the greatest value."""
        return self._cells(self.what, with_spread=True)

    def brief(self) -> tuple[str, ...]:
        """Return the texts with medians alone."""
        return self._cells(self.label, with_spread=False)

    def _cells(self, what: str, *, with_spread: bool) -> tuple[str, ...]:
        measured = [self.values.get(name, ()) for name in self.names]
        said_values = (ranged(values, self.unit, with_spread=with_spread) if values else "–" for values in measured)
        return what, *said_values, *(self._ratio(*names) for names in self.ratios), self.target

    def _ratio(self, ours: str, theirs: str) -> str:
        top, bottom = self.values.get(ours), self.values.get(theirs)
        if not top or not bottom or said(median(bottom), self.unit) == said(0, self.unit):
            return "–"  # what is told as nothing is no measure for anything
        return times(median(top) / median(bottom))


def beside_headings(names: Sequence[str], ratios: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return the headings of a table of `Beside` rows."""
    return "Gemessen", *names, *(f"{ours} ÷ {theirs}" for ours, theirs in ratios), "Ziel"


@dataclass(frozen=True, slots=True)
class Table:
    """A heading, a sentence on how it was measured, and the rows."""

    heading: str
    how: str
    rows: list[Row] = field(default_factory=list["Row"])
    headings: Sequence[str] = HEADINGS
    brief_headings: Sequence[str] = tuple(HEADINGS[n] for n in _SHORT)


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Return median, least and greatest value."""
    return median(values), min(values), max(values)


def said(value: float, unit: str) -> str:
    """Return a figure as German readers write it: "312 ms", "6,41 ms", "0,0041 ms"."""
    digits = 0 if value >= 100 else 1 if value >= 10 or unit != "ms" else 2 if value >= 0.1 else 4
    return f"{value:.{digits}f} {unit}".strip().replace(".", ",")


def ranged(values: Sequence[float], unit: str, *, with_spread: bool = True) -> str:
    """Return the median, and the least and greatest value behind it: "6,41 ms (6,20–7,00)"."""
    middle, least, most = spread(values)
    if not with_spread or len(values) == 1:
        return said(middle, unit)
    low, high = (said(value, unit).removesuffix(unit).strip() for value in (least, most))
    return f"{said(middle, unit)} ({low}–{high})"


def times(ratio: float) -> str:
    """Return a relation as it reads best: "1,4", "0,35", and far below that "1 : 3500"."""
    if ratio < 0.1:
        return f"1 : {1 / ratio:.0f}" if ratio > 0 else "0"
    return f"{ratio:.{0 if ratio >= 100 else 1 if ratio >= 10 else 2}f}".replace(".", ",")


def grid(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table whose columns are aligned, so that it reads as plain text too."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    numbers = range(1, len(headings))

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if number in numbers else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "| " + " | ".join(padded) + " |"

    rule = "|" + "|".join("-" * (width + 1) + (":" if n in numbers else "-") for n, width in enumerate(widths)) + "|"
    return [line(headings), rule, *(line(row) for row in rows)]


def full(table: Table) -> list[str]:
    """Return a table with its heading and how it was measured."""
    return [f"## {table.heading}", "", table.how, "", *grid(table.headings, [row.cells() for row in table.rows]), ""]


def short(tables: Sequence[Table]) -> list[str]:
    """Return the rows that stand in the README: one grid for each kind of headings."""
    grids: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for table in tables:
        for row in table.rows:
            if row.short:
                grids.setdefault(tuple(table.brief_headings), []).append(row.brief())
    lines: list[str] = []
    for headings, rows in grids.items():
        lines += [*([""] if lines else []), *grid(headings, rows)]
    return lines
