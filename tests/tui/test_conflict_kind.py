"""Conflicts on the screens: listed, but nobody can begin one; an open one is opened to be decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.fieldbook import Fieldbook, Taken
from models.i18n import _
from models.records import MADE_BY_HAND, record_class
from models.records.needs import Task
from tui.app import FeldbuchApp
from tui.palette import deeds
from tui.screens.conflict import ConflictScreen
from tui.screens.conflicts import ConflictsScreen
from tui.screens.form import FormScreen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.clock import FixedClock

CONFLICT = {
    "id": "konflikt1",
    "kind": "conflict",
    "record": "aufgabe1",
    "record_kind": "task",
    "path": ["text"],
    "rule": "value",
    "status": "offen",
    "kept": "eins",
    "other": "zwei",
}


@pytest.fixture
def app(tmp_path: Path, clock: FixedClock) -> Iterator[FeldbuchApp]:
    """The app over a fieldbook with a conflict."""
    with Fieldbook.open(tmp_path, clock=clock) as fieldbook:
        fieldbook.save(Task(id="aufgabe1", text="eins"))
        fieldbook.take_over([Taken("konflikt1", CONFLICT, CONFLICT)], {})
        yield FeldbuchApp(fieldbook)


def told(app: FeldbuchApp) -> list[str]:
    """Return what the app says."""
    return [str(note.message) for note in app._notifications]


async def test_the_palette_begins_one_of_every_kind_but_a_conflict(app: FeldbuchApp) -> None:
    async with app.run_test():
        offered = {deed.text for deed in deeds(app, app.screen)}
        assert {_(record_class(kind).about.new) for kind in MADE_BY_HAND} <= offered
        assert _("Alle Konflikte zeigen") in offered
        assert not [text for text in offered if "onflikt" in text and "zeigen" not in text and "Abgleich" not in text]


async def test_a_new_one_is_refused_with_a_reason(app: FeldbuchApp) -> None:
    async with app.run_test() as pilot:
        app.opening.new("conflict")
        await pilot.pause()
        assert not isinstance(app.screen, FormScreen)
        assert told(app) == ["Konflikte entstehen beim Abgleich; anlegen lässt sich keiner."]


async def test_all_of_them_are_those_that_are_open_and_one_is_opened_to_be_decided(app: FeldbuchApp) -> None:
    async with app.run_test() as pilot:
        app.opening.register("conflict")
        await pilot.pause()
        assert isinstance(app.screen, ConflictsScreen)
        app.opening.record("konflikt1")
        await pilot.pause()
        assert isinstance(app.screen, ConflictScreen)


async def test_a_decided_one_is_only_named(app: FeldbuchApp) -> None:
    decided = {**CONFLICT, "status": "geloest"}
    app.fieldbook.take_over([Taken("konflikt1", decided, decided)], {})
    async with app.run_test() as pilot:
        app.opening.record("konflikt1")
        await pilot.pause()
        assert not isinstance(app.screen, ConflictScreen)
        assert told(app) == ["Dieser Konflikt ist gelöst: Konflikt Aufgabe eins: Aufgabe"]
