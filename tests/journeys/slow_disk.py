"""A disk on which a commit hangs until somebody lets it go on, and which can be full: for what is seen meanwhile."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from models.errors import StoreFull

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from models.store import Change, Store, Stored
    from models.store.codec import Codec

PATIENCE = 30.0
"""Seconds after which a commit that nobody lets go on is a failure of the test."""


class SlowStore:
    """A store around another one: its commits wait while it `hangs`, and are refused while it is `full`."""

    def __init__(self, store: Store) -> None:
        """Hang nowhere at first."""
        self._store = store
        self._free = Event()
        self._free.set()
        self.full = False
        self.reached = Event()
        self.commits: list[Sequence[Change]] = []

    def hang(self) -> None:
        """Let commits wait from now on."""
        self.reached.clear()
        self._free.clear()

    def go_on(self) -> None:
        """Let the commits that wait be written, and those that follow."""
        self._free.set()

    def commit(self, changes: Sequence[Change]) -> None:
        """Write `changes` once that is allowed."""
        self.reached.set()
        if not self._free.wait(PATIENCE):
            raise AssertionError("Nobody let the commit go on")
        if self.full:
            raise StoreFull("Der Datenträger ist voll, gespeichert wurde nichts.")
        self._store.commit(changes)
        self.commits.append(changes)

    def table(self, name: str) -> Mapping[str, Stored]:
        """Return the documents of a table."""
        return self._store.table(name)

    def find(self, table: str, index: str, text: str) -> list[str]:
        """Return the keys of the documents that an index has under `text`."""
        return self._store.find(table, index, text)

    def texts(self, table: str, index: str) -> list[str]:
        """Return the texts of an index."""
        return self._store.texts(table, index)

    def rekey(self, codec: Codec) -> None:
        """Write everything anew with another codec."""
        self._store.rekey(codec)

    def back_up(self, folder: Path, moment: datetime, *, automatic: bool = False) -> Path:
        """Write all that is stored into one new file."""
        return self._store.back_up(folder, moment, automatic=automatic)

    def size(self) -> int:
        """Return the size of the store's files."""
        return self._store.size()

    def close(self) -> None:
        """Let everything go on and release the store."""
        self.go_on()
        self._store.close()
