"""Postings: which of many rows hold which words, and which hold a word that begins with a part or contains it."""

from __future__ import annotations

from array import array
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

INSIDE = 3
"""Letters from which on a part is looked for inside words too: one or two stand inside nearly all of them."""

FEW = 512
"""So many rows are listed one by one; more of them become the bits of one number, of which and and or take a microsecond."""

MANY = 2048
"""So many words with the same part are joined row by row when it is asked for; with more, its rows are kept up."""

_ONE = ord("1")


class Hits(NamedTuple):
    """Rows as the bits of a number: those with a word that begins with a part, and those with one that contains it."""

    beginning: int
    anywhere: int


class _Rows:
    """A set of rows that takes new ones cheaply: the latest are listed, all others are bits."""

    __slots__ = ("bits", "late")

    def __init__(self, bits: int = 0) -> None:
        self.bits = bits
        self.late = array("I")

    def add(self, rows: Iterable[int]) -> None:
        self.late.extend(rows)
        if len(self.late) >= FEW:
            self.bits |= _bits(self.late)
            self.late = array("I")

    def remove(self, row: int) -> None:
        if row in self.late:
            self.late.remove(row)
        else:
            self.bits &= ~(1 << row)


class Postings:
    """Rows, known by small numbers, and the words that they hold. Words are never forgotten, their rows are."""

    def __init__(self) -> None:
        """Begin without rows."""
        self._end = 0
        self._held: dict[int, array[int]] = {}
        self._numbers: dict[str, int] = {}
        self._words: list[str] = []
        self._rows: list[_Rows] = []
        self._parts: dict[str, array[int]] = {}
        self._common: dict[str, _Rows] = {}
        self._common_in: list[tuple[_Rows, ...]] = []

    def set(self, rows: Sequence[tuple[int, Collection[str]]]) -> None:
        """Let each of these rows, named once, hold its words and no others; words without repetition."""
        numbers, added = self._numbers, defaultdict[int, list[int]](list)
        for row, words in rows:
            self._end = max(self._end, row + 1)
            self._take_out(row)
            held = [numbers[word] if word in numbers else self._new(word) for word in words]
            if held:
                self._held[row] = array("I", held)
            for number in held:
                added[number].append(row)
        common = defaultdict[_Rows, set[int]](set)
        for number, more in added.items():
            self._rows[number].add(more)
            for part in self._common_in[number]:
                common[part].update(more)
        for part, more_of_part in common.items():
            part.add(more_of_part)

    def _take_out(self, row: int) -> None:
        held = self._held.pop(row, ())
        for number in held:
            self._rows[number].remove(row)
        for part in {part for number in held for part in self._common_in[number]}:
            part.remove(row)

    def _new(self, word: str) -> int:
        number = self._numbers[word] = len(self._words)
        self._words.append(word)
        self._rows.append(_Rows())
        self._common_in.append(())
        for part in {word[:1], word[:2], *(word[at : at + INSIDE] for at in range(len(word) - INSIDE + 1))}:
            words = self._parts.get(part)
            if words is None:
                words = self._parts[part] = array("I")
            words.append(number)
            if len(words) == MANY:
                self._common[part] = _Rows(self._joined(words))
                for one in words:
                    self._common_in[one] += (self._common[part],)
            elif len(words) > MANY:
                self._common_in[number] += (self._common[part],)
        return number

    def find(self, part: str) -> Hits:
        """Return the rows with a word that begins with `part`, or contains it; one or two letters only begin a word."""
        common = self._common.get(part)
        if len(part) < INSIDE:
            rows = self._all_of(common) if common is not None else self._joined(self._parts.get(part, ()))
            return Hits(rows, rows)
        words = self._words
        found = [number for number in self._candidates(part) if part in words[number]]
        first = self._joined([number for number in found if words[number].startswith(part)])
        if common is not None:
            return Hits(first, self._all_of(common))
        return Hits(first, first | self._joined([number for number in found if not words[number].startswith(part)]))

    def _candidates(self, part: str) -> Sequence[int]:
        """Return the words that share the rarest three letters of `part`."""
        found = (self._parts.get(part[at : at + INSIDE], ()) for at in range(len(part) - INSIDE + 1))
        return min(found, key=len)

    def _joined(self, words: Iterable[int]) -> int:
        joined = 0
        late: list[array[int]] = []
        for number in words:
            rows = self._rows[number]
            # Most words are rare, and joining with nothing copies a long number too.
            if rows.bits:
                joined |= rows.bits
            late.append(rows.late)
        more = array("I", b"".join(late))
        return joined | (_bits(more) if len(more) < FEW else _bits_of_many(more, self._end))

    @staticmethod
    def _all_of(rows: _Rows) -> int:
        return rows.bits | _bits(rows.late)


def _bits(rows: Sequence[int]) -> int:
    if not rows:
        return 0
    first = min(rows)
    # Digits of a binary number are set in a fraction of the time that shifting and joining long numbers takes.
    digits = bytearray(b"0") * (max(rows) - first + 1)
    for row in rows:
        digits[first - row - 1] = _ONE
    return int(digits, 2) << first


def _bits_of_many(rows: Sequence[int], end: int) -> int:
    """Do the same a few times as fast for many rows below `end`, which need not lie close to each other."""
    digits = bytearray(b"0") * end
    for row in rows:
        digits[row] = _ONE
    digits.reverse()
    return int(digits, 2)
