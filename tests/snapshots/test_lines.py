"""What holds for every screen at 80 × 24: the way to all keys, whole words, a sign where the cursor is."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from fixtures.demo import demo_documents
from models.clock import FixedClock
from tests.snapshots.pictures import FOLDER, text_pictures
from tests.snapshots.stage import SMALL

ROOT = Path(__file__).parents[2]
PICTURES = dict(text_pictures(SMALL))
SIGNS = "▸▌"
WORD = re.compile(r"[^\W\d_]{3,}")
CUT = re.compile(r"[^\W\d_]+…|…[^\W\d_]+")
FRAME = re.compile(r"│(.*)│")


@cache
def known_words(today: date) -> frozenset[str]:
    """Return every word that a screen may show: of the program's texts, of its data files, and of the demo region."""
    sources = [path for name in ("tui", "sync", "models") for path in (ROOT / name).rglob("*.py")]
    sources += (ROOT / "fixtures").rglob("*.toml")
    scenes = Path(__file__).parent / "scenes.py"
    texts = [path.read_text(encoding="utf-8") for path in (*sources, scenes, scenes.with_name("sync_scenes.py"))]
    texts += [orjson.dumps(document).decode() for document in demo_documents(today)]
    return frozenset(word for text in texts for word in WORD.findall(text.replace("\\n", " ")))


def seen(lines: list[str]) -> list[str]:
    """Return what of a screen is to be whole: of a dialog its inside, for it lies over the words of others."""
    inside = [found.group(1) for line in lines if (found := FRAME.search(line))]
    noted = any("▌ " in line for line in lines)
    return inside or ([] if noted else lines)


@pytest.mark.parametrize("name", PICTURES)
def test_the_last_line_names_the_key_to_all_keys(name: str) -> None:
    assert re.search(r" (\? Tasten|F1 Hilfe) ", PICTURES[name][-1])


@pytest.mark.parametrize("name", PICTURES)
def test_no_line_is_longer_than_the_screen(name: str) -> None:
    assert len(PICTURES[name]) == SMALL[1]
    assert max(map(len, PICTURES[name])) <= SMALL[0]


@pytest.mark.parametrize("name", PICTURES)
def test_no_word_is_cut_without_an_ellipsis(name: str, clock: FixedClock) -> None:
    known = known_words(clock.today())
    lines = [CUT.sub("", line) for line in seen(PICTURES[name])]
    broken = {word for line in lines for word in WORD.findall(line) if word not in known}
    # A word that is longer than its column goes on in the line below; there it is whole.
    joined = {
        last + first
        for above, below in pairwise(lines)
        for last in WORD.findall(above)
        for first in WORD.findall(below)
    }
    whole = {word for word in broken if any(word in both for both in joined & known)}
    assert not sorted(broken - whole)


def kept(name: str) -> str:
    """Return the whole file of a text picture."""
    return next(path for path in FOLDER.rglob("*.txt") if path.stem == name).read_text(encoding="utf-8")


def focused(name: str) -> tuple[str, int, int]:
    """Return what has the focus in a picture, and its first and last line."""
    text = kept(name)
    found = re.search(r"^focus: (\w+).*?lines (\d+)-(\d+)", text, re.MULTILINE)
    return (found.group(1), int(found.group(2)), int(found.group(3))) if found else ("", 0, 0)


@pytest.mark.parametrize("name", PICTURES)
def test_the_cursor_has_a_sign_beside_its_colour(name: str) -> None:
    kind, first, last = focused(name)
    lines = PICTURES[name]
    if not kind or kind == "VerticalScroll" or "Hier " in "".join(lines[first:last]) or "Noch keine" in "".join(lines):
        # Nothing to move in: a question, a text to read, an empty list.
        return
    if kind in ("SearchLine", "SecretField", "TextField") or (kind == "LineField" and "form" not in name):
        # The cursor of an input is a block, or a bar of the terminal: no sign in the text can say so.
        assert "cursor at line" in kept(name)
    else:
        assert any(sign in line for line in lines[first - 1 : last] for sign in SIGNS)
