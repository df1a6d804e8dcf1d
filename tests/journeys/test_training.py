"""A training is planned with its parts, counted down a column, and held again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys.people import at_work

if TYPE_CHECKING:
    from models.fieldbook import Fieldbook


async def test_a_training_with_parts_head_counts_practice_days_and_a_new_run(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f6", "n")
        await person.sees("Fortbildung · neu")
        await person.type("Digitale Mikroskope")
        await person.press("tab")
        await person.type("10.12.")
        await person.goes_to_field("Teile")
        await person.press("enter")
        await person.goes_to_field("Datum")
        await person.type("10.12.")
        await person.press("tab", "tab")
        await person.type("1430")
        await person.press("tab")
        await person.type("1330")
        await person.press("enter")
        await person.sees("Das Ende liegt nicht nach dem Beginn.")
        await person.fills_in("bis", "1630")
        await person.press("ctrl+s")
        await person.sees("Fortbildung, Do 10.12.2026, 14:30, 16:30")
        await person.press("ctrl+s")
        await person.sees("Gespeichert: Digitale Mikroskope", "○ geplant")

        await person.press("t")
        await person.sees("Teilnahme · Digitale Mikroskope", "Noch keine Zeile.")
        for school in ("altstadt", "nord"):
            await person.press("plus")
            await person.type(school)
            await person.press("enter")
        await person.sees("GS Altstadt", "Gymnasium Nord")
        await person.press("home")
        await person.type("12")
        await person.press("enter")
        await person.type("7")
        await person.sees("zusammen 19")
        await person.press("escape")
        await person.sees("Fortbildungen · 1", "19")

        await person.press("g")
        await person.sees("Schulen für die Praxistage", "✓ GS Altstadt", "✓ Gymnasium Nord")
        await person.press("escape")
        await person.sees("6 Praxistage vorgeschlagen.", "Praxistag, Di 15.12.2026, 09:00, 13:00, GS Altstadt")
        await person.press("ctrl+s")
        await person.sees("Fortbildungen · 1")

        await person.press("w")
        await person.sees("Fortbildung · Digitale Mikroskope · neu")
        assert person.field() == "Erster Tag"
        await person.type("10.03.2027")
        await person.press("ctrl+s")
        await person.sees("Fortbildungen · 2", "Mi 10.03.2027")

    first, second = sorted(fieldbook.documents("training"), key=lambda training: training["date"])
    assert [row["attended"] for row in first["counts"]] == [12, 7]
    assert [part["session_kind"] for part in first["sessions"]] == ["fortbildung", *["praxistag"] * 6]
    assert second["previous_run"] == first["id"]
    assert "counts" not in second
