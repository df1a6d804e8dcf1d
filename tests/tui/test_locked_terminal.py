"""The program over an encrypted fieldbook on a real terminal: locked first, open, locked again, and nothing seen between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.fieldbook import Fieldbook
from models.protection import Protection
from models.records.needs import Task
from models.store.secret_service import NoSecretService
from tests.tui.terminal import feldbuch

if TYPE_CHECKING:
    from pathlib import Path

PHRASE = "vier Wörter sind genug"
MARK = "Unverwechselbares"
ENTER, LEAVE, LOCK, TASKS = "\r", "\x11", "\x07", "\x1b[19~"


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """An encrypted fieldbook with a task."""
    folder = tmp_path / "buch"
    with Fieldbook.open(folder) as fieldbook:
        fieldbook.save(Task(text=MARK))
        fieldbook.save_settings(fieldbook.settings.model_copy(update={"started": "allein"}))
        Protection(folder, secrets=NoSecretService(), cost={"t": 1, "m": 8, "p": 1}).encrypt(
            fieldbook, passphrase=PHRASE
        )
    return folder


def test_unlock_look_lock_and_unlock_again(sealed: Path) -> None:
    with feldbuch("--dir", str(sealed)) as terminal:
        for _time in range(2):
            terminal.until("Feldbuch gesperrt", "Strg+S Entsperren")
            assert MARK not in terminal.text()
            terminal.send(PHRASE)
            terminal.until("•" * len(PHRASE))
            assert PHRASE not in terminal.text()
            terminal.send(ENTER)
            terminal.until("Schuljahr", "n Neu")
            terminal.send(TASKS)
            terminal.until(MARK)
            terminal.send(LOCK)
        terminal.until("Feldbuch gesperrt", "Strg+S Entsperren")
        assert MARK not in terminal.text()
        terminal.send(LEAVE)
        assert terminal.ended() == 0
        assert MARK not in terminal.text()
    assert not [path for path in sealed.rglob("*") if path.is_file() and MARK.encode() in path.read_bytes()]


def test_a_command_asks_for_the_passphrase_unseen_and_again_after_a_wrong_one(sealed: Path) -> None:
    with feldbuch("--dir", str(sealed), "list", "Aufgabe") as terminal:
        terminal.until("Passphrase oder Wiederherstellungscode:")
        terminal.send("falsch geraten\r")
        terminal.until("Diese Passphrase ist falsch.")
        terminal.send(f"{PHRASE}\r")
        terminal.until(MARK)
        assert terminal.ended() == 0
        assert "falsch geraten" not in terminal.text()
        assert PHRASE not in terminal.text()
