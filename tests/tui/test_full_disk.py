"""A full disk in the middle of work: the app says so, keeps what was typed, and goes on once there is room again."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from models.fieldbook import Fieldbook
from models.store.files import Files
from tui.app import FeldbuchApp
from tui.screens.form import FormScreen

if TYPE_CHECKING:
    from pathlib import Path

    from models.clock import FixedClock


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
        app = FeldbuchApp(book)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            app.opening.new("task")
            await pilot.pause()
            await pilot.press("A", "b")
            disk.full = True
            for key in ("ctrl+s", "ctrl+d", "ctrl+s"):
                await pilot.press(key)
                await pilot.pause()
            said = [str(note.message) for note in app._notifications]
            assert any("Der Datenträger ist voll, gespeichert wurde nichts." in text for text in said)
            assert isinstance(app.screen, FormScreen)
            assert book.documents("task") == []
            disk.full = False
            await pilot.press("c")
            await pilot.press("ctrl+s")
            await pilot.pause()
            assert [task["text"] for task in book.documents("task")] == ["Abc"]
            disk.full = True
            await pilot.press("ctrl+z")
            await pilot.pause()
            disk.full = False
            assert len(book.documents("task")) == 1
            await pilot.press("ctrl+z")
            await pilot.pause()
            assert book.documents("task") == []
