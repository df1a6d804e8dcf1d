"""The merge: its laws for all kinds of fields, and what each rule says in a case that a person would recognise."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from models.records import KINDS, record_class
from sync.merge import STAMPS, Conflict, Merged, canonical, changed, fields_of, merge, same
from sync.words import merge_text
from tests.sync.documents import AGREEMENTS, FIELDS, documents, three

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.records import Document

VERSIONS = three()


def visit(**values: Any) -> Document:
    return {"id": "v1", "kind": "visit", **values}


def merged(base: Document, mine: Document, theirs: Document) -> Merged:
    return merge(base, mine, theirs, FIELDS)


def without_stamps(document: Document) -> Document:
    return {name: value for name, value in document.items() if name not in STAMPS}


# The laws


@given(documents(), documents())
def test_what_both_sides_say_is_said(base: Document, side: Document) -> None:
    assert merged(base, side, side) == Merged(side)


@given(VERSIONS)
def test_where_one_side_changed_nothing_the_other_one_stands(versions: tuple[Document, Document, Document]) -> None:
    base, mine, _theirs = versions
    assert merged(base, mine, base) == Merged(mine)
    assert merged(base, base, mine) == Merged(mine)


@given(VERSIONS)
def test_the_way_of_most_edits_leads_where_the_long_one_does(versions: tuple[Document, Document, Document]) -> None:
    base, mine, _theirs = versions
    short, long = merged(base, mine, base), merged(base, mine, deepcopy(base))
    assert canonical(short.record) == canonical(long.record)
    assert short.conflicts == long.conflicts == ()


@given(VERSIONS)
def test_swapping_the_sides_changes_only_what_is_kept_and_what_is_put_aside(
    versions: tuple[Document, Document, Document],
) -> None:
    base, mine, theirs = versions
    one, other = merged(base, mine, theirs), merged(base, theirs, mine)

    def met(conflict: Conflict) -> tuple[Any, ...]:
        return (
            conflict.path,
            conflict.rule,
            canonical(conflict.base),
            {canonical(conflict.kept), canonical(conflict.other)},
        )

    assert list(map(met, one.conflicts)) == list(map(met, other.conflicts))
    in_conflict = {conflict.path[0] for conflict in one.conflicts}
    groups = {name: FIELDS[name].group or name for name in FIELDS} | {"deleted_at": "deleted_at"}
    settled = {name for name in one.record.keys() | other.record.keys() if groups.get(name, name) not in in_conflict}
    assert {n: one.record.get(n) for n in settled} == {n: other.record.get(n) for n in settled}


@given(VERSIONS)
def test_every_value_that_was_changed_is_in_the_record_or_in_a_conflict(
    versions: tuple[Document, Document, Document],
) -> None:
    base, mine, theirs = versions
    result = merged(base, mine, theirs)
    said = canonical(result.record) + b"".join(
        canonical(value) for conflict in result.conflicts for value in (conflict.kept, conflict.other)
    )
    for side in (mine, theirs):
        for value in _new_words(base, side):
            assert canonical(value) in said or value.encode() in said, value


def _new_words(base: Document, side: Document) -> Iterator[str]:
    """Yield all texts, and the words of long ones, that one side wrote and the base had nowhere."""
    before = canonical(base)
    for name in changed(base, side):
        for text in _texts(side.get(name)):
            for word in text.split():
                if word.encode() not in before:
                    yield word


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


@given(VERSIONS)
def test_merging_again_adds_nothing(versions: tuple[Document, Document, Document]) -> None:
    base, mine, theirs = versions
    first = merged(base, mine, theirs)
    # The side that was merged in is now what both know; nothing of it is open any more.
    assert merged(mine, mine, first.record) == Merged(first.record)
    assert merged(theirs, first.record, theirs) == Merged(first.record)


@given(VERSIONS)
def test_the_same_three_records_always_merge_the_same_way(versions: tuple[Document, Document, Document]) -> None:
    base, mine, theirs = versions
    reordered = [dict(reversed(list(side.items()))) for side in (base, mine, theirs)]
    assert merged(base, mine, theirs) == merged(*reordered)


@given(documents(), documents())
def test_fields_of_a_newer_version_survive_an_edit_beside_them(base: Document, other: Document) -> None:
    edited = {**base, "school": "neu"}
    theirs = {**base, "unknown": other.get("unknown", ["x"])}
    assert same(merged(base, edited, theirs).record["unknown"], theirs["unknown"])


@given(st.text("ab \n", max_size=12), st.text("ab \n", max_size=12), st.text("ab \n", max_size=12))
def test_texts_that_do_not_overlap_merge_without_a_question(base: str, mine: str, theirs: str) -> None:
    found = merge_text(base, mine, theirs)
    swapped = merge_text(base, theirs, mine)
    assert (found.text, found.other) == (swapped.other, swapped.text)
    if theirs == base:
        assert found == (mine, mine)


# Each rule in a case


def test_edits_of_different_fields_meet() -> None:
    base = visit(school="900001", format="vor_ort")
    result = merged(base, visit(school="900002", format="vor_ort"), visit(school="900001", format="online"))
    assert result == Merged(visit(school="900002", format="online"))


def test_one_field_changed_in_two_ways_keeps_the_committed_value_and_puts_the_other_aside() -> None:
    result = merged(visit(school="900001"), visit(school="900002"), visit(school="900003"))
    assert result.record["school"] == "900003"
    assert result.conflicts == (Conflict(("school",), "value", "900001", "900003", "900002"),)


def test_the_fields_of_a_group_are_one_value() -> None:
    base = visit(date="2026-11-24", start="09:00")
    result = merged(base, visit(date="2026-11-25", start="09:00"), visit(date="2026-11-24", start="10:00"))
    assert result.record["date"] == "2026-11-24"
    assert result.record["start"] == "10:00"
    (conflict,) = result.conflicts
    assert conflict.path == ("when",)
    assert conflict.other == {"date": "2026-11-25", "start": "09:00"}


def test_edits_at_different_places_of_a_note_are_both_in_it() -> None:
    base = "Die Schule plant ein Konzept. Der Träger liefert im Mai."
    mine = "Die Schule plant ein neues Konzept. Der Träger liefert im Mai."
    theirs = "Die Schule plant ein Konzept. Der Träger liefert erst im Juni."
    result = merged(visit(notes=base), visit(notes=mine), visit(notes=theirs))
    assert result == Merged(visit(notes="Die Schule plant ein neues Konzept. Der Träger liefert erst im Juni."))


def test_overlapping_edits_of_a_note_are_both_kept_as_whole_texts() -> None:
    result = merged(
        visit(notes="Treffen am Montag im Haus."),
        visit(notes="Treffen am Mittwoch im Haus!"),
        visit(notes="Treffen am Freitag im Haus."),
    )
    assert result.record["notes"] == "Treffen am Freitag im Haus!"
    (conflict,) = result.conflicts
    assert (conflict.rule, conflict.other) == ("text", "Treffen am Mittwoch im Haus!")


def test_tags_that_anyone_added_are_there_and_those_that_anyone_removed_are_not() -> None:
    result = merged(visit(topics=["u", "v"]), visit(topics=["u", "v", "w"]), visit(topics=["v", "x"]))
    assert result == Merged(visit(topics=["v", "w", "x"]))


def test_entries_that_both_added_are_both_there() -> None:
    base = visit(agreements=[{"id": "p", "text": "eins"}])
    mine = visit(agreements=[{"id": "p", "text": "eins"}, {"id": "q", "text": "zwei"}])
    theirs = visit(agreements=[{"id": "p", "text": "eins"}, {"id": "r", "text": "drei"}])
    result = merged(base, mine, theirs)
    assert [item["id"] for item in result.record["agreements"]] == ["p", "r", "q"]
    assert result.conflicts == ()
    assert merged(base, theirs, mine) == result


def test_an_entry_changed_here_and_removed_there_stays_and_is_flagged() -> None:
    base = visit(agreements=[{"id": "p", "text": "eins"}])
    result = merged(base, visit(agreements=[{"id": "p", "text": "eins, bis Mai"}]), visit())
    assert result.record["agreements"] == [{"id": "p", "text": "eins, bis Mai"}]
    assert [conflict.rule for conflict in result.conflicts] == ["removed"]


def test_an_entry_that_one_removed_and_nobody_changed_is_gone() -> None:
    base = visit(agreements=[{"id": "p", "text": "eins"}, {"id": "q", "text": "zwei"}])
    mine = visit(agreements=[{"id": "q", "text": "zwei"}])
    theirs = visit(agreements=[{"id": "p", "text": "eins"}, {"id": "q", "text": "zwei!"}])
    assert merged(base, mine, theirs) == Merged(visit(agreements=[{"id": "q", "text": "zwei!"}]))


def test_the_order_of_the_side_that_moved_entries_stands_with_new_ones_where_they_were_put() -> None:
    base = [{"id": key} for key in "pqr"]
    moved = [{"id": key} for key in "rpq"]
    added = [{"id": key} for key in "pqsr"]
    result = merged(visit(agreements=base), visit(agreements=moved), visit(agreements=added))
    assert [item["id"] for item in result.record["agreements"]] == ["r", "p", "q", "s"]
    assert result.conflicts == ()


def test_ratings_of_different_criteria_meet_and_of_one_criterion_do_not() -> None:
    base = visit(ratings={"k": 1})
    result = merged(base, visit(ratings={"k": 2, "l": 3}), visit(ratings={"k": 4, "m": 0}))
    assert result.record["ratings"] == {"k": 4, "l": 3, "m": 0}
    assert result.conflicts == (Conflict(("ratings", "k"), "value", 1, 4, 2),)


@pytest.mark.parametrize("deleted_by_me", [True, False])
def test_an_edit_wins_over_a_deletion_and_both_are_told(deleted_by_me: bool) -> None:
    base = visit(school="900001")
    gone = visit(school="900001", deleted_at="2026-11-24T10:00:00+00:00", updated_by="anna")
    edited = visit(school="900002", updated_by="bernd")
    result = merged(base, *((gone, edited) if deleted_by_me else (edited, gone)))
    assert without_stamps(result.record) == visit(school="900002")
    (conflict,) = result.conflicts
    assert conflict.rule == "deleted"
    assert conflict.other == {"deleted_at": "2026-11-24T10:00:00+00:00", "updated_by": "anna"}


def test_a_deletion_of_what_nobody_changed_stands() -> None:
    gone = visit(school="900001", deleted_at="2026-11-24T10:00:00+00:00")
    assert merged(visit(school="900001"), visit(school="900001"), gone) == Merged(gone)


def test_two_who_created_the_same_record_differently_keep_both_values() -> None:
    result = merge({}, visit(school="900001"), visit(school="900002"), FIELDS)
    assert result.conflicts == (Conflict(("school",), "value", None, "900002", "900001"),)


@pytest.mark.parametrize("broken", ["kein Verzeichnis", [{"ohne": "id"}], [{"id": "p"}, {"id": "p"}], [1]])
def test_what_a_newer_version_made_of_a_field_merges_as_a_value(broken: Any) -> None:
    base = visit(agreements=[{"id": "p", "text": "eins"}])
    result = merged(base, visit(agreements=broken), visit(agreements=[{"id": "p", "text": "zwei"}]))
    assert result.conflicts[0].other == broken


def test_one_and_true_are_different_values() -> None:
    assert not same(1, True)
    assert not same(1, 1.0)
    assert changed({"a": 1}, {"a": True}) == ["a"]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_record_declares_how_its_fields_merge(kind: str) -> None:
    assert fields_of(kind) == record_class(kind).kinds()


def test_a_kind_of_a_newer_version_merges_field_by_field() -> None:
    base, mine, theirs = ({"id": "n", "kind": "neu", "a": a, "b": b} for a, b in (("1", "1"), ("2", "1"), ("1", "2")))
    assert merge(base, mine, theirs, fields_of("neu")).record == {"id": "n", "kind": "neu", "a": "2", "b": "2"}


def test_the_declared_items_are_those_of_a_visit() -> None:
    assert AGREEMENTS.merge == "items"
