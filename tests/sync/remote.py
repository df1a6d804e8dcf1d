"""A device in a test that reaches its server over a real connection, with the client that people have."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from uuid import uuid4

from models.errors import SyncFailed
from models.fieldbook import Fieldbook
from models.records import parse
from sync.client import Machine
from sync.engine import Report
from sync.exchange import Exchange
from sync.session import Edges, account_of, connect, synchronise

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from models.records import Document

VISIT = "visit-of-both"
LONGEST_PAUSE = 0.05
EDGES = Edges(machine=Machine(sleep=lambda seconds: time.sleep(min(seconds, LONGEST_PAUSE))))
"""As in the program, but for tests that have less patience."""


class Remote:
    """One device."""

    def __init__(self, folder: Path, address: str = "") -> None:
        """Open the fieldbook in `folder`; `address` is another way to its server."""
        self._folder = folder
        self.book = Fieldbook.open(folder)
        self.exchange = Exchange(self.book)
        if address:
            account_of(self.book).keep(self.book, address=address)

    @classmethod
    def enrol(cls, folder: Path, address: str, code: str, ca: str = "") -> None:
        """Make a fieldbook in `folder` and redeem a code for it."""
        folder.mkdir()
        with Fieldbook.open(folder) as book:
            connect(book, address, code, folder.name, ca, EDGES)

    def sync(self) -> Report | str:
        """Sync once; returns the report, or why it ended early."""
        try:
            return synchronise(self.book, self._folder, edges=EDGES)
        except SyncFailed as ended:
            return ended.code

    def sync_until_quiet(self) -> None:
        """Sync until a cycle brings nothing; fails where that takes too often."""
        report: Report | str = ""
        for _round in range(20):
            report = self.sync()
            if report == Report():
                return
        raise AssertionError(report)

    def documents(self) -> dict[str, Document]:
        """Return all records by id."""
        return {document["id"]: document for document in self.book.everything()}

    def begin_visit(self) -> None:
        """Make the visit that all devices edit."""
        said = {"id": VISIT, "kind": "visit", "school": "900001", "date": "2026-11-24", "topics": ["medienkonzept"]}
        self.book.save(parse({**said, "goal": "Anfang"}))

    def set_goal(self, text: str) -> None:
        """Write one field of the common visit."""
        self.book.save(parse({**self._visit(), "goal": text}))

    def agree(self, key: str) -> None:
        """Add an entry to a list of the common visit."""
        visit = self._visit()
        self.book.save(parse({**visit, "agreements": [*visit.get("agreements", []), {"id": key, "text": key}]}))

    def add_task(self) -> str:
        """Make a record of one's own and return its id."""
        key = uuid4().hex
        self.book.save(parse({"id": key, "kind": "task", "text": f"Aufgabe {key}"}))
        return key

    def _visit(self) -> Document:
        visit = self.book.peek(VISIT)
        assert visit is not None
        return visit

    def close(self) -> None:
        """Close the fieldbook."""
        self.book.close()

    def __enter__(self) -> Self:
        """Use it as a context."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close it."""
        self.close()
