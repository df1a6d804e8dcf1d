"""A consultation is written down with its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys.people import at_work

if TYPE_CHECKING:
    from models.fieldbook import Fieldbook


async def test_a_consultation_that_is_referred_on_says_to_whom(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f3", "enter", "c")
        await person.sees("Beratung · GS Altstadt, Di 24.11.2026 · neu")
        await person.type("datensch")
        await person.press("enter", "escape")
        await person.fills_in("Anliegen", "Einwilligung für Fotos")
        await person.goes_to_field("Ergebnis")
        await person.type("w")
        await person.sees("weitervermittelt")
        await person.press("ctrl+s")
        await person.sees("noch nicht gespeichert: 1 Angabe", "weitervermittelt an fehlt.")
        assert person.field() == "weitervermittelt an"

        await person.type("Datenschutzbeauftragte des Kreises")
        await person.press("ctrl+s")
        await person.sees("Gespeichert: GS Altstadt, Di 24.11.2026", "Schule · GS Altstadt", "weitervermittelt")

    consultation = fieldbook.documents("consultation")[0]
    assert consultation["client_type"] == "schule"
    assert consultation["concern"] == "Einwilligung für Fotos"
    assert consultation["referred_to"] == "Datenschutzbeauftragte des Kreises"


async def test_a_follow_up_stands_among_the_tasks_until_it_is_done(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f9", "enter", "enter", "c")
        await person.sees("Beratung · Stadt Gütersloh", "Art der Stelle Schulträger")
        await person.type("medienentw")
        await person.press("enter", "escape")
        await person.fills_in("Wiedervorlage", "morgen")
        await person.press("ctrl+s", "f2")
        await person.sees("25.11. ich Wiedervorlage: Stadt G")
