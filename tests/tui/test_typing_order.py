"""Keys on a real terminal act in the order in which they were typed, however many arrive at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.fieldbook import Fieldbook
from models.records import parse
from tests.tui.terminal import Terminal, feldbuch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.records import Document

TAB, BACKSPACE, SAVE, LEAVE, ENTER, LEFT, HOME = "\t", "\x7f", "\x13", "\x11", "\r", "\x1b[D", "\x1b[H"
ALL = "\x10"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A fieldbook with one programme, opened in a form below."""
    with Fieldbook.open(tmp_path / "buch") as book:
        book.save(parse({"kind": "programme", "id": "p1", "name": "Medienscouts", "provider": "LfM"}))
        book.save_settings(book.settings.model_copy(update={"started": "allein"}))
    return tmp_path / "buch"


@pytest.fixture
def terminal(folder: Path) -> Iterator[Terminal]:
    """The program with the form of a new programme, its first field in use."""
    with feldbuch("--dir", str(folder)) as opened:
        opened.until("Schuljahr")
        opened.send(ALL)
        opened.until("Alles finden")
        opened.send("Programm anlegen")
        opened.until("Programm anlegen", "▸")
        opened.send(ENTER)
        opened.until("Programm", "neu", "Anbieter", "Homepage")
        yield opened


def stored(folder: Path) -> Document:
    """Return the programme that was saved new."""
    with Fieldbook.open(folder) as book:
        (found,) = [document for document in book.documents("programme") if document["id"] != "p1"]
        assert book.drafts() == []
        return found


def finished(terminal: Terminal, title: str) -> None:
    """Wait for the saving and end the program."""
    terminal.until(f"Gespeichert: {title}")
    terminal.send(LEAVE)
    assert terminal.ended() == 0


def test_text_tab_and_text_in_one_go_land_in_two_fields(terminal: Terminal, folder: Path) -> None:
    terminal.send(f"abc{TAB}def{TAB}ghi{TAB}jkl")
    terminal.until("jkl")
    terminal.send(SAVE)
    finished(terminal, "abc")
    document = stored(folder)
    assert [document.get(name) for name in ("name", "provider", "description", "homepage")] == [
        "abc",
        "def",
        "ghi",
        "jkl",
    ]


def test_backspace_takes_what_was_typed_before_it(terminal: Terminal, folder: Path) -> None:
    terminal.send(f"ab{BACKSPACE}c{TAB}xy{BACKSPACE}{BACKSPACE}z{TAB}lang{BACKSPACE}{BACKSPACE}{SAVE}")
    finished(terminal, "ac")
    document = stored(folder)
    assert [document[name] for name in ("name", "provider", "description")] == ["ac", "z", "la"]


def test_the_cursor_moves_between_the_letters_that_surround_its_key(terminal: Terminal, folder: Path) -> None:
    terminal.send(f"bd{LEFT}c{HOME}a{TAB}x{SAVE}")
    finished(terminal, "abcd")
    assert stored(folder)["name"] == "abcd"


def test_a_save_that_follows_at_once_stores_all_that_was_typed(terminal: Terminal, folder: Path) -> None:
    text = "Ein langer Name, schnell getippt"
    terminal.send(f"{text}{TAB}Anbieter GmbH{TAB}eins{ENTER}zwei{SAVE}")
    finished(terminal, text)
    document = stored(folder)
    assert (document["name"], document["provider"]) == (text, "Anbieter GmbH")
    assert document["description"] == "eins\nzwei"


def test_what_follows_the_key_that_saves_at_once_is_no_part_of_the_record(terminal: Terminal, folder: Path) -> None:
    terminal.send(f"abc{SAVE}yz")
    finished(terminal, "abc")
    assert stored(folder)["name"] == "abc"


def test_leaving_at_once_keeps_all_that_was_typed_as_a_draft(terminal: Terminal, folder: Path) -> None:
    terminal.send(f"angefangen{TAB}von hier{LEAVE}")
    assert terminal.ended() == 0
    with Fieldbook.open(folder) as book:
        (draft,) = book.drafts()
        assert draft["values"]["name"] == "angefangen"
        assert draft["values"]["provider"] == "von hier"
        assert draft["left"] is True
