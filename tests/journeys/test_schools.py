"""The official directory comes in, and a school is found in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys.people import at_work
from tests.models.directory_files import school, written
from tui.cli.schools import import_schools

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from models.fieldbook import Fieldbook


async def test_after_the_import_of_a_directory_a_school_is_found_by_typing(
    fieldbook: Fieldbook, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        school("123456", Kurzbezeichnung="Musterstadt, GG Viktoria"),
        school("123457", Kurzbezeichnung="Musterstadt, GY Südring", Schulform="20"),
        school("654321", Kurzbezeichnung="Dortmund, RS Hafen", Gemeindeschluessel="05913000"),
    ]
    directory = tmp_path / "schuldaten.csv"
    directory.write_text(written(rows), encoding="utf-8")
    import_schools(fieldbook, directory, region=None, traeger=None, yes=True)
    assert "übernommen" in capsys.readouterr().out

    async with at_work(fieldbook) as person:
        await person.press("f3")
        await person.sees("Schulen · 5", "Musterstadt, GG Viktoria")
        assert not person.sees_now("Dortmund, RS Hafen")

        await person.press("slash")
        await person.type("suedr")
        await person.sees("Schulen · 1 von 5 · „suedr“", "Musterstadt, GY Südring")
        await person.press("enter", "enter")
        await person.sees("Schule · Musterstadt, GY Südring", "123457, Gymnasium, Ahornallee 46, 33330 Musterstadt")

        await person.press("escape", "escape")
        await person.sees("Schulen · 5")


async def test_the_palette_finds_an_action_and_a_record_from_anywhere(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("ctrl+p")
        await person.sees("Alles finden")
        await person.type("mitte")
        await person.sees("Realschule Mitte")
        await person.press("enter")
        await person.sees("Schule · Realschule Mitte")

        await person.press("ctrl+p")
        await person.type("fortbildung anl")
        await person.press("enter")
        await person.sees("Fortbildung · neu")


async def test_help_says_what_the_screen_is_for_and_the_question_mark_lists_its_keys(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("f3", "f1")
        await person.sees("Hilfe", "Alle Schulen der Region.", "Besuch an dieser Schule anlegen")
        await person.press("escape", "question_mark")
        await person.sees("Tasten", "Auf dieser Seite", "Überall")
        assert not person.sees_now("Alle Schulen der Region.")
        await person.press("end")
        await person.sees("Strg+P Jede Aktion und jeden Eintrag finden")
        await person.press("escape")
        await person.sees("Schulen · 3")
