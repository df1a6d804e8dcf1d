"""JournalStorage: tables of JSON documents in a folder, each commit durable at the cost of the change alone."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from tinydb.storages import Storage

from models.errors import StoreError, StoreReadOnly
from models.i18n import _
from models.store.codec import PlainCodec
from models.store.files import TEMPORARY, Files
from models.store.indexes import Indexes
from models.store.journal import JournalFile, poisoned
from models.store.lines import CLEAR, CLOSE, DELETE, DROP, FORMAT, PUT, Header, Op
from models.store.lock import FolderLock
from models.store.messages import store_error
from models.store.opening import JOURNAL, SNAPSHOT, Folder, Found, name_of
from models.store.recovery import Content
from models.store.saved_indexes import INDEX
from models.store.snapshots import TORN, SnapshotWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from models.store.codec import Codec
    from models.store.indexes import IndexSpec

SMALLEST_COMPACTION = 8 * 1024 * 1024
"""Bytes of journal below which a compaction gains nothing."""


@dataclass(frozen=True, slots=True)
class OpenReport:
    """What was found at opening.

    `clean`: the session before was closed. `torn`: the file that keeps the bytes of a commit which was never whole.
    `rebuilt`: the damaged snapshot whose content the generation before it gave back. `quarantined`: pieces that could not
    be read, only where the store was opened to save what can be saved.
    """

    clean: bool = True
    torn: str = ""
    rebuilt: str = ""
    quarantined: int = 0


class JournalStorage(Storage):
    """A TinyDB storage that appends each commit to a journal, and now and then writes a new snapshot in the background.

    Under stock TinyDB it works through `read` and `write`; `JournalDB` uses `commit`, at the cost of the change.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        codec: Codec | None = None,
        indexes: Mapping[str, IndexSpec] | None = None,
        files: Files | None = None,
        read_only: bool = False,
        rescue: bool = False,
        smallest_compaction: int = SMALLEST_COMPACTION,
    ) -> None:
        """Open or begin the store in `folder`.

        `indexes` names, per table, functions from a document to the texts that it is found by. `rescue` opens a damaged
        store with all that is readable and changes no byte. Raises `StoreLocked`, `StoreDamaged`, `StoreNewer`,
        `WrongKey`, `StoreReadOnly`, `StoreError`.
        """
        self.folder = Path(folder)
        self.codec: Codec = codec or PlainCodec()
        self.files = files or Files()
        self.read_only = read_only or rescue
        self.indexes = Indexes(indexes or {})
        self._smallest = smallest_compaction
        self._mutex = threading.RLock()
        self._batch: list[Op] | None = None
        self._journal = JournalFile(self.folder, self.files)
        self._lock: FolderLock | None = None
        self._compacting: threading.Thread | None = None
        try:
            self._open(rescue=rescue)
        except OSError as error:
            self._release()
            raise store_error(error, self.folder) from error
        except BaseException:
            self._release()
            raise

    # Opening and closing

    def _open(self, *, rescue: bool) -> None:
        if not self.read_only:
            self._make_folder()
            self._lock = FolderLock(self.folder)
        folder = Folder(self.folder, self.files, self.codec, indexes=self.indexes.version, read_only=self.read_only)
        found = folder.rescue() if rescue else folder.read()
        self.content = found.content
        self._generation, self._commit, self._snapshot_size = found.generation, found.last, found.snapshot_size
        journal = found.journal
        clean = journal is None or journal.closed
        self._closed = journal is not None and journal.closed
        torn = self._go_on(found)
        self.report = OpenReport(clean and not torn, torn, found.rebuilt, found.quarantined)
        self.indexes.take_over(self.content, stale=found.stale_keys, saved=found.saved)
        if self.read_only:
            return
        if folder.codecs() != {self.codec.name}:
            self.compact(forget=True)
        elif found.rebuilt:
            # Out of the way, so that the generation which is kept beside the new one is the whole one.
            self.files.replace(self.folder / found.rebuilt, self._evidence(found.rebuilt))
            self.compact()

    def _make_folder(self) -> None:
        new = [folder for folder in (self.folder, *self.folder.parents) if not folder.exists()]
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in new:
            # Where the parent may not be read, nobody can do it.
            with suppress(PermissionError):
                self.files.sync_dir(folder.parent)

    def _go_on(self, found: Found) -> str:
        """Open the journal for appending. A tail that never became a commit goes, and is kept in the file returned."""
        if found.journal is None:
            if not self.read_only:
                self._remove_leftovers()
                self._begin(1, 1)
            return ""
        name = name_of(JOURNAL, found.generation)
        if self.read_only:
            self._journal.size = found.journal.good_end
            return name if found.journal.tail else ""
        self._remove_leftovers()
        evidence = self._evidence(name)
        self._journal.go_on(found.journal, self.folder / name, evidence)
        return evidence.name if found.journal.tail else ""

    def _evidence(self, name: str) -> Path:
        """Return a path that no file has, for bytes of the file `name` that are no longer used."""
        there = set(self.files.names(self.folder))
        number, found = 1, name + TORN
        while found in there:
            number, found = number + 1, f"{name}.{number + 1}{TORN}"
        return self.folder / found

    def _remove_leftovers(self) -> None:
        for name in self.files.names(self.folder):
            if name.endswith(".jsonl" + TEMPORARY):
                self.files.remove(self.folder / name)

    def close(self) -> None:
        """Note that all is said, and let go of the folder; nothing is left to write."""
        with self._mutex:
            self._wait()
            if self._journal.writable and not self._closed:
                # Without it only the mark is missing: every commit was durable before.
                with suppress(StoreError):
                    self._append([Op(CLOSE, "")])
            self._release()

    def _release(self) -> None:
        self._journal.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    # Reading

    def read(self) -> dict[str, dict[str, Any]]:
        """Return fresh copies of all documents by table and id: what stock TinyDB asks for at every call."""
        return {
            name: {key: orjson.loads(document) for key, document in list(table.items())}
            for name, table in list(self.content.tables.items())
        }

    def table(self, name: str) -> Mapping[str, bytes]:
        """Return the encoded documents of a table by id."""
        return self.content.tables.get(name, {})

    def size(self) -> int:
        """Return the size of snapshot and journal in bytes."""
        return self._snapshot_size + self._journal.size

    def state(self) -> tuple[int, Content]:
        """Return the number of the last commit and a copy of all that it left."""
        with self._mutex:
            return self._commit, self.content.copy()

    # Writing

    def write(self, data: Mapping[str, Mapping[Any, Mapping[str, Any]]]) -> None:
        """Commit what differs between `data`, all documents by table and id, and what is stored."""
        ops: list[Op] = []
        for name, table in data.items():
            stored = self.content.tables.get(name)
            if stored is None:
                ops.append(Op(CLEAR, name))
            ops += self.changes(name, {str(key): document for key, document in table.items()})
        ops += [Op(DROP, name) for name in self.content.tables if name not in data]
        self.commit(ops)

    def changes(self, table: str, documents: Mapping[str, Any]) -> Iterator[Op]:
        """Yield what turns a table into `documents`."""
        stored = self.table(table)
        for key in stored:
            if key not in documents:
                yield Op(DELETE, table, key)
        for key, document in documents.items():
            op = self.put(table, key, document)
            if stored.get(key) != op.document:
                yield op

    def put(self, table: str, key: str, document: Any) -> Op:
        """Return the change that stores a document."""
        return Op(PUT, table, key, orjson.dumps(document), self.indexes.packed(table, document))

    def commit(self, ops: Sequence[Op]) -> None:
        """Make all `ops` durable as one commit, then visible. Inside `batch` they are visible at once and durable at its end.

        Raises `StoreError` and changes nothing where the disk refuses.
        """
        if not ops:
            return
        with self._mutex:
            if self._batch is None:
                self._append(ops)
            else:
                self._batch += ops
            with self.indexes.lock:
                for op in ops:
                    self.indexes.apply(op)
                    self.content.apply(op)
            if self._batch is None:
                self._compact_if_grown()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Make all commits of the block one; an error takes them all back."""
        with self._mutex:
            if self._batch is not None:
                yield
                return
            before = self.content.copy()
            self._batch = []
            try:
                yield
                if self._batch:
                    self._append(self._batch)
            except BaseException:
                self.content = before
                self.indexes.take_over(before, stale=False)
                raise
            finally:
                self._batch = None
            self._compact_if_grown()

    def _check_writable(self) -> None:
        if self.read_only:
            raise StoreReadOnly(_("Dieses Feldbuch ist nur zum Lesen geöffnet. Gespeichert wurde nichts."))
        if not self._journal.writable:
            raise poisoned()

    def _append(self, ops: Sequence[Op]) -> None:
        self._check_writable()
        self._journal.append(self.codec, self._commit + 1, ops)
        self._commit += 1
        self._closed = ops[-1].op == CLOSE

    def _begin(self, generation: int, first: int) -> None:
        self._journal.begin(self.header(JOURNAL, generation, first))
        self._generation = generation

    def header(self, kind: str, generation: int, first: int) -> Header:
        """Return the header of a new file of this store, with an id of its own."""
        return {
            "store": "journal",
            "format": FORMAT,
            "reads": FORMAT,
            "type": kind,
            "generation": generation,
            "id": os.urandom(16).hex(),
            "codec": self.codec.name,
            "first": first,
            "indexes": self.indexes.version,
        }

    # Compaction

    def compact(self, *, forget: bool = False) -> None:
        """Write a new snapshot and return when it is durable; with `forget` nothing older stays, as an erasure asks."""
        with self._mutex:
            self._wait()
            self._check_writable()
            try:
                header, content = self._turn()
                self._write_snapshot(header, content, keep=0 if forget else 1)
            except OSError as error:
                raise store_error(error, self.folder) from error

    def rekey(self, codec: Codec) -> None:
        """Write everything anew with another codec; nothing that was written with the old one stays in the folder."""
        with self._mutex:
            self._wait()
            before, generation = self.codec, self._generation
            self.codec = codec
            try:
                self.compact(forget=True)
            except StoreError:
                self.codec = before
                self._turn_back(generation)
                raise

    def _turn_back(self, generation: int) -> None:
        """Leave a journal that was begun for another codec: its header must not stand before lines of this one."""
        if self._generation != generation:
            try:
                self._begin(self._generation + 1, self._commit + 1)
            except OSError:
                self._journal.poisoned = True

    def replace(self, content: Content) -> None:
        """Put `content` in the place of all documents, as one commit; the generation before it is kept."""
        with self._mutex:
            self._wait()
            gone = [Op(DROP, name) for name in self.content.tables]
            self.commit([*gone, *content.ops()])
            self.compact()

    def _compact_if_grown(self) -> None:
        grown = self._journal.size > max(self._smallest, self._snapshot_size // 4)
        if not grown or self.read_only or (self._compacting is not None and self._compacting.is_alive()):
            return
        try:
            header, content = self._turn()
        except OSError:
            return  # The commit is durable; the journal goes on growing until there is room again.
        self._compacting = threading.Thread(
            target=self._compact_behind, args=(header, content), name="compaction", daemon=True
        )
        self._compacting.start()

    def _compact_behind(self, header: Header, content: Content) -> None:
        try:
            self._write_snapshot(header, content, keep=1, patient=True)
        except OSError:
            return  # The journals hold everything; the next compaction tries again.

    def _turn(self) -> tuple[Header, Content]:
        """Begin the next journal, so that commits go there from now on; returns what the snapshot before it holds."""
        generation, last = self._generation + 1, self._commit
        self._begin(generation, last + 1)
        self._closed = False
        return self.header(SNAPSHOT, generation, last), self.content.copy()

    def _write_snapshot(self, header: Header, content: Content, *, keep: int, patient: bool = False) -> None:
        writer = SnapshotWriter(self.folder, self.files, self.codec, patient=patient)
        self._snapshot_size = writer.write(header, content)
        rows = self.indexes.rows(content)
        if rows:
            beside = self.header(INDEX, header["generation"], header["first"])
            beside["of"] = header["id"]
            writer.write_indexes(beside, rows)
        writer.remove_older(keep)

    def _wait(self) -> None:
        if self._compacting is not None:
            self._compacting.join()
            self._compacting = None
