"""A fieldbook that a newer version wrote: everything is shown, nothing is changed, and the screen says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.fieldbook import Fieldbook
from models.migrations import Schema
from tests.journeys.people import add, at_work

if TYPE_CHECKING:
    from pathlib import Path

    from models.clock import FixedClock


async def test_a_newer_fieldbook_is_shown_and_not_changed(tmp_path: Path, clock: FixedClock) -> None:
    with Fieldbook.open(tmp_path, clock=clock, schema=Schema(2)) as fieldbook:
        add(fieldbook, "task", text="Konzept schicken")
        before = list(fieldbook.everything())
    with Fieldbook.open(tmp_path, clock=clock) as fieldbook:
        async with at_work(fieldbook) as person:
            await person.sees("Zum Schreiben bitte Feldbuch", "nur lesen")
            await person.press("f8")
            await person.sees("Konzept schicken")
            await person.press("x")
            await person.sees("nur zum Lesen geöffnet")
        assert list(fieldbook.everything()) == before
