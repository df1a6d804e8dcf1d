"""Wrong input is told in German at its field, and the draft is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys.people import at_work

if TYPE_CHECKING:
    from models.fieldbook import Fieldbook


async def test_an_impossible_date_is_told_at_its_field_and_the_draft_is_kept(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f3", "n")
        await person.goes_to_field("Datum")
        await person.type("31.02.")
        await person.press("tab")
        await person.sees("31.02. ! Den 31.02. gibt es nicht, der Februar hat 28 Tage.")
        await person.press("ctrl+s")
        await person.sees("noch nicht gespeichert: 2 Angaben", "Themen fehlt.")
        assert person.field() == "Datum"

        assert fieldbook.drafts()[0]["values"]["date"] == "31.02."
        assert len(fieldbook.documents("visit")) == 1


async def test_an_end_before_the_start_is_told_and_mended_on_the_spot(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f3", "n")
        await person.type("medienk")
        await person.press("enter", "escape")
        await person.goes_to_field("bis")
        await person.type("830")
        await person.press("ctrl+s")
        await person.sees("! Das Ende liegt nicht nach dem Beginn.", "noch nicht gespeichert: 1 Angabe")
        assert person.field() == "bis"
        await person.fills_in("bis", "10 Uhr")
        await person.press("ctrl+s")
        await person.sees("Gespeichert: GS Altstadt")

    assert {visit.get("end") for visit in fieldbook.documents("visit")} == {None, "10:00"}


async def test_a_weekend_is_remarked_on_and_allowed(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f3", "n")
        await person.type("medienk")
        await person.press("enter", "escape")
        await person.goes_to_field("Datum")
        await person.type("28.11.2026")
        await person.press("tab")
        await person.sees("Sa 28.11.2026", "· ")
        await person.press("ctrl+s")
        await person.sees("Gespeichert: GS Altstadt, Sa 28.11.2026")


async def test_missing_fields_are_named_and_the_first_one_gets_the_cursor(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f4", "n", "ctrl+s")
        await person.sees("! Schule fehlt.", "! Themen fehlt.", "noch nicht gespeichert: 2 Angaben")
        assert person.field() == "Schule"


async def test_an_unknown_school_number_finds_nothing_and_changes_nothing(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f4", "n")
        await person.sees("Besuch")
        await person.type("999999")
        await person.sees("Nichts gefunden")
        await person.press("enter", "escape")
        await person.sees("Schule –")

        await person.type("100002")
        await person.press("enter")
        await person.sees("Schule Gymnasium Nord")


async def test_a_school_number_with_five_digits_is_refused(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f3", "plus")
        await person.type("12345")
        await person.press("tab")
        await person.type("GS Neu")
        await person.press("ctrl+s")
        await person.sees("Die Schulnummer hat sechs Ziffern, hier stehen 5 Zeichen.")


async def test_a_wrong_region_in_the_settings_is_a_sentence_at_its_field(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f10")
        await person.fills_in("Region", "Atlantis")
        await person.press("ctrl+s")
        await person.sees("! „Atlantis“ ist keine Region in NRW.")
        assert fieldbook.settings.region == "05754"

        await person.fills_in("Region", "Dortmund")
        await person.goes_to_field("Darstellung")
        await person.type("h")
        await person.sees("hell")
        await person.press("ctrl+s")
        await person.sees("Einstellungen gespeichert.")
        assert person.app.theme == "hell"

    assert (fieldbook.settings.region, fieldbook.settings.theme) == ("05913", "hell")
