"""Output: plain text on a terminal or into a pipe, made harmless, without colours."""

from __future__ import annotations

import io
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

import orjson

from models.text import cells, clean, clean_tree, cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GAP = 2


def out(text: str = "") -> None:
    """Print `text` on standard output."""
    print(clean(text))


def complain(text: str) -> None:
    """Print one sentence on standard error."""
    print(clean(text, lines=False), file=sys.stderr)


def out_bytes(content: bytes) -> None:
    """Write bytes on standard output as they are: UTF-8 whatever the terminal speaks."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)


def out_json(value: Any) -> None:
    """Print a value as JSON, its texts made harmless."""
    out_bytes(orjson.dumps(clean_tree(value), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def tolerant_streams() -> None:
    """Let a character that a stream cannot say or read become a question mark rather than an error."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def is_terminal() -> bool:
    """Tell whether someone can be asked: both input and output are a terminal."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def width() -> int | None:
    """Return the terminal's width in cells, `None` where the output goes elsewhere and need not be cut."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size().columns
    return None


def table(
    heads: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[str]],
    total: int | None,
) -> Iterable[str]:
    """Yield the lines of a table with columns (heading, cells); columns beyond `total` cells are cut or left out."""
    widths: list[int] = []
    left = total
    for heading, wanted in heads:
        wide = max(wanted, cells(heading))
        if left is not None:
            if left <= 0:
                break
            wide = min(wide, left)
            left -= wide + GAP
        widths.append(wide)
    for row in ([heading for heading, _wide in heads], *rows):
        parts = [_padded(text, wide) for text, wide in zip(row, widths, strict=False)]
        yield (" " * GAP).join(parts).rstrip()


def _padded(text: str, wide: int) -> str:
    shown = cut(clean(text, lines=False), wide)
    return shown + " " * (wide - cells(shown))
