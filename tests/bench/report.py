"""Report: puts the figures into a document and, the most asked for, between its marks in README.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.figures import full, short

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.bench.figures import Table

DOCUMENTS = {"all": "benchmarks.md", "server": "benchmarks-server.md"}
"""Group of series → the document that its figures stand in."""


def marks(group: str) -> tuple[str, str]:
    """Return between what the figures of a group stand in the README."""
    name = "bench" if group == "all" else f"bench-{group}"
    return f"<!-- {name}:begin -->", f"<!-- {name}:end -->"


class NoMarks(Exception):
    """The file has not exactly one pair of marks, so nothing was written."""


def between(text: str, lines: Sequence[str], group: str = "all") -> str:
    """Return `text` with `lines` in the place of what stands between the marks; raises `NoMarks`."""
    first, last = marks(group)
    before, begin, rest = text.partition(first)
    _old, end, after = rest.partition(last)
    if not begin or not end or first in rest or last in after:
        raise NoMarks(first)
    return "\n".join([before + first, "", *lines, "", last + after])


def document(group: str, machine: Sequence[str], tables: Sequence[Table]) -> str:
    """Return the text of a group's document."""
    peers = " --peers" if group == "all" else ""
    title = "# Messungen" if group == "all" else "# Messungen: der Server des Teams"
    lines = [title, "", f"Gemessen mit `python -m tests.bench {group}{peers} --write`.", "", *machine, ""]
    for table in tables:
        lines += full(table)
    return "\n".join(lines)


def write(root: Path, group: str, machine: Sequence[str], tables: Sequence[Table]) -> None:
    """Write both files below `root`; raises `NoMarks` before anything is written."""
    readme = root / "README.md"
    name = DOCUMENTS[group]
    more = f"Rechner, Versionen und alle Messreihen: [docs/{name}](docs/{name})."
    text = between(readme.read_text(encoding="utf-8"), [*machine, "", *short(tables), "", more], group)
    (root / "docs" / name).write_text(document(group, machine, tables), encoding="utf-8")
    readme.write_text(text, encoding="utf-8")
