"""A matrix is filled in together: one key per criterion, one to finish."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.catalogue import load_catalogue
from tests.journeys.people import SMALL, WIDE, add, at_work

if TYPE_CHECKING:
    from models.fieldbook import Fieldbook


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=["80x24", "120x40"])
async def test_thirteen_criteria_need_thirteen_keys_and_one_to_finish(
    fieldbook: Fieldbook, size: tuple[int, int]
) -> None:
    async with at_work(fieldbook, size=size) as person:
        await person.press("f3", "enter", "m", "ctrl+s")
        await person.sees("Bestandsaufnahme Schule · GS Altstadt · gemeinsam · 0 von 13", "Strg+D Fertig")

        before = person.keys_pressed
        await person.press_in_one_go("1231231231231")
        await person.sees("13 von 13", "Alle Kriterien haben eine Antwort.")
        await person.press("ctrl+d")
        await person.sees("Abgeschlossen.", "Schule · GS Altstadt", "Bestandsaufnahme abgeschlossen")
        assert person.keys_pressed - before == 14

    assessment = fieldbook.documents("assessment")[0]
    assert len(assessment["ratings"]) == 13
    assert assessment["status"] == "abgeschlossen"


async def test_reason_target_comment_and_focus_lead_to_proposed_tasks(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f5", "n")
        await person.type("altst")
        await person.press("enter", "ctrl+s")
        await person.sees("0 von 13", "Medienkonzept", "noch offen")

        await person.press("0")
        await person.sees("Warum wird dieses Kriterium nicht bewertet?")
        await person.type("Konzept lag nicht vor")
        await person.press("enter")
        await person.sees("1 von 13", "Schulleitung und Steuergruppe")

        await person.press("t")
        await person.type("drei")
        await person.press("enter")
        await person.sees("Ein Ziel sieht so aus: 3 07/2027")
        await person.press("t")
        await person.type("3 07/2027")
        await person.press("enter")
        await person.sees("Stufe 3 bis 07/2027")

        await person.press("k")
        await person.sees("Eigene Kommentierung: Schulleitung")
        await person.type("Leitung ist neu.")
        await person.press("ctrl+s", "s")
        await person.sees("Leitung ist neu.", "Schwerpunkt")
        await person.press_in_one_go("112312312312")
        await person.sees("13 von 13")

        await person.press("ctrl+d")
        await person.sees("Abgeschlossen. Diese Aufgaben anlegen?", "Schulleitung und Steuergruppe:")
        await person.press("enter", "f8")
        await person.sees("Schulleitung und Steuergr", "GS Altstadt")

    assessment = fieldbook.documents("assessment")[0]
    reasons = [rating.get("not_assessed") for rating in assessment["ratings"].values()]
    assert "Konzept lag nicht vor" in reasons
    assert list(assessment["comments"].values()) == ["Leitung ist neu."]
    assert all(task["origin"] == assessment["id"] for task in fieldbook.documents("task"))


async def test_a_comment_on_one_criterion_is_marked_and_written_on(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook, size=WIDE) as person:
        await person.press("f3", "enter", "m", "ctrl+s")
        await person.sees("0 von 13")
        await person.press("c")
        await person.sees("Kommentar: Medienkonzept")
        await person.type("Liegt als Entwurf vor.\nBeschluss im März.")
        await person.press("ctrl+s")
        await person.sees("Liegt als Entwurf vor. Beschluss im März.")
        await person.press("down")
        await person.sees("Medienkonzept ¶")
        await person.press("up", "c")
        await person.sees("Kommentar: Medienkonzept", "Beschluss im März.")
        await person.press("down", "end")
        await person.type(" Termin steht.")
        await person.press("escape")
        await person.sees("März. Termin steht.")
        await person.press("escape")
        await person.sees("Schule · GS Altstadt")

    (comment,) = fieldbook.documents("assessment")[0]["criterion_comments"].values()
    assert comment == "Liegt als Entwurf vor.\nBeschluss im März. Termin steht."


async def test_the_overview_says_what_moved_and_leads_to_what_is_missing(fieldbook: Fieldbook) -> None:
    ids = [criterion.id for criterion in load_catalogue("schule").criteria]
    earlier = dict(zip(ids, ({"level": 1}, {"level": 3}, {"level": 2}), strict=False))
    add(fieldbook, "assessment", subject="100001", date="2025-05-12", ratings=earlier, status="abgeschlossen")
    async with at_work(fieldbook) as person:
        await person.press("f3", "enter", "m", "ctrl+s")
        await person.sees("0 von 13")
        await person.press_in_one_go("222")
        await person.press("g")
        await person.sees("Überblick · GS Altstadt", "1 noch offen", "Seit Mo 12.05.2025: ▲ höher", "OHNE ANTWORT (10)")
        rows = [row.split() for row in person.screen_text().splitlines()]
        assert ["▸", "Medienkonzept", "2", *"·1····1····"] in rows
        assert ["Schulleitung", "2", *"·1·····1···"] in rows
        assert ["Beschlusslage", "2", *"·1······1··"] in rows
        total = next(row for row in rows if row[:1] == ["Zusammen"])
        assert total == ["Zusammen", "·", "3", "·", "·", "·", "10", "1", "1", "1", "·", "·"]
        await person.press("end", "enter")
        await person.sees("3 von 13", "▸ Dialog mit dem Schulträger")
        await person.press("g")
        await person.sees("Zusammen")
        await person.press("escape")
        await person.sees("▸ Dialog mit dem Schulträger")


async def test_an_authority_is_rated_against_its_eleven_criteria(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f9", "enter", "enter", "m", "ctrl+s")
        await person.sees("Bestandsaufnahme Schulträger · Stadt Gütersloh · gemeinsam · 0 von 11")
        await person.press_in_one_go("12312312312")
        await person.sees("11 von 11")
        await person.press("ctrl+d")
        await person.sees("Schulträger · Stadt Gütersloh", "Bestandsaufnahme abgeschlossen")


async def test_the_schools_of_an_authority_stand_side_by_side(fieldbook: Fieldbook) -> None:
    common = {"catalogue": "schule", "status": "abgeschlossen"}
    add(fieldbook, "assessment", subject="100001", date="2026-10-01", ratings={"medienkonzept": {"level": 2}}, **common)
    add(fieldbook, "assessment", subject="100002", date="2026-10-02", ratings={"medienkonzept": {"level": 3}}, **common)

    async with at_work(fieldbook) as person:
        await person.press("f9", "enter", "enter", "v")
        await person.sees(
            "Vergleich · Schulen von Stadt Gütersloh", "GS Altstadt", "Gymnasium Nord", "Realschule Mitte"
        )
        await person.press("enter")
        await person.sees("Bestandsaufnahme Schule · GS Altstadt")
