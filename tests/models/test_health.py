"""The health of a fieldbook: what cannot be read and what leads nowhere."""

from __future__ import annotations

from typing import Any

from models.rules.health import examine

SCHOOL = {"id": "s", "kind": "school", "number": "123456", "short_name": "GS Altstadt"}
VISIT = {"id": "v", "kind": "visit", "school": "123456", "date": "2026-11-24", "topics": ["ki"]}


def problems(*documents: dict[str, Any], outbox: tuple[str, ...] = ()) -> list[str]:
    return examine(documents, outbox).problems


def test_records_that_fit_together_are_healthy() -> None:
    health = examine([SCHOOL, VISIT, {"id": "x", "kind": "task", "deleted_at": "2026-11-24"}], ["v", "x"])
    assert health.problems == []
    assert health.notes == []
    assert health.counts == {"school": 1, "visit": 1}
    assert health.deleted == 1


def test_a_reference_to_nothing_is_wrong_and_one_to_a_deleted_record_is_a_note() -> None:
    assert problems(VISIT) == ["Besuch v: Schule verweist auf 123456; das gibt es hier nicht."]
    health = examine([VISIT, {**SCHOOL, "deleted_at": "2026-11-24"}])
    assert health.problems == []
    assert health.notes == ["Besuch v: Schule verweist auf 123456; das ist gelöscht."]


def test_references_in_list_entries_are_checked_too() -> None:
    training = {"id": "t", "kind": "training", "title": "x", "date": "2026-11-24"}
    assert problems({**training, "counts": [{"id": "c", "school": "123456"}]}, SCHOOL) == []
    assert len(problems({**training, "counts": [{"id": "c", "school": "999999"}]}, SCHOOL)) == 1


def test_what_cannot_be_read_or_breaks_a_rule_is_wrong() -> None:
    assert problems({**VISIT, "date": "nie"}, SCHOOL) == ["Besuch v: lässt sich nicht lesen."]
    assert len(problems({**SCHOOL, "number": "12"})) == 1
    assert len(problems(SCHOOL, outbox=("weg",))) == 1


def test_a_kind_of_a_newer_version_is_only_noted() -> None:
    health = examine([{"id": "a", "kind": "später"}])
    assert health.problems == []
    assert len(health.notes) == 1
