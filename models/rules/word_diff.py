"""Words that differ between two versions of a text, for showing them side by side and for keeping both."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WORD = re.compile(r"\S+\s*|\s+")

MOST_WORDS = 1_500
"""Words that are compared one with another; of longer texts what lies between their common ends counts as different."""

BESIDE = " / "
"""Stands between two versions of some words where both are kept."""


class Part(NamedTuple):
    """A piece of a text, and whether the other version lacks it."""

    text: str
    differs: bool


class _Stretch(NamedTuple):
    one: Sequence[str]
    other: Sequence[str]
    differs: bool


def differing(one: str, other: str) -> tuple[list[Part], list[Part]]:
    """Return both versions in pieces that stand in both, or in one alone; put together they are the versions again."""
    stretches = list(_stretches(one, other))
    return _parts((s.one, s.differs) for s in stretches), _parts((s.other, s.differs) for s in stretches)


def both_texts(one: str, other: str) -> str:
    """Return a text in which every word of both versions stands: what they share once, where they differ one after the other."""
    found: list[str] = []
    for stretch in _stretches(one, other):
        first, second = "".join(stretch.one), "".join(stretch.other)
        if not stretch.differs:
            # Blanks may differ; the longer ones part paragraphs.
            found.append(max(first, second, key=len))
        elif first.strip() and second.strip():
            between = "\n" if "\n" in (first + second).strip() else BESIDE
            found.append(first.rstrip() + between + second.lstrip())
        else:
            found.append(first if first.strip() else second)
        if found[-1] and not found[-1][-1].isspace():
            found[-1] += " "
    return "".join(found).rstrip()


def _stretches(one: str, other: str) -> Iterator[_Stretch]:
    """Yield runs of words that both versions have and runs that differ, in their order."""
    mine, theirs = _WORD.findall(one), _WORD.findall(other)
    left, right = [word.strip() for word in mine], [word.strip() for word in theirs]
    start = _common(left, right)
    end = _common(left[start:][::-1], right[start:][::-1])
    last_left, last_right = len(left) - end, len(right) - end
    yield from _stretch(mine[:start], theirs[:start], differs=False)
    if max(last_left, last_right) - start > MOST_WORDS:
        yield from _stretch(mine[start:last_left], theirs[start:last_right], differs=True)
    else:
        matcher = SequenceMatcher(None, left[start:last_left], right[start:last_right], autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            yield from _stretch(mine[start + i1 : start + i2], theirs[start + j1 : start + j2], differs=tag != "equal")
    yield from _stretch(mine[last_left:], theirs[last_right:], differs=False)


def _stretch(one: Sequence[str], other: Sequence[str], *, differs: bool) -> Iterator[_Stretch]:
    if one or other:
        yield _Stretch(one, other, differs)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return with how many equal words both begin."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _parts(pieces: Iterator[tuple[Sequence[str], bool]]) -> list[Part]:
    return [Part("".join(words), differs) for words, differs in pieces if words]
