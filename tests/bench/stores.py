"""Stores: the local store, SQLite and stock TinyDB behind the same few calls, each used as its documentation says."""

from __future__ import annotations

import sqlite3
import time
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from tinydb import TinyDB, where
from tinydb.table import Document, Table

from models.store.codec import SealedCodec
from models.store.db import JournalDB
from models.store.indexes import ByField, IndexSpec
from models.store.table import JournalTable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Record = dict[str, Any]

TABLE, FIELD = "records", "date"
"""Where the records lie, and the field that is searched: a few records have the same day."""

PATIENCE = 120.0
"""Seconds after which a compaction counts as missing."""

_NEVER = 1 << 60
"""Bytes of a journal that none of these runs reaches: the compaction is measured by itself."""


class Contender(Protocol):
    """One opened store. What `save` and `bring_in` return from is on the disk."""

    def bring_in(self, records: Sequence[Record]) -> None:
        """Store all records in one batch."""
        ...

    def save(self, record: Record) -> None:
        """Store one record in the place of the one with its id."""
        ...

    def get(self, key: str) -> Mapping[str, Any]:
        """Return the record with this id."""
        ...

    def search(self, day: str) -> Sequence[Mapping[str, Any]]:
        """Return the records of a day, by an index where the store was opened with one."""
        ...

    def compact(self) -> None:
        """Give back the room of what was replaced, as far as the store does that."""
        ...

    def saves_while_tidying(self, records: Sequence[Record]) -> list[float]:
        """Save again and again while the store tidies itself up; return the seconds of each save, none where it never does."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


class _ById(Table):
    document_id_class = str  # type: ignore[assignment]


class _JournalById(JournalTable):
    document_id_class = str  # type: ignore[assignment]


class _StockDB(TinyDB):
    table_class = _ById


class _OwnDB(JournalDB):
    table_class = _JournalById


class _Tiny:
    """What TinyDB and the local store have in common, which is all that TinyDB documents."""

    def __init__(self, database: TinyDB) -> None:
        self._database = database
        self._table = database.table(TABLE)

    def bring_in(self, records: Sequence[Record]) -> None:
        self._table.insert_multiple(Document(record, record["id"]) for record in records)

    def save(self, record: Record) -> None:
        self._table.upsert(Document(record, record["id"]))

    def get(self, key: str) -> Mapping[str, Any]:
        found = self._table.get(doc_id=key)  # type: ignore[call-overload]
        assert isinstance(found, dict)
        return found

    def search(self, day: str) -> Sequence[Mapping[str, Any]]:
        return self._table.search(where(FIELD) == day)

    def close(self) -> None:
        self._database.close()


class Stock(_Tiny):
    """TinyDB with its `JSONStorage`: every call reads or writes the whole file."""

    def __init__(self, folder: Path, *, indexed: bool) -> None:
        super().__init__(_StockDB(folder / "db.json"))

    def compact(self) -> None:
        """Do nothing: each save writes the file anew."""

    def saves_while_tidying(self, records: Sequence[Record]) -> list[float]:
        """Return nothing: each save writes the file anew."""
        return []


class Own(_Tiny):
    """The local store, with TinyDB's calls; sealed where a key is given."""

    def __init__(self, folder: Path, *, indexed: bool, key: bytes = b"", tidying: bool = False) -> None:
        self._folder = folder
        indexes = {TABLE: IndexSpec(1, {FIELD: ByField(FIELD)})} if indexed else {}
        self._journal = _OwnDB(
            folder,
            codec=SealedCodec(key) if key else None,
            indexes=indexes,
            smallest_compaction=0 if tidying else _NEVER,
        )
        super().__init__(self._journal)

    def compact(self) -> None:
        self._journal.journal.compact()

    def saves_while_tidying(self, records: Sequence[Record]) -> list[float]:
        def tidy() -> bool:
            return any(self._folder.glob("snap-*.jsonl"))

        return _saves(self, records, tidy)


class Sqlite:
    """SQLite with a write-ahead log and a sync at each commit; the searched field is a column with an index."""

    def __init__(self, folder: Path, *, indexed: bool) -> None:
        self._indexed = indexed
        self._database = sqlite3.connect(folder / "db.sqlite", isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute(f"CREATE TABLE IF NOT EXISTS {TABLE} (id TEXT PRIMARY KEY, json TEXT, {FIELD} TEXT)")
        self._database.execute(f"CREATE INDEX IF NOT EXISTS by_{FIELD} ON {TABLE} ({FIELD})")

    def bring_in(self, records: Sequence[Record]) -> None:
        self._database.execute("BEGIN")
        self._database.executemany(f"INSERT OR REPLACE INTO {TABLE} VALUES (?, ?, ?)", map(_row, records))
        self._database.execute("COMMIT")

    def save(self, record: Record) -> None:
        self._database.execute(f"INSERT OR REPLACE INTO {TABLE} VALUES (?, ?, ?)", _row(record))

    def get(self, key: str) -> Mapping[str, Any]:
        (text,) = self._database.execute(f"SELECT json FROM {TABLE} WHERE id = ?", (key,)).fetchone()
        record: Record = orjson.loads(text)
        return record

    def search(self, day: str) -> Sequence[Mapping[str, Any]]:
        asked = FIELD if self._indexed else f"json_extract(json, '$.{FIELD}')"
        rows = self._database.execute(f"SELECT json FROM {TABLE} WHERE {asked} = ?", (day,))
        return [orjson.loads(text) for (text,) in rows]

    def compact(self) -> None:
        self._database.execute("VACUUM")
        self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def saves_while_tidying(self, records: Sequence[Record]) -> list[float]:
        """Save so often that the log is written back several times, which happens within a commit."""
        saved = iter(range(2000))
        return _saves(self, records, lambda: next(saved, None) is None)

    def close(self) -> None:
        self._database.close()


def _row(record: Record) -> tuple[str, str, str | None]:
    return record["id"], orjson.dumps(record).decode(), record.get(FIELD)


def _saves(store: Contender, records: Sequence[Record], ended: Callable[[], bool]) -> list[float]:
    """Return the seconds of each save until `ended()`."""
    took: list[float] = []
    deadline = time.perf_counter() + PATIENCE
    for number, record in enumerate(cycle(records), 1):
        begun = time.perf_counter()
        store.save({**record, "rev": number})
        took.append(time.perf_counter() - begun)
        if ended():
            return took
        if begun > deadline:
            break
    raise TimeoutError(f"not tidied up within {PATIENCE:.0f} s")


STOCK, SQLITE, OWN, SEALED = "TinyDB", "SQLite", "Feldbuch", "verschlüsselt"
NAMES = (STOCK, SQLITE, OWN, SEALED)


def opened(name: str, folder: Path, key: bytes, *, indexed: bool = True, tidying: bool = False) -> Contender:
    """Open or begin a contender's store in a folder that exists; `tidying` lets it compact itself as soon as it can."""
    if name == STOCK:
        return Stock(folder, indexed=indexed)
    if name == SQLITE:
        return Sqlite(folder, indexed=indexed)
    return Own(folder, indexed=indexed, key=key if name == SEALED else b"", tidying=tidying)
