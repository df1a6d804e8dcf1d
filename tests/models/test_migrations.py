"""Schema versions: what an earlier version wrote is read as today's, what a later one wrote is shown and left alone."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from hypothesis import given, strategies as st

from models.clock import FixedClock
from models.errors import StoreNewer, StoreReadOnly
from models.fieldbook import Fieldbook
from models.migrations import SCHEMA, Schema
from models.records import Document, parse
from models.safekeeping import back_up_weekly
from models.store.backup import listed
from models.store.convert import BACKUPS
from models.store.lines import line, read_header
from tests.models.breaking_files import BreakingFiles


def shout(document: Document) -> Document:
    """A planted step: the text in capitals."""
    return {**document, "text": document["text"].upper()}


def close(document: Document) -> Document:
    """A second one: what was open is done."""
    return {**document, "status": "erledigt"}


SECOND = Schema(2, {("task", 1): shout})
THIRD = Schema(3, {("task", 1): shout, ("task", 2): close})


@pytest.fixture
def folder(tmp_path: Path, clock: FixedClock) -> Path:
    with Fieldbook.open(tmp_path / "buch", clock=clock) as book:
        book.save(parse({"kind": "task", "id": "t1", "text": "leise"}))
        book.save(parse({"kind": "school", "id": "s1", "number": "123456", "short_name": "GS"}))
    return tmp_path / "buch"


def backups(folder: Path) -> list[str]:
    return [file.name for file in listed(path.name for path in (folder / BACKUPS).glob("*"))]


def from_newer(folder: Path, **header: int) -> None:
    """Make all files look as if a newer version had written them."""
    for path in folder.glob("[sw]*-*.jsonl"):
        data = path.read_bytes()
        found = read_header(data)
        assert found is not None
        path.write_bytes(line(orjson.dumps({**found[0], **header})) + data[found[1] :])


def test_documents_of_this_version_come_back_as_the_same_objects() -> None:
    document = {"kind": "task", "id": "t1", "text": "leise", "schema_version": 1}

    assert SCHEMA.upgraded(document) is document
    assert THIRD.upgraded({**document, "schema_version": 3}) == {**document, "schema_version": 3}


@given(st.integers(1, 3), st.sampled_from(["task", "school", ""]), st.text(max_size=5))
def test_steps_are_taken_in_order_and_once(version: int, kind: str, text: str) -> None:
    document = {"kind": kind, "text": text, "schema_version": version}

    found = THIRD.upgraded(document)

    assert THIRD.upgraded(found) == found
    assert found["schema_version"] == (3 if kind == "task" else version)
    assert document == {"kind": kind, "text": text, "schema_version": version}


@pytest.mark.parametrize(
    "document", [{"kind": "task"}, {"kind": "task", "text": 7}, {"kind": "task", "schema_version": "x"}]
)
def test_a_document_that_a_step_cannot_read_stays_as_it_is(document: Document) -> None:
    assert THIRD.upgraded(document) == document


def test_an_older_fieldbook_is_backed_up_once_and_read_in_its_present_form(folder: Path, clock: FixedClock) -> None:
    before = {path.name: path.read_bytes() for path in folder.glob("*.jsonl")}
    for _again in range(2):
        with Fieldbook.open(folder, clock=clock, schema=SECOND) as book:
            assert not book.only_read
            assert book.document("t1")["text"] == "LEISE"
            assert [document["text"] for document in book.documents("task")] == ["LEISE"]
            assert book.document("s1")["schema_version"] == 1
    assert len(backups(folder)) == 1
    assert all((folder / name).read_bytes().startswith(content) for name, content in before.items())


def test_what_is_found_follows_the_present_form(folder: Path, clock: FixedClock) -> None:
    with Fieldbook.open(folder, clock=clock, schema=Schema(2, {("task", 1): lambda d: {**d, "kind": "need"}})) as book:
        assert not book.documents("task")
        assert [document["id"] for document in book.documents("need")] == ["t1"]


def test_an_older_program_opens_it_for_reading_and_says_so(folder: Path, clock: FixedClock) -> None:
    with Fieldbook.open(folder, clock=clock, schema=SECOND):
        pass

    with Fieldbook.open(folder, clock=clock) as book:
        assert "neueren Version" in book.only_read
        assert book.document("t1")["text"] == "leise"
        with pytest.raises(StoreReadOnly, match="nur zum Lesen"):
            book.save(parse({"kind": "task", "text": "neu"}))
        back_up_weekly(book, folder, pytest.fail)
        with Fieldbook.open(folder, clock=clock, schema=SECOND) as newer:
            assert not newer.only_read
            newer.save(parse({"kind": "task", "id": "t2", "text": "X"}))


@pytest.mark.parametrize("limit", range(3))
def test_without_its_backup_an_older_fieldbook_is_only_shown(folder: Path, clock: FixedClock, limit: int) -> None:
    (folder / BACKUPS).mkdir()

    with Fieldbook.open(folder, clock=clock, schema=SECOND, files=BreakingFiles(limit)) as book:
        assert "sichert die Daten, bevor" in book.only_read
        assert book.document("t1")["text"] == "LEISE"
    with Fieldbook.open(folder, clock=clock, schema=SECOND) as book:
        assert not book.only_read
    assert len(backups(folder)) >= 1


def test_a_newer_format_that_can_be_read_is_opened_for_reading(folder: Path, clock: FixedClock) -> None:
    from_newer(folder, format=2, reads=1)
    before = {path.name: path.read_bytes() for path in folder.glob("*.jsonl")}

    with Fieldbook.open(folder, clock=clock) as book:
        assert "neueren Version" in book.only_read
        assert book.document("t1")["text"] == "leise"
    assert {path.name: path.read_bytes() for path in folder.glob("*.jsonl")} == before


def test_a_newer_format_that_cannot_be_read_is_refused(folder: Path, clock: FixedClock) -> None:
    from_newer(folder, format=2, reads=2)

    with pytest.raises(StoreNewer, match="Nichts ging verloren"):
        Fieldbook.open(folder, clock=clock)


def test_a_new_fieldbook_of_a_later_schema_is_not_backed_up(tmp_path: Path, clock: FixedClock) -> None:
    with Fieldbook.open(tmp_path, clock=clock, schema=SECOND) as book:
        book.save(parse({"kind": "task", "id": "t1", "text": "x"}))
    with Fieldbook.open(tmp_path, clock=clock) as book:
        assert book.only_read
    assert not (tmp_path / BACKUPS).exists()
