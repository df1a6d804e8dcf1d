"""Three-way merge of long text on words: edits at different places of a note meet without a question."""

from __future__ import annotations

import re
from typing import NamedTuple

from merge3 import Merge3

_WORD = re.compile(r"\S+\s*|\s+")


class MergedText(NamedTuple):
    """A text in which both sides' edits stand. Where they overlap, `text` has theirs and `other` has mine."""

    text: str
    other: str

    @property
    def overlaps(self) -> bool:
        """Whether the two sides changed the same words in different ways."""
        return self.text != self.other


def merge_text(base: str, mine: str, theirs: str) -> MergedText:
    """Return both edits of a text merged on words; deterministic, and symmetric but for which version is which."""
    if theirs in (mine, base):
        return MergedText(mine, mine)
    if mine == base:
        return MergedText(theirs, theirs)
    text: list[str] = []
    other: list[str] = []
    for group in Merge3(_WORD.findall(base), _WORD.findall(mine), _WORD.findall(theirs)).merge_groups():
        if group[0] == "conflict":
            other += group[2]
            text += group[3]
        else:
            text += group[1]
            other += group[1]
    return MergedText("".join(text), "".join(other))
