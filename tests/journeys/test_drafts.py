"""Nothing that was typed is lost: drafts while typing, after leaving, after a crash, and beside what others change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.fieldbook import Fieldbook
from tests.journeys.conftest import fill
from tests.journeys.people import add, at_work

if TYPE_CHECKING:
    from pathlib import Path

    from models.clock import FixedClock


async def test_a_form_that_is_left_stands_on_todays_page_and_goes_on_there(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f3", "n")
        await person.sees("Besuch · GS Altstadt")
        await person.fills_in("Ziel", "Medienkonzept beschließen")
        await person.press("escape")
        await person.sees("Der Entwurf ist gesichert und steht auf der Seite Heute.", "Schulen · 3")

        await person.press("f2")
        await person.sees("ENTWÜRFE", "~ Besuch GS Altstadt, Di 24.11.2026", "1 Angabe fehlt")
        await person.press("up", "up", "up", "home", "down")
        await person.press("enter")
        await person.sees("Besuch · GS Altstadt", "Medienkonzept beschließen")
        assert person.field() == "Themen"
        await person.type("medienk")
        await person.press("enter", "escape", "ctrl+s")
        await person.sees("Gespeichert: GS Altstadt, Di 24.11.2026")
        assert not person.sees_now("ENTWÜRFE")

    assert fieldbook.drafts() == []
    saved = next(one for one in fieldbook.documents("visit") if one["date"] == "2026-11-24")
    assert saved["goal"] == "Medienkonzept beschließen"
    assert saved["school"] == "100001"


async def test_a_draft_is_thrown_away_after_a_question_only(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f8", "n")
        await person.type("Nur ein Versuch")
        await person.press("ctrl+u")
        await person.sees("Was hier getippt wurde, verwerfen?")
        await person.press("escape")
        assert person.entered() == "Nur ein Versuch"
        await person.press("ctrl+u", "enter")
        await person.sees("Aufgaben · 0")

    assert fieldbook.drafts() == []
    assert fieldbook.documents("task") == []


async def test_opening_and_leaving_a_form_writes_nothing(fieldbook: Fieldbook) -> None:
    version = fieldbook.version
    async with at_work(fieldbook) as person:
        await person.press("f4", "enter")
        await person.sees("Besuch · GS Altstadt")
        await person.press("escape")
        await person.sees("Besuche und Beratungen · 1")

    assert fieldbook.version == version
    assert fieldbook.drafts() == []


async def test_what_is_typed_into_a_list_entry_is_in_the_draft_before_it_is_taken_over(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f3", "n")
        await person.goes_to_field("Vereinbart")
        await person.press("enter")
        await person.sees("Strg+S übernehmen")
        await person.type("Muster senden")

        def kept() -> bool:
            return any(
                entry.get("text") == "Muster senden"
                for draft in fieldbook.drafts()
                for entry in draft["values"].get("agreements", ())
            )

        await person.until(kept, "The entry in the draft")
        await person.press("escape")
        await person.sees("Was hier eingetragen wurde, übernehmen?")
        await person.press("n")
        await person.until(lambda: not kept(), "The entry out of the draft")


async def test_after_a_crash_the_question_names_the_record_and_goes_on_with_it(
    tmp_path: Path, clock: FixedClock
) -> None:
    folder = tmp_path / "feldbuch"
    with Fieldbook.open(folder, clock=clock) as fieldbook:
        fill(fieldbook)
        async with at_work(fieldbook) as person:
            await person.press("f3", "n")
            await person.fills_in("Pädagogik", "Fachkonferenzen beraten")
            await person.until(lambda: fieldbook.drafts() != [], "The draft")

    with Fieldbook.open(folder, clock=clock) as fieldbook:
        async with at_work(fieldbook) as person:
            await person.sees(
                "Das Feldbuch wurde nicht ordentlich beendet.",
                "„GS Altstadt, Di 24.11.2026“ (Besuch)",
                "Weiterschreiben?",
            )
            await person.press("enter")
            await person.sees("Besuch · GS Altstadt", "2. Besuch")
            await person.type("medienk")
            await person.press("enter", "escape", "ctrl+s")
            await person.sees("Gespeichert: GS Altstadt, Di 24.11.2026")
        notes = [visit.get("notes_pedagogy") for visit in fieldbook.documents("visit")]
        assert "Fachkonferenzen beraten" in notes
        assert fieldbook.drafts() == []


async def test_after_a_crash_the_draft_stays_for_later_where_nobody_goes_on_now(
    tmp_path: Path, clock: FixedClock
) -> None:
    folder = tmp_path / "feldbuch"
    with Fieldbook.open(folder, clock=clock) as fieldbook:
        async with at_work(fieldbook) as person:
            await person.press("f8", "n")
            await person.type("Beamer ausleihen")
            await person.until(lambda: fieldbook.drafts() != [], "The draft")

    with Fieldbook.open(folder, clock=clock) as fieldbook:
        async with at_work(fieldbook) as person:
            await person.sees("„Beamer ausleihen“ (Aufgabe)")
            await person.press("escape")
            await person.sees("ENTWÜRFE", "~ Aufgabe Beamer ausleihen")


async def test_a_matrix_goes_on_after_a_crash_where_it_was(tmp_path: Path, clock: FixedClock) -> None:
    folder = tmp_path / "feldbuch"
    with Fieldbook.open(folder, clock=clock) as fieldbook:
        fill(fieldbook)
        async with at_work(fieldbook) as person:
            await person.press("f3", "enter", "m", "ctrl+s")
            await person.sees("0 von 13")
            await person.press_in_one_go("123")
            await person.until(lambda: fieldbook.drafts() != [], "The draft")

    with Fieldbook.open(folder, clock=clock) as fieldbook:
        async with at_work(fieldbook) as person:
            await person.sees("(Bestandsaufnahme)", "Weiterschreiben?")
            await person.press("enter")
            await person.sees("Bestandsaufnahme Schule · GS Altstadt · gemeinsam · 3 von 13")


async def test_what_changed_elsewhere_while_a_form_is_open_is_not_overwritten(fieldbook: Fieldbook) -> None:
    visit = fieldbook.documents("visit")[0]["id"]
    async with at_work(fieldbook) as person:
        await person.press("f4", "enter")
        await person.fills_in("Technik", "WLAN im Neubau fehlt.")

        fieldbook.save(fieldbook.get(visit).changed(notes_management="Steuergruppe tagt monatlich.", travel=35))
        await person.press("ctrl+s")
        await person.sees("Gespeichert")

    saved = fieldbook.document(visit)
    assert saved["notes_technology"] == "WLAN im Neubau fehlt."
    assert saved["notes_management"] == "Steuergruppe tagt monatlich."
    assert saved["travel"] == 35
    assert saved["notes_pedagogy"] == "Entwurf begonnen, Steuergruppe neu."


async def test_a_deleted_record_comes_back_with_one_key(fieldbook: Fieldbook) -> None:
    add(fieldbook, "task", text="Flyer prüfen", due="2026-11-24")
    async with at_work(fieldbook) as person:
        await person.press("f8", "enter", "ctrl+y")
        await person.sees("Flyer prüfen löschen? Strg+Z nimmt es zurück.")
        await person.press("enter")
        await person.sees("Gelöscht. Strg+Z nimmt es zurück.", "Aufgaben · 0")
        await person.press("ctrl+z")
        await person.sees("Zurückgenommen: Gelöscht: Aufgabe", "Aufgaben · 1", "Flyer prüfen")


async def test_the_key_of_the_place_that_a_form_was_opened_from_leaves_the_form_and_keeps_its_draft(
    fieldbook: Fieldbook,
) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f8", "n")
        await person.type("Beamer ausleihen")
        await person.press("f3")
        await person.sees("Schulen · 3")
        await person.press("f8")
        await person.sees("Aufgabe · Beamer ausleihen")
        await person.press("f8")
        await person.sees("Aufgaben · 0")

    assert [draft["left"] for draft in fieldbook.drafts()] == [True]


async def test_an_entry_of_a_list_is_not_thrown_away_by_esc_without_a_question(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f3", "n")
        await person.goes_to_field("Vereinbart")
        await person.type("Muster senden")
        await person.sees("Strg+S übernehmen")
        await person.press("escape")
        await person.sees("Was hier eingetragen wurde, übernehmen?")
        await person.press("enter")
        await person.sees("Muster senden, ich")
