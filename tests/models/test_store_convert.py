"""Folders of the earlier, simple storage: taken over once, after a copy, and whole after a crash at any point."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from models.errors import StoreDamaged, StoreError
from models.fieldbook import Fieldbook
from models.records import parse
from models.store.convert import BACKUPS, DRAFTS, OLD, PREVIOUS, TABLES
from tests.models.breaking_files import BreakingFiles

TASK = {"kind": "task", "id": "t1", "text": "Konzept schicken"}
OLD_TABLES = orjson.dumps(
    {
        "records": {"t1": TASK},
        "outbox": {"t1": {"record": "t1", "kind": "task", "n": 1}},
        "bases": {},
        "meta": {"outbox": {"last": 1}, "settings": {"device": "g", "started": "eigen"}},
    }
)
DRAFT = {"id": "d1", "kind": "task", "values": {}, "title": "Brief", "left": False, "updated_at": "2026-11-01"}
OLD_DRAFTS = orjson.dumps({"drafts": {"d1": DRAFT}})
BEFORE = b'{"records": {}}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as the simple storage left it."""
    folder = tmp_path / "buch"
    folder.mkdir()
    (folder / TABLES).write_bytes(OLD_TABLES)
    (folder / PREVIOUS).write_bytes(BEFORE)
    (folder / DRAFTS).write_bytes(OLD_DRAFTS)
    return folder


def is_taken_over(fieldbook: Fieldbook) -> bool:
    """Tell whether all that the old files held is there."""
    return (
        fieldbook.document("t1") == TASK
        and fieldbook.settings.device == "g"
        and list(fieldbook.outbox()) == ["t1"]
        and fieldbook.draft("d1") == DRAFT
        and [document["id"] for document in fieldbook.documents("task")] == ["t1"]
    )


def copies(folder: Path) -> dict[str, bytes]:
    """Return the copies that were made, by name."""
    return {path.name: path.read_bytes() for path in (folder / BACKUPS).iterdir()}


def test_an_old_folder_is_taken_over_and_its_files_are_kept_as_copies_only(folder: Path) -> None:
    with Fieldbook.open(folder) as fieldbook:
        assert is_taken_over(fieldbook)

    assert not [name for name in OLD if (folder / name).exists()]
    assert copies(folder) == {TABLES: OLD_TABLES, PREVIOUS: BEFORE, DRAFTS: OLD_DRAFTS}
    with Fieldbook.open(folder) as fieldbook:
        assert is_taken_over(fieldbook)


def test_it_is_one_commit(folder: Path) -> None:
    with Fieldbook.open(folder):
        pass

    lines = (folder / "wal-000001.jsonl").read_bytes().splitlines()[1:]
    assert {line[9:].split(b",")[0] for line in lines[:-1]} == {b"[1"}


def test_a_crash_at_any_operation_loses_nothing(folder: Path, tmp_path: Path) -> None:
    for limit in range(100):
        copy = tmp_path / f"crash-{limit}"
        copy.mkdir()
        for name in OLD:
            (copy / name).write_bytes((folder / name).read_bytes())
        try:
            with Fieldbook.open(copy, files=BreakingFiles(limit)) as fieldbook:
                finished = fieldbook.counts() == {"task": 1}
        except StoreError:
            finished = False

        with Fieldbook.open(copy) as fieldbook:
            assert is_taken_over(fieldbook), limit
        assert not [name for name in OLD if (copy / name).exists()], limit
        assert copies(copy) == {TABLES: OLD_TABLES, PREVIOUS: BEFORE, DRAFTS: OLD_DRAFTS}, limit
        if finished:
            break
    else:
        pytest.fail("the conversion never came to its end")
    assert limit > 10


@pytest.mark.parametrize("damage", [OLD_TABLES[:-5], b"", b"\xff\xfe", b"[1]", b'{"records": {"t1": 7}}'])
def test_damaged_tables_are_refused_in_german_and_nothing_is_touched(folder: Path, damage: bytes) -> None:
    (folder / TABLES).write_bytes(damage)

    for _again in range(2):
        with pytest.raises(StoreDamaged, match=r"feldbuch\.json im Ordner .* beschädigt.*feldbuch\.vorher\.json"):
            Fieldbook.open(folder)
        assert (folder / TABLES).read_bytes() == damage
        assert (folder / DRAFTS).read_bytes() == OLD_DRAFTS
        assert not (folder / BACKUPS).exists()

    (folder / PREVIOUS).unlink()
    with pytest.raises(StoreDamaged, match="eigene Sicherung"):
        Fieldbook.open(folder)
    (folder / TABLES).write_bytes(OLD_TABLES)
    with Fieldbook.open(folder) as fieldbook:
        assert is_taken_over(fieldbook)


def test_damaged_drafts_hold_nothing_up_and_are_kept_as_a_copy(folder: Path) -> None:
    (folder / DRAFTS).write_bytes(b"{")

    with Fieldbook.open(folder) as fieldbook:
        assert fieldbook.document("t1") == TASK
        assert not fieldbook.drafts()
    assert copies(folder)[DRAFTS] == b"{"
    assert not (folder / DRAFTS).exists()


def test_old_files_that_come_into_a_fieldbook_with_records_are_left_alone(tmp_path: Path) -> None:
    with Fieldbook.open(tmp_path) as fieldbook:
        fieldbook.save(parse({**TASK, "id": "t2"}))
    (tmp_path / TABLES).write_bytes(OLD_TABLES)

    with Fieldbook.open(tmp_path) as fieldbook:
        assert [document["id"] for document in fieldbook.documents("task")] == ["t2"]
    assert (tmp_path / TABLES).read_bytes() == OLD_TABLES


def test_a_copy_that_is_there_already_is_not_overwritten(folder: Path) -> None:
    (folder / BACKUPS).mkdir()
    (folder / BACKUPS / TABLES).write_bytes(b"etwas anderes")

    with Fieldbook.open(folder) as fieldbook:
        assert is_taken_over(fieldbook)
    assert copies(folder)[TABLES] == b"etwas anderes"
    assert copies(folder)["feldbuch-2.json"] == OLD_TABLES
