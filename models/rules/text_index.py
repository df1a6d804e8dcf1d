"""Search as you type: which of many short texts contain all the words of a query, and which of them are meant most."""

from __future__ import annotations

import re
from functools import reduce
from itertools import compress, islice
from operator import and_
from typing import TYPE_CHECKING, NamedTuple

from models.rules.postings import Postings
from models.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RANKED = 8
"""Words of a query that say which rows come first; further ones narrow only."""

_SEPARATORS = re.compile(r"[\W_]+")
_ASCII_SEPARATORS = {code: " " for code in range(128) if not chr(code).isalnum()}
_NO_OR_YES = bytes.maketrans(b"01", b"\0\1")


def words_of(text: str) -> list[str]:
    """Return the words of `text` in search form: folded, split at everything that is no letter or digit."""
    return _split(fold(text))


def _split(folded: str) -> list[str]:
    return (folded.translate(_ASCII_SEPARATORS) if folded.isascii() else _SEPARATORS.sub(" ", folded)).split()


class SearchText(NamedTuple):
    """What a row is found by: the text that names it, which weighs more, and the rest."""

    weighty: str
    rest: str = ""


class Hit(NamedTuple):
    """A row that a query found, and how well."""

    score: int
    key: str


class TextIndex:
    """Rows of text, each known by a key. A key that comes anew stands at the end, a changed row stays where it is.

    A row is found when every word of the query begins one of the row's words or stands inside one; one or two letters
    only begin words. A query without letters and digits finds every row. A row's score is the sum over the first eight
    words of the query: 3 for one that begins a word of the weighty text, 2 for one inside such a word, 1 for one
    that begins a word of the rest.
    """

    def __init__(self, rows: Iterable[tuple[str, SearchText]] = ()) -> None:
        """Index pairs of key and text; of two rows with one key the later one counts."""
        self._keys: list[str] = []
        self._places: dict[str, int] = {}
        self._weighty = Postings()
        self._rest = Postings()
        self._asked: dict[str, _Answer] = {}
        self.set(rows)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._places)

    def __contains__(self, key: object) -> bool:
        """Return whether there is a row with this key."""
        return key in self._places

    def set(self, rows: Iterable[tuple[str, SearchText]]) -> None:
        """Set the texts of some rows; many at once cost less than one by one."""
        texts = dict(rows)
        if not texts:
            return
        # Folding everything in one go is several times as fast as text by text; no text can hold the separator.
        parts = [part.replace("\n", " ") for text in texts.values() for part in text]
        words = [set(_split(folded)) for folded in fold("\n".join(parts)).split("\n")]
        places = [self._place(key) for key in texts]
        self._weighty.set(list(zip(places, words[::2], strict=True)))
        self._rest.set(list(zip(places, words[1::2], strict=True)))
        self._asked.clear()

    def remove(self, key: str) -> None:
        """Take a row out. An unknown key is no error."""
        place = self._places.pop(key, None)
        if place is not None:
            self._weighty.set([(place, ())])
            self._rest.set([(place, ())])
            self._asked.clear()

    def _place(self, key: str) -> int:
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = len(self._keys)
            self._keys.append(key)
        return place

    def matching(self, query: str) -> list[str]:
        """Return the keys of all rows that a query finds, in their order."""
        answers = self._answers(query)
        if not answers:
            return list(self._places)
        found = reduce(and_, (answer.anywhere for answer in answers))
        return list(compress(self._keys, _digits(found).encode().translate(_NO_OR_YES)))

    def best(self, query: str, limit: int) -> list[Hit]:
        """Return at most `limit` rows that a query finds: those with the highest scores, equal ones in their order."""
        answers = self._answers(query)
        if not answers:
            return [Hit(0, key) for key in islice(self._places, limit)]
        found = list[Hit]()
        better = 0
        for score, rows in reversed(list(enumerate(_by_score(answers)))):
            left = limit - len(found)
            if left > 0 and rows != better:
                found += [Hit(score, self._keys[place]) for place in islice(_places(rows ^ better), left)]
            better = rows
        return found

    def _answers(self, query: str) -> list[_Answer]:
        # While a query is typed, all its words but the last one were asked for just before.
        self._asked = {word: self._asked.get(word) or self._answer(word) for word in words_of(query)}
        return list(self._asked.values())

    def _answer(self, word: str) -> _Answer:
        weighty, rest = self._weighty.find(word), self._rest.find(word)
        anywhere = weighty.anywhere | rest.anywhere
        return _Answer(anywhere, weighty.anywhere | rest.beginning, weighty.anywhere, weighty.beginning)


class _Answer(NamedTuple):
    """The rows with a word of a query, as bits: all, and those with at least 1, 2 and 3 points for it."""

    anywhere: int
    one: int
    two: int
    three: int


def _by_score(answers: list[_Answer]) -> list[int]:
    """Return at score s the rows that have all words and at least s points."""
    found = reduce(and_, (answer.anywhere for answer in answers))
    at_least = [found]
    for answer in answers[:RANKED] if found else ():
        before = [found, found, found, *at_least, 0, 0, 0]
        at_least = [
            (before[s + 3] | before[s + 2] & answer.one | before[s + 1] & answer.two | before[s] & answer.three) & found
            for s in range(len(at_least) + 3)
        ]
    return at_least


def _digits(rows: int) -> str:
    """Return the bits of `rows` as digits, the first row first."""
    return bin(rows)[:1:-1]


def _places(rows: int) -> Iterator[int]:
    digits = _digits(rows)
    place = digits.find("1")
    while place >= 0:
        yield place
        place = digits.find("1", place + 1)
