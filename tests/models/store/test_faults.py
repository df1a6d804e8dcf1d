"""Faults: the disk is full, broken or not ours; what was acknowledged stays, what was not did not happen."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from models.errors import StoreError, StoreFull, StoreNewer, StoreReadOnly
from models.store.files import Files
from models.store.lines import FORMAT, header_line, read_header
from models.store.opening import JOURNAL, SNAPSHOT, generations
from models.store.snapshots import TORN
from tests.models.store.ground import CODECS, NoSync, codec, open_store, put, story

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ONE, TWO, THREE = ({"text": text} for text in ("eins", "zwei", "drei"))


class Failing(NoSync):
    """Files of which one operation fails while it is named in `fails`; writes leave a half behind."""

    def __init__(self) -> None:
        self.fails = ""
        self.code = errno.ENOSPC
        self.asked: list[str] = []

    def _maybe(self, what: str) -> None:
        self.asked.append(what)
        if what == self.fails:
            raise OSError(self.code, os.strerror(self.code))

    def write(self, descriptor: int, content: bytes) -> None:
        if self.fails == "write":
            super().write(descriptor, content[: len(content) // 2])
        self._maybe("write")
        super().write(descriptor, content)

    def sync(self, descriptor: int) -> None:
        self._maybe("sync")

    def truncate(self, descriptor: int, size: int) -> None:
        self._maybe("truncate")
        super().truncate(descriptor, size)

    def write_new(self, path: Path, parts: Iterable[bytes]) -> None:
        self._maybe("write_new")
        super().write_new(path, parts)

    def replace(self, source: Path, target: Path) -> None:
        self._maybe("replace")
        super().replace(source, target)

    def open_append(self, path: Path) -> int:
        self._maybe("open_append")
        return super().open_append(path)

    def remove(self, path: Path) -> None:
        self._maybe("remove")
        super().remove(path)

    def close(self, descriptor: int) -> None:
        super().close(descriptor)
        self._maybe("close")


def names(folder: Path, kind: str) -> list[str]:
    return list(generations([path.name for path in folder.iterdir()], kind).values())


@pytest.mark.parametrize("kind", CODECS)
def test_a_save_that_the_full_disk_refuses_did_not_happen_and_the_next_one_works(tmp_path: Path, kind: str) -> None:
    files = Failing()
    store = open_store(tmp_path, kind, files)
    put(store, {"a": ONE})
    files.fails = "write"
    with pytest.raises(StoreFull, match="gespeichert wurde nichts"):
        put(store, {"b": TWO})
    assert store.read() == {"t": {"a": ONE}}
    files.fails = ""
    put(store, {"c": THREE})
    store.close()
    again = open_store(tmp_path, kind)
    assert again.read() == {"t": {"a": ONE, "c": THREE}}
    assert again.report.clean
    again.close()


def test_after_a_failed_sync_nothing_is_written_any_more_until_the_store_is_opened_again(tmp_path: Path) -> None:
    files = Failing()
    store = open_store(tmp_path, files=files)
    put(store, {"a": ONE})
    files.fails, files.code = "sync", errno.EIO
    with pytest.raises(StoreError):
        put(store, {"b": TWO})
    files.fails = ""
    files.asked.clear()
    with pytest.raises(StoreError, match="seitdem wird nichts mehr geschrieben"):
        put(store, {"c": THREE})
    store.close()
    assert not {"write", "sync"} & set(files.asked)
    assert store.read() == {"t": {"a": ONE}}
    again = open_store(tmp_path)
    # Whether the commit of the failed sync reached the disk nobody can say; what was acknowledged did.
    assert again.read() in ({"t": {"a": ONE}}, {"t": {"a": ONE, "b": TWO}})
    put(again, {"d": ONE})
    again.close()


def test_a_failed_write_that_cannot_be_taken_back_ends_the_writing(tmp_path: Path) -> None:
    files = Failing()
    store = open_store(tmp_path, files=files)
    put(store, {"a": ONE})

    class Both(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            return other in ("write", "truncate")

        __hash__ = str.__hash__

    files.fails = Both("write")
    with pytest.raises(StoreFull):
        put(store, {"b": TWO})
    files.fails = ""
    with pytest.raises(StoreError):
        put(store, {"b": TWO})
    store.close()
    again = open_store(tmp_path)
    assert again.read() == {"t": {"a": ONE}}
    again.close()


@pytest.mark.parametrize("step", ["write_new", "replace", "open_append", "remove"])
@pytest.mark.parametrize("kind", CODECS)
def test_a_compaction_that_fails_loses_nothing_and_later_commits_stand(tmp_path: Path, kind: str, step: str) -> None:
    files = Failing()
    store = open_store(tmp_path, kind, files)
    put(store, {"a": ONE})
    store.compact()
    put(store, {"b": TWO})
    files.fails = step
    with suppress(StoreError):
        store.compact()
    files.fails = ""
    try:
        put(store, {"c": THREE})
        expected = {"a": ONE, "b": TWO, "c": THREE}
    except StoreError:
        expected = {"a": ONE, "b": TWO}
    store._journal.poisoned = True  # end without a word
    store.close()
    again = open_store(tmp_path, kind)
    assert again.read() == {"t": expected}
    again.compact()
    again.close()


def test_a_commit_is_acknowledged_though_the_compaction_after_it_finds_no_room(tmp_path: Path) -> None:
    files = Failing()
    store = open_store(tmp_path, files=files, smallest_compaction=200)
    files.fails = "write_new"
    for number in range(20):
        put(store, {f"{number}": {"text": "x" * 100}})
    assert names(tmp_path, SNAPSHOT) == []
    files.fails = ""
    put(store, {"last": ONE})
    store.close()
    assert len(names(tmp_path, SNAPSHOT)) == 1
    again = open_store(tmp_path)
    assert len(again.read()["t"]) == 21
    again.close()


def test_a_full_disk_at_the_end_costs_only_the_mark_of_the_close(tmp_path: Path) -> None:
    files = Failing()
    store = open_store(tmp_path, files=files)
    put(store, {"a": ONE})
    files.fails = "write"
    store.close()
    again = open_store(tmp_path)
    assert again.read() == {"t": {"a": ONE}}
    assert not again.report.clean
    again.close()


def test_exactly_one_generation_before_the_newest_is_kept(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for number in range(4):
        put(store, {f"{number}": ONE})
        store.compact()
    store.close()
    assert len(names(tmp_path, SNAPSHOT)) == len(names(tmp_path, JOURNAL)) == 2


def test_what_is_to_be_forgotten_is_in_no_file_any_more(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    put(store, {"a": {"text": "Geheimnis"}})
    store.compact()
    put(store, {"a": {"text": "nichts"}})
    store.compact(forget=True)
    store.close()
    assert [path.name for path in tmp_path.iterdir() if b"Geheimnis" in path.read_bytes()] == []


@pytest.mark.parametrize("kind", CODECS)
def test_read_only_and_rescue_change_no_byte(tmp_path: Path, kind: str) -> None:
    states = story(tmp_path, kind, snapshot=True)
    (tmp_path / "snap-000009.jsonl.tmp").write_bytes(b"rest")
    journal = tmp_path / names(tmp_path, JOURNAL)[-1]
    journal.write_bytes(journal.read_bytes() + b"0000")
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()}
    for how in ("read_only", "rescue"):
        store = open_store(tmp_path, kind, read_only=how == "read_only", rescue=how == "rescue")
        assert store.read() == states[-1]
        with pytest.raises(StoreReadOnly):
            put(store, {"neu": ONE})
        store.close()
        assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()} == before


def test_leftovers_of_a_crash_are_removed(tmp_path: Path) -> None:
    story(tmp_path, "plain", snapshot=True)
    (tmp_path / "snap-000009.jsonl.tmp").write_bytes(b"rest")
    open_store(tmp_path).close()
    assert not (tmp_path / "snap-000009.jsonl.tmp").exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root and Windows write where they please")
def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreReadOnly, match="lässt sich nicht beschreiben"):
            open_store(tmp_path)
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize(("reads", "readable"), [(FORMAT, True), (FORMAT + 1, False)])
def test_a_newer_format_is_told_and_left_alone(tmp_path: Path, reads: int, readable: bool) -> None:
    states = story(tmp_path, "plain", snapshot=False)
    (journal,) = (tmp_path / name for name in names(tmp_path, JOURNAL))
    content = journal.read_bytes()
    found = read_header(content)
    assert found is not None
    header, start = found
    header["format"], header["reads"] = FORMAT + 1, reads
    journal.write_bytes(header_line(header) + content[start:])
    with pytest.raises(StoreNewer) as raised:
        open_store(tmp_path)
    assert raised.value.readable is readable
    if readable:
        store = open_store(tmp_path, read_only=True)
        assert store.read() == states[-1]
        store.close()


def test_only_the_owner_may_read_the_files(tmp_path: Path) -> None:
    store = open_store(tmp_path / "buch", files=Files())
    put(store, {"a": ONE})
    store.compact()
    store.close()
    if os.name == "posix":
        assert (tmp_path / "buch").stat().st_mode & 0o077 == 0
        assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "buch").iterdir())


def test_a_session_that_saves_nothing_leaves_every_file_alone(tmp_path: Path) -> None:
    story(tmp_path, "plain", snapshot=True)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name != "LOCK"}
    open_store(tmp_path).close()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name != "LOCK"} == before


def test_commits_of_several_threads_are_all_kept_while_compactions_go_on(tmp_path: Path) -> None:
    from threading import Thread

    store = open_store(tmp_path, "sealed", smallest_compaction=2_000)

    def commit(name: str) -> None:
        for number in range(100):
            put(store, {f"{name}{number}": {"text": "x" * 50}})

    threads = [Thread(target=commit, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    again = open_store(tmp_path, "sealed")
    assert len(again.read()["t"]) == 400
    again.close()


@pytest.mark.parametrize("kind", CODECS)
def test_an_error_at_the_close_of_a_file_neither_loses_a_commit_nor_keeps_the_folder_locked(
    tmp_path: Path, kind: str
) -> None:
    files = Failing()
    store = open_store(tmp_path, kind, files)
    files.fails, files.code = "close", errno.EIO
    put(store, {"a": ONE})
    store.compact()
    put(store, {"b": TWO})
    store.compact()
    put(store, {"c": THREE})
    store.close()
    again = open_store(tmp_path, kind)
    assert again.read() == {"t": {"a": ONE, "b": TWO, "c": THREE}}
    assert again.report.clean
    again.close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no file that is always full")  # noqa: PTH110
def test_a_disk_too_full_for_the_line_in_the_lock_does_not_keep_the_fieldbook_shut(tmp_path: Path) -> None:
    states = story(tmp_path, "plain", snapshot=True)
    (tmp_path / "LOCK").unlink()
    (tmp_path / "LOCK").symlink_to("/dev/full")
    store = open_store(tmp_path)
    assert store.read() == states[-1]
    store.close()


def test_a_store_that_was_opened_to_be_read_is_not_compacted(tmp_path: Path) -> None:
    story(tmp_path, "plain", snapshot=True)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    store = open_store(tmp_path, read_only=True)
    with pytest.raises(StoreReadOnly):
        store.compact()
    with pytest.raises(StoreReadOnly):
        store.rekey(codec("sealed"))
    store.close()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("kind", CODECS)
def test_a_store_is_rebuilt_as_often_as_its_newest_snapshot_is_damaged(tmp_path: Path, kind: str) -> None:
    states = story(tmp_path, kind, snapshot=True)
    for _time in range(3):
        snapshot = tmp_path / names(tmp_path, SNAPSHOT)[-1]
        content = snapshot.read_bytes()
        bad = content[:300] + b"?" + content[301:]
        snapshot.write_bytes(bad)
        store = open_store(tmp_path, kind)
        assert store.read() == states[-1]
        assert store.report.rebuilt == snapshot.name
        store.close()
        assert (tmp_path / (snapshot.name + TORN)).read_bytes() == bad, "the damaged bytes are kept aside"


def test_each_torn_tail_keeps_a_file_of_its_own(tmp_path: Path) -> None:
    story(tmp_path, "plain", snapshot=False)
    (journal,) = (tmp_path / name for name in names(tmp_path, JOURNAL))
    for number in range(3):
        journal.write_bytes(journal.read_bytes() + b"torn %d" % number)
        store = open_store(tmp_path)
        assert (tmp_path / store.report.torn).read_bytes() == b"torn %d" % number
        store.close()
    assert len(list(tmp_path.glob("*" + TORN))) == 3


def test_a_new_folder_and_those_above_it_are_made_durable_with_the_first_commit(tmp_path: Path) -> None:
    class Noting(NoSync):
        def __init__(self) -> None:
            self.synced: set[Path] = set()

        def sync_dir(self, folder: Path) -> None:
            self.synced.add(folder)

    files = Noting()
    open_store(tmp_path / "feldbuch" / "buch", files=files).close()
    assert files.synced == {tmp_path, tmp_path / "feldbuch", tmp_path / "feldbuch" / "buch"}
