"""Checking a store from outside: what its files look like, without the key and without touching them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from models.errors import StoreReadOnly
from models.store import Change
from models.store.check import check, file_state
from models.store.codec import PlainCodec, SealedCodec
from models.store.files import Files
from models.store.keeper import JournalStore
from models.store.storage import JournalStorage


@pytest.fixture(params=[PlainCodec(), SealedCodec(bytes(32))], ids=["plain", "sealed"])
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A store with a snapshot, a journal and what they say of two documents."""
    journal = JournalStorage(tmp_path, codec=request.param)
    journal.commit([journal.put("t", "1", {"a": "b"})])
    journal.compact()
    journal.commit([journal.put("t", "2", {"a": "c"})])
    journal.close()
    return tmp_path


def test_a_sound_store_has_nothing_to_say_about(folder: Path) -> None:
    found = check(folder, Files())

    assert all(file.sound and not file.torn for file in found.files)
    assert found.size == sum(path.stat().st_size for path in folder.glob("[sw]*-*.jsonl"))
    assert (found.generations, found.left_over, found.backups) == (2, [], [])


def test_every_flipped_bit_is_seen_without_the_key(folder: Path) -> None:
    for path in folder.glob("[sw]*-*.jsonl"):
        whole = path.read_bytes()
        for place in range(len(whole)):
            damaged = whole[:place] + bytes([whole[place] ^ 2]) + whole[place + 1 :]
            state = file_state(path.name, 1, damaged)
            assert not state.sound or state.torn, place
        for size in range(1, len(whole)):
            state = file_state(path.name, 1, whole[:size])
            assert state.torn is not whole[:size].endswith(b"\n")


def test_what_a_crash_left_and_what_is_backed_up_is_told(tmp_path: Path) -> None:
    with closing(JournalStore(tmp_path)) as store:
        store.commit([Change("t", "1", {"a": "b"})])
    (tmp_path / "snap-000002.jsonl.tmp").write_bytes(b"halb")
    (tmp_path / "wal-000001.jsonl.torn").write_bytes(b"Rest")
    (tmp_path / "brief.tmp").write_bytes(b"fremd")
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "feldbuch-auto-2026-11-24-090000.jsonl").write_bytes(b"")

    found = check(tmp_path, Files())

    assert found.left_over == [("snap-000002.jsonl.tmp", 4), ("wal-000001.jsonl.torn", 4)]
    assert [backup.name for backup in found.backups] == ["feldbuch-auto-2026-11-24-090000.jsonl"]


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert check(tmp_path / "nirgends", Files()).files == []


class _Unreadable(Files):
    def read(self, path: Path) -> bytes:
        raise PermissionError(13, "no", str(path))


def test_files_that_may_not_be_read_are_told_in_german(folder: Path) -> None:
    with pytest.raises(StoreReadOnly, match="Nichts ging verloren"):
        check(folder, _Unreadable())
