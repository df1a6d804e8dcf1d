"""Text from outside: made harmless, folded for search, measured and cut in terminal cells."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from models.i18n import _

VISIBLE = "·"
"""Stands where a character was that a terminal would obey or hide."""

MARKS_PER_BASE = 4
DEEPEST_TREE = 100
_CONTAINERS = (dict, list, tuple, set, frozenset)

# Code points that are stable over all Unicode versions: what one laptop cleans, every other laptop leaves alone.
# (Not `isprintable`: it knows an emoji on one Python and not on the next.)
_CONTROL = r"\x00-\x09\x0b-\x1f\x7f-\x9f"
_SURROGATE_OR_PRIVATE = r"\ud800-\uf8ff\U000f0000-\U0010ffff"
_NONCHARACTER = r"\ufdd0-\ufdef" + "".join(rf"\U{plane:04x}fffe\U{plane:04x}ffff" for plane in range(17))
_FORMAT = (
    r"\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
    r"\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bcaf\U0001d173-\U0001d17a"
)
_ZERO_WIDTH = r"\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff"
_HOSTILE_CLASS = _CONTROL + _SURROGATE_OR_PRIVATE + _NONCHARACTER + _FORMAT + _ZERO_WIDTH

# The two large patterns stay text until one is needed (`re` keeps it then), because compiling them delays the start.
_HOSTILE = f"[{_HOSTILE_CLASS}]"
# Marks are no letters, digits or blanks and begin at U+0300: a run of five such characters may be a run of marks.
_SUSPICIOUS = rf"[{_HOSTILE_CLASS}]|[^\x00-\u02ff\w\s]{{{MARKS_PER_BASE + 1}}}"
# Whatever is not ordinary is looked at closely. Ordinary is harmless, normalised and one cell wide: Latin letters,
# typographic signs, currencies, arrows, mathematics, frames, ticks.
_UNUSUAL = re.compile(
    r"[^\n\x20-\x7e\xa0-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20c0\u2190-\u22ff\u2500-\u25fc\u2713-\u2718]"
)
_NEWLINE = re.compile("\r\n|[\r\u2028\u2029]")


def clean(text: str, *, lines: bool = True) -> str:
    """Return `text` as it may be stored and shown: NFC, without characters that a terminal obeys, hides or reorders.

    Controls, surrogates, private use, noncharacters, bidi controls and everything of zero width (joiners and variation
    selectors too) become a visible `·`; a base character keeps four combining marks; line ends become LF and tabs
    blanks. With `lines=False` the text is one line without blanks at its ends. Cleaning twice changes nothing.
    Source: security design, "Text from outside is hostile".
    """
    if not (text.isascii() and text.isprintable()) and _UNUSUAL.search(text) and not _is_clean(text):
        text = _cleaned(text)
    return text if lines else text.replace("\n", " ").strip()


def _is_clean(text: str) -> bool:
    return not re.search(_SUSPICIOUS, text) and unicodedata.is_normalized("NFC", text)


def _cleaned(text: str) -> str:
    harmless = re.sub(_HOSTILE, VISIBLE, _NEWLINE.sub("\n", text).replace("\t", " "))
    # Capped before as well, because normalising sorts each run of marks in quadratic time.
    harmless = _capped(unicodedata.normalize("NFC", _capped(harmless)))
    return text if harmless == text else harmless


def _capped(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if marks <= MARKS_PER_BASE:
            kept.append(character)
    return "".join(kept)


def clean_tree(value: Any) -> Any:
    """Return the JSON value with every text in it cleaned, keys too; the same object where nothing had to change.

    A key that was clean from the start wins over one that became equal to it. Tuples and sets are walked like lists.
    Raises ValueError where the value is nested deeper than 100 levels.
    """
    return _clean_tree(value, DEEPEST_TREE)


def _clean_tree(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return clean(value)
    if value is None or not isinstance(value, _CONTAINERS):
        return value
    if depth == 0:
        raise ValueError(_("Die Daten sind zu tief verschachtelt. Nichts wurde übernommen."))
    if isinstance(value, dict):
        return _clean_dict(value, depth)
    cleaned = [_clean_tree(member, depth - 1) for member in value]
    if all(new is old for new, old in zip(cleaned, value, strict=True)):
        return value
    if isinstance(value, list):
        return cleaned
    return tuple(cleaned) if isinstance(value, tuple) else type(value)(cleaned)


def _clean_dict(value: dict[Any, Any], depth: int) -> dict[Any, Any]:
    changed = False
    cleaned: dict[Any, Any] = {}
    for key, member in value.items():
        new_key = key
        if isinstance(key, str) and not (key.isascii() and key.isidentifier()):
            new_key = clean(key, lines=False)
            if new_key != key and new_key in value:
                changed = True
                continue
        new_member = _clean_tree(member, depth - 1)
        changed = changed or new_member is not member or new_key is not key
        cleaned[new_key] = new_member
    return cleaned if changed else value


_ACCENTED = re.compile(r"[^\x00-\x7f\u2010-\u206f]")
_ACCENT = re.compile("[\u0300-\u036f]+")
_LETTERS_WITHOUT_ACCENT = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)


def fold(text: str) -> str:
    """Return the form of `text` that is searched and compared: casefold, ä→ae, ö→oe, ü→ue, ß→ss, accents stripped."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFC", text).casefold()
    text = text.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    if not _ACCENTED.search(text):
        return text
    return _ACCENT.sub("", unicodedata.normalize("NFD", text)).translate(_LETTERS_WITHOUT_ACCENT)


def cells(text: str) -> int:
    """Return how many terminal cells the clean one-line `text` takes: wide East Asian signs two, marks none."""
    if text.isascii() or not _UNUSUAL.search(text):
        return len(text)
    return sum(map(_width, text))


def _width(character: str) -> int:
    if character < "\u0300":
        return 1
    if unicodedata.category(character)[0] == "M" or "\u1160" <= character <= "\u11ff":  # Hangul vowels and finals
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, width: int) -> str:
    """Return the clean one-line `text` in at most `width` terminal cells, ending with `…` where something was cut."""
    if width <= 0:
        return ""
    if cells(text) <= width:
        return text
    if not _UNUSUAL.search(text):
        return text[: width - 1] + "…"
    used = 0
    for position, character in enumerate(text):
        used += _width(character)
        if used > width - 1:
            return text[:position] + "…"
    return text
