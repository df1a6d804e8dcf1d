"""The first start: alone, or with a look at the demo region; a region that does not exist is told in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.fieldbook import Fieldbook
from tests.journeys.people import at_work

if TYPE_CHECKING:
    from pathlib import Path

    from models.clock import FixedClock


async def test_name_and_region_are_enough_to_begin(tmp_path: Path, clock: FixedClock) -> None:
    with Fieldbook.open(tmp_path, clock=clock) as fieldbook:
        async with at_work(fieldbook, first_start=True) as person:
            await person.sees("Willkommen im Feldbuch", "Wer arbeitet mit diesem Feldbuch?")
            await person.type("Kim Beispiel")
            await person.press("enter")
            await person.type("Gütersloh")
            await person.press("enter")
            await person.sees("Dienstag, 24. November 2026", "Heute steht nichts an.")

            await person.press("f4", "n")
            await person.sees("Medienberater*in Kim Beispiel")

        settings = fieldbook.settings
        assert (settings.region, settings.started) == ("05754", "allein")
        assert [one["name"] for one in fieldbook.documents("adviser")] == ["Kim Beispiel"]


async def test_a_wrong_region_or_a_missing_name_is_told_and_nothing_is_stored(
    tmp_path: Path, clock: FixedClock
) -> None:
    with Fieldbook.open(tmp_path, clock=clock) as fieldbook:
        async with at_work(fieldbook, first_start=True) as person:
            await person.press("ctrl+s")
            await person.sees("Bitte einen Namen eintragen.")
            await person.type("Kim Beispiel")
            await person.press("enter")
            await person.type("Atlantis")
            await person.press("enter")
            await person.sees("„Atlantis“ ist keine Region in NRW.")
            assert fieldbook.documents("adviser") == []

            await person.press("escape")
            await person.sees("Enter beginnt, Strg+Q beendet.")


async def test_the_demo_region_is_one_key_away(tmp_path: Path, clock: FixedClock) -> None:
    with Fieldbook.open(tmp_path, clock=clock) as fieldbook:
        async with at_work(fieldbook, first_start=True) as person:
            await person.press("ctrl+b")
            app = person.app
        assert app.return_value == "demo"
        assert not fieldbook.counts()


async def test_the_team_is_one_key_away_too_once_the_name_is_known(tmp_path: Path, clock: FixedClock) -> None:
    with Fieldbook.open(tmp_path, clock=clock) as fieldbook:
        async with at_work(fieldbook, first_start=True) as person:
            await person.press("ctrl+l")
            await person.sees("Bitte einen Namen eintragen.")
            await person.type("Kim Beispiel")
            await person.press("ctrl+l")
            await person.sees("Mit dem Team verbinden", "Code")
        assert fieldbook.settings.started == "allein"
