"""A visit to a known school: written down, with what was agreed, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.people import SMALL, WIDE, add, at_work

if TYPE_CHECKING:
    from models.fieldbook import Fieldbook

MOST_KEYS = 25
"""Key presses besides text that a visit to a known school may cost."""


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=["80x24", "120x40"])
async def test_a_visit_from_the_list_of_schools_to_saved_costs_at_most_25_keys(
    fieldbook: Fieldbook, size: tuple[int, int]
) -> None:
    async with at_work(fieldbook, size=size) as person:
        await person.press("f3")
        await person.sees("Schulen · 3", "GS Altstadt")

        before = person.keys_pressed
        await person.press("n")
        await person.sees("Besuch · GS Altstadt", "2. Besuch", "Frau Sommer", "zuletzt: Folgebesuch")
        assert person.field() == "Themen"
        await person.type("medienk")
        await person.press("enter", "escape", "tab", "tab")
        assert person.field() == "Pädagogik"
        await person.type("Konzept liegt im Entwurf vor.")
        await person.press("pagedown")
        assert person.field() == "Stand Medienkonzept"
        await person.type("e")
        await person.sees("erste Fassung")
        await person.press("pagedown")
        assert person.field() == "Vereinbart"
        await person.type("Muster senden")
        await person.press("tab", "tab")
        assert person.field() == "bis"
        await person.type("+7")
        await person.press("enter")
        await person.sees("Muster senden, ich, Di 01.12.2026")
        await person.press("tab", "tab", "tab", "tab")
        assert person.field() == "Nächster Kontakt"
        await person.type("+90")
        await person.press("ctrl+s")
        await person.sees("Gespeichert: GS Altstadt, Di 24.11.2026", "Schulen · 3")
        assert person.keys_pressed - before <= MOST_KEYS

    visit = next(one for one in fieldbook.documents("visit") if one["date"] == "2026-11-24")
    assert visit["school"] == "100001"
    assert visit["start"] == "09:00"
    assert visit["topics"] == ["medienkonzept"]
    assert visit["notes_pedagogy"] == "Konzept liegt im Entwurf vor."
    assert visit["media_concept_status"] == "erste_fassung"
    assert [entry["function"] for entry in visit["attendees"]] == ["schulleitung", "dib"]
    assert fieldbook.drafts() == []


async def test_the_next_contact_becomes_a_planned_visit_and_the_agreement_a_task(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f3", "n")
        await person.type("medienk")
        await person.press("enter", "escape")
        await person.fills_in("Vereinbart", "Muster senden")
        await person.press("enter")
        await person.fills_in("Nächster Kontakt", "+90")
        await person.press("ctrl+s", "f4")
        await person.sees("Mo 22.02.2027 Besuch GS Altstadt ○ geplant")
        await person.press("f8")
        await person.sees("Aufgaben · 1", "Muster senden")

        await person.press("x")
        await person.sees("Erledigt: Muster senden. Strg+Z nimmt es zurück.", "Aufgaben · 0")
        await person.press("ctrl+z")
        await person.sees("Aufgaben · 1")

    planned = [one for one in fieldbook.documents("visit") if one.get("status") == "geplant"]
    assert [one["date"] for one in planned] == ["2027-02-22"]


async def test_a_repeat_visit_shows_the_last_values_and_ctrl_l_takes_them(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook, size=WIDE) as person:
        await person.press("f3", "n")
        await person.sees("zuletzt: Medienkonzept", "zuletzt: Entwurf begonnen, Steuergruppe neu.")
        await person.press("ctrl+l")
        await person.sees("[Medienkonzept]")
        await person.goes_to_field("Pädagogik")
        await person.press("ctrl+l")
        assert person.entered() == "Entwurf begonnen, Steuergruppe neu."
        await person.goes_to_field("Fahrzeit")
        await person.press("ctrl+l", "ctrl+s")
        await person.sees("Gespeichert")

    visit = next(one for one in fieldbook.documents("visit") if one["date"] == "2026-11-24")
    assert visit["travel"] == 20
    assert visit["topics"] == ["medienkonzept"]


async def test_a_need_noted_during_a_visit_keeps_its_source_and_stands_among_the_needs(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f3", "n")
        await person.type("medienk")
        await person.press("enter", "escape", "ctrl+b")
        await person.sees("Bedarf · neu", "Entwurf GS Altstadt, Di 24.11.")
        await person.type("Material für Elternabende")
        await person.press("ctrl+s")
        await person.sees("Besuch · GS Altstadt")
        await person.press("ctrl+s")
        await person.sees("Gespeichert: GS Altstadt, Di 24.11.2026")

        await person.press("ctrl+p")
        await person.type("alle bedarfe")
        await person.press("enter")
        await person.sees("Bedarfe · 1", "Material für Elterna…")
        await person.press("enter")
        await person.sees("Quelle GS Altstadt, Di 24.11.2026 ▾")


@pytest.fixture
def planned(fieldbook: Fieldbook) -> str:
    """Plan a visit for today and return its id."""
    topics = ["medienkonzept"]
    visit = add(fieldbook, "visit", school="100002", date="2026-11-24", start="11:00", status="geplant", topics=topics)
    return visit.id


async def test_a_planned_visit_is_held_with_one_key_once_it_is_written_down(fieldbook: Fieldbook, planned: str) -> None:
    async with at_work(fieldbook) as person:
        await person.sees("11:00 Besuch Gymnasium Nord")
        await person.press("enter")
        await person.sees("Besuch · Gymnasium Nord", "geplant")
        await person.fills_in("Pädagogik", "Gutes Gespräch.")
        await person.press("ctrl+d")
        await person.sees("Gespeichert: Gymnasium Nord")

    visit = fieldbook.document(planned)
    assert (visit["status"], visit["state"]) == ("durchgefuehrt", "abgeschlossen")
    assert visit["notes_pedagogy"] == "Gutes Gespräch."


async def test_a_planned_visit_is_moved_to_another_day(fieldbook: Fieldbook, planned: str) -> None:
    async with at_work(fieldbook) as person:
        await person.press("m")
        await person.sees("Neuer Termin für Gymnasium Nord")
        await person.type("31.02.")
        await person.press("enter")
        await person.sees("Den 31.02. gibt es nicht")
        assert fieldbook.document(planned)["status"] == "geplant"

        await person.press("m")
        await person.type("+14")
        await person.press("enter")
        await person.sees("Verschoben auf Di 08.12.2026.", "Heute steht nichts an.")

    assert fieldbook.document(planned)["status"] == "verschoben"
    assert [one["date"] for one in fieldbook.documents("visit") if one.get("status") == "geplant"] == ["2026-12-08"]


async def test_a_planned_visit_is_called_off_with_a_reason_only(fieldbook: Fieldbook, planned: str) -> None:
    async with at_work(fieldbook) as person:
        await person.press("c")
        await person.sees("Warum wird Gymnasium Nord, Di 24.11.2026 abgesagt?")
        await person.press("enter")
        await person.sees("Zu einer Absage gehört ein Grund. Der Besuch bleibt geplant.")

        await person.press("c")
        await person.type("Schulleitung erkrankt")
        await person.press("enter")
        await person.sees("Abgesagt. Strg+Z nimmt es zurück.", "Heute steht nichts an.")
        assert fieldbook.document(planned)["cancel_reason"] == "Schulleitung erkrankt"

        await person.press("ctrl+z")
        await person.sees("11:00 Besuch Gymnasium Nord")


async def test_a_visit_held_on_a_day_to_come_is_remarked_on_until_its_status_fits(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f4", "n")
        await person.sees("Besuch")
        await person.fills_in("Datum", "+1")
        await person.press("tab")
        await person.sees("Mi 25.11.2026 kommt erst noch, der Status ist aber „durchgeführt“.")
        await person.goes_to_field("Status")
        await person.type("g")
        await person.press("tab")
        await person.sees("geplant ▾")
        await person.sees_no_more("kommt erst noch")
