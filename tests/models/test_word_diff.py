"""Words that differ between two versions: nothing of either is lost, and only what differs is marked."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from models.rules.word_diff import both_texts, differing

TEXTS = st.lists(st.sampled_from(["Konzept", "liegt", "vor.", "\n", "\n\n", "Steuergruppe", "neu", " "])).map(" ".join)


def marked(one: str, other: str) -> tuple[str, str]:
    """Return both versions with what differs between signs."""
    sides = differing(one, other)
    first, second = ("".join(f"<{p.text.strip()}>" if p.differs else p.text for p in side) for side in sides)
    return first, second


@pytest.mark.parametrize(
    ("one", "other", "sides"),
    [
        ("Konzept liegt vor.", "Konzept liegt vor.", ("Konzept liegt vor.", "Konzept liegt vor.")),
        ("Konzept liegt vor.", "Konzept fehlt noch.", ("Konzept <liegt vor.>", "Konzept <fehlt noch.>")),
        ("", "neu", ("", "<neu>")),
        ("Di 01.12.2026", "Di 08.12.2026", ("Di <01.12.2026>", "Di <08.12.2026>")),
        ("a b c", "a c", ("a <b>c", "a c")),
    ],
)
def test_only_the_words_that_differ_are_marked(one: str, other: str, sides: tuple[str, str]) -> None:
    assert marked(one, other) == sides


def test_blanks_are_no_difference() -> None:
    assert marked("Konzept  liegt vor", "Konzept liegt vor ") == ("Konzept  liegt vor", "Konzept liegt vor ")


@given(TEXTS, TEXTS)
def test_the_pieces_put_together_are_the_versions(one: str, other: str) -> None:
    mine, theirs = differing(one, other)
    assert "".join(part.text for part in mine) == one
    assert "".join(part.text for part in theirs) == other
    kept = ["".join(part.text for part in side if not part.differs).split() for side in (mine, theirs)]
    assert kept[0] == kept[1]


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("Frau Sommer kommt", "Herr Berg kommt", "Frau Sommer / Herr Berg kommt"),
        ("Konzept liegt vor", "Konzept liegt vor", "Konzept liegt vor"),
        ("Konzept", "Konzept liegt vor", "Konzept liegt vor"),
        ("", "neu", "neu"),
        ("Eins\nZwei", "Eins\nDrei\nVier", "Eins\nZwei\nDrei\nVier"),
    ],
)
def test_both_is_what_they_share_once_and_what_differs_one_after_the_other(one: str, other: str, both: str) -> None:
    assert both_texts(one, other) == both


@given(TEXTS, TEXTS)
def test_both_has_every_word_of_each_in_its_order(one: str, other: str) -> None:
    words = iter(both_texts(one, other).split())
    assert all(word in words for word in one.split())
    words = iter(both_texts(one, other).split())
    assert all(word in words for word in other.split())


def test_long_texts_are_compared_at_once() -> None:
    one = " ".join(f"a{n}" for n in range(20_000))
    other = " ".join(f"b{n}" for n in range(20_000))
    mine, _theirs = differing(f"Anfang {one} Ende", f"Anfang {other} Ende")
    assert [part.differs for part in mine] == [False, True, False]
