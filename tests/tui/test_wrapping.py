"""Text in cells: filled up, and broken between words."""

from __future__ import annotations

from hypothesis import given, strategies as st

from models.text import cells, clean
from tui.widgets.wrapping import fill, wrap

texts = st.text(max_size=60).map(lambda text: clean(text, lines=False))


@given(texts, st.integers(2, 80))
def test_wrapping_keeps_every_sign_and_no_line_is_too_long(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cells(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(texts, st.integers(0, 80))
def test_filled_text_has_exactly_the_width(text: str, width: int) -> None:
    assert cells(fill(text, width)) == width


def test_lines_break_between_words_and_only_too_long_words_are_split() -> None:
    assert wrap("Leitung und Steuergruppe", 12) == ("Leitung und", "Steuergruppe")
    assert wrap("Leitung und Steuergruppe", 8) == ("Leitung", "und", "Steuergr", "uppe")
    assert wrap("", 10) == ()
