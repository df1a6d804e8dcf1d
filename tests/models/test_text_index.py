"""The search as you type finds what a plain look through all rows finds, and in the same order."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from models.rules import postings
from models.rules.text_index import RANKED, Hit, SearchText, TextIndex
from models.text import fold

PIECES = st.text(alphabet="abAÄäßéøЖ–„-_. \n5²", max_size=8)
WORDS = st.lists(st.sampled_from(["aba", "abab", "baab", "äbab", "b", "ab", "ß", "aaaa", "5a5"]), max_size=5).map(
    " ".join
)
TEXTS = st.builds(SearchText, PIECES | WORDS, PIECES | WORDS)
QUERIES = st.text(alphabet="abäsøж-. 5", max_size=4) | PIECES | WORDS
KEYS = st.integers(0, 15).map(str)
CHANGES = st.lists(st.tuples(KEYS, st.none() | TEXTS), max_size=15)
"""Rows that are set, one after the other; None takes a row out."""


class PlainScan:
    """Looks at each word of each row at each query."""

    def __init__(self) -> None:
        self.rows: dict[str, SearchText] = {}

    def change(self, key: str, text: SearchText | None) -> None:
        if text is None:
            self.rows.pop(key, None)
        else:
            self.rows[key] = text

    def hits(self, query: str) -> list[Hit]:
        asked = list(dict.fromkeys(split(query)))
        found = []
        for key, text in self.rows.items():
            points = [self.points(part, split(text.weighty), split(text.rest)) for part in asked]
            if None not in points:
                found.append(Hit(sum(one or 0 for one in points[:RANKED]), key))
        return found

    @staticmethod
    def points(part: str, weighty: list[str], rest: list[str]) -> int | None:
        if any(word.startswith(part) for word in weighty):
            return 3
        if len(part) > 2 and any(part in word for word in weighty):
            return 2
        if any(word.startswith(part) for word in rest):
            return 1
        return 0 if len(part) > 2 and any(part in word for word in rest) else None

    def best(self, query: str, limit: int) -> list[Hit]:
        return sorted(self.hits(query), key=lambda hit: -hit.score)[:limit]


def split(text: str) -> list[str]:
    return "".join(character if character.isalnum() else " " for character in fold(text)).split()


@pytest.fixture(params=[False, True], ids=["as it is", "with low thresholds"], scope="module")
def _thresholds(request: pytest.FixtureRequest) -> object:
    """Let few rows be as many as 100,000 are: kept as bits, and kept up for parts that many words share."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param:
            patch.setattr(postings, "FEW", 3)
            patch.setattr(postings, "MANY", 2)
        yield


@pytest.mark.usefixtures("_thresholds")
@given(
    st.lists(st.tuples(KEYS, TEXTS), max_size=40),
    CHANGES,
    st.lists(QUERIES, min_size=1, max_size=6),
    st.integers(0, 40),
)
def test_the_index_finds_what_a_plain_scan_finds_whatever_was_set_changed_and_removed(
    rows: list[tuple[str, SearchText]], changes: list[tuple[str, SearchText | None]], queries: list[str], limit: int
) -> None:
    index, scan = TextIndex(rows), PlainScan()
    for key, text in rows:
        scan.change(key, text)
    for number in range(len(changes) + 1):
        query = queries[number % len(queries)]
        assert index.matching(query) == [hit.key for hit in scan.hits(query)]
        assert index.best(query, limit) == scan.best(query, limit)
        assert len(index) == len(scan.rows)
        for key, changed in changes[number : number + 1]:
            scan.change(key, changed)
            if changed is None:
                index.remove(key)
            else:
                index.set([(key, changed)])
            assert (key in index) == (changed is not None)


@pytest.mark.usefixtures("_thresholds")
@given(st.lists(st.lists(st.tuples(KEYS, TEXTS), max_size=8), max_size=4), QUERIES)
def test_rows_set_in_any_portions_are_found_like_rows_set_one_by_one(
    portions: list[list[tuple[str, SearchText]]], query: str
) -> None:
    index, scan = TextIndex(), PlainScan()
    for portion in portions:
        index.set(portion)
        for key, text in portion:
            scan.change(key, text)
    assert index.best(query, 99) == scan.best(query, 99)


@given(st.lists(TEXTS, max_size=8), WORDS)
def test_a_query_typed_letter_by_letter_finds_at_each_letter_what_a_plain_scan_finds(
    texts: list[SearchText], query: str
) -> None:
    index, scan = TextIndex(), PlainScan()
    for number, text in enumerate(texts):
        index.set([(str(number), text)])
        scan.change(str(number), text)
    for length in range(len(query) + 1):
        assert index.best(query[:length], 99) == scan.best(query[:length], 99)


@pytest.fixture
def schools() -> TextIndex:
    return TextIndex(
        [
            ("1", SearchText("162310 Städt. Realschule Gütersloh-Süd")),
            ("2", SearchText("104711 Grundschule St.-Martin, Gütersloh")),
            ("3", SearchText("166789 Gymnasium Süd, Rheda", "Kooperation mit der Realschule")),
        ]
    )


def found(index: TextIndex, query: str) -> list[str]:
    return [hit.key for hit in index.best(query, 10)]


def test_all_words_of_the_query_must_occur_in_any_order(schools: TextIndex) -> None:
    assert found(schools, "gütersloh real") == ["1"]
    assert found(schools, "gütersloh gymnasium") == []


def test_what_names_a_row_weighs_more_than_the_rest_of_it(schools: TextIndex) -> None:
    schools.set([("0", SearchText("Treffen", "in der Realschule"))])
    assert found(schools, "realschule") == ["1", "3", "0"]
    assert found(schools, "schule") == ["1", "2", "3", "0"]
    assert schools.matching("realschule") == ["1", "3", "0"]


def test_words_that_begin_with_the_query_come_before_words_that_contain_it() -> None:
    index = TextIndex(
        [
            ("rest inside", SearchText("", "Realschule")),
            ("rest", SearchText("", "Schule am Berg")),
            ("inside", SearchText("Realschule")),
            ("begins", SearchText("Schule am Berg")),
        ]
    )
    assert found(index, "schule") == ["begins", "inside", "rest", "rest inside"]


def test_one_or_two_letters_only_begin_words(schools: TextIndex) -> None:
    assert found(schools, "ea") == []
    assert found(schools, "r") == ["1", "3"]
    assert found(schools, "eal") == ["1", "3"]


def test_umlauts_signs_and_capitals_make_no_difference(schools: TextIndex) -> None:
    assert found(schools, "GUETERSLOH st martin") == ["2"]
    assert found(schools, "St.-Martin") == ["2"]
    assert found(schools, "gütersloh-süd") == ["1"]
    assert found(TextIndex([("1", SearchText("Straßenbahn"))]), "strassen") == ["1"]


def test_a_query_without_words_finds_every_row_in_order(schools: TextIndex) -> None:
    assert found(schools, " – ") == schools.matching("") == ["1", "2", "3"]
    assert schools.best("", 2) == [Hit(0, "1"), Hit(0, "2")]
    assert TextIndex().matching("") == []


def test_a_row_removed_is_gone_and_a_new_one_stands_at_the_end(schools: TextIndex) -> None:
    schools.remove("1")
    schools.set([("4", SearchText("Realschule Mitte"))])
    schools.remove("unknown")
    assert found(schools, "real") == ["4", "3"]
    assert schools.matching("") == ["2", "3", "4"]
    schools.set([("1", SearchText("Realschule Nord"))])
    assert found(schools, "real") == ["4", "1", "3"]


def test_of_two_rows_with_one_key_the_later_one_counts() -> None:
    index = TextIndex([("1", SearchText("alt")), ("2", SearchText("mitte")), ("1", SearchText("neu"))])
    assert len(index) == 2
    assert found(index, "alt") == []
    assert index.matching("") == ["1", "2"]
