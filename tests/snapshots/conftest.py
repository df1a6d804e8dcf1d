"""Fieldbooks for the scenes: the demo region is made once a process, and copied."""

from __future__ import annotations

from datetime import datetime
from shutil import copytree
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from fixtures.demo import build_demo
from models.clock import FixedClock
from models.fieldbook import Fieldbook
from tests.snapshots.scene import DEMO, EMPTY
from tests.snapshots.scenes import owner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo region, of the day at which the tests' clock stands."""
    folder = tmp_path_factory.mktemp("demo")
    # The clock of one test cannot serve a whole session; this one stands at the same moment.
    still = FixedClock(datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin")))
    with Fieldbook.open(folder, clock=still) as fieldbook:
        build_demo(fieldbook)
    return folder


@pytest.fixture
def open_fieldbook(demo_folder: Path, tmp_path: Path, clock: FixedClock) -> Iterator[Callable[[str], Fieldbook]]:
    """Open a fieldbook that holds what a scene asks for, and close it afterwards."""
    opened: list[Fieldbook] = []

    def open_one(data: str) -> Fieldbook:
        folder = tmp_path / "fieldbook"
        if data == DEMO:
            copytree(demo_folder, folder)
        fieldbook = Fieldbook.open(folder, clock=clock)
        opened.append(fieldbook)
        if data == EMPTY:
            me = fieldbook.save(owner())
            fieldbook.save_settings(fieldbook.settings.model_copy(update={"adviser": me.id, "started": "allein"}))
        return fieldbook

    yield open_one
    for fieldbook in opened:
        fieldbook.close()
