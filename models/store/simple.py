"""The simple store: TinyDB on files that are replaced atomically, behind the folder's lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinydb import TinyDB
from tinydb.table import Document, Table

from models.store.atomic import AtomicStorage, Files, store_error
from models.store.lock import FolderLock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from models.store import Change, Stored

DRAFTS = "drafts"


class KeyedTable(Table):
    """A TinyDB table whose document ids are the records' own ids."""

    document_id_class = str  # type: ignore[assignment]


class KeyedDB(TinyDB):
    """TinyDB with keyed tables."""

    table_class = KeyedTable


class SimpleStore:
    """Two TinyDB files in one folder: the fieldbook, and the drafts that are written while someone types."""

    def __init__(self, folder: Path, files: Files | None = None) -> None:
        """Open or begin the store in `folder`; raises `StoreLocked`, `StoreDamaged`, `StoreReadOnly`."""
        files = files or Files()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = FolderLock(folder)
            for leftover in folder.glob("*.json.tmp"):
                leftover.unlink()
        except OSError as error:
            raise store_error(error, folder) from error
        self.folder = folder
        try:
            self._databases = {
                name: KeyedDB(folder / f"{name}.json", files, storage=AtomicStorage) for name in ("feldbuch", DRAFTS)
            }
        except BaseException:
            self._lock.release()
            raise

    def _database(self, table: str) -> KeyedDB:
        return self._databases[DRAFTS if table == DRAFTS else "feldbuch"]

    def table(self, name: str) -> Mapping[str, Stored]:
        """Return the live documents of a table by key."""
        tables = self._database(name).storage.read()
        return (tables or {}).get(name, {})

    def commit(self, changes: Sequence[Change]) -> None:
        """Make `changes` durable: one file replacement for records, outbox and settings, another one for drafts."""
        for database in self._databases.values():
            mine = [change for change in changes if self._database(change.table) is database]
            if not mine:
                continue
            storage = database.storage
            assert isinstance(storage, AtomicStorage)  # noqa: S101 - for the type checker
            with storage.batch():
                for table in {change.table for change in mine}:
                    self._apply(
                        database.table(table),
                        {c.key: c.document for c in mine if c.table == table},
                    )

    @staticmethod
    def _apply(table: Table, puts: dict[str, Stored | None]) -> None:
        known = [key for key in puts if table.contains(doc_id=key)]  # type: ignore[arg-type]
        if known:
            table.remove(doc_ids=known)  # type: ignore[arg-type]
        table.insert_multiple(
            Document(document, doc_id=key)  # type: ignore[arg-type]
            for key, document in puts.items()
            if document is not None
        )

    def size(self) -> int:
        """Return the size of the store's files in bytes."""
        return sum(path.stat().st_size for path in self.folder.glob("*.json"))

    def close(self) -> None:
        """Close the files and release the folder."""
        for database in self._databases.values():
            database.close()
        self._lock.release()
