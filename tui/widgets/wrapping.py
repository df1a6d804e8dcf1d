"""Text in terminal cells for widgets that draw lines: filled up to a width, broken between words."""

from __future__ import annotations

from functools import lru_cache

from models.text import cells, cut


def fill(text: str, width: int) -> str:
    """Return the one-line clean `text` in exactly `width` cells, cut with `…` or filled with blanks."""
    text = cut(text, width)
    return text + " " * (width - cells(text))


@lru_cache(maxsize=1024)
def wrap(text: str, width: int) -> tuple[str, ...]:
    """Return the one-line clean `text` as lines of at most `width` cells, broken between words; longer words are split.

    Every sign of it but blanks at a break is kept.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        whole = f"{line} {word}" if line else word
        if cells(whole) <= width:
            line = whole
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, width)
        lines += full
    return (*lines, line) if line else tuple(lines)


def _pieces(word: str, width: int) -> list[str]:
    pieces = [""]
    for character in word:
        if pieces[-1] and cells(pieces[-1] + character) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces
