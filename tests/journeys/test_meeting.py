"""A circle meets: agenda and open questions come along, minutes are kept point by point and released."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys.people import at_work

if TYPE_CHECKING:
    from models.fieldbook import Fieldbook


async def test_a_meeting_of_a_circle_from_the_agenda_to_the_released_minutes(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f7", "k")
        await person.sees("Kreise · 1", "Qualitätszirkel Grundschule")
        await person.press("enter")
        await person.sees("Kreis · Qualitätszirkel Grundschule", "Mitglieder: 3", "1. Treffen 2026/27")
        await person.press("n")
        await person.sees("Treffen · Qualitätszirkel Grundschule", "Gastgeber GS Bach", "Informationsbörse")
        await person.press("ctrl+s")
        await person.sees("2. Treffen 2026/27", "Protokoll: Entwurf", "Offene Fragen: Wer leiht Adapter aus?")

        await person.press("enter")
        await person.type("Die Beratungsstelle stellt ihr Angebot vor.")
        await person.press("tab")
        await person.type("Einladen")
        await person.press("escape", "down")
        await person.sees("2 Schwerpunktthema", "1 ✓ Informationsbörse")

        await person.press("w")
        await person.sees("Anwesenheit · Qualitätszirkel Grundschule")
        await person.press("b", "b", "right", "escape")
        await person.sees("anwesend 2 · entschuldigt 1")

        await person.press("ctrl+s", "r")
        await person.sees("Protokoll: freigegeben", "Protokoll freigegeben.")
        await person.press("escape")
        await person.sees("2. Treffen 2026/27")

    meeting = max(fieldbook.documents("meeting"), key=lambda one: one["date"])
    assert meeting["agenda"][0]["notes"] == "Die Beratungsstelle stellt ihr Angebot vor."
    assert meeting["agenda"][0]["decision"] == "Einladen"
    assert [entry["presence"] for entry in meeting["attendance"]] == ["anwesend", "entschuldigt", "anwesend"]
    assert [(q["text"], q["carried_over"]) for q in meeting["questions"]] == [("Wer leiht Adapter aus?", True)]
    assert (meeting["minutes_state"], meeting["status"]) == ("freigegeben", "durchgefuehrt")
