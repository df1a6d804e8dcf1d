"""One thread saves while another one reads: what is read is what was stored at one moment, and nothing else."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

from models.clock import SystemClock
from models.fieldbook import Fieldbook
from models.indexes import RECORDS
from models.records import parse
from models.rules.keys import RECORD_INDEXES
from models.store import Change
from models.store.keeper import JournalStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from models.records import Record

PATIENCE = 30.0


def task(text: str) -> Record:
    """Return a new task."""
    return parse({"kind": "task", "text": text})


def test_documents_that_are_deleted_while_a_table_is_read_are_still_read(tmp_path: Path) -> None:
    store = JournalStore(tmp_path)
    store.commit([Change("drafts", key, {"id": key}) for key in ("a", "b")])
    values, items = iter(store.table("drafts").values()), iter(store.table("drafts").items())
    assert (next(values), next(items)) == ({"id": "a"}, ("a", {"id": "a"}))
    store.commit([Change("drafts", "b", None)])
    assert (list(values), list(items)) == ([{"id": "b"}], [("b", {"id": "b"})])
    assert list(store.table("drafts").values()) == [{"id": "a"}]
    store.close()


def test_what_another_thread_collects_is_not_read_before_it_is_stored(tmp_path: Path) -> None:
    with Fieldbook.open(tmp_path) as book:
        saved = book.save(task("alt"))
        collected, looked = Event(), Event()

        def collect() -> None:
            with book.batch():
                book.save(saved.changed(text="neu"))
                assert book.document(saved.id)["text"] == "neu"
                collected.set()
                looked.wait(PATIENCE)

        thread = Thread(target=collect)
        thread.start()
        assert collected.wait(PATIENCE)
        seen = book.document(saved.id)["text"]
        looked.set()
        thread.join()
        assert (seen, book.document(saved.id)["text"]) == ("alt", "neu")


class Interrupted(JournalStore):
    """A store in which another thread saves as soon as documents were found, and before they are kept."""

    between: Thread | None = None

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, indexes={RECORDS: RECORD_INDEXES})
        self.committed = Event()

    def commit(self, changes: Sequence[Change]) -> None:
        """Commit, and say so."""
        super().commit(changes)
        self.committed.set()

    def find(self, table: str, index: str, text: str) -> list[str]:
        """Find, then let the other thread commit."""
        found = super().find(table, index, text)
        thread, self.between = self.between, None
        if thread is not None:
            self.committed.clear()
            thread.start()
            assert self.committed.wait(PATIENCE)
        return found


def test_what_is_saved_while_a_kind_is_read_for_the_first_time_is_not_missing_later(tmp_path: Path) -> None:
    store = Interrupted(tmp_path)
    book = Fieldbook(store, SystemClock())
    book.save(task("eins"))
    thread = store.between = Thread(target=lambda: book.save(task("zwei")))
    book.documents("task")
    thread.join(PATIENCE)
    assert sorted(document["text"] for document in book.documents("task")) == ["eins", "zwei"]
    book.close()
