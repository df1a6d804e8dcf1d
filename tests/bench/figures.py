"""Figures: what was measured, as rows with median, least and greatest value, and as a table that reads as text and Markdown."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADINGS = ("Gemessen", "Läufe", "Median", "min.", "max.", "Prozessorzeit", "Ziel")


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


@dataclass(frozen=True, slots=True)
class Table:
    """A heading, a sentence on how it was measured, and the rows."""

    heading: str
    how: str
    rows: list[Figure] = field(default_factory=list)


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Return median, least and greatest value."""
    return median(values), min(values), max(values)


def said(value: float, unit: str) -> str:
    """Return a figure as German readers write it: "6,4 ms", "312 ms"."""
    digits = 0 if value >= 100 else 1 if value >= 10 or unit != "ms" else 2
    return f"{value:.{digits}f} {unit}".replace(".", ",")


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
    return [f"## {table.heading}", "", table.how, "", *grid(HEADINGS, [row.cells() for row in table.rows]), ""]


def short(tables: Sequence[Table]) -> list[str]:
    """Return the rows that stand in the README, without processor time."""
    kept = (0, 2, 3, 4, 6)
    rows = [row.cells() for table in tables for row in table.rows if row.short]
    return grid([HEADINGS[n] for n in kept], [[cells[n] for n in kept] for cells in rows])
