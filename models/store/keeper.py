"""JournalStore: a `Store` on the journal. Documents are decoded when they are asked for, and once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import orjson

from models.errors import StoreError
from models.store.backup import write_backup
from models.store.codec import PLAIN
from models.store.lines import DELETE, Op
from models.store.sealing import seal_copies
from models.store.storage import JournalStorage

if TYPE_CHECKING:
    from collections.abc import Callable, ItemsView, Sequence, ValuesView
    from datetime import datetime
    from pathlib import Path

    from models.store import Change, Stored
    from models.store.codec import Codec
    from models.store.files import Files
    from models.store.indexes import IndexSpec


class JournalStore:
    """The tables of one folder. What it returns is shared: callers read it and never change it."""

    def __init__(
        self,
        folder: Path,
        *,
        codec: Codec | None = None,
        indexes: Mapping[str, IndexSpec] | None = None,
        files: Files | None = None,
        read_only: bool = False,
        rescue: bool = False,
        upgrades: Mapping[str, Callable[[Stored], Stored]] | None = None,
    ) -> None:
        """Open or begin the store in `folder`; the parameters and errors are those of `JournalStorage`.

        `upgrades` has, per table, what turns a document of an earlier version into one of today when it is read.
        """
        self._upgrades = upgrades or {}
        self.journal = JournalStorage(
            folder, codec=codec, indexes=indexes, files=files, read_only=read_only, rescue=rescue
        )
        self._tables: dict[str, LiveTable] = {}
        if self.journal.codec.name != PLAIN and not self.journal.read_only:
            with suppress(StoreError):
                # A crash or a full disk may have cut short what `rekey` began; the next opening tries again.
                seal_copies(self.journal)

    def table(self, name: str) -> Mapping[str, Stored]:
        """Return the documents of a table by key."""
        table = self._tables.get(name)
        if table is None:
            table = self._tables[name] = LiveTable(self.journal, name, self._upgrades.get(name))
        return table

    def find(self, table: str, index: str, text: str) -> list[str]:
        """Return the keys of the documents that an index has under `text`."""
        return self.journal.indexes.find(table, index, text)

    def texts(self, table: str, index: str) -> list[str]:
        """Return all texts of an index, sorted."""
        return self.journal.indexes.texts(table, index)

    def commit(self, changes: Sequence[Change]) -> None:
        """Make `changes` durable as one."""
        self.journal.commit(
            [
                Op(DELETE, change.table, change.key)
                if change.document is None
                else self.journal.put(change.table, change.key, change.document)
                for change in changes
            ]
        )

    def rekey(self, codec: Codec) -> None:
        """Write everything anew with another codec, so that nothing written with the old one is left."""
        self.journal.rekey(codec)
        if codec.name != PLAIN:
            seal_copies(self.journal)

    def back_up(self, folder: Path, moment: datetime, *, automatic: bool = False) -> Path:
        """Write all that is stored into one new file in `folder` and return its path; raises `StoreError`."""
        return write_backup(self.journal, folder, moment, automatic=automatic)

    def size(self) -> int:
        """Return the size of the store's files in bytes."""
        return self.journal.size()

    def close(self) -> None:
        """Release the folder for other programs."""
        self.journal.close()


class LiveTable(Mapping[str, "Stored"]):
    """The documents of one table. As long as a document does not change, the same object is returned for it."""

    def __init__(self, journal: JournalStorage, name: str, upgrade: Callable[[Stored], Stored] | None = None) -> None:
        """Show the table `name` of `journal`, as it is at each moment, its documents as `upgrade` returns them."""
        self._upgrade = upgrade
        self._journal = journal
        self._name = name
        self._decoded: dict[str, tuple[bytes, Stored]] = {}

    def __getitem__(self, key: str) -> Stored:
        return self._document(key, self._journal.table(self._name)[key])

    def _document(self, key: str, encoded: bytes) -> Stored:
        known = self._decoded.get(key)
        if known is not None and known[0] is encoded:
            return known[1]
        document: Stored = orjson.loads(encoded)
        if self._upgrade is not None:
            document = self._upgrade(document)
        self._decoded[key] = encoded, document
        return document

    def __contains__(self, key: object) -> bool:
        return key in self._journal.table(self._name)

    def __iter__(self) -> Iterator[str]:
        # A copy: another thread may commit meanwhile.
        return iter(list(self._journal.table(self._name)))

    def __len__(self) -> int:
        return len(self._journal.table(self._name))

    def values(self) -> ValuesView[Stored]:
        """Return the documents as they are at this moment."""
        return self._now().values()

    def items(self) -> ItemsView[str, Stored]:
        """Return the documents by key as they are at this moment."""
        return self._now().items()

    def _now(self) -> dict[str, Stored]:
        # What another thread deletes meanwhile must not be looked up any more.
        return {key: self._document(key, encoded) for key, encoded in dict(self._journal.table(self._name)).items()}
