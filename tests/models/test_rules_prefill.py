"""Prefill: a new record begins with what the fieldbook knows already."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from models.clock import FixedClock
from models.fieldbook import Fieldbook
from models.records import KINDS, parse, record_class
from models.rules.prefill import continued, next_host, prefilled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.records import Document

NOW = datetime(2026, 11, 24, 9, 33, tzinfo=UTC)


@pytest.fixture
def fieldbook(tmp_path: Path) -> Iterator[Fieldbook]:
    with Fieldbook.open(tmp_path, clock=FixedClock(NOW)) as opened:
        opened.save_settings(opened.settings.model_copy(update={"adviser": "anna"}))
        school = {"kind": "school", "number": "100001", "short_name": "GS Altstadt"}
        opened.save(parse({**school, "contacts": [{"function": "schulleitung", "name": "Frau Beispiel"}]}))
        opened.save(parse({"kind": "authority", "number": "2001", "name": "Stadt Gütersloh"}))
        yield opened


def visit(fieldbook: Fieldbook, **values: Any) -> Document:
    base = {"kind": "visit", "school": "100001", "date": "2026-05-12", "topics": ["logineo"]}
    return fieldbook.save(parse({**base, **values})).document()


def test_a_visit_begins_today_at_the_last_five_minutes_with_the_schools_people(fieldbook: Fieldbook) -> None:
    new = prefilled("visit", {"school": "100001"}, fieldbook)
    assert (new["date"], new["start"], new["adviser"]) == ("2026-11-24", "09:30", "anna")
    assert [(person["function"], person["name"]) for person in new["attendees"]] == [("schulleitung", "Frau Beispiel")]
    assert "topics" not in new


def test_the_first_visit_is_an_erstbesuch_and_the_next_one_a_folgebesuch(fieldbook: Fieldbook) -> None:
    assert prefilled("visit", {"school": "100001"}, fieldbook)["occasion"] == "erstbesuch"
    visit(fieldbook, status="geplant")
    assert prefilled("visit", {"school": "100001"}, fieldbook)["occasion"] == "erstbesuch"
    visit(fieldbook)
    assert prefilled("visit", {"school": "100001"}, fieldbook)["occasion"] == "folgebesuch"


def test_a_visit_on_a_day_ahead_is_planned_and_has_no_time_yet(fieldbook: Fieldbook) -> None:
    new = prefilled("visit", {"school": "100001", "date": "2026-12-01"}, fieldbook)
    assert new["status"] == "geplant"
    assert "start" not in new


def test_contact_records_that_have_ended_are_left_out_and_nobody_comes_twice(fieldbook: Fieldbook) -> None:
    for function, name, until in (
        ("dib", "Herr Muster", None),
        ("dib", "Frau Früher", "2026-07-31"),
        ("schulleitung", "Frau Beispiel", None),
    ):
        base = {"kind": "contact", "organisation": "100001", "function": function, "name": name}
        fieldbook.save(parse({**base, "valid_to": until}))
    attendees = prefilled("visit", {"school": "100001"}, fieldbook)["attendees"]
    assert [person["name"] for person in attendees] == ["Frau Beispiel", "Herr Muster"]


def test_what_is_given_is_never_overwritten(fieldbook: Fieldbook) -> None:
    given = {"school": "100001", "start": "07:45", "adviser": "ben", "occasion": "matrix", "date": "2026-11-20"}
    assert given.items() <= prefilled("visit", given, fieldbook).items()


def test_a_consultation_of_an_authority_says_so(fieldbook: Fieldbook) -> None:
    assert prefilled("consultation", {"client": "2001"}, fieldbook)["client_type"] == "schultraeger"
    assert prefilled("consultation", {"client": "100001"}, fieldbook)["client_type"] == "schule"


def test_a_task_is_due_in_a_week(fieldbook: Fieldbook) -> None:
    assert prefilled("task", {}, fieldbook)["due"] == "2026-12-01"


def test_a_need_is_noted_today(fieldbook: Fieldbook) -> None:
    assert prefilled("need", {}, fieldbook)["noted_on"] == "2026-11-24"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "assessment"])
def test_every_kind_can_begin_with_what_it_is_prefilled_with(kind: str, fieldbook: Fieldbook) -> None:
    new = prefilled(kind, {}, fieldbook)
    assert new.keys() <= record_class(kind).kinds().keys()


def test_a_meeting_takes_over_agenda_members_questions_and_the_next_host(fieldbook: Fieldbook) -> None:
    circle = fieldbook.save(
        parse(
            {
                "kind": "circle",
                "name": "Netzwerk Grundschule",
                "circle_kind": "netzwerk",
                "coordinator": "Frau Nord",
                "members": [
                    {"organisation": "GS Altstadt", "person": "Frau A"},
                    {"organisation": "GS Neustadt", "person": "Herr B", "until": "2026-07-31"},
                ],
                "hosts": [{"organisation": "GS Altstadt"}, {"organisation": "GS Neustadt"}],
                "standing_agenda": [{"title": "Informationsbörse", "agenda_kind": "informationsboerse", "minutes": 20}],
            }
        )
    )
    fieldbook.save(
        parse(
            {
                "kind": "meeting",
                "title": "Netzwerk Grundschule",
                "circle": circle.id,
                "date": "2026-09-15",
                "status": "durchgefuehrt",
                "host": "GS Altstadt",
                "questions": [{"text": "Wer leiht Roboter?"}, {"text": "Wann?", "answer": "Im Mai"}],
            }
        )
    )
    new = prefilled("meeting", {"circle": circle.id}, fieldbook)
    assert (new["title"], new["meeting_kind"], new["host"]) == (
        "Netzwerk Grundschule",
        "netzwerktreffen",
        "GS Neustadt",
    )
    assert [(point["title"], point["minutes"]) for point in new["agenda"]] == [("Informationsbörse", 20)]
    assert [(question["text"], question["carried_over"]) for question in new["questions"]] == [
        ("Wer leiht Roboter?", True)
    ]
    assert [member["person"] for member in new["attendance"]] == ["Frau A"]
    assert parse({"kind": "meeting", **new}).problems() == {}


def test_a_meeting_without_a_circle_begins_with_its_date_alone(fieldbook: Fieldbook) -> None:
    assert prefilled("meeting", {}, fieldbook).keys() == {"date", "adviser"}


def test_the_hosts_take_turns_and_begin_anew_after_the_last() -> None:
    circle: Document = {"hosts": [{"organisation": "A"}, {"organisation": "B"}]}
    assert next_host(circle, []) == "A"
    assert next_host(circle, [{"host": "A", "date": "2026-01-01"}]) == "B"
    assert next_host(circle, [{"host": "B", "date": "2026-02-01"}, {"host": "A", "date": "2026-01-01"}]) == "A"
    assert next_host(circle, [{"host": "A", "date": "2026-01-01", "status": "abgesagt"}]) == "A"
    assert next_host({}, []) == ""


def test_a_continued_visit_keeps_people_and_standing_facts_but_no_results(fieldbook: Fieldbook) -> None:
    last = visit(
        fieldbook,
        attendees=[{"function": "dib", "name": "Herr Muster"}],
        notes_pedagogy="Entwurf begonnen",
        agreements=[{"text": "Muster senden"}],
        next_contact_on="2026-11-24",
        support_first="DiB",
        travel=25,
    )
    new = continued(last, fieldbook)
    assert (new["date"], new["school"], new["support_first"], new["travel"]) == ("2026-11-24", "100001", "DiB", 25)
    assert [person["name"] for person in new["attendees"]] == ["Herr Muster"]
    assert new["attendees"][0]["id"] != last["attendees"][0]["id"]
    assert new["topics"] == ["logineo"]
    assert new["occasion"] == "folgebesuch"
    assert not {"id", "notes_pedagogy", "agreements", "next_contact_on", "created_at"} & new.keys()
    assert last == visit(fieldbook, **last)


def test_an_assessment_takes_the_catalogue_of_its_subject(fieldbook: Fieldbook) -> None:
    new = prefilled("assessment", {"subject": "100001"}, fieldbook)
    assert new["subject_type"] == "school"
    assert new["catalogue"]
    assert new["catalogue_version"]
