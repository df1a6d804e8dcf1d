"""Conflicts: where they lead, how they read, and that deciding one changes exactly what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from models.errors import InvalidRecord, NotFound, UsageError
from models.fieldbook import Fieldbook, Taken
from models.present import full_title, title_of
from models.records import parse
from models.records.conflict import Conflict
from models.records.school import School
from models.records.visit import Visit
from models.resolving import (
    changed_since,
    find_conflict,
    is_long_text,
    open_conflicts,
    resolve,
    side_text,
    value_to_edit,
)
from models.rules.conflict_places import path_of, place_text, value_at, with_other
from sync.merge import fields_of, merge
from tests.sync.documents import three

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.clock import FixedClock
    from models.records import Document

VISIT: Document = parse(
    {
        "id": "visit1",
        "kind": "visit",
        "school": "100001",
        "date": "2026-11-24",
        "start": "09:00",
        "notes_technology": "Erste Zeile\nZweite Zeile",
        "topics": ["lms"],
        "agreements": [
            {"id": "p", "text": "Konzept schicken"},
            {"id": "q", "text": "WLAN messen", "due": "2026-12-01"},
            {"id": "r", "text": "Wieder melden"},
        ],
    }
).document()


@pytest.fixture
def book(tmp_path: Path, clock: FixedClock) -> Iterator[Fieldbook]:
    """A fieldbook with a school and a visit."""
    with Fieldbook.open(tmp_path, clock=clock) as fieldbook:
        fieldbook.save(School(number="100001", short_name="GS Altstadt"))
        fieldbook.save(parse(VISIT))
        yield fieldbook


def put(book: Fieldbook, path: list[str], kept: Any, other: Any, rule: str = "value", **more: Any) -> Document:
    """Let a conflict come from the server, as it writes it, and return it."""
    document: Document = {"id": "c0nf1ict", "kind": "conflict", "record": "visit1", "record_kind": "visit", "rev": 1}
    document |= {"path": path, "rule": rule, "status": "offen", "created_at": "2026-11-24T08:00:00+00:00", **more}
    document |= {name: value for name, value in (("kept", kept), ("other", other)) if value is not None}
    book.take_over([Taken(document["id"], document, document)], {})
    return document


def visit(book: Fieldbook) -> Document:
    """Return the visit without what every saving stamps."""
    stamps = ("created_at", "updated_at", "device")
    return {name: value for name, value in book.document("visit1").items() if name not in stamps}


# How it reads


@pytest.mark.parametrize(
    ("path", "rule", "text"),
    [
        (["notes_technology"], "text", "Technik"),
        (["when"], "value", "Datum, von, bis"),
        (["agreements", "q", "due"], "value", "Vereinbart, bis"),
        (["agreements", "q"], "removed", "Vereinbart"),
        (["agreements", "order"], "order", "Vereinbart, Reihenfolge"),
        (["deleted_at"], "deleted", "Löschung"),
        (["neues_feld"], "value", "neues_feld"),
    ],
)
def test_a_conflict_is_called_by_its_record_and_the_place_in_it(
    book: Fieldbook, path: list[str], rule: str, text: str
) -> None:
    conflict = put(book, path, "a", "b", rule)
    assert place_text(conflict) == text
    assert title_of(conflict, book) == f"Besuch GS Altstadt, Di 24.11.2026: {text}"


@pytest.mark.parametrize(
    ("path", "rule", "kept", "other", "texts"),
    [
        (["status"], "value", "geplant", "abgesagt", ("geplant", "abgesagt")),
        (["when"], "value", {"date": "2026-11-24"}, None, ("Datum: Di 24.11.2026", "–")),
        (["agreements", "q", "due"], "value", "2026-12-01", "2026-12-08", ("Di 01.12.2026", "Di 08.12.2026")),
        (["agreements", "q"], "removed", {"id": "q", "text": "WLAN"}, None, ("WLAN", "entfernt")),
        (
            ["agreements", "order"],
            "order",
            ["q", "p"],
            ["p", "weg"],
            ("WLAN messen, ich, Di 01.12.2026 · Konzept schicken, ich", "Konzept schicken, ich · –"),
        ),
        (
            ["deleted_at"],
            "deleted",
            None,
            {"deleted_at": "2026-11-24T08:00:00+00:00", "delete_reason": "doppelt"},
            ("der Eintrag bleibt", "gelöscht (doppelt)"),
        ),
        (["neues_feld"], "value", {"a": 1}, True, ("a 1", "ja")),
    ],
)
def test_both_sides_read_as_the_field_is_shown_elsewhere(
    book: Fieldbook, path: list[str], rule: str, kept: Any, other: Any, texts: tuple[str, str]
) -> None:
    conflict = put(book, path, kept, other, rule)
    assert (side_text(conflict, "kept", book), side_text(conflict, "other", book)) == texts


@pytest.mark.parametrize("path", [None, "notes_technology", [1], [], {}])
def test_a_conflict_that_leads_nowhere_is_shown_all_the_same(book: Fieldbook, path: Any) -> None:
    conflict = put(book, path, "a", "b")
    assert path_of(conflict) == ()
    assert full_title(conflict, book) == "Konflikt Besuch GS Altstadt, Di 24.11.2026"
    assert side_text(conflict, "other", book) == "b"


def test_a_conflict_about_itself_has_a_title(book: Fieldbook) -> None:
    conflict = put(book, ["notes_technology"], "a", "b", record="c0nf1ict", record_kind="conflict")
    assert title_of(conflict, book).startswith("Konflikt c0nf1ict")


# Deciding


def test_keeping_what_stands_changes_nothing_but_the_conflict(book: Fieldbook) -> None:
    conflict = put(book, ["notes_technology"], VISIT["notes_technology"], "Andere Notiz", "text")
    before = book.document("visit1")
    assert resolve(book, conflict, "kept") is None
    assert book.document("visit1") == before
    assert open_conflicts(book) == []
    assert book.document("c0nf1ict")["status"] == "geloest"


@pytest.mark.parametrize(
    ("path", "rule", "other", "field", "expected"),
    [
        (["notes_technology"], "text", "Eins\nZwei", "notes_technology", "Eins\nZwei"),
        (["notes_technology"], "value", None, "notes_technology", None),
        (["agreements", "q", "due"], "value", "2026-12-08", "agreements", "2026-12-08"),
        (["agreements", "q", "due"], "value", None, "agreements", None),
    ],
)
def test_the_other_side_takes_the_place_of_what_stands(
    book: Fieldbook, path: list[str], rule: str, other: Any, field: str, expected: Any
) -> None:
    conflict = put(book, path, "egal", other, rule)
    resolve(book, conflict, "other")
    after = book.document("visit1")
    assert (after.get(field) if field != "agreements" else after[field][1].get("due")) == expected
    untouched = VISIT.keys() - {field}
    assert {name: after[name] for name in untouched} == {name: VISIT[name] for name in untouched}


def test_fields_that_belong_together_change_together(book: Fieldbook) -> None:
    conflict = put(book, ["when"], {"date": "2026-11-24", "start": "09:00"}, {"date": "2026-11-25", "end": "11:00"})
    resolve(book, conflict, "other")
    assert visit(book) == {**{k: v for k, v in VISIT.items() if k != "start"}, "date": "2026-11-25", "end": "11:00"}


def test_an_entry_can_be_taken_out_and_put_in_another_order(book: Fieldbook) -> None:
    resolve(book, put(book, ["agreements", "order"], ["p", "q", "r"], ["r", "p"], "order"), "other")
    assert [entry["id"] for entry in visit(book)["agreements"]] == ["r", "p", "q"]
    resolve(book, put(book, ["agreements", "q"], VISIT["agreements"][1], None, "removed"), "other")
    assert [entry["id"] for entry in visit(book)["agreements"]] == ["r", "p"]


def test_a_deletion_that_lost_against_an_edit_can_be_carried_out(book: Fieldbook) -> None:
    said = {"deleted_at": "2026-11-24T08:00:00+00:00", "delete_reason": "doppelt"}
    resolve(book, put(book, ["deleted_at"], None, said, "deleted"), "other")
    assert book.document("visit1")["delete_reason"] == "doppelt"
    assert book.documents("visit") == []


@pytest.mark.parametrize(
    ("path", "typed", "field", "expected"),
    [
        (["notes_technology"], "Ganz anders", "notes_technology", "Ganz anders"),
        (["status"], "verschoben", "status", "verschoben"),
        (["agreements", "q", "due"], "24.12.", "agreements", "2026-12-24"),
    ],
)
def test_a_value_is_given_as_it_would_be_typed(
    book: Fieldbook, path: list[str], typed: str, field: str, expected: Any
) -> None:
    resolve(book, put(book, path, "a", "b"), typed)
    value = book.document("visit1")[field]
    assert (value[1]["due"] if field == "agreements" else value) == expected
    assert open_conflicts(book) == []


@pytest.mark.parametrize(
    ("path", "rule", "answer", "error"),
    [
        (["when"], "value", "25.11.", UsageError),
        (["deleted_at"], "deleted", "25.11.", UsageError),
        (["agreements", "order"], "order", "egal", UsageError),
        (["neues_feld"], "value", "egal", UsageError),
        (["agreements", "q", "due"], "value", "gestern oder so", InvalidRecord),
        (["agreements", "weg", "due"], "value", "other", NotFound),
        (["school"], "value", "Schule, die es nicht gibt", InvalidRecord),
        (["status"], "value", "abgesagt", InvalidRecord),
    ],
)
def test_what_cannot_be_decided_so_leaves_record_and_conflict_as_they_are(
    book: Fieldbook, path: list[str], rule: str, answer: str, error: type[Exception]
) -> None:
    conflict = put(book, path, "a", "b", rule)
    before = book.document("visit1"), book.outbox()["visit1"]
    with pytest.raises(error):
        resolve(book, conflict, answer)
    assert (book.document("visit1"), book.outbox()["visit1"]) == before
    assert open_conflicts(book) == [conflict]


def test_a_value_that_breaks_a_rule_of_the_record_is_refused(book: Fieldbook) -> None:
    conflict = put(book, ["when"], {}, {"date": "2026-11-24", "start": "11:00", "end": "09:00"})
    with pytest.raises(InvalidRecord):
        resolve(book, conflict, "other")
    assert open_conflicts(book) == [conflict]


def test_a_conflict_whose_record_is_gone_can_only_be_closed(book: Fieldbook) -> None:
    conflict = put(book, ["notes_technology"], "a", "b", record="nirgends")
    with pytest.raises(NotFound, match="kept"):
        resolve(book, conflict, "other")
    resolve(book, conflict, "kept")
    assert open_conflicts(book) == []


def test_record_and_conflict_are_one_commit_and_one_step_of_undo(book: Fieldbook) -> None:
    conflict = put(book, ["notes_technology"], VISIT["notes_technology"], "Andere")
    changes: list[frozenset[str]] = []
    book.watch(lambda change: changes.append(change.ids))
    resolve(book, conflict, "other")
    assert changes == [frozenset({"visit1", "c0nf1ict"})]
    book.undo()
    assert open_conflicts(book) == [conflict]
    assert visit(book) == VISIT


def test_deciding_a_conflict_sends_its_status_only(book: Fieldbook) -> None:
    kept, other = "Eins\nZwei", {"x": ["y\nz"]}
    resolve(book, put(book, ["notes_technology"], kept, other, base="a\nb", other_by="anna"), "kept")
    document = book.document("c0nf1ict")
    assert (document["kept"], document["other"], document["base"]) == (kept, other, "a\nb")
    assert not {"kept", "other", "base", "path"} & set(book.outbox()["c0nf1ict"]["fields"])


# Finding


def test_a_conflict_is_found_by_the_beginning_of_its_id(book: Fieldbook) -> None:
    conflict = put(book, ["notes_technology"], "a", "b")
    assert find_conflict(book, "c0nf") == find_conflict(book, "c0nf1ict") == conflict
    for wrong in ("c0n", "visit1", "anders", ""):
        with pytest.raises(NotFound):
            find_conflict(book, wrong)


def test_two_that_begin_alike_are_both_named_unless_one_is_decided(book: Fieldbook) -> None:
    first = put(book, ["notes_technology"], "a", "b")
    second = {**first, "id": "c0nf2"}
    book.take_over([Taken("c0nf2", second, second)], {})
    with pytest.raises(NotFound, match=r"2 Konflikten.*c0nf1ict.*c0nf2"):
        find_conflict(book, "c0nf")
    resolve(book, first, "kept")
    assert find_conflict(book, "c0nf") == second


# What happened meanwhile


def test_what_was_changed_since_is_told_and_what_was_not_is_not(book: Fieldbook) -> None:
    conflict = put(book, ["agreements", "q", "due"], "2026-12-01", "2026-12-08")
    assert changed_since(conflict, book) is None
    entries = [{**entry, "due": "2026-12-24"} for entry in VISIT["agreements"]]
    book.save(parse({**book.document("visit1"), "agreements": entries}))
    assert changed_since(conflict, book) == "Do 24.12.2026"
    book.save(parse({**book.document("visit1"), "agreements": []}))
    assert changed_since(conflict, book) == "–"
    book.delete("visit1")
    assert changed_since(conflict, book) == "der Eintrag ist gelöscht oder nicht mehr hier"


# What the merge puts aside


def in_any_order(document: Document) -> Document:
    """Return a document with its entries sorted: one that was taken out comes back at the end."""
    entries = document.get("agreements")
    return {**document, "agreements": sorted(entries, key=lambda entry: str(entry["id"]))} if entries else document


@given(three())
def test_every_conflict_of_a_merge_can_be_decided_for_either_side(sides: tuple[Document, Document, Document]) -> None:
    base, mine, theirs = sides
    merged = merge(base, mine, theirs, fields_of("visit"))
    for conflict in merged.conflicts:
        if conflict.rule == "deleted":
            continue
        said: Document = {"record_kind": "visit", "path": list(conflict.path), "rule": conflict.rule}
        there = with_other(merged.record, {**said, "other": conflict.other})
        if conflict.rule != "order":
            assert (value_at(merged.record, said) or None) == (conflict.kept or None), conflict
            assert (value_at(there, said) or None) == (conflict.other or None), conflict
        back = with_other(there, {**said, "other": conflict.kept})
        assert in_any_order(back) == in_any_order(merged.record), conflict


@given(st.dictionaries(st.sampled_from(["path", "rule", "kept", "other", "record"]), st.integers() | st.text()))
def test_a_conflict_with_anything_in_it_comes_back_whole(values: Document) -> None:
    document = {"kind": "conflict", "id": "x", "record": "r", **values}
    assert parse(document).id == "x"


def test_a_conflict_is_declared_like_any_other_record() -> None:
    assert isinstance(parse({"kind": "conflict", "record": "v", "path": ["a"], "kept": 1, "other": [2]}), Conflict)
    assert Visit.about.new


@pytest.mark.parametrize("text", ["other", "kept"])
def test_a_typed_value_may_read_like_the_name_of_a_side(book: Fieldbook, text: str) -> None:
    conflict = put(book, ["notes_technology"], "Erste Zeile", "Andere", "text")
    resolve(book, conflict, text, typed=True)
    assert visit(book)["notes_technology"] == text


@pytest.mark.parametrize(
    ("path", "kept", "rule", "shown"),
    [
        (["notes_technology"], "Erste Zeile\nZweite Zeile", "text", "Erste Zeile\nZweite Zeile"),
        (["agreements", "q", "due"], "2026-12-01", "value", "Di 01.12.2026"),
        (["school"], "100001", "value", "GS Altstadt"),
        (["topics"], ["lms"], "value", "Lernmanagement"),
        (["when"], {"date": "2026-11-24"}, "value", None),
        (["agreements", "q"], None, "removed", None),
        (["agreements", "order"], ["p", "q"], "order", None),
        (["neues_feld"], "x", "value", None),
        ([], None, "deleted", None),
    ],
)
def test_what_can_be_typed_begins_with_what_stands_there(
    book: Fieldbook, path: list[str], kept: Any, rule: str, shown: str | None
) -> None:
    conflict = put(book, path, kept, "anders", rule)
    found = value_to_edit(book, conflict)
    assert found == shown or (shown is not None and found is not None and found.startswith(shown))
    assert is_long_text(conflict) == (rule == "text")
    if found is not None:
        before = visit(book)
        resolve(book, conflict, found, typed=True)
        assert visit(book) == before
