"""JournalStorage: tables of JSON documents in a folder, each commit durable at the cost of the change alone."""

from __future__ import annotations

import os
import threading
import time
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
from models.store.lines import CLEAR, CLOSE, DELETE, DROP, FORMAT, PUT, Header, Op, encode, header_line, line
from models.store.lock import FolderLock
from models.store.messages import store_error
from models.store.opening import JOURNAL, SNAPSHOT, Folder, Found, generations, name_of
from models.store.recovery import Content, snapshot_lines
from models.store.saved_indexes import INDEX, saved_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from models.store.codec import Codec
    from models.store.indexes import IndexSpec
    from models.store.recovery import Journal

SMALLEST_COMPACTION = 8 * 1024 * 1024
"""Bytes of journal below which a compaction gains nothing."""

TORN = ".torn"


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
        self._descriptor: int | None = None
        self._file_id = b""
        self._size = 0
        self._lock: FolderLock | None = None
        self._poisoned = False
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
        self._closed = journal is None or journal.closed or (not journal.commits and journal.header["first"] == 1)
        torn = self._go_on(found)
        self.report = OpenReport(self._closed and not torn, torn, found.rebuilt, found.quarantined)
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
                self._new_journal(1, 1)
            return ""
        name = name_of(JOURNAL, found.generation)
        self._size = found.journal.good_end
        if self.read_only:
            return name if found.journal.tail else ""
        self._remove_leftovers()
        self._descriptor = self.files.open_append(self.folder / name)
        self._file_id = bytes.fromhex(found.journal.header["id"])
        evidence = self._evidence(name) if found.journal.tail else None
        if evidence is not None:
            self.files.create(evidence, [found.journal.tail])
            self.files.truncate(self._descriptor, found.journal.good_end)
            self.files.sync(self._descriptor)
        if not found.journal.closed:
            self._make_durable(self.folder / name, found.journal)
        return evidence.name if evidence is not None else ""

    def _make_durable(self, path: Path, journal: Journal) -> None:
        """Write the last commit of a session that broke off again, and make the names durable, before more is put behind.

        What was read may stand in the system's memory alone: the session ended before a sync, or its sync failed, after
        which no later one writes those bytes.
        """
        if journal.last_commit:
            self.files.write_again(path, journal.good_end - len(journal.last_commit), journal.last_commit)
        self.files.sync_dir(self.folder)

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
            if self._descriptor is not None and not self._closed and not self._poisoned:
                try:
                    self._append([Op(CLOSE, "")])
                except StoreError:
                    # Only the mark is missing: every commit was durable before.
                    self._poisoned = True
            self._release()

    def _release(self) -> None:
        if self._descriptor is not None:
            self._let_go(self._descriptor)
            self._descriptor = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _let_go(self, descriptor: int) -> None:
        # Whatever was acknowledged was synced; an error at the close says nothing about it.
        with suppress(OSError):
            self.files.close(descriptor)

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
        return self._snapshot_size + self._size

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

    def _writable(self) -> int:
        """Return the descriptor of the journal; raises `StoreError` where nothing may be written."""
        if self.read_only:
            raise StoreReadOnly(_("Dieses Feldbuch ist nur zum Lesen geöffnet. Gespeichert wurde nichts."))
        if self._poisoned or self._descriptor is None:
            raise StoreError(
                _(
                    "Der Datenträger hat beim letzten Speichern einen Fehler gemeldet, seitdem wird nichts mehr geschrieben. "
                    "Alles früher Gespeicherte ist unversehrt. Bitte Feldbuch beenden, Datenträger prüfen, neu starten."
                )
            )
        return self._descriptor

    def _append(self, ops: Sequence[Op]) -> None:
        descriptor = self._writable()
        offset, parts = self._size, list[bytes]()
        for k, op in enumerate(ops, 1):
            written = line(self.codec.seal(self._file_id, offset, encode(self._commit + 1, k, len(ops), op)))
            offset += len(written)
            parts.append(written)
        try:
            self.files.write(descriptor, b"".join(parts))
        except OSError as error:
            self._take_back(descriptor)
            raise store_error(error, self.folder) from error
        try:
            self.files.sync(descriptor)
        except OSError as error:
            # What a failed sync left on the disk nobody knows, and a second one may answer for pages long thrown away.
            self._poisoned = True
            raise store_error(error, self.folder) from error
        self._commit, self._size = self._commit + 1, offset
        self._closed = ops[-1].op == CLOSE

    def _take_back(self, descriptor: int) -> None:
        """Cut off what a failed write left, durably: else it could stand before the next commit after a power loss."""
        try:
            self.files.truncate(descriptor, self._size)
            self.files.sync(descriptor)
        except OSError:
            self._poisoned = True

    def _new_journal(self, generation: int, first: int) -> None:
        header = self.header(JOURNAL, generation, first)
        path, start = self.folder / name_of(JOURNAL, generation), header_line(header)
        try:
            self.files.create(path, [start])
            descriptor = self.files.open_append(path)
        except OSError:
            self._withdraw(path)
            raise
        before = self._descriptor
        self._descriptor, self._size = descriptor, len(start)
        self._file_id, self._generation = bytes.fromhex(header["id"]), generation
        if before is not None:
            self._let_go(before)

    def _withdraw(self, path: Path) -> None:
        """Remove a journal that could not be begun: a later one must not stand beside commits of this one."""
        try:
            self.files.remove(path)
        except OSError:
            self._poisoned = True

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
            self._writable()
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
                self._new_journal(self._generation + 1, self._commit + 1)
            except OSError:
                self._poisoned = True

    def replace(self, content: Content) -> None:
        """Put `content` in the place of all documents, as one commit; the generation before it is kept."""
        with self._mutex:
            self._wait()
            gone = [Op(DROP, name) for name in self.content.tables]
            self.commit([*gone, *content.ops()])
            self.compact()

    def _compact_if_grown(self) -> None:
        grown = self._size > max(self._smallest, self._snapshot_size // 4)
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
            self._write_snapshot(header, content, keep=1, giving_way=True)
        except OSError:
            return  # The journals hold everything; the next compaction tries again.

    def _turn(self) -> tuple[Header, Content]:
        """Begin the next journal, so that commits go there from now on; returns what the snapshot before it holds."""
        generation, last = self._generation + 1, self._commit
        self._new_journal(generation, last + 1)
        self._closed = False
        return self.header(SNAPSHOT, generation, last), self.content.copy()

    def _write_snapshot(self, header: Header, content: Content, *, keep: int, giving_way: bool = False) -> None:
        path = self.folder / name_of(SNAPSHOT, header["generation"])
        lines = snapshot_lines(header, content, self.codec)
        self.files.create(path, _giving_way(lines) if giving_way else lines)
        self._snapshot_size = path.stat().st_size
        self._save_indexes(header, content, giving_way=giving_way)
        names = self.files.names(self.folder)
        snapshots = generations(names, SNAPSHOT)
        oldest = [0, *snapshots][-(keep + 1) :][0]
        mine = [snapshots, generations(names, JOURNAL), generations(names, INDEX)]
        gone = [name for files in mine for number, name in files.items() if number < oldest]
        if not keep:
            gone += [name for name in names if name.endswith(TORN)]
        for name in gone:
            self.files.remove(self.folder / name)
        if gone:
            self.files.sync_dir(self.folder)

    def _save_indexes(self, snapshot: Header, content: Content, *, giving_way: bool) -> None:
        header = self.header(INDEX, snapshot["generation"], snapshot["first"])
        header["of"] = snapshot["id"]
        rows = self.indexes.rows(content)
        if not rows:
            return
        lines = saved_lines(header, rows, self.codec)
        # A copy of what the snapshot says: where it cannot be written, the indexes are built when they are asked for.
        with suppress(OSError):
            path = self.folder / name_of(INDEX, snapshot["generation"])
            self.files.create(path, _giving_way(lines) if giving_way else lines)

    def _wait(self) -> None:
        if self._compacting is not None:
            self._compacting.join()
            self._compacting = None


def _giving_way(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines and let other threads run again and again: a commit waits for this one no longer than a blink."""
    for number, text in enumerate(lines):
        if number % 16 == 0:
            time.sleep(0)
        yield text
