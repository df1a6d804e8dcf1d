"""A full disk in the middle of work: the app says so, keeps what was typed, and goes on once there is room again."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from models.fieldbook import Fieldbook
from models.store.files import Files
from tests.journeys.people import at_work

if TYPE_CHECKING:
    from pathlib import Path

    from models.clock import FixedClock

SAID = "Der Datenträger ist voll, gespeichert wurde nichts."


class FullDisk(Files):
    """A disk that is full while `full` is set."""

    full = False

    def write(self, descriptor: int, content: bytes) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().write(descriptor, content)


async def test_a_save_that_fails_is_said_and_the_next_one_works(tmp_path: Path, clock: FixedClock) -> None:
    disk = FullDisk()
    with Fieldbook.open(tmp_path, clock=clock, files=disk) as book:
        async with at_work(book) as person:
            await person.press("f8", "n")
            await person.sees("Aufgabe · neu")
            await person.type("Ab")
            disk.full = True
            for key in ("ctrl+s", "ctrl+d", "ctrl+s"):
                await person.press(key)
                await person.sees(SAID)
                person.app.clear_notifications()
            await person.sees("Aufgabe · Ab")
            assert book.documents("task") == []

            disk.full = False
            await person.type("c")
            await person.press("ctrl+s")
            await person.sees("Gespeichert: Abc", "Aufgaben · 1")
            disk.full = True
            await person.press("ctrl+z")
            await person.sees(SAID)
            assert [task["text"] for task in book.documents("task")] == ["Abc"]

            disk.full = False
            await person.press("ctrl+z")
            await person.sees("Zurückgenommen: Aufgabe", "Aufgaben · 0")
            assert book.documents("task") == []
