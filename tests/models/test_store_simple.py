"""The simple store: a save is on disk or it never happened, whatever fails and whenever."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from select import select
from time import monotonic
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from tinydb import Query, TinyDB
from tinydb.table import Table

from models.clock import FixedClock
from models.errors import StoreDamaged, StoreError, StoreFull, StoreLocked, StoreReadOnly
from models.fieldbook import Fieldbook
from models.records import parse
from models.store import Change
from models.store.atomic import AtomicStorage, Files
from models.store.simple import SimpleStore

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
CLOCK = FixedClock(datetime(2026, 11, 24, 8, 0, tzinfo=UTC))
PATIENCE = 30.0
"""Seconds within which another program has to answer."""


class FailingFiles(Files):
    """Files whose next operation of one kind fails; `partly` leaves half of what was to be written."""

    def __init__(self) -> None:
        self.fail: tuple[str, int] | None = None
        self.partly = False

    def _maybe(self, step: str) -> None:
        if self.fail is not None and self.fail[0] == step:
            code = self.fail[1]
            self.fail = None
            raise OSError(code, os.strerror(code))

    def write(self, path: Path, content: bytes) -> None:
        if self.fail == ("write", errno.ENOSPC) or self.partly:
            path.write_bytes(content[: len(content) // 2])
        self._maybe("write")
        super().write(path, content)
        self._maybe("fsync")

    def rename(self, source: Path, target: Path) -> None:
        self._maybe("rename")
        super().rename(source, target)


def task(number: int) -> Change:
    """Return the change that puts task `number`."""
    return Change("records", f"t{number}", {"id": f"t{number}", "kind": "task", "text": f"Aufgabe {number}"})


def contents(folder: Path) -> dict[str, bytes]:
    """Return name → content of all files but the lock."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "LOCK"}


def tables(store: SimpleStore) -> dict[str, dict[str, Any]]:
    """Return what the store holds in memory."""
    return {name: dict(store.table(name)) for name in ("records", "outbox", "meta", "drafts")}


@pytest.fixture
def files() -> FailingFiles:
    """Files that fail when they are told to."""
    return FailingFiles()


@pytest.fixture
def store(tmp_path: Path, files: FailingFiles) -> Iterator[SimpleStore]:
    """A store with one task, a draft and the failing files."""
    opened = SimpleStore(tmp_path, files)
    opened.commit([task(1), Change("meta", "settings", {"theme": "hell"})])
    opened.commit([Change("drafts", "d1", {"id": "d1"})])
    yield opened
    opened.close()


# Failures

KINDS_OF_FAILURE = [
    (errno.ENOSPC, StoreFull, "Der Datenträger ist voll"),
    (errno.EACCES, StoreReadOnly, "lässt sich nicht beschreiben"),
    (errno.EROFS, StoreReadOnly, "lässt sich nicht beschreiben"),
    (errno.EIO, StoreError, "(Fehler EIO)"),
]


@pytest.mark.parametrize("step", ["write", "fsync", "rename"])
@pytest.mark.parametrize(("code", "kind", "sentence"), KINDS_OF_FAILURE, ids=["ENOSPC", "EACCES", "EROFS", "EIO"])
@pytest.mark.parametrize("table", ["records", "drafts"])
def test_a_step_that_fails_leaves_memory_and_disk_as_they_were_and_the_next_save_works(
    store: SimpleStore, files: FailingFiles, step: str, code: int, kind: type[StoreError], sentence: str, table: str
) -> None:
    disk, memory = contents(store.folder), tables(store)
    files.fail = (step, code)
    with pytest.raises(kind) as raised:
        store.commit([Change(table, "t1", None), Change(table, "t2", {"id": "t2"})])
    assert type(raised.value) is kind
    assert sentence in str(raised.value)
    assert os.strerror(code) not in str(raised.value)
    assert tables(store) == memory
    assert contents(store.folder) == disk
    store.commit([task(3)])
    assert set(store.table("records")) == {"t1", "t3"}
    store.close()
    again = SimpleStore(store.folder)
    assert {**memory, "records": {**memory["records"], "t3": task(3).document}} == tables(again)


def test_a_failure_before_the_very_first_save_leaves_nothing_behind(tmp_path: Path, files: FailingFiles) -> None:
    store = SimpleStore(tmp_path, files)
    files.fail = ("rename", errno.ENOSPC)
    with pytest.raises(StoreFull):
        store.commit([task(1)])
    assert contents(tmp_path) == {}
    assert tables(store)["records"] == {}
    store.commit([task(1)])
    assert set(orjson.loads((tmp_path / "feldbuch.json").read_bytes())["records"]) == {"t1"}
    store.close()


def test_a_folder_that_cannot_be_synced_refuses_the_save_and_the_next_one_makes_disk_and_memory_equal(
    store: SimpleStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(folder: Path) -> None:
        raise OSError(errno.EIO, "x")

    memory = tables(store)
    with monkeypatch.context() as patched:
        patched.setattr("models.store.atomic.sync_folder", broken)
        with pytest.raises(StoreError):
            store.commit([task(2)])
    assert tables(store) == memory
    store.commit([task(3)])
    assert set(orjson.loads((store.folder / "feldbuch.json").read_bytes())["records"]) == {"t1", "t3"}


def test_the_previous_state_is_kept_even_where_files_cannot_be_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "x")

    store = SimpleStore(tmp_path)
    store.commit([task(1)])
    store.close()
    monkeypatch.setattr(os, "link", no_links)
    store = SimpleStore(tmp_path)
    store.commit([task(2)])
    store.close()
    assert set(orjson.loads((tmp_path / "feldbuch.vorher.json").read_bytes())["records"]) == {"t1"}


def test_a_folder_that_is_none_is_said_in_german(tmp_path: Path) -> None:
    (tmp_path / "datei").write_text("x")
    with pytest.raises(StoreError, match=r"lässt sich nicht lesen oder beschreiben \(Fehler ENOTDIR\)"):
        SimpleStore(tmp_path / "datei" / "buch")
    (tmp_path / "buch" / "feldbuch.json").mkdir(parents=True)
    with pytest.raises(StoreError, match=r"\(Fehler EISDIR\)"):
        SimpleStore(tmp_path / "buch")


def test_a_crash_in_the_middle_of_a_write_is_swept_away_at_the_next_start(tmp_path: Path) -> None:
    store = SimpleStore(tmp_path)
    store.commit([task(1)])
    store.close()
    for name in ("feldbuch.json.tmp", "drafts.json.tmp", "feldbuch.vorher.json.tmp"):
        (tmp_path / name).write_bytes(b'{"records": {"t1"')
    store = SimpleStore(tmp_path)
    assert set(store.table("records")) == {"t1"}
    assert not list(tmp_path.glob("*.tmp"))
    store.close()


# TinyDB's own writes through the same storage


def test_a_write_outside_a_batch_is_durable_or_never_happened(tmp_path: Path, files: FailingFiles) -> None:
    database = TinyDB(tmp_path / "x.json", files, storage=AtomicStorage)
    database.table("a").insert({"n": 1})
    files.fail = ("rename", errno.EIO)
    with pytest.raises(StoreError):
        database.table("a").insert({"n": 2})
    assert [document["n"] for document in database.table("a")] == [1]
    assert orjson.loads((tmp_path / "x.json").read_bytes()) == {"a": {"1": {"n": 1}}}
    database.close()


# Damage


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"records": {"t1": {"id": "t1"',
        b"[1, 2]",
        b'"x"',
        b'{"records": 5}',
        b'{"records": {"t1": 5}}',
        b'{"records": []}',
        b"\x00\x00\x00\x00",
        b'{"records": {"t1": {"id": "\xff"}}}',
    ],
)
@pytest.mark.parametrize("name", ["feldbuch", "drafts"])
def test_a_damaged_file_is_refused_and_not_touched_and_the_previous_one_lies_beside_it(
    tmp_path: Path, content: bytes, name: str
) -> None:
    for number in (1, 2):
        store = SimpleStore(tmp_path)
        store.commit([task(number), Change("drafts", f"d{number}", {"id": f"d{number}"})])
        store.close()
    (tmp_path / f"{name}.json").write_bytes(content)
    before = contents(tmp_path)
    with pytest.raises(StoreDamaged) as raised:
        SimpleStore(tmp_path)
    assert f"{name}.json ist beschädigt und wurde nicht angerührt" in str(raised.value)
    assert f"{name}.vorher.json" in str(raised.value)
    assert contents(tmp_path) == before
    os.replace(tmp_path / f"{name}.vorher.json", tmp_path / f"{name}.json")  # noqa: PTH105 - as the message says
    store = SimpleStore(tmp_path)
    assert set(store.table("records" if name == "feldbuch" else "drafts")) == {"t1" if name == "feldbuch" else "d1"}
    store.close()


def test_damage_without_a_previous_file_promises_none(tmp_path: Path) -> None:
    (tmp_path / "feldbuch.json").write_bytes(b"{")
    with pytest.raises(StoreDamaged) as raised:
        SimpleStore(tmp_path)
    assert "vorher" not in str(raised.value)


def test_each_session_keeps_the_state_that_it_began_with(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        store = SimpleStore(tmp_path)
        store.commit([task(number)])
        store.commit([task(number + 100)])
        store.close()
    previous = orjson.loads((tmp_path / "feldbuch.vorher.json").read_bytes())
    assert set(previous["records"]) == {"t1", "t101", "t2", "t102"}


def test_a_session_that_saves_nothing_leaves_every_file_alone(tmp_path: Path) -> None:
    store = SimpleStore(tmp_path)
    store.commit([task(1)])
    store.close()
    before = contents(tmp_path)
    SimpleStore(tmp_path).close()
    assert contents(tmp_path) == before


# Stock TinyDB


def test_stock_tinydb_opens_the_file_and_finds_the_records(tmp_path: Path) -> None:
    with Fieldbook.open(tmp_path, clock=CLOCK) as book:
        book.save(parse({"kind": "task", "id": "a1", "text": "Übergabe"}))
        book.save(parse({"kind": "need", "id": "b2", "text": "WLAN"}))
        stored = book.document("b2")

    class KeyedTable(Table):
        document_id_class = str  # type: ignore[assignment]

    class Database(TinyDB):
        table_class = KeyedTable

    with Database(tmp_path / "feldbuch.json") as database:
        assert database.table("records").search(Query().kind == "need") == [stored]
        assert [found["id"] for found in database.table("records").search(Query().text == "Übergabe")] == ["a1"]
        assert len(database.table("outbox")) == 2


def test_only_the_owner_may_read_the_files(tmp_path: Path) -> None:
    store = SimpleStore(tmp_path / "buch")
    store.commit([task(1)])
    store.close()
    if os.name == "posix":
        assert (tmp_path / "buch").stat().st_mode & 0o077 == 0
        assert (tmp_path / "buch" / "feldbuch.json").stat().st_mode & 0o077 == 0


# Other programs


class Child:
    """A program that saves without end into a folder."""

    def __init__(self, folder: Path, first: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.models.store_child", str(folder), str(first)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        self._rest = b""
        self.acknowledged: list[int] = []

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    def read(self, until: float) -> bool:
        """Take what it says up to a moment; returns whether it said that it is open."""
        assert self._process.stdout is not None
        while (left := until - monotonic()) > 0 and select([self._process.stdout], [], [], left)[0]:
            content = os.read(self._process.stdout.fileno(), 65536)
            if not content:
                return False
            *lines, self._rest = (self._rest + content).split(b"\n")
            self.acknowledged += [int(line) for line in lines if line != b"offen"]
            if b"offen" in lines:
                return True
        return False

    def kill(self) -> None:
        """Kill it as a power cut would, and take what it had said."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(PATIENCE)
        assert self._process.stdout is not None
        *lines, _cut = (self._rest + self._process.stdout.read()).split(b"\n")
        self.acknowledged += [int(line) for line in lines if line != b"offen"]
        self._process.stdout.close()


def test_a_second_program_is_told_which_process_holds_the_folder(tmp_path: Path) -> None:
    child = Child(tmp_path, 1)
    try:
        assert child.read(monotonic() + PATIENCE)
        with pytest.raises(StoreLocked, match=rf"schon geöffnet \(Prozess {child.pid}\)"):
            SimpleStore(tmp_path)
    finally:
        child.kill()
    SimpleStore(tmp_path).close()


def test_a_refused_program_leaves_the_lock_to_its_holder(tmp_path: Path) -> None:
    first = SimpleStore(tmp_path)
    for _attempt in range(2):
        with pytest.raises(StoreLocked, match=f"Prozess {os.getpid()}"):
            SimpleStore(tmp_path)
    first.commit([task(1)])
    first.close()
    second = SimpleStore(tmp_path)
    assert set(second.table("records")) == {"t1"}
    second.close()


@pytest.mark.parametrize("kills", [20, pytest.param(100, marks=pytest.mark.slow)])
def test_every_acknowledged_save_survives_being_killed_at_any_moment(tmp_path: Path, kills: int) -> None:
    moments = random.Random(kills)
    acknowledged: set[int] = set()
    next_number = 1
    for _kill in range(kills):
        child = Child(tmp_path, next_number)
        try:
            assert child.read(monotonic() + PATIENCE)
            child.read(monotonic() + moments.uniform(0, 0.2))
        finally:
            child.kill()
        acknowledged.update(child.acknowledged)
        with Fieldbook.open(tmp_path, clock=CLOCK) as book:
            there = {int(document["id"][1:]) for document in book.documents("task")}
            assert acknowledged <= there
            assert there == set(range(1, len(there) + 1))
            assert set(book.outbox()) == {f"t{number}" for number in there}
            assert all(book.get(f"t{number}").document()["text"] == f"Aufgabe {number}" for number in there)
        next_number = len(there) + 1
    assert len(acknowledged) > kills / 2
