"""The fieldbook: what it keeps, what it finds, what it takes back, and what it says to whom."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from models.clock import FixedClock
from models.errors import InvalidRecord, NotFound, StoreFull
from models.fieldbook import Changed, Fieldbook
from models.indexes import RECORDS
from models.record_store import BASES
from models.records import Document, UnknownRecord, parse
from models.rules.keys import RECORD_INDEXES
from models.store import Change
from tests.models.records_strategy import documents, example

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from models.records import Record
    from models.store import Stored
    from models.store.codec import Codec

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


class MemoryStore:
    """A store that keeps its tables in memory, writes every commit down, and refuses where it is told to."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Stored]] = {}
        self.commits: list[list[Change]] = []
        self.full = False

    def table(self, name: str) -> Mapping[str, Stored]:
        return self.tables.get(name, {})

    def commit(self, changes: Sequence[Change]) -> None:
        if self.full:
            raise StoreFull("voll")
        self.commits.append(list(changes))
        for change in changes:
            table = self.tables.setdefault(change.table, {})
            if change.document is None:
                table.pop(change.key, None)
            else:
                table[change.key] = deepcopy(change.document)

    def find(self, table: str, index: str, text: str) -> list[str]:
        keys = RECORD_INDEXES.keys[index]
        return [key for key, document in self.table(table).items() if text in keys(document)]

    def texts(self, table: str, index: str) -> list[str]:
        keys = RECORD_INDEXES.keys[index]
        return sorted({text for document in self.table(table).values() for text in keys(document)})

    def rekey(self, codec: Codec) -> None:
        """Do nothing: there are no files."""

    def back_up(self, folder: Path, moment: datetime, *, automatic: bool = False) -> Path:
        return folder

    def size(self) -> int:
        return 0

    def close(self) -> None:
        pass


@pytest.fixture
def store() -> MemoryStore:
    """A store in memory."""
    return MemoryStore()


@pytest.fixture
def still() -> FixedClock:
    """A clock at 8:00 UTC."""
    return FixedClock(NOW)


@pytest.fixture
def book(store: MemoryStore, still: FixedClock) -> Fieldbook:
    """A new fieldbook over the store in memory."""
    return Fieldbook(store, still)


@pytest.fixture
def on_disk(tmp_path: Path, still: FixedClock) -> Iterator[Fieldbook]:
    """A new fieldbook in a folder."""
    with Fieldbook.open(tmp_path / "buch", clock=still) as opened:
        yield opened


def make(kind: str, **values: Any) -> Record:
    """Return a record that can be saved."""
    return parse({**example(kind), **values})


def snapshot(book: Fieldbook) -> dict[str, Document]:
    """Return all documents by id."""
    return deepcopy({document["id"]: document for document in book.everything()})


# Saving and reading


def test_what_was_saved_is_there_with_its_stamps(book: Fieldbook) -> None:
    saved = book.save(make("task", id="t1"))
    assert book.get("t1") == saved
    assert saved.created_at == saved.updated_at == "2026-11-24T08:00:00+00:00"
    assert saved.device == book.settings.device
    assert "updated_by" not in saved.document()


def test_a_change_keeps_who_made_it_first_and_says_who_made_it_last(book: Fieldbook, still: FixedClock) -> None:
    book.save_settings(book.settings.model_copy(update={"adviser": "anna"}))
    book.save(make("task", id="t1"))
    book.save_settings(book.settings.model_copy(update={"adviser": "ben"}))
    still.advance(timedelta(hours=2))
    saved = book.save(book.get("t1").changed(text="Neu", created_by="eva", created_at="2001-01-01"))
    assert (saved.created_by, saved.updated_by) == ("anna", "ben")
    assert (saved.created_at[11:16], saved.updated_at[11:16]) == ("08:00", "10:00")


def test_saving_what_is_stored_already_writes_nothing(book: Fieldbook, store: MemoryStore, still: FixedClock) -> None:
    book.save(make("task", id="t1"))
    version, commits = book.version, len(store.commits)
    still.advance(timedelta(hours=2))
    book.save(book.get("t1"))
    assert len(store.commits) == commits
    assert book.version == version
    assert book.undo() is not None
    assert book.undo() is None


def test_a_record_that_breaks_a_rule_is_not_saved(book: Fieldbook, store: MemoryStore) -> None:
    with pytest.raises(InvalidRecord) as raised:
        book.save(make("visit", start="10:00", end="09:00"))
    assert list(raised.value.problems) == ["end"]
    assert store.commits == []


def test_a_record_that_this_version_cannot_read_can_be_saved_as_it_is(book: Fieldbook) -> None:
    record = parse({"kind": "neu", "id": "n1", "rev": "abc", "leer": ""})
    assert isinstance(record, UnknownRecord)
    document = book.save(record).document()
    assert (document["rev"], document["leer"]) == ("abc", "")
    assert [found["id"] for found in book.documents("neu")] == ["n1"]


def test_record_and_outbox_entry_are_one_commit(book: Fieldbook, store: MemoryStore) -> None:
    book.save(make("task", id="t1"))
    assert len(store.commits) == 1
    assert {(change.table, change.key) for change in store.commits[0]} >= {("records", "t1"), ("outbox", "t1")}


def test_a_save_that_the_disk_refuses_changes_nothing(book: Fieldbook, store: MemoryStore) -> None:
    book.save(make("task", id="t1"))
    heard: list[Changed] = []
    book.watch(heard.append)
    before, version = snapshot(book), book.version
    store.full = True
    with pytest.raises(StoreFull):
        book.save(make("task", id="t2"))
    with pytest.raises(StoreFull):
        book.delete("t1")
    with pytest.raises(StoreFull):
        book.undo()
    assert snapshot(book) == before
    assert [document["id"] for document in book.documents("task")] == ["t1"]
    assert (book.version, heard) == (version, [])
    store.full = False
    assert book.undo() is not None
    assert snapshot(book) == {}


def test_an_id_that_nobody_has_is_not_found(book: Fieldbook) -> None:
    for call in (book.get, book.document, book.delete):
        with pytest.raises(NotFound, match="gibt es in diesem Feldbuch nicht"):
            call("niemand")


# Finding


def test_records_are_found_by_their_fields_and_by_their_official_number(book: Fieldbook) -> None:
    school = book.save(make("school", number="100001"))
    book.save(make("visit", id="v1", school="100001"))
    book.save(make("visit", id="v2", school="100002"))
    book.save(make("visit", id="v3", school="100001", date="2026-11-23"))
    assert {record.id for record in book.find("visit", school="100001")} == {"v1", "v3"}
    assert [found["id"] for found in book.where("visit", school="100001", date="2026-11-23")] == ["v3"]
    assert book.where("visit", school="999999") == []
    assert book.by_key("school", "100001") == book.by_key("school", school.id) == book.document(school.id)
    assert book.by_key("visit", "v2") == book.document("v2")
    assert book.by_key("school", "v2") is None
    assert book.counts() == {"school": 1, "visit": 3}


def test_a_found_record_follows_its_changes(book: Fieldbook) -> None:
    book.save(make("visit", id="v1", school="100001"))
    assert len(book.where("visit", school="100001")) == 1
    book.save(book.get("v1").changed(school="100002"))
    assert book.where("visit", school="100001") == []
    assert [found["id"] for found in book.where("visit", school="100002")] == ["v1"]


def test_what_was_deleted_is_found_by_its_id_only(book: Fieldbook) -> None:
    book.save(make("school", number="100001"))
    record_id = book.documents("school")[0]["id"]
    book.delete(record_id, "aufgelöst\x1b")
    assert book.documents("school") == []
    assert book.find("school") == []
    assert book.by_key("school", "100001") is None
    assert book.counts() == {}
    assert book.get(record_id).deleted_at == "2026-11-24T08:00:00+00:00"
    assert book.get(record_id).delete_reason == "aufgelöst·"
    assert [document["id"] for document in book.everything()] == [record_id]


def test_deleting_twice_is_deleting_once(book: Fieldbook, store: MemoryStore) -> None:
    book.save(make("task", id="t1"))
    book.delete("t1")
    commits = len(store.commits)
    book.delete("t1")
    assert len(store.commits) == commits
    book.undo()
    assert len(book.documents("task")) == 1


# Outbox


def put_base(store: MemoryStore, document: Document, **values: Any) -> None:
    """Act as the server: acknowledge a document."""
    store.commit([Change(BASES, document["id"], {**document, **values})])


def test_the_outbox_names_the_fields_that_differ_from_what_the_server_knows(
    book: Fieldbook, store: MemoryStore
) -> None:
    put_base(store, book.save(make("task", id="t1", text="Alt")).document(), rev=7)
    book.save(book.get("t1").changed(text="Neu", notes="Mehr"))
    entry = book.outbox()["t1"]
    assert entry == {
        "record": "t1",
        "kind": "task",
        "n": 1,
        "base_rev": 7,
        "fields": ["notes", "text"],
    }


def test_an_edit_that_was_taken_back_has_nothing_to_travel(book: Fieldbook, store: MemoryStore) -> None:
    put_base(store, book.save(make("task", id="t1", text="Alt")).document())
    book.save(book.get("t1").changed(text="Neu"))
    book.save(book.get("t1").changed(text="Alt"))
    assert dict(book.outbox()) == {}
    book.save(book.get("t1").changed(text="Neu"))
    book.undo()
    assert dict(book.outbox()) == {}


def test_a_record_keeps_its_place_in_the_outbox(book: Fieldbook) -> None:
    for record_id in ("t1", "t2"):
        book.save(make("task", id=record_id))
    book.save(book.get("t1").changed(text="Neu"))
    assert [book.outbox()[record_id]["n"] for record_id in ("t1", "t2")] == [1, 2]
    book.save(make("task", id="t3"))
    assert book.outbox()["t3"]["n"] == 4


def test_what_is_private_never_enters_the_outbox(book: Fieldbook, store: MemoryStore) -> None:
    book.save(make("case_round", id="f1", content="Geheim"))
    book.save(make("task", id="t1", confidentiality="privat"))
    assert dict(book.outbox()) == {}
    note = book.save(make("consultation", id="b1", private_note="Geheim"))
    assert book.outbox()["b1"] == {"record": "b1", "kind": "consultation", "n": 3}
    assert not any("Geheim" in str(change) for commit in store.commits for change in commit if change.table == "outbox")
    put_base(store, {k: v for k, v in note.document().items() if k != "private_note"})
    book.save(note.changed(private_note="Anders"))
    assert dict(book.outbox()) == {}
    book.save(note.changed(private_note="Anders", content="Offen"))
    assert book.outbox()["b1"]["fields"] == ["content"]


def test_a_record_that_becomes_private_leaves_the_outbox(book: Fieldbook) -> None:
    book.save(make("task", id="t1"))
    book.save(book.get("t1").changed(confidentiality="privat"))
    assert dict(book.outbox()) == {}


def test_a_deletion_travels(book: Fieldbook, store: MemoryStore) -> None:
    put_base(store, book.save(make("task", id="t1")).document(), rev=3)
    book.delete("t1", "doppelt")
    entry = book.outbox()["t1"]
    assert entry["delete"] is True
    assert entry["fields"] == ["delete_reason", "deleted_at"]


def test_taking_back_a_creation_that_the_server_knows_is_a_deletion(book: Fieldbook, store: MemoryStore) -> None:
    put_base(store, book.save(make("task", id="t1")).document(), rev=1)
    book.undo()
    assert book.get("t1").deleted_at
    assert book.outbox()["t1"]["delete"] is True


# Undo and batches


def test_undo_takes_back_step_by_step(book: Fieldbook) -> None:
    states = [snapshot(book)]
    for step in (
        lambda: book.save(make("task", id="t1", text="Alt")),
        lambda: book.save(book.get("t1").changed(text="Neu")),
        lambda: book.delete("t1"),
        lambda: book.bring_in([{"kind": "neu", "id": "n1"}, {"kind": "neu", "id": "n2"}]),
    ):
        step()
        states.append(snapshot(book))
    said = []
    for state in reversed(states[:-1]):
        said.append(book.undo())
        assert snapshot(book) == state
    assert said == ["Import von 2 Einträgen", "Gelöscht: Aufgabe", "Änderung an Aufgabe", "Neu: Aufgabe"]
    assert book.undo() is None
    assert dict(book.outbox()) == {}


def test_a_batch_is_one_commit_and_one_step_of_undo(book: Fieldbook, store: MemoryStore) -> None:
    book.save(make("task", id="t0"))
    commits = len(store.commits)
    heard: list[Changed] = []
    book.watch(heard.append)
    with book.batch("Alles auf einmal"):
        book.save(make("task", id="t1"))
        with book.batch():
            book.save(book.get("t1").changed(text="Zweimal"))
        book.delete("t0")
        assert len(store.commits) == commits
    assert len(store.commits) == commits + 1
    assert heard == [Changed(frozenset({"task"}), frozenset({"t0", "t1"}))]
    assert book.document("t1")["text"] == "Zweimal"
    assert book.undo() == "Alles auf einmal"
    assert [document["id"] for document in book.documents("task")] == ["t0"]
    assert list(snapshot(book)) == ["t0"]


def test_an_error_in_a_batch_drops_all_of_it(book: Fieldbook, store: MemoryStore) -> None:
    def save_both() -> None:
        with book.batch():
            book.save(make("task", id="t1"))
            book.save(make("visit", topics=[]))

    with pytest.raises(InvalidRecord):
        save_both()
    assert store.commits == []
    assert snapshot(book) == {}
    assert book.undo() is None
    book.save(make("task", id="t2"))
    assert list(snapshot(book)) == ["t2"]


def test_an_empty_batch_is_nothing(book: Fieldbook, store: MemoryStore) -> None:
    with book.batch():
        pass
    assert (store.commits, book.undo()) == ([], None)


# Bringing in


def test_what_is_brought_in_keeps_its_stamps_and_is_cleaned(book: Fieldbook, store: MemoryStore) -> None:
    document = {
        "kind": "task",
        "id": "t1",
        "text": "a\x1bb",
        "updated_at": "2020",
        "device": "anderes",
        "neu\x07": {"x": 1},
    }
    assert book.bring_in([document]) == 1
    assert book.document("t1")["text"] == "a·b"
    assert book.document("t1")["neu·"] == {"x": 1}
    assert book.document("t1")["updated_at"] == "2020"
    assert document["text"] == "a\x1bb"
    commits = len(store.commits)
    assert book.bring_in([document]) == 0
    assert len(store.commits) == commits


def test_what_was_brought_in_without_undo_is_no_step(book: Fieldbook) -> None:
    book.save(make("task", id="t1"))
    book.bring_in([{"kind": "neu", "id": "n1"}], undoable=False)
    assert book.undo() == "Neu: Aufgabe"
    assert list(snapshot(book)) == ["n1"]


# Watching


def test_watchers_hear_of_each_commit_until_they_stop(book: Fieldbook) -> None:
    heard: list[Changed] = []
    stop = book.watch(heard.append)
    book.save(make("task", id="t1"))
    book.bring_in([{"kind": "neu", "id": "t1"}])
    assert heard == [
        Changed(frozenset({"task"}), frozenset({"t1"})),
        Changed(frozenset({"task", "neu"}), frozenset({"t1"})),
    ]
    version = book.version
    stop()
    book.undo()
    assert len(heard) == 2
    assert book.version == version + 1


def test_a_watcher_sees_the_new_state_and_may_stop_itself(book: Fieldbook) -> None:
    seen: list[int] = []

    def look(change: Changed) -> None:
        seen.append(len(book.documents("task")))
        stop()

    stop = book.watch(look)
    book.watch(lambda change: seen.append(-1))
    book.save(make("task", id="t1"))
    assert seen == [1, -1]


def test_saves_from_several_threads_are_all_kept(book: Fieldbook) -> None:
    def work(name: str) -> None:
        for number in range(20):
            book.save(make("task", id=f"{name}{number}"))

    threads = [Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(book.documents("task")) == 60
    assert sorted(entry["n"] for entry in book.outbox().values()) == list(range(1, 61))


# Settings and drafts


def test_a_fieldbook_keeps_the_name_of_its_device(book: Fieldbook, store: MemoryStore) -> None:
    name = book.settings.device
    book.save(make("task", id="t1"))
    assert Fieldbook(store, FixedClock(NOW)).settings.device == name
    book.save_settings(book.settings.model_copy(update={"theme": "hell"}))
    again = Fieldbook(store, FixedClock(NOW)).settings
    assert (again.device, again.theme) == (name, "hell")


def test_settings_never_travel(book: Fieldbook) -> None:
    book.save_settings(book.settings.model_copy(update={"region": "05754"}))
    assert dict(book.outbox()) == {}


def test_a_draft_is_kept_beside_the_records(book: Fieldbook, still: FixedClock) -> None:
    book.save_draft("t1", "task", {"text": "angef\x1b", "due": "mo"}, "Aufgabe")
    still.advance(timedelta(minutes=5))
    book.save_draft("t2", "task", {"text": "später"}, "Aufgabe")
    book.save_draft("t1", "task", {"text": "angefangen"}, "Aufgabe", left=True)
    draft = book.draft("t1")
    assert draft is not None
    assert draft["values"] == {"text": "angefangen"}
    assert (draft["started_at"][11:16], draft["updated_at"][11:16], draft["left"]) == ("08:00", "08:05", True)
    assert {one["id"] for one in book.drafts()} == {"t1", "t2"}
    assert snapshot(book) == {}
    assert dict(book.outbox()) == {}
    book.drop_draft("t1")
    book.drop_draft("t1")
    assert [one["id"] for one in book.drafts()] == ["t2"]


def test_drafts_stand_in_the_order_of_their_last_change(book: Fieldbook, still: FixedClock) -> None:
    for record_id in ("t1", "t2", "t1"):
        book.save_draft(record_id, "task", {"text": record_id}, "")
        still.advance(timedelta(minutes=1))
    assert [draft["id"] for draft in book.drafts()] == ["t1", "t2"]


def test_a_draft_is_made_harmless(book: Fieldbook) -> None:
    book.save_draft("t1", "task", {"text": "a\x1b]0;x\x07", "agenda": [{"title\x00": "\u202e"}]}, "a\x1bb")
    draft = book.draft("t1")
    assert draft is not None
    assert "\x1b" not in str(draft)
    assert draft["title"] == "a·b"
    assert draft["values"] == {"text": "a·]0;x·", "agenda": [{"title·": "·"}]}


# Opening again


def test_everything_is_there_again_after_closing(tmp_path: Path, still: FixedClock) -> None:
    with Fieldbook.open(tmp_path, clock=still) as book:
        book.save(make("school", number="100001"))
        book.save(make("visit", id="v1", school="100001"))
        book.save(make("task", id="t1"))
        book.delete("t1")
        book.save_draft("v9", "visit", {"goal": "x"}, "Besuch")
        before = snapshot(book), dict(book.outbox()), list(book.drafts()), book.settings, book.counts()
    with Fieldbook.open(tmp_path, clock=still) as book:
        assert (snapshot(book), dict(book.outbox()), list(book.drafts()), book.settings, book.counts()) == before
        assert [found["id"] for found in book.where("visit", school="100001")] == ["v1"]
        assert book.undo() is None


def test_an_untouched_fieldbook_writes_nothing_but_its_first_end(tmp_path: Path, still: FixedClock) -> None:
    for _time in range(3):
        with Fieldbook.open(tmp_path, clock=still) as book:
            book.drop_draft("x")
            assert book.counts() == {}
        (journal,) = tmp_path.glob("*.jsonl")
        header, mark = journal.read_bytes().splitlines()
        assert b'"type":"wal"' in header
        assert b'"close"' in mark


# Against a plain scan

TASKS = st.sampled_from([f"t{number}" for number in range(6)])
FIELDS = {"owner": st.sampled_from(["ich", "schule"]), "subject": st.sampled_from(["100001", "100002", ""])}


class FieldbookMachine(RuleBasedStateMachine):
    """Saves, deletes, batches and undoes at random; a dictionary beside it says what has to be found."""

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        self.book = Fieldbook.open(Path(self.folder.name), clock=FixedClock(NOW))
        self.model: dict[str, Document] = {}
        self.steps: list[dict[str, Document]] = []

    def teardown(self) -> None:
        if hasattr(self, "book"):
            self.book.close()
            self.folder.cleanup()

    def _done(self, before: dict[str, Document]) -> None:
        if self.model != before:
            self.steps.append(before)

    def _put(self, record_id: str, text: str, values: dict[str, str]) -> None:
        record = parse({"kind": "task", "id": record_id, "text": text, **values})
        self.model[record_id] = self.book.save(record).document()

    @rule(record_id=TASKS, text=st.sampled_from("abc"), values=st.fixed_dictionaries(FIELDS))
    def save(self, record_id: str, text: str, values: dict[str, str]) -> None:
        before = dict(self.model)
        self._put(record_id, text, values)
        self._done(before)

    @rule(ids=st.lists(TASKS, max_size=3), values=st.fixed_dictionaries(FIELDS))
    def save_several(self, ids: list[str], values: dict[str, str]) -> None:
        before = dict(self.model)
        with self.book.batch():
            for record_id in ids:
                self._put(record_id, "zusammen", values)
        self._done(before)

    @rule(document=documents("visit"))
    def bring_in(self, document: Document) -> None:
        before = dict(self.model)
        if self.book.bring_in([document]):
            self.model[document["id"]] = document
        self._done(before)

    @rule(record_id=TASKS)
    def delete(self, record_id: str) -> None:
        before = dict(self.model)
        with suppress(NotFound):
            self.book.delete(record_id)
            self.model[record_id] = self.book.document(record_id)
        assert (record_id in before) == (record_id in self.model)
        self._done(before)

    @rule()
    def undo(self) -> None:
        assert (self.book.undo() is not None) == bool(self.steps)
        if self.steps:
            self.model = self.steps.pop()

    @precondition(lambda self: self.model)
    @rule()
    def open_again(self) -> None:
        self.book.close()
        self.book = Fieldbook.open(Path(self.folder.name), clock=FixedClock(NOW))
        self.steps = []

    @invariant()
    def everything_is_there(self) -> None:
        if hasattr(self, "book"):
            assert snapshot(self.book) == self.model
            assert self.book._store.table(RECORDS) == self.model

    @invariant()
    def finding_equals_a_plain_scan(self) -> None:
        if not hasattr(self, "book"):
            return
        live = [document for document in self.model.values() if not document.get("deleted_at")]
        for kind, name in (("task", "owner"), ("task", "subject"), ("visit", "school"), ("visit", "status")):
            for value in {str(document.get(name, "")) for document in self.model.values()} | {"niemand"}:
                found = {document["id"] for document in self.book.where(kind, **{name: value})}
                assert found == {d["id"] for d in live if d["kind"] == kind and str(d.get(name, "")) == value}
        for document in self.model.values():
            assert (self.book.by_key(document["kind"], document["id"]) is not None) == (document in live)
        assert sum(self.book.counts().values()) == len(live)

    @invariant()
    def everything_that_is_new_waits_in_the_outbox(self) -> None:
        if hasattr(self, "book"):
            assert set(self.book.outbox()) == {
                record_id for record_id, d in self.model.items() if d.get("confidentiality") != "privat"
            }


FieldbookMachine.TestCase.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestFieldbookAgainstAPlainScan = FieldbookMachine.TestCase
