"""JournalDB: TinyDB on a `JournalStorage`, with its tables and queries as documented."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tinydb import TinyDB

from models.store.exchange import export_json, import_json
from models.store.lines import DROP, Op
from models.store.storage import JournalStorage
from models.store.table import JournalTable

if TYPE_CHECKING:
    from collections.abc import Iterator


class JournalDB(TinyDB):
    """`JournalDB(folder)` is used like `TinyDB(path)`; keyword arguments are those of `JournalStorage`."""

    table_class = JournalTable
    default_storage_class = JournalStorage  # type: ignore[assignment]

    def __init__(self, folder: Path | str, **options: Any) -> None:
        """Open or begin the database in `folder`."""
        super().__init__(folder, **options)

    @property
    def journal(self) -> JournalStorage:
        """The storage below."""
        return cast("JournalStorage", self.storage)

    def tables(self) -> set[str]:
        """Return the names of all tables."""
        return set(self.journal.content.tables)

    def drop_tables(self) -> None:
        """Remove all tables."""
        self.journal.commit([Op(DROP, name) for name in self.journal.content.tables])
        self._tables.clear()

    def drop_table(self, name: str) -> None:
        """Remove one table; one that is not there is no error."""
        self._tables.pop(name, None)
        if name in self.journal.content.tables:
            self.journal.commit([Op(DROP, name)])

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Make all changes of the block one commit; an error takes them all back."""
        with self.journal.batch():
            yield

    def export_json(self, path: Path | str) -> None:
        """Write all documents into a file that stock TinyDB opens; raises `StoreError`."""
        export_json(self.journal, Path(path))

    def import_json(self, path: Path | str) -> None:
        """Make the documents those of a file of stock TinyDB, in one commit; raises `ImportRefused` and `StoreError`."""
        import_json(self.journal, Path(path))
