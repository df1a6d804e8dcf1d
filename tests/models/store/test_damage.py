"""Damage: whatever happens to a file's bytes, an opened store never says anything that was not committed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from models.errors import StoreDamaged, StoreError, WrongKey
from models.store.codec import SealedCodec
from models.store.opening import JOURNAL, SNAPSHOT, generations
from models.store.storage import JournalStorage
from tests.models.store.ground import CODECS, State, open_store, put, story

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def newest(folder: Path, kind: str) -> Path:
    names = generations([path.name for path in folder.iterdir()], kind)
    return folder / names[max(names)]


def damaged(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield every way in which a file may be damaged, with a name for it."""
    for place, byte in enumerate(content):
        for other in {byte ^ 0x01, byte ^ 0x80, 10, 0} - {byte}:
            yield f"byte {place} is {other}", content[:place] + bytes([other]) + content[place + 1 :]
    for size in range(len(content)):
        yield f"cut at {size}", content[:size]
    for start in range(0, len(content), 7):
        for size in (8, 40):
            gone = content[start : start + size]
            yield f"zeros from {start}", content[:start] + bytes(len(gone)) + content[start + size :]
    for garbage in (b"\n", b"x", b"00000000 []\n", content[-40:], bytes(100)):
        yield f"{len(garbage)} bytes more", content + garbage


def check(folder: Path, kind: str, states: list[State], what: str, step: int) -> None:
    """Open a store whose file was damaged: it refuses, or it is in the last state, or in one before and says so."""
    try:
        store = open_store(folder, kind)
    except StoreDamaged:
        with_rescue(folder, kind, what)
        return
    except WrongKey:
        pytest.fail(f"{what}: told as a wrong key")
    try:
        read = store.read()
        report = store.report
        # What is cut off at the end looks like commits that never were; every other damage touches one commit at most.
        possible = states if what.startswith("cut") else states[-2:]
        assert read in possible, f"{what}: {read}"
        if read != states[-1]:
            assert report.torn or not report.clean, f"{what}: a commit was dropped without a word"
        if step % 50 == 0:
            put(store, {"neu": {"text": "geht weiter"}})
    finally:
        store.close()
    again = open_store(folder, kind)
    try:
        expected = read | ({"t": read["t"] | {"neu": {"text": "geht weiter"}}} if step % 50 == 0 else {})
        assert again.read() == expected, what
    finally:
        again.close()


def with_rescue(folder: Path, kind: str, what: str) -> None:
    """Open what was refused to save what can be saved: no byte of it changes."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    rescued = open_store(folder, kind, rescue=True)
    rescued.close()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before, what


def run(folder: Path, kind: str, file: str, *, every: int, snapshot: bool) -> None:
    original = folder / "original"
    states = story(original, kind, snapshot=snapshot)
    content = newest(original, file).read_bytes()
    for step, (what, bad) in enumerate(damaged(content)):
        if step % every:
            continue
        copy = folder / "copy"
        shutil.copytree(original, copy)
        newest(copy, file).write_bytes(bad)
        check(copy, kind, states, what, step)
        shutil.rmtree(copy)


@pytest.mark.parametrize("kind", CODECS)
@pytest.mark.parametrize("snapshot", [False, True], ids=["first-journal", "later-journal"])
def test_a_damaged_journal_never_says_what_was_not_committed(tmp_path: Path, kind: str, snapshot: bool) -> None:
    run(tmp_path, kind, JOURNAL, every=11, snapshot=snapshot)


@pytest.mark.parametrize("kind", CODECS)
def test_a_damaged_snapshot_is_rebuilt_from_the_generation_before(tmp_path: Path, kind: str) -> None:
    original = tmp_path / "original"
    states = story(original, kind, snapshot=True)
    content = newest(original, SNAPSHOT).read_bytes()
    for step, (what, bad) in enumerate(damaged(content)):
        if step % 11 or bad.startswith(content):
            continue
        copy = tmp_path / "copy"
        shutil.copytree(original, copy)
        newest(copy, SNAPSHOT).write_bytes(bad)
        store = open_store(copy, kind)
        assert store.read() == states[-1], what
        assert store.report.rebuilt, what
        store.close()
        shutil.rmtree(copy)


@pytest.mark.parametrize("kind", CODECS)
def test_a_snapshot_of_which_only_the_header_is_left_is_no_wrong_key(tmp_path: Path, kind: str) -> None:
    states = story(tmp_path, kind, snapshot=True)
    snapshot = newest(tmp_path, SNAPSHOT)
    content = snapshot.read_bytes()
    snapshot.write_bytes(content[: content.index(b"\n") + 1])
    store = open_store(tmp_path, kind)
    assert store.read() == states[-1]
    store.close()


@pytest.mark.parametrize("kind", CODECS)
def test_of_the_only_snapshot_all_that_is_whole_can_be_saved(tmp_path: Path, kind: str) -> None:
    store = open_store(tmp_path, kind)
    documents = {f"d{number:03d}": {"n": number} for number in range(200)}
    put(store, documents)
    store.compact(forget=True)
    put(store, {"later": {"n": 1}})
    store.close()
    snapshot = newest(tmp_path, SNAPSHOT)
    content = bytearray(snapshot.read_bytes())
    content[content.index(b"\n") + 100] ^= 1
    snapshot.write_bytes(content)
    with pytest.raises(StoreDamaged):
        open_store(tmp_path, kind)

    store = open_store(tmp_path, kind, rescue=True)
    saved = store.read()["t"]
    store.close()

    assert store.report.quarantined
    assert saved.pop("later") == {"n": 1}
    assert len(documents) // 2 < len(saved) < len(documents)
    assert saved.items() <= documents.items()


@pytest.mark.parametrize("kind", CODECS)
def test_a_journal_cut_behind_its_header_is_not_taken_for_a_new_one(tmp_path: Path, kind: str) -> None:
    store = open_store(tmp_path, kind)
    put(store, {"a": {"n": 1}})
    store.close()
    journal = newest(tmp_path, JOURNAL)
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])

    store = open_store(tmp_path, kind)
    assert not store.report.clean
    store.close()


@pytest.mark.slow
@pytest.mark.parametrize("kind", CODECS)
@pytest.mark.parametrize("file", [JOURNAL, SNAPSHOT])
def test_every_byte_of_both_files(tmp_path: Path, kind: str, file: str) -> None:
    run(tmp_path, kind, file, every=1, snapshot=True)


@pytest.mark.parametrize("kind", CODECS)
def test_a_journal_cut_exactly_behind_a_commit_is_not_taken_for_a_closed_one(tmp_path: Path, kind: str) -> None:
    story(tmp_path, kind, snapshot=False)
    journal = newest(tmp_path, JOURNAL)
    lines = journal.read_bytes().splitlines(keepends=True) if kind == "plain" else None
    content = journal.read_bytes()
    shorter = b"".join(lines[:-1]) if lines else content[: content.rstrip(b"\n").rfind(b"\n") + 1]
    journal.write_bytes(shorter)
    store = open_store(tmp_path, kind)
    assert not store.report.clean
    store.close()


def test_two_lines_that_lost_the_end_between_them_are_no_torn_commit(tmp_path: Path) -> None:
    states = story(tmp_path, "plain", snapshot=False)
    journal = newest(tmp_path, JOURNAL)
    content = journal.read_bytes()
    # The last two lines before the mark of the close are one commit; the ones before are each their own.
    ends = [place for place, byte in enumerate(content) if byte == 10]
    for end in ends[:-1]:
        journal.write_bytes(content[:end] + b" " + content[end + 1 :])
        try:
            store = open_store(tmp_path, "plain")
        except StoreDamaged:
            continue
        assert store.read() in states[-2:]
        store.close()
        journal.write_bytes(content)
        for torn in tmp_path.glob("*.torn"):
            torn.unlink()


def test_a_flipped_line_end_does_not_make_the_lines_behind_it_unreadable(tmp_path: Path) -> None:
    story(tmp_path, "sealed", snapshot=False)
    journal = newest(tmp_path, JOURNAL)
    content = journal.read_bytes()
    second = content.index(b"\n", content.index(b"\n") + 1)
    journal.write_bytes(content[:second] + b" " + content[second + 1 :])
    with pytest.raises(StoreDamaged):
        open_store(tmp_path, "sealed")
    rescued = open_store(tmp_path, "sealed", rescue=True)
    assert rescued.read()["t"]["f"] == {"text": 'mit "Anführung" und \\'}
    rescued.close()


@pytest.mark.parametrize("kind", CODECS)
def test_a_torn_commit_of_several_lines_is_dropped_as_a_whole_and_kept_in_a_file(tmp_path: Path, kind: str) -> None:
    store = open_store(tmp_path, kind)
    put(store, {"a": {"text": "eins"}})
    before = newest(tmp_path, JOURNAL).stat().st_size
    put(store, {key: {"text": key * 50} for key in "bcdef"})
    store._journal.poisoned = True  # no mark at its end, as after a kill
    store.close()
    journal = newest(tmp_path, JOURNAL)
    content = journal.read_bytes()
    for size in range(before + 1, len(content), 13):
        journal.write_bytes(content[:size])
        opened = open_store(tmp_path, kind)
        assert opened.read() == {"t": {"a": {"text": "eins"}}}
        torn = tmp_path / opened.report.torn
        assert torn.read_bytes() == content[before:size]
        opened._journal.poisoned = True
        opened.close()
        torn.unlink()


def test_a_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "wal-000001.jsonl").write_bytes(b"Das ist kein Feldbuch\n")
    with pytest.raises(StoreError):
        open_store(tmp_path)
    assert (tmp_path / "wal-000001.jsonl").read_bytes() == b"Das ist kein Feldbuch\n"


def test_names_that_a_synced_folder_gives_to_its_copies_are_passed_over(tmp_path: Path) -> None:
    states = story(tmp_path, "plain", snapshot=False)
    journal = newest(tmp_path, JOURNAL)
    for name in ("wal-000001 (1).jsonl", "wal-000002-Konflikt.jsonl", "wal-2.jsonl", "snap-000009.jsonl.part"):
        shutil.copy(journal, tmp_path / name)
    store = open_store(tmp_path)
    assert store.read() == states[-1]
    store.close()


@pytest.mark.parametrize("kind", CODECS)
def test_lines_that_moved_are_damage_and_no_wrong_key(tmp_path: Path, kind: str) -> None:
    states = story(tmp_path / "original", kind, snapshot=True)
    content = newest(tmp_path / "original", JOURNAL).read_bytes()
    lines = content.splitlines(keepends=True)
    header = len(lines[0])
    moved = [content[:start] + content[start + 9 :] for start in range(header, len(content) - 9, 40)]
    moved += [b"".join(lines[:number] + lines[number + 1 :]) for number in range(1, len(lines) - 1)]
    moved += [b"".join([lines[0], lines[2], lines[1], *lines[3:]])]
    for number, bad in enumerate(moved):
        copy = tmp_path / f"{number}"
        shutil.copytree(tmp_path / "original", copy)
        newest(copy, JOURNAL).write_bytes(bad)
        try:
            store = open_store(copy, kind)
        except StoreDamaged:
            with_rescue(copy, kind, f"{number}")
        else:
            # What stood in the last commit and the mark of the close alone cannot be told from one that was torn.
            assert store.report.torn
            assert store.read() in states[-2:]
            store.close()


@pytest.mark.parametrize("kind", CODECS)
def test_a_last_line_that_stands_there_twice_changes_no_document(tmp_path: Path, kind: str) -> None:
    states = story(tmp_path, kind, snapshot=False)
    journal = newest(tmp_path, JOURNAL)
    content = journal.read_bytes()
    journal.write_bytes(content + content.splitlines(keepends=True)[-1])
    try:
        store = open_store(tmp_path, kind)
    except StoreDamaged:
        store = open_store(tmp_path, kind, rescue=True)
    assert store.read() == states[-1]
    store.close()


def test_another_key_is_told_as_a_wrong_key_also_beside_damage(tmp_path: Path) -> None:
    story(tmp_path, "sealed", snapshot=True)
    for kind in (JOURNAL, SNAPSHOT):
        path = newest(tmp_path, kind)
        content = path.read_bytes()
        path.write_bytes(content[:-30] + b"?" + content[-29:])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name != "LOCK"}
    for rescue in (False, True):
        with pytest.raises(WrongKey):
            JournalStorage(tmp_path, codec=SealedCodec(bytes(32)), rescue=rescue)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name != "LOCK"} == before


@pytest.mark.parametrize("kind", CODECS)
def test_a_snapshot_whose_journal_is_gone_is_not_opened_as_if_nothing_were_missing(tmp_path: Path, kind: str) -> None:
    story(tmp_path, kind, snapshot=True)
    journal = newest(tmp_path, JOURNAL)
    journal.unlink()
    with pytest.raises(StoreDamaged, match=journal.name):
        open_store(tmp_path, kind)
    with_rescue(tmp_path, kind, "journal gone")
