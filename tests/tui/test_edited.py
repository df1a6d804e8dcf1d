"""What is typed while the sync brings a colleague's edits of the same record: both are there in the end, or stand as a conflict."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from models.records import parse
from tests.sync.laptop import Laptop
from tests.sync.world import Server
from tui.edited import seen_of, with_edits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.records import Document

VISIT = {"kind": "visit", "id": "v1", "school": "100001", "date": "2026-11-24", "start": "09:30", "topics": ["logineo"]}
MEETING = {
    "kind": "meeting",
    "id": "m1",
    "title": "Qualitätszirkel",
    "date": "2026-11-24",
    "agenda": [{"id": "a1", "title": "Börse"}, {"id": "a2", "title": "Thema"}],
}


class Team:
    """Two laptops that know the same records: what is typed on `mine` was begun before `theirs` edits."""

    def __init__(self) -> None:
        self.server = Server()
        self.mine, self.theirs = Laptop("mine"), Laptop("theirs")

    def both_know(self, document: Document) -> Document:
        """Bring a record to both; return it as it is on mine."""
        self.mine.book.save(parse(document))
        self.sync()
        return self.mine.book.document(document["id"])

    def sync(self) -> None:
        """Bring everything to both."""
        for laptop in (self.mine, self.theirs, self.mine, self.theirs):
            assert not isinstance(laptop.sync(self.server), str)

    def they_save(self, record_id: str, **values: Any) -> None:
        """Edit on the other laptop; it is on mine then."""
        self.theirs.book.save(self.theirs.book.get(record_id).changed(**values))
        self.sync()

    def i_save(self, record_id: str, saw: Document, **values: Any) -> None:
        """Save on mine what was typed over the state `saw`."""
        record, seen = with_edits(self.mine.book, record_id, values, saw)
        self.mine.book.save(record, seen=seen)

    def everywhere(self, record_id: str) -> Document:
        """Return a record as both have it in the end."""
        self.sync()
        mine, theirs = (laptop.book.document(record_id) for laptop in (self.mine, self.theirs))
        assert mine == theirs
        assert dict(self.mine.book.outbox()) == {}
        return mine

    def conflicts(self) -> list[Document]:
        """Return the conflicts."""
        return self.mine.book.documents("conflict")


@pytest.fixture
def team() -> Iterator[Team]:
    """Two people."""
    made = Team()
    yield made
    made.mine.close()
    made.theirs.close()


def test_what_nobody_else_touched_is_simply_saved(team: Team) -> None:
    saw = team.both_know(VISIT)
    team.i_save("v1", saw, goal="Neues Ziel", start=None)
    visit = team.everywhere("v1")
    assert visit["goal"] == "Neues Ziel"
    assert "start" not in visit
    assert team.conflicts() == []


def test_edits_of_different_fields_are_both_there(team: Team) -> None:
    saw = team.both_know(VISIT)
    team.they_save("v1", goal="Ziel der anderen")
    team.i_save("v1", saw, format="online")
    visit = team.everywhere("v1")
    assert (visit["goal"], visit["format"]) == ("Ziel der anderen", "online")
    assert team.conflicts() == []


def test_two_edits_of_one_field_stand_as_a_conflict(team: Team) -> None:
    saw = team.both_know(VISIT)
    team.they_save("v1", start="10:00")
    team.i_save("v1", saw, start="11:00")
    assert team.mine.book.document("v1")["start"] == "11:00", "what was typed stays in sight"
    visit = team.everywhere("v1")
    (conflict,) = team.conflicts()
    assert visit["start"] in ("10:00", "11:00")
    assert "10:00" in str([conflict["kept"], conflict["other"]])
    assert "11:00" in str([conflict["kept"], conflict["other"]])


def test_the_same_edit_twice_is_no_conflict(team: Team) -> None:
    saw = team.both_know(VISIT)
    team.they_save("v1", goal="Dasselbe")
    team.i_save("v1", saw, goal="Dasselbe")
    assert team.everywhere("v1")["goal"] == "Dasselbe"
    assert team.conflicts() == []


def test_a_time_is_for_the_day_that_the_person_saw(team: Team) -> None:
    saw = team.both_know(VISIT)
    team.they_save("v1", date="2026-11-30")
    team.i_save("v1", saw, start="11:00")
    visit = team.everywhere("v1")
    assert team.conflicts() != []
    assert (visit["date"], visit.get("start")) in {("2026-11-30", "09:30"), ("2026-11-24", "11:00")}


def test_a_point_that_they_added_stays_though_i_save_the_whole_agenda(team: Team) -> None:
    saw = team.both_know(MEETING)
    added = {"id": "a3", "title": "Gast"}
    team.they_save("m1", agenda=[*saw["agenda"], added])
    mine = [{**saw["agenda"][0], "notes": "Adapter"}, saw["agenda"][1]]
    team.i_save("m1", saw, agenda=mine)
    agenda = team.everywhere("m1")["agenda"]
    assert {point["id"]: point.get("notes", "") for point in agenda} == {"a1": "Adapter", "a2": "", "a3": ""}
    assert team.conflicts() == []


def test_who_edited_nothing_takes_nothing_back(team: Team) -> None:
    saw = team.both_know(MEETING)
    team.they_save("m1", agenda=[*saw["agenda"], {"id": "a3", "title": "Gast"}])
    team.i_save("m1", saw, agenda=saw["agenda"], questions=[])
    assert len(team.everywhere("m1")["agenda"]) == 3


def test_an_edit_made_before_another_one_that_waits_counts_from_what_was_seen_first(team: Team) -> None:
    saw = team.both_know(VISIT)
    team.they_save("v1", start="10:00")
    team.i_save("v1", saw, start="11:00")
    team.i_save("v1", team.mine.book.document("v1"), start="12:00")
    team.everywhere("v1")
    (conflict,) = team.conflicts()
    assert "10:00" in str([conflict["kept"], conflict["other"]])


def test_what_no_server_knows_is_saved_as_it_was_typed(team: Team) -> None:
    team.mine.book.save(parse(VISIT))
    saw = team.mine.book.document("v1")
    team.mine.book.save(parse({**saw, "goal": "Zwischendurch"}))
    record, seen = with_edits(team.mine.book, "v1", {"goal": "Zuletzt"}, saw)
    assert (record.document()["goal"], seen) == ("Zuletzt", {})


def test_a_draft_keeps_what_was_seen_also_of_the_fields_that_belong_together() -> None:
    seen = seen_of(VISIT, {"start"})
    assert {"date", "start"} <= seen.keys()
    assert "goal" not in seen
    assert seen["start"] == "09:30"


def test_a_batch_that_fails_leaves_nothing_of_what_was_seen(team: Team) -> None:
    saw = team.both_know(VISIT)
    team.they_save("v1", start="10:00")
    record, seen = with_edits(team.mine.book, "v1", {"start": "11:00"}, saw)
    with suppress(RuntimeError), team.mine.book.batch():
        team.mine.book.save(record, seen=seen)
        raise RuntimeError
    team.mine.book.save(team.mine.book.get("v1").changed(start="12:00"))
    assert team.everywhere("v1")["start"] == "12:00"
    assert team.conflicts() == []
