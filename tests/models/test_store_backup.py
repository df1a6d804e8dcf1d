"""Backups: one file that holds everything, that its owner can open anywhere, and that is put back as a whole or not at all."""

from __future__ import annotations

import errno
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from models.clock import FixedClock
from models.errors import FeldbuchError, ImportRefused, StoreDamaged, StoreError, StoreNewer, WrongKey
from models.fieldbook import Fieldbook
from models.protection import Protection
from models.records import parse
from models.restoring import held, keys_of, opened, restore
from models.store.backup import is_due, listed, superfluous
from models.store.convert import BACKUPS
from models.store.files import Files
from models.store.key_files import NAMES
from models.store.lines import line
from tests.models.breaking_files import BreakingFiles
from tests.models.secrets_in_memory import SecretsInMemory

CHEAP = {"t": 1, "m": 8, "p": 1}
PHRASE = "vier Wörter sind genug"
MARK = "Unverwechselbares"
NOW = datetime(2026, 11, 24, 9, 0)  # noqa: DTZ001 - a wall clock


def guard(folder: Path) -> Protection:
    return Protection(folder, secrets=SecretsInMemory(), cost=CHEAP)


@pytest.fixture
def folder(tmp_path: Path, clock: FixedClock) -> Path:
    """A fieldbook with a task, a deleted task and a draft."""
    folder = tmp_path / "buch"
    with Fieldbook.open(folder, clock=clock) as book:
        book.save(parse({"kind": "task", "id": "t1", "text": MARK}))
        book.save(parse({"kind": "task", "id": "t2", "text": "weg"}))
        book.delete("t2")
        book.save_draft("d1", "task", {"text": MARK}, MARK)
    return folder


def backed_up(folder: Path, into: Path, protection: Protection | None = None, clock: FixedClock | None = None) -> Path:
    codec = protection.codec() if protection else None
    clock = clock or FixedClock(NOW.astimezone())
    with Fieldbook.open(folder, clock=clock, codec=codec) as book:
        return book.back_up(into)


@pytest.fixture
def backup(folder: Path, tmp_path: Path, clock: FixedClock) -> Path:
    """A plain backup of it."""
    return backed_up(folder, tmp_path / "stick", clock=clock)


@pytest.fixture
def sealed(folder: Path, clock: FixedClock) -> tuple[Protection, str]:
    """The same fieldbook, encrypted, and its recovery code."""
    protection = guard(folder)
    with Fieldbook.open(folder, clock=clock) as book:
        code = protection.encrypt(book, passphrase=PHRASE)
    return protection, code


def tasks(folder: Path, protection: Protection | None = None) -> dict[str, str]:
    codec = protection.codec() if protection else None
    with Fieldbook.open(folder, codec=codec) as book:
        return {document["id"]: document["text"] for document in book.everything()}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_backup_is_named_after_the_moment_and_says_what_it_holds(backup: Path) -> None:
    assert backup.name == "feldbuch-2026-11-24-090000.jsonl"
    found = opened(backup)
    assert found.header["made"] == "2026-11-24T09:00:00+01:00"
    assert held(found.content.tables) == {"task": 1}


def test_a_second_backup_in_the_same_second_overwrites_nothing(folder: Path, backup: Path, clock: FixedClock) -> None:
    before = backup.read_bytes()

    second = backed_up(folder, backup.parent, clock=clock)

    assert second.name == "feldbuch-2026-11-24-090000-2.jsonl"
    assert backup.read_bytes() == before


def test_a_backup_in_an_empty_folder_is_the_same_fieldbook(folder: Path, backup: Path, tmp_path: Path) -> None:
    restored = restore(guard(tmp_path / "neu"), opened(backup), None, NOW)

    assert restored == (None, False)
    with Fieldbook.open(folder) as one, Fieldbook.open(tmp_path / "neu") as other:
        assert list(one.everything()) == list(other.everything())
        assert one.drafts() == other.drafts()
        assert one.outbox() == other.outbox()
        assert one.settings == other.settings
        assert [document["id"] for document in other.documents("task")] == ["t1"]


def test_what_was_there_is_backed_up_first_and_can_be_brought_back(folder: Path, backup: Path) -> None:
    with Fieldbook.open(folder) as book:
        book.save(parse({"kind": "task", "id": "t3", "text": "später"}))

    kept = restore(guard(folder), opened(backup), None, NOW).kept

    assert kept is not None
    assert kept.parent == folder / BACKUPS
    assert "t3" not in tasks(folder)
    restore(guard(folder), opened(kept), None, NOW + timedelta(seconds=1))
    assert tasks(folder)["t3"] == "später"


def test_a_crash_while_restoring_leaves_one_state_or_the_other(folder: Path, backup: Path, tmp_path: Path) -> None:
    with Fieldbook.open(folder) as book:
        book.save(parse({"kind": "task", "id": "t3", "text": "später"}))
    before, after = tasks(folder), {"t1": MARK, "t2": "weg"}
    for limit in range(60):
        copy = tmp_path / f"crash-{limit}"
        shutil.copytree(folder, copy)
        try:
            restore(guard(copy), opened(backup), None, NOW, files=BreakingFiles(limit))
        except StoreError:
            assert tasks(copy) in (before, after), limit
        else:
            assert tasks(copy) == after
            break
    else:
        pytest.fail("restoring never came to its end")
    assert limit > 5


def test_a_sealed_backup_shows_nothing_and_opens_with_the_passphrase_or_the_code_on_another_machine(
    folder: Path, sealed: tuple[Protection, str], tmp_path: Path
) -> None:
    protection, code = sealed
    path = backed_up(folder, tmp_path / "stick", protection)
    assert MARK.encode() not in path.read_bytes()

    for number, secret in enumerate((PHRASE, code)):
        there = guard(tmp_path / f"neu-{number}")
        keys = keys_of(path, there)
        assert keys is not None
        with pytest.raises(WrongKey, match="falsch"):
            keys.unlock_by_passphrase("nicht richtig")
        assert not there.folder.exists()
        keys.unlock(secret)
        restore(there, opened(path, keys.codec()), keys, NOW)
        assert there.encrypted
        there.unlock(PHRASE)
        assert tasks(there.folder, there)["t1"] == MARK
        assert all(MARK.encode() not in content for content in contents(there.folder).values())


def test_a_sealed_backup_in_a_plain_fieldbook_encrypts_it(
    folder: Path, sealed: tuple[Protection, str], tmp_path: Path
) -> None:
    path = backed_up(folder, tmp_path / "stick", sealed[0])
    there = guard(tmp_path / "neu")
    with Fieldbook.open(there.folder) as book:
        book.save(parse({"kind": "task", "id": "t9", "text": "hier"}))
    keys = keys_of(path, there)
    assert keys is not None
    keys.unlock(PHRASE)

    restore(there, opened(path, keys.codec()), keys, NOW)

    assert there.encrypted
    there.unlock(PHRASE)
    assert set(tasks(there.folder, there)) == {"t1", "t2"}
    assert all(b"hier" not in content for content in contents(there.folder).values())


def test_a_plain_backup_in_an_encrypted_fieldbook_is_sealed_with_its_own_keys(
    folder: Path, backup: Path, sealed: tuple[Protection, str]
) -> None:
    restore(sealed[0], opened(backup), None, NOW)

    assert tasks(folder, sealed[0])["t1"] == MARK
    assert all(MARK.encode() not in content for content in contents(folder).values())


def test_a_damaged_fieldbook_is_put_aside_and_replaced(folder: Path, backup: Path) -> None:
    journal = folder / "wal-000001.jsonl"
    broken = bytearray(journal.read_bytes())
    broken[400] ^= 1
    journal.write_bytes(broken)
    with pytest.raises(StoreDamaged):
        Fieldbook.open(folder)

    restored = restore(guard(folder), opened(backup), None, NOW)

    assert restored.damaged
    assert restored.kept is not None
    assert (restored.kept / journal.name).read_bytes() == broken
    assert tasks(folder)["t1"] == MARK


@pytest.mark.parametrize("damage", [b"", b"kaputt", None])
def test_lost_keys_are_brought_back_by_a_sealed_backup(
    folder: Path, sealed: tuple[Protection, str], tmp_path: Path, damage: bytes | None
) -> None:
    path = backed_up(folder, tmp_path / "stick", sealed[0])
    for name in NAMES:
        if damage is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(damage)
    there = guard(folder)
    keys = keys_of(path, there)
    assert keys is not None
    keys.unlock(PHRASE)

    restore(there, opened(path, keys.codec()), keys, NOW)

    there.unlock(PHRASE)
    assert tasks(folder, there)["t1"] == MARK


def test_every_flipped_byte_and_every_cut_is_refused_in_german(backup: Path) -> None:
    whole = backup.read_bytes()
    for place in range(len(whole)):
        backup.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises((ImportRefused, StoreNewer), match="Nichts wurde verändert"):
            opened(backup)
        backup.write_bytes(whole[:place])
        with pytest.raises(ImportRefused, match="Nichts wurde verändert"):
            opened(backup)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b'{"records": {}}',
        line(b"[]"),
        line(b'{"store": "journal"}'),
        line(b'{"store":"journal","format":1,"reads":1,"type":"backup","id":"x","codec":"plain"}'),
        "Kein JSON".encode("utf-16"),
    ],
)
def test_foreign_files_are_refused_in_german(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "fremd.jsonl").write_bytes(content)

    for read in (opened, lambda path: keys_of(path, guard(tmp_path))):
        with pytest.raises(ImportRefused, match=r"keine Sicherung|beschädigt"):
            read(tmp_path / "fremd.jsonl")


def test_a_snapshot_a_folder_and_nothing_are_no_backups(folder: Path, tmp_path: Path) -> None:
    with Fieldbook.open(folder) as book:
        book.rekey(guard(folder).codec())
    snapshot = next(folder.glob("snap-*.jsonl"))
    for path in (snapshot, folder, tmp_path / "nirgends"):
        with pytest.raises(ImportRefused, match="Nichts wurde verändert"):
            opened(path)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_a_backup_that_cannot_be_written_leaves_nothing_and_says_why(folder: Path, tmp_path: Path, code: int) -> None:
    files = BreakingFiles(1000, code)
    with Fieldbook.open(folder, files=files) as book:
        files.left = 0
        with pytest.raises(FeldbuchError, match=r"Sicherung in .* ließ sich nicht schreiben .*unversehrt"):
            book.back_up(tmp_path / "stick")
        files.left = 1000
        assert not list((tmp_path / "stick").iterdir())
        book.save(parse({"kind": "task", "id": "t4", "text": "geht"}))


def test_backups_are_told_by_their_names() -> None:
    names = ["feldbuch-2026-11-24-090000.jsonl", "feldbuch-auto-2026-11-25-090000-2.jsonl", "feldbuch.json", "LOCK"]

    found = listed([*names, "feldbuch-2026-13-24-090000.jsonl", "feldbuch-2026-11-24-090000.jsonl.tmp"])

    assert [(file.name, file.automatic) for file in found] == [(names[1], True), (names[0], False)]


@given(st.lists(st.integers(-400, 400), max_size=12, unique=True), st.integers(1, 6))
def test_the_last_automatic_backups_are_kept_and_none_of_the_others_goes(days: list[int], keep: int) -> None:
    files = listed(f"feldbuch-auto-{NOW + timedelta(days=day):%Y-%m-%d-%H%M%S}.jsonl" for day in days)
    hand = listed(f"feldbuch-{NOW + timedelta(days=day):%Y-%m-%d-%H%M%S}.jsonl" for day in days)
    for newest in files:
        gone = superfluous([*files, *hand], keep, newest.name)
        assert len(files) - len(gone) == min(keep, len(files))
        assert newest.name not in gone
        assert not set(gone) & {file.name for file in hand}
        left = [file.made for file in files if file.name not in gone and file != newest]
        assert all(file.made <= made for file in files if file.name in gone for made in left)


@given(st.lists(st.integers(-100, 100), max_size=5))
def test_a_backup_is_due_when_none_was_made_within_a_week(hours: list[int]) -> None:
    names = [f"feldbuch-auto-{NOW - timedelta(hours=3 * hour):%Y-%m-%d-%H%M%S}.jsonl" for hour in hours]

    assert is_due(listed(names), NOW, timedelta(days=7)) is not any(abs(3 * hour) < 168 for hour in hours)
    assert is_due(listed(["feldbuch-2026-11-24-090000.jsonl"]), NOW, timedelta(days=7))


def test_reading_a_backup_writes_nothing(folder: Path, sealed: tuple[Protection, str], tmp_path: Path) -> None:
    path = backed_up(folder, tmp_path / "stick", sealed[0])
    before = contents(tmp_path)

    keys = keys_of(path, guard(tmp_path / "neu"), Files())
    assert keys is not None
    keys.unlock(PHRASE)
    opened(path, keys.codec())

    assert contents(tmp_path) == before
    assert not (tmp_path / "neu").exists()
