"""Visits: their number at a school, the one before, the last contact, and who has long not been visited."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from models.errors import UsageError
from models.records.visit import Visit
from models.rules.planning import cancelled, moved
from models.rules.visits import (
    days_since,
    last_contacts,
    long_not_visited,
    previous_of,
    visit_number,
    visit_numbers,
    was_held,
)

if TYPE_CHECKING:
    from models.records import Document

TODAY = date(2026, 11, 24)

STATUSES = ("durchgefuehrt", "geplant", "abgesagt", "verschoben", "nicht_angetroffen")


def visit(key: str, day: str, school: str = "100001", status: str = "durchgefuehrt", **more: Any) -> Document:
    return {"id": key, "kind": "visit", "school": school, "date": day, "status": status, **more}


@st.composite
def many_visits(draw: st.DrawFn) -> list[Document]:
    count = draw(st.integers(0, 12))
    return [
        visit(
            f"v{number}",
            (TODAY + timedelta(days=draw(st.integers(-9, 9)))).isoformat(),
            draw(st.sampled_from(["100001", "100002"])),
            draw(st.sampled_from(STATUSES)),
            adviser=draw(st.sampled_from(["anna", "ben"])),
        )
        for number in range(count)
    ]


@given(many_visits())
def test_visits_held_at_a_school_are_numbered_without_gaps(visits: list[Document]) -> None:
    numbers = visit_numbers(visits)
    for school in ("100001", "100002"):
        held = [one["id"] for one in visits if one["school"] == school and one["status"] == "durchgefuehrt"]
        assert sorted(numbers[key] for key in held) == list(range(1, len(held) + 1))
    assert all(one["id"] not in numbers for one in visits if one["status"] != "durchgefuehrt")


@given(many_visits(), st.randoms(use_true_random=False))
def test_neither_the_order_of_records_nor_the_adviser_changes_a_visits_number(
    visits: list[Document], dice: Any
) -> None:
    before = visit_numbers(visits)
    shuffled = [{**one, "adviser": "carla"} for one in visits]
    dice.shuffle(shuffled)
    assert visit_numbers(shuffled) == before


@given(many_visits())
def test_the_number_of_one_visit_is_the_one_it_has_among_all(visits: list[Document]) -> None:
    numbers = visit_numbers(visits)
    for one in visits:
        if one["id"] in numbers:
            of_school = [other for other in visits if other["school"] == one["school"]]
            assert visit_number(of_school, one) == numbers[one["id"]]


def test_a_visit_called_off_does_not_count() -> None:
    visits = [visit("a", "2026-01-10"), visit("b", "2026-02-10", status="abgesagt"), visit("c", "2026-03-10")]
    assert visit_numbers(visits) == {"a": 1, "c": 2}


def test_a_planned_visit_has_the_number_it_will_get() -> None:
    visits = [visit("a", "2026-01-10"), visit("b", "2026-12-10", status="geplant")]
    assert visit_number(visits, visits[1]) == 2


def test_the_previous_visit_is_the_latest_earlier_one_that_was_held() -> None:
    visits = [
        visit("old", "2025-05-12"),
        visit("last", "2026-05-12"),
        visit("off", "2026-09-01", status="abgesagt"),
        visit("elsewhere", "2026-10-01", "100002"),
        visit("later", "2026-12-24"),
    ]
    found = previous_of(visits, visit("now", "2026-11-24"))
    assert found is not None
    assert found["id"] == "last"


def test_a_first_visit_has_none_before_it() -> None:
    assert previous_of([], visit("now", "2026-11-24")) is None
    assert previous_of([visit("now", "2026-11-24")], visit("now", "2026-11-24")) is None
    assert previous_of([visit("a", "2026-01-01", school="")], {"kind": "visit", "date": "2026-11-24"}) is None


def test_of_two_visits_on_one_day_the_morning_comes_before_the_afternoon() -> None:
    morning, afternoon = visit("m", "2026-11-24", start="08:00"), visit("a", "2026-11-24", start="14:00")
    assert previous_of([morning, afternoon], afternoon) == morning
    assert previous_of([morning, afternoon], morning) is None


def test_what_has_no_date_yet_comes_after_all_others() -> None:
    assert previous_of([visit("a", "2026-01-01")], {"kind": "visit", "school": "100001"}) is not None


def test_the_previous_assessment_and_meeting_are_those_of_the_same_subject() -> None:
    first = {"id": "a", "kind": "assessment", "subject": "100001", "date": "2025-05-12", "status": "entwurf"}
    again = {"id": "b", "kind": "assessment", "subject": "100001", "date": "2026-05-12"}
    assert previous_of([first, again], again) == first
    held = {"id": "m", "kind": "meeting", "circle": "c", "date": "2026-09-01", "status": "durchgefuehrt"}
    planned = {"id": "p", "kind": "meeting", "circle": "c", "date": "2026-10-01"}
    assert previous_of([held, planned], {"kind": "meeting", "circle": "c", "date": "2026-11-01"}) == held


def test_a_meeting_without_a_status_is_planned_and_a_visit_without_one_is_held() -> None:
    assert was_held({"kind": "visit"})
    assert not was_held({"kind": "meeting"})
    assert was_held({"kind": "consultation"})


def test_a_consultation_is_a_contact_and_a_planned_visit_is_none() -> None:
    documents = [
        visit("a", "2026-03-01"),
        visit("b", "2026-12-01", status="geplant"),
        {"id": "c", "kind": "consultation", "client": "100001", "date": "2026-04-01"},
    ]
    assert last_contacts(documents) == {"100001": date(2026, 4, 1)}


def test_a_date_that_cannot_be_read_is_no_contact() -> None:
    assert last_contacts([visit("a", "irgendwann")]) == {}


def test_days_since_a_day_ahead_are_none_at_all() -> None:
    assert days_since(date(2026, 11, 20), TODAY) == 4
    assert days_since(date(2026, 12, 1), TODAY) == 0
    assert days_since(None, TODAY) is None


def test_the_longest_not_visited_come_first_and_those_never_seen_last() -> None:
    schools = [{"number": str(number), "short_name": f"Schule {number}"} for number in (1, 2, 3, 4)]
    contacts = {"2": TODAY - timedelta(days=200), "3": TODAY - timedelta(days=400), "4": TODAY - timedelta(days=180)}
    found = long_not_visited(schools, contacts, TODAY, 180)
    assert [(entry.school["number"], entry.days) for entry in found] == [("3", 400), ("2", 200), ("1", None)]


def planned() -> Visit:
    return Visit(
        school="100001", date=date(2026, 12, 1), status="geplant", topics=frozenset({"logineo"}), goal="Medienkonzept"
    )


def test_a_visit_is_called_off_with_a_reason() -> None:
    off = cancelled(planned(), "  Schulleitung krank ")
    assert (off.status, off.cancel_reason) == ("abgesagt", "Schulleitung krank")
    assert off.problems() == {}


def test_calling_off_without_a_reason_changes_nothing() -> None:
    with pytest.raises(UsageError, match="Grund"):
        cancelled(planned(), " ")


def test_what_was_held_cannot_be_called_off_or_moved() -> None:
    held = planned().changed(status="durchgefuehrt")
    with pytest.raises(UsageError):
        cancelled(held, "zu spät")
    with pytest.raises(UsageError):
        moved(held, TODAY)


def test_a_moved_visit_leaves_its_trace_and_a_planned_one_on_the_new_day() -> None:
    visit_before = planned()
    old, new = moved(visit_before, date(2026, 12, 8))
    assert (old.id, old.status, old.date, old.moved_to) == (
        visit_before.id,
        "verschoben",
        visit_before.date,
        date(2026, 12, 8),
    )
    assert (new.status, new.date, new.goal, new.topics) == (
        "geplant",
        date(2026, 12, 8),
        "Medienkonzept",
        visit_before.topics,
    )
    assert new.id != old.id
    assert old.problems() == new.problems() == {}


def test_a_visit_cannot_be_moved_to_its_own_day() -> None:
    with pytest.raises(UsageError):
        moved(planned(), date(2026, 12, 1))
