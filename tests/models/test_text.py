"""What becomes of text from outside: cleaned, folded, measured, cut."""

from __future__ import annotations

import re
import sys
import unicodedata
from time import process_time
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from models.text import cells, clean, clean_tree, cut, fold

EVERY_CHARACTER = [
    chr(code)
    for code in range(sys.maxunicode + 1)
    if code & 0xFF in (0, 0xFE, 0xFF) or unicodedata.category(chr(code)) not in ("Cn", "Co", "Cs")
]
"""Every assigned character, and the edges of the planes' unassigned, private and surrogate ranges."""
ZERO_WIDTH = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u200b\u200c\u200d\u2060\u3164\ufe0f\ufeff\uffa0\U000e0001\U000e0100"
INVISIBLE = ("VARIATION SELECTOR", "MONGOLIAN FREE VARIATION SELECTOR")
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

nasty = st.sampled_from(
    [*ZERO_WIDTH, *BIDI, *"\x00\x07\x1b\x7f\x9b\x9d\r\n\t\u2028\u2029\x85\ud800\udfff\ue000\ufffe\U0010ffff"]
)
marks = st.text(st.sampled_from("\u0300\u0301\u0308\u0323\u0338\u0344\u0345\u0489\u093c\u0f73\U0001d165"), max_size=8)
texts = st.lists(
    st.one_of(st.text(), nasty, marks, st.sampled_from(["e", "ä", "가", "ᄀ", "ᅡ", "\u0958", "…", "😀", " "]))
).map("".join)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
)


def is_harmless(text: str) -> bool:
    """Say, from the Unicode database alone, whether a terminal has nothing in `text` to obey or to hide."""
    return not any(
        unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
        or ord(character) & 0xFFFE == 0xFFFE
        or 0xFDD0 <= ord(character) <= 0xFDEF
        or character in ZERO_WIDTH
        for character in text
        if character != "\n"
    )


def texts_in(value: object) -> list[str]:
    """Return every text in a JSON value, keys too."""
    if isinstance(value, dict):
        return [text for key, member in value.items() for text in (key, *texts_in(member))]
    if isinstance(value, list):
        return [text for member in value for text in texts_in(member)]
    return [value] if isinstance(value, str) else []


@given(text=texts, lines=st.booleans())
@example(text="e\u0301\u0302\u0303\u0304\u0305", lines=True)
@example(text="\u0344\u0344\u0344", lines=True)
@example(text=" \t\u200b\r\n", lines=False)
def test_cleaning_leaves_nothing_hostile_and_cleaning_twice_changes_nothing(*, text: str, lines: bool) -> None:
    once = clean(text, lines=lines)

    assert is_harmless(once)
    assert unicodedata.is_normalized("NFC", once)
    assert clean(once, lines=lines) == once
    runs = "".join("m" if unicodedata.category(character).startswith("M") else "." for character in once)
    assert "mmmmm" not in runs


def test_every_single_character_is_harmless_after_cleaning() -> None:
    assert [hex(ord(character)) for character in EVERY_CHARACTER if not is_harmless(clean(character))] == []


def test_every_single_character_is_harmless_in_the_middle_of_a_word() -> None:
    cleaned = [clean(f"ä{character}b") for character in EVERY_CHARACTER]

    assert [text for text in cleaned if not is_harmless(text) or not unicodedata.is_normalized("NFC", text)] == []


def test_letters_digits_and_signs_of_all_languages_stay() -> None:
    kept = [
        character
        for character in EVERY_CHARACTER
        if unicodedata.category(character)[0] in "LNPSM" and character not in ZERO_WIDTH and is_harmless(character)
    ]
    changed = [c for c in kept if clean(c) not in (c, unicodedata.normalize("NFC", c))]

    assert [hex(ord(character)) for character in changed if not unicodedata.name(character).startswith(INVISIBLE)] == []


@pytest.mark.parametrize(
    ("hostile", "visible"),
    [
        ("\x1b[2J", "·[2J"),
        ("\x1b]0;Titel\x07", "·]0;Titel·"),
        ("\x9b31m", "·31m"),
        ("Nul\x00l", "Nul·l"),
        ("Schule\u202egnp.exe", "Schule·gnp.exe"),
        ("un\u200bsichtbar", "un·sichtbar"),
        ("👩\u200d🏫", "👩·🏫"),
        ("halb \ud83d", "halb ·"),
        ("a\u0308", "ä"),
        ("o" + "\u0335" * 5, "o" + "\u0335" * 4),
        ("o" + "\u0335" * 40, "o" + "\u0335" * 4),
    ],
)
def test_what_a_terminal_would_obey_or_hide_becomes_visible(hostile: str, visible: str) -> None:
    assert clean(hostile) == visible


def test_text_that_looks_like_markup_is_kept_as_it_is() -> None:
    for text in ("Termin [Mo] 8 Uhr", "[@click=app.quit]x[/]", "[/nope]", "<b>", "100 % & mehr"):
        assert clean(text) is text


def test_line_ends_become_lf_and_tabs_blanks() -> None:
    assert clean("eins\r\nzwei\rdrei\nvier\u2028fünf\tsechs") == "eins\nzwei\ndrei\nvier\nfünf sechs"


def test_a_one_line_text_has_no_line_ends_and_no_blanks_at_its_ends() -> None:
    assert clean("  Gesamtschule\r\nMitte\n", lines=False) == "Gesamtschule Mitte"


def test_clean_text_is_returned_as_the_same_object() -> None:
    for text in ("", "Schule", "Städtische „Schule“ – 3 €\nzweite Zeile", "Ελλάδα 😀", "नमस्ते"):
        assert clean(text) is text


def test_a_long_run_of_marks_is_cleaned_in_linear_time() -> None:
    start = process_time()
    cleaned = clean("a" + "\u0301\u0323" * 20_000)

    assert len(cleaned) <= 5
    assert process_time() - start < 1  # seconds; sorting the whole run takes several, capping it first 0.02


@given(values)
def test_a_tree_is_clean_in_all_its_texts_and_the_same_object_once_it_is(value: Any) -> None:
    once = clean_tree(value)

    assert all(is_harmless(text) for text in texts_in(once))
    assert clean_tree(once) is once


def test_a_tree_that_changes_leaves_the_given_one_as_it_was() -> None:
    given_tree = {"notes": ["ok", "\x1b"], "other": {"a": 1}}

    cleaned = clean_tree(given_tree)

    assert cleaned == {"notes": ["ok", "·"], "other": {"a": 1}}
    assert given_tree["notes"] == ["ok", "\x1b"]
    assert cleaned["other"] is given_tree["other"]


def test_a_hidden_key_cannot_replace_the_real_one() -> None:
    assert clean_tree({"title": "echt", "title\n": "falsch"}) == {"title": "echt"}
    assert clean_tree({"title\n": "falsch", "title": "echt"}) == {"title": "echt"}
    assert clean_tree({"title\ufe0f": "falsch", "title": "echt"}) == {"title·": "falsch", "title": "echt"}


def test_tuples_and_sets_are_cleaned_and_stay_what_they_are() -> None:
    assert clean_tree(("a\x00", 1)) == ("a·", 1)
    assert clean_tree(frozenset({"a\x00"})) == frozenset({"a·"})


def test_a_tree_nested_too_deeply_is_refused_with_a_sentence() -> None:
    deep: list[Any] = []
    for _level in range(100_000):
        deep = [deep]

    with pytest.raises(ValueError, match="zu tief verschachtelt"):
        clean_tree(deep)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Müller-Straße", "mueller-strasse"),
        ("ÄÖÜ ẞ", "aeoeue ss"),
        ("A\u0308rger", "aerger"),
        ("Café René", "cafe rene"),
        ("Łódź Ørsted", "lodz oersted"),
        ("„Grundschule“ – Süd", "„grundschule“ – sued"),
        ("ÇEŞME", "cesme"),
    ],
)
def test_the_search_form_knows_umlauts_and_drops_accents(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(texts.map(clean))
def test_folding_twice_changes_nothing_and_ignores_case_and_normal_form(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)
    assert not re.search("[A-ZÄÖÜäöüß\u0300-\u036f]", fold(text))


def test_cells_count_wide_signs_twice_and_marks_not_at_all() -> None:
    assert [cells(text) for text in ("", "Süd – „x“", "学校", "😀", "x\u0335", "가", "가")] == [0, 9, 4, 2, 1, 2, 2]


@given(texts.map(lambda text: clean(text, lines=False)), st.integers(-2, 30))
def test_a_cut_text_fits_and_says_that_it_was_cut(text: str, width: int) -> None:
    short = cut(text, width)

    assert cells(short) <= max(width, 0)
    if width <= 0:
        assert short == ""
    elif cells(text) <= width:
        assert short == text
    else:
        assert short.endswith("…")
        assert text.startswith(short[:-1])
        assert cells(short) >= width - 1


def test_a_wide_sign_is_never_cut_in_half() -> None:
    assert cut("学校", 4) == "学校"
    assert cut("学校", 3) == "学…"
    assert cut("学校", 2) == "…"
    assert cut("Gesamtschule", 7) == "Gesamt…"
