"""Search as you type: which of many short texts contain all the words of a query, in memory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from models.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMIT = 2000
BLOCK = 32
"""So many rows are looked through at once before any single one is: each word of a block is kept once, and most blocks
lack a rare word."""

_SEPARATORS = re.compile(r"[\W_]+")
_ASCII_SEPARATORS = {code: " " for code in range(128) if not chr(code).isalnum()}


def words_of(text: str) -> list[str]:
    """Return the words of `text` in search form: folded, split at everything that is no letter or digit."""
    return _split(fold(text))


def _split(folded: str) -> list[str]:
    return (folded.translate(_ASCII_SEPARATORS) if folded.isascii() else _SEPARATORS.sub(" ", folded)).split()


def _row(words: list[str]) -> str:
    """Return the text that is looked through: a blank before each word, so " gs" means a word beginning with gs."""
    return " " + " ".join(words) if words else ""


def _block(rows: list[str]) -> str:
    return _row(list(dict.fromkeys("".join(rows).split())))


class Found(NamedTuple):
    """What a query found: positions of rows, best first, and the number in all.

    Where `complete` is false there are more rows than were asked for, and `total` is an estimate.
    """

    positions: list[int]
    total: int
    complete: bool


class TextIndex:
    """Rows of text, each known by a key; a row's position is its place in the order in which rows came.

    A row is found when every word of the query occurs in one of the row's words. Rows that have, for every word of
    the query, a word beginning with it come first; otherwise the order of rows holds. A query without letters and
    digits finds every row. A search stops at the first 2,000 rows (another number can be asked for, or all); how
    many there are in all is then estimated from the part that was looked through.
    """

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        """Index pairs of key and text; of two rows with one key the later one counts."""
        pairs = list(rows)
        self.keys: list[str] = [key for key, _text in pairs]
        self._position = {key: position for position, key in enumerate(self.keys)}
        # Folding everything in one go is several times as fast as row by row; no text can hold the separator.
        folded = fold("\n".join([text.replace("\n", " ") for _key, text in pairs])).split("\n") if pairs else []
        self._rows = [_row(_split(text)) for text in folded]
        if len(self._position) != len(self.keys):
            self._rows = [
                row if self._position[key] == position else ""
                for position, (key, row) in enumerate(zip(self.keys, self._rows, strict=True))
            ]
        self._blocks = [_block(self._rows[start : start + BLOCK]) for start in range(0, len(self._rows), BLOCK)]

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._position)

    def __contains__(self, key: object) -> bool:
        """Return whether there is a row with this key."""
        return key in self._position

    def update(self, key: str, text: str) -> None:
        """Set the text of a row where it stands; a new key becomes the last row."""
        position = self._position.get(key)
        if position is None:
            position = self._position[key] = len(self.keys)
            self.keys.append(key)
            self._rows.append("")
        self._set(position, _row(words_of(text)))

    def remove(self, key: str) -> None:
        """Take a row out; the positions of the others stay. An unknown key is no error."""
        position = self._position.pop(key, None)
        if position is not None:
            self._set(position, "")

    def _set(self, position: int, row: str) -> None:
        self._rows[position] = row
        number = position // BLOCK
        self._blocks[number : number + 1] = [_block(self._rows[number * BLOCK : (number + 1) * BLOCK])]

    def search(self, query: str, limit: int | None = LIMIT) -> list[int]:
        """Return the positions of the rows that a query finds, best first, at most `limit` (None: all)."""
        return self.find(query, limit).positions

    def find_keys(self, query: str, limit: int | None = LIMIT) -> list[str]:
        """Return the keys of the rows that a query finds, best first, at most `limit` (None: all)."""
        return [self.keys[position] for position in self.search(query, limit)]

    def find(self, query: str, limit: int | None = LIMIT) -> Found:
        """Return the rows that a query finds, at most `limit` (None: all), and how many there are in all."""
        most = len(self.keys) if limit is None else limit
        # The longest word is the rarest as a rule: looked for first, it spares looking for the others.
        words = sorted(set(words_of(query)), key=lambda word: (-len(word), word))
        if not words:
            positions = sorted(self._position.values())
            return Found(positions[:most], len(positions), complete=len(positions) <= most)
        begins = [" " + word for word in words]
        starting: list[int] = []
        others: list[int] = []
        rows, parts, seen_of_others = self._rows, words, 0
        longest = words[0]
        for number, block in enumerate(self._blocks):
            if longest not in block or not _has_all(block, parts):
                continue
            first = number * BLOCK
            # Written out, because this runs for every row of a query with common words.
            hits = [p for p, row in enumerate(rows[first : first + BLOCK], first) if longest in row]
            if len(parts) > 1:
                hits = [p for p in hits if _has_all(rows[p], parts)]
            for position in hits:
                (starting if parts is begins or _has_all(rows[position], begins) else others).append(position)
            if parts is words and len(others) > most:
                # Of the rows that only contain the words there are enough: from here on they need not be looked for.
                parts, longest, seen_of_others = begins, begins[0], first + BLOCK
            if len(starting) > most:
                return _cut_short(starting, len(others), most, len(self) / (first + BLOCK))
        found = (starting + others)[:most]
        if seen_of_others:
            return Found(found, len(starting) + round(len(others) * len(rows) / seen_of_others), complete=False)
        return Found(found, len(starting) + len(others), complete=len(starting) + len(others) <= most)


def _cut_short(starting: list[int], others: int, most: int, share: float) -> Found:
    return Found(starting[:most], max(round((len(starting) + others) * share), len(starting)), complete=False)


def _has_all(text: str, parts: list[str]) -> bool:
    for part in parts:  # noqa: SIM110 - a plain loop takes half the time of all(…)
        if part not in text:
            return False
    return True
