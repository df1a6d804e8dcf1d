"""Agenda and open tasks: what stands on a day, and what is still to be done, wherever it was written down."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given, strategies as st

from models.records import parse
from models.rules.agenda import appointments
from models.rules.tasks import done, open_tasks

if TYPE_CHECKING:
    from models.records import Document

TODAY = date(2026, 11, 24)
TOMORROW = date(2026, 11, 25)


class Names:
    """Knows one school."""

    def by_key(self, kind: str, key: str) -> Document | None:
        school = {"id": "s", "kind": "school", "number": "100001", "short_name": "GS Altstadt"}
        return school if (kind, key) == ("school", "100001") else None


def day(documents: list[Document], first: date = TODAY, last: date = TODAY) -> list[tuple[str, str, str, str]]:
    return [
        (entry.time, entry.label, entry.title, entry.detail) for entry in appointments(documents, first, last, Names())
    ]


def visit(**values: Any) -> Document:
    return {"id": "v", "kind": "visit", "school": "100001", "date": "2026-11-24", "status": "geplant", **values}


def test_a_days_visits_trainings_and_meetings_stand_in_the_order_of_their_times() -> None:
    training = {
        "id": "t",
        "kind": "training",
        "title": "Digitale Mikroskope",
        "date": "2026-11-24",
        "start": "14:30",
        "capacity": 20,
        "counts": [{"school": "100001", "registered": 7}, {"school": "100002", "registered": 5}],
    }
    meeting = {"id": "m", "kind": "meeting", "title": "Arbeitskreis", "date": "2026-11-24", "place": "Medienzentrum"}
    assert day([training, visit(start="09:30", topics=["medienkonzept"]), meeting]) == [
        ("", "Treffen", "Arbeitskreis", "Medienzentrum"),
        ("09:30", "Besuch", "GS Altstadt", "Medienkonzept"),
        ("14:30", "Fortbildung", "Digitale Mikroskope", "12 von 20 Plätzen"),
    ]


def test_a_visit_says_which_one_it_is_at_its_school() -> None:
    earlier = visit(id="e", date="2026-05-12", status="durchgefuehrt")
    now = visit(topics=["medienkonzept"])
    found = appointments([earlier, now], TODAY, TODAY, Names(), lambda school: [earlier, now] if school else [])
    assert [entry.detail for entry in found] == ["2. Besuch · Medienkonzept"]


def test_what_was_called_off_or_moved_is_no_appointment() -> None:
    assert day([visit(status="abgesagt"), visit(status="verschoben")]) == []


def test_a_consultation_is_an_appointment_only_with_a_time() -> None:
    call = {"id": "c", "kind": "consultation", "client": "100001", "date": "2026-11-24"}
    assert day([call]) == []
    assert day([{**call, "start": "10:00"}]) == [("10:00", "Beratung", "GS Altstadt", "")]


def test_each_part_of_a_training_stands_on_its_day_and_an_exhibition_on_all_of_its_days() -> None:
    training = {
        "id": "t",
        "kind": "training",
        "title": "Robotik",
        "date": "2026-11-03",
        "sessions": [
            {"id": "1", "session_kind": "praxistag", "date": "2026-11-24", "start": "08:00"},
            {"id": "2", "session_kind": "werkschau", "date": "2026-11-20", "until": "2026-11-25"},
        ],
    }
    assert day([training]) == [("", "Werkschau", "Robotik", ""), ("08:00", "Praxistag", "Robotik", "")]
    assert day([training], TOMORROW, TOMORROW) == [("", "Werkschau", "Robotik", "")]
    assert day([training], date(2026, 11, 3), date(2026, 11, 3)) == []


def test_a_date_that_cannot_be_read_hides_only_its_own_record() -> None:
    assert [title for _time, _label, title, _detail in day([visit(date="bald"), visit(date="2026-11-24")])] == [
        "GS Altstadt"
    ]


@given(st.lists(st.tuples(st.integers(-3, 3), st.sampled_from(["", "08:00", "12:30"])), max_size=12))
def test_appointments_are_those_of_the_days_asked_for_in_their_order(moments: list[tuple[int, str]]) -> None:
    documents = [
        visit(id=f"v{number}", date=(TODAY + timedelta(days=offset)).isoformat(), start=start)
        for number, (offset, start) in enumerate(moments)
    ]
    found = appointments(documents, TODAY, TOMORROW, Names())
    assert len(found) == sum(offset in (0, 1) for offset, _start in moments)
    assert [(entry.day, entry.time) for entry in found] == sorted((entry.day, entry.time) for entry in found)


# Tasks


def agreed(**values: Any) -> Document:
    return {"id": "a1", "text": "Muster senden", "owner": "ich", **values}


def test_tasks_come_from_tasks_visits_consultations_and_meetings() -> None:
    documents: list[Document] = [
        {"id": "t", "kind": "task", "text": "WLAN nachfassen", "subject": "100001", "due": "2026-11-20"},
        visit(agreements=[agreed(due="2026-12-01"), agreed(id="a2", text="Erledigt", done_on="2026-11-01")]),
        {
            "id": "c",
            "kind": "consultation",
            "client": "100001",
            "date": "2026-11-01",
            "follow_up_on": "2026-11-24",
            "agreements": [],
        },
        {
            "id": "m",
            "kind": "meeting",
            "title": "Arbeitskreis Sek. I",
            "date": "2026-11-10",
            "status": "durchgefuehrt",
            "minutes_state": "entwurf",
        },
        {"id": "m2", "kind": "meeting", "title": "Geplant", "date": "2026-12-10", "status": "geplant"},
    ]
    found = open_tasks(documents, TODAY, Names())
    assert [(task.text, task.overdue, task.item, task.subject) for task in found] == [
        ("Protokoll freigeben: Arbeitskreis Sek. I, Di 10.11.2026", True, "minutes_state", ""),
        ("WLAN nachfassen", True, None, "GS Altstadt"),
        ("Wiedervorlage: GS Altstadt", False, "follow_up_on", "GS Altstadt"),
        ("Muster senden", False, "a1", "GS Altstadt"),
    ]


def test_what_has_no_date_comes_last_and_is_not_overdue() -> None:
    documents: list[Document] = [
        {"id": "t1", "kind": "task", "text": "irgendwann"},
        {"id": "t2", "kind": "task", "text": "heute", "due": "2026-11-24"},
    ]
    assert [(task.text, task.overdue) for task in open_tasks(documents, TODAY, Names())] == [
        ("heute", False),
        ("irgendwann", False),
    ]


def test_a_task_that_is_done_is_open_no_more() -> None:
    document: Document = {"id": "t", "kind": "task", "text": "WLAN nachfassen"}
    after = done(parse(document), None, TODAY).document()
    assert after["done_on"] == "2026-11-24"
    assert open_tasks([after], TODAY, Names()) == []


def test_every_open_task_of_any_record_can_be_done_with_its_item_id() -> None:
    documents: list[Document] = [
        visit(status="durchgefuehrt", topics=["logineo"], agreements=[agreed(), agreed(id="a2", text="Termin nennen")]),
        {
            "id": "c",
            "kind": "consultation",
            "client": "100001",
            "date": "2026-11-01",
            "topics": ["lms"],
            "follow_up_on": "2026-11-24",
            "agreements": [agreed(id="a3")],
        },
        {"id": "m", "kind": "meeting", "title": "AK", "date": "2026-11-10", "status": "durchgefuehrt"},
    ]
    for document in documents:
        while tasks := open_tasks([document], TODAY, Names()):
            after = done(parse(document), tasks[0].item, TODAY).document()
            assert len(open_tasks([after], TODAY, Names())) == len(tasks) - 1
            document = after  # noqa: PLW2901 - the record as it is after each task
    assert parse(documents[0]).problems() == {}


def test_doing_one_agreement_leaves_the_others_as_they_are() -> None:
    record = parse(visit(topics=["lms"], agreements=[agreed(), agreed(id="a2", text="Termin nennen", owner="schule")]))
    first, second = done(record, "a1", TODAY).document()["agreements"]
    assert (first["id"], first["text"], first["done_on"]) == ("a1", "Muster senden", "2026-11-24")
    assert second == record.document()["agreements"][1]


def test_doing_an_agreement_that_is_gone_changes_nothing() -> None:
    record = parse(visit(topics=["lms"], agreements=[agreed()]))
    assert done(record, "a9", TODAY) == record
