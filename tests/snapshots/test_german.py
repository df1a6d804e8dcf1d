"""No screen speaks English, or Python, to the person before it."""

from __future__ import annotations

import re

import pytest

from tests.snapshots.pictures import text_pictures
from tests.snapshots.scenes import SCENES
from tests.snapshots.stage import LARGE, SMALL

ENGLISH = (
    *("search", "select", "selected", "no matches", "command", "commands", "palette", "save", "saved", "quit", "exit"),
    *("close", "help", "yes", "cancel", "error", "warning", "loading", "submit", "delete", "edit", "add", "remove"),
    *("open", "back", "next", "previous", "copy", "paste", "cut", "undo", "redo", "theme", "keys", "screenshot"),
    *(
        "maximize",
        "minimize",
        "press",
        "enter to",
        "type to",
        "show",
        "hide",
        "new",
        "old",
        "draft",
        "unknown",
        "invalid",
    ),
    *(
        "the",
        "and",
        "or",
        "of",
        "with",
        "not",
        "is",
        "are",
        "this",
        "ctrl",
        "esc to",
        "shift",
        "space",
        "pageup",
        "pgup",
    ),
)
PYTHON = re.compile(
    r"\b(None|True|False|NaN|Ellipsis|Traceback)\b|<[\w.]+ object|datetime\.|frozenset|\bset\(|[\[{]['\"]|\{\}|\(\)|\b0x[0-9a-f]{4}"
)
ENGLISH_WORD = re.compile(rf"(?<![\w@./-])({'|'.join(ENGLISH)})(?![\w@./*-])", re.IGNORECASE)

# Names that people say in German too.
NAMES = re.compile(r"Open Educational Resources|Peer Learning|Digital Leadership|First(/| und )Second Level")

PICTURES = {name: "\n".join(lines) for size in (SMALL, LARGE) for name, lines in text_pictures(size)}


def test_there_is_a_picture_of_each_scene_in_both_sizes() -> None:
    for size in (SMALL, LARGE):
        kept = {name for name, _lines in text_pictures(size)}
        wanted = {f"test_a_screen_looks_as_it_did[{scene.name}-{size[0]}x{size[1]}]" for scene in SCENES}
        assert kept == wanted


@pytest.mark.parametrize("name", PICTURES)
def test_a_screen_speaks_german(name: str) -> None:
    text = NAMES.sub("", PICTURES[name])
    assert not sorted({found.group() for found in ENGLISH_WORD.finditer(text)})


@pytest.mark.parametrize("name", PICTURES)
def test_a_screen_shows_no_value_as_python_writes_it(name: str) -> None:
    assert not sorted({found.group() for found in PYTHON.finditer(PICTURES[name])})


def test_an_english_word_and_a_python_value_would_be_found() -> None:
    assert ENGLISH_WORD.search("│ Search … │")
    assert ENGLISH_WORD.search("No matches found")
    assert not ENGLISH_WORD.search("Team, Format, Status, Support: an@open.example")
    assert PYTHON.search("Stand: None")
    assert PYTHON.search("Themen ['medienkonzept']")
