"""A journalling storage for TinyDB: every save is durable when it returns, and costs what changed, not what is stored.

    from models.store.db import JournalDB

    with JournalDB("folder") as db:
        db.insert({"name": "GG Am Deich"})
        with db.batch():                     # one commit, all of it or nothing
            db.table("visits").insert_multiple(visits)

`JournalDB` is TinyDB with its tables and queries as documented there; `JournalStorage` also works under stock
`TinyDB(folder, storage=JournalStorage)`. `export_json` writes the file that stock TinyDB opens, `import_json` reads it.
`JournalStorage` names the options: a codec that encrypts, indexes on fields, another file system. docs/store.md tells how the
files look and what a crash leaves. Nothing here knows of records; what stands above asks `Store` only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from models.store.codec import Codec

Stored = dict[str, Any]


class Change(NamedTuple):
    """One line of a commit: put `document` under `key` in `table`, or remove it where `document` is `None`."""

    table: str
    key: str
    document: Stored | None


class Store(Protocol):
    """Durable tables of JSON documents. A commit holds all of its changes or none, and returns only when it is on disk."""

    def table(self, name: str) -> Mapping[str, Stored]:
        """Return the live documents of a table by key; callers do not change them."""
        ...

    def find(self, table: str, index: str, text: str) -> list[str]:
        """Return the keys of the documents that an index has under `text`, in the order in which they came."""
        ...

    def texts(self, table: str, index: str) -> list[str]:
        """Return all texts of an index, sorted."""
        ...

    def commit(self, changes: Sequence[Change]) -> None:
        """Make `changes` durable as one; raises `StoreError` and changes nothing where that fails."""
        ...

    def rekey(self, codec: Codec) -> None:
        """Write everything anew with another codec, so that nothing written with the old one is left."""
        ...

    def back_up(self, folder: Path, moment: datetime, *, automatic: bool = False) -> Path:
        """Write all that is stored into one new file in `folder` and return its path; raises `StoreError`."""
        ...

    def size(self) -> int:
        """Return the size of the store's files in bytes."""
        ...

    def close(self) -> None:
        """Release the store for other programs."""
        ...
