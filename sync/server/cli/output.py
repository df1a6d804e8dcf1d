"""Output of `feldbuch-server`: German sentences for people, or one JSON document a command for programs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import orjson

from models.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def tell(said: Mapping[str, Any], lines: Iterable[str], *, json: bool) -> None:
    """Print `said` as a line of JSON, or `lines` for people; whoever reads a pipe has it at once."""
    if json:
        print(clean(orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()))
    else:
        for line in lines:
            print(clean(line).replace("\n", " "))
    sys.stdout.flush()


def complain(text: str) -> None:
    """Print one sentence on standard error."""
    print(clean(text, lines=False), file=sys.stderr)


def columns(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return the lines of a table, each column as wide as it needs."""
    shown = [tuple(clean(value, lines=False) for value in row) for row in (heads, *rows)]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return ["  ".join(f"{value:<{wide}}" for value, wide in zip(row, widths, strict=True)).rstrip() for row in shown]
