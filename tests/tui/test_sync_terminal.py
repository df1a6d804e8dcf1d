"""The program on a real terminal with a server that takes its request and says nothing: work goes on, and it ends at once."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from models.fieldbook import Fieldbook
from models.records import parse
from sync.account import ACCOUNT, Account
from tests.sync.silent import Silent
from tests.tui.terminal import feldbuch

if TYPE_CHECKING:
    from pathlib import Path

SAVE, LEAVE, TASKS = "\x13", "\x11", "\x1b[19~"
AT_ONCE = 10.0
"""Seconds that the end may take on a busy machine; the program would wait three times as long for the server."""


def test_the_program_works_and_ends_while_the_server_says_nothing(tmp_path: Path) -> None:
    silent = Silent()
    folder = tmp_path / "buch"
    with Fieldbook.open(folder) as book:
        book.save(parse({"kind": "task", "text": "Beamer ausleihen"}))
        book.save_settings(book.settings.model_copy(update={"started": "allein"}))
        account = Account(f"http://127.0.0.1:{silent.port}", "token", "device", "Laptop", backed_up=True)
        book.set_meta(ACCOUNT, account.document())
    with feldbuch("--dir", str(folder)) as terminal:
        terminal.until("Schuljahr", "überträgt … · 1 offen")
        assert silent.asked.wait(AT_ONCE)
        terminal.send(TASKS)
        terminal.until("Aufgaben · 1")
        terminal.send("n")
        terminal.until("Aufgabe · neu")
        terminal.send("Kabel kaufen" + SAVE)
        terminal.until("Aufgaben · 2", "überträgt … · 2 offen")
        begun = monotonic()
        terminal.send(LEAVE)
        assert terminal.ended() == 0
        assert monotonic() - begun < AT_ONCE
        assert "Traceback" not in terminal.raw.decode(errors="replace")
    silent.close()
    with Fieldbook.open(folder) as book:
        assert {task["text"] for task in book.documents("task")} == {"Beamer ausleihen", "Kabel kaufen"}
        assert len(book.outbox()) == 2
