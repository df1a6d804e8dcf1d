"""Report: puts the figures into docs/benchmarks.md and, the most asked for, between the marks in README.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.figures import full, short

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.bench.figures import Table

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


class NoMarks(Exception):
    """The file has not exactly one pair of marks, so nothing was written."""


def between(text: str, lines: Sequence[str]) -> str:
    """Return `text` with `lines` in the place of what stands between the marks; raises `NoMarks`."""
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in after:
        raise NoMarks(BEGIN)
    return "\n".join([before + BEGIN, "", *lines, "", END + after])


def document(machine: Sequence[str], tables: Sequence[Table]) -> str:
    """Return the text of docs/benchmarks.md."""
    lines = ["# Messungen", "", "Gemessen mit `python -m tests.bench all --peers --write`.", "", *machine, ""]
    for table in tables:
        lines += full(table)
    return "\n".join(lines)


def write(root: Path, machine: Sequence[str], tables: Sequence[Table]) -> None:
    """Write both files below `root`; raises `NoMarks` before anything is written."""
    readme = root / "README.md"
    more = "Rechner, Versionen und alle Messreihen: [docs/benchmarks.md](docs/benchmarks.md)."
    text = between(readme.read_text(encoding="utf-8"), [*machine, "", *short(tables), "", more])
    (root / "docs" / "benchmarks.md").write_text(document(machine, tables), encoding="utf-8")
    readme.write_text(text, encoding="utf-8")
