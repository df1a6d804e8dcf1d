"""How a journey begins: somebody sits down at an open fieldbook; and records that were there before."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from models.records import parse
from tests.journeys.person import Person
from tui.app import IDLE_LOOK, FeldbuchApp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from models.fieldbook import Fieldbook
    from models.protection import Protection
    from models.records import Record
    from tui.connection import Connection

SMALL = (80, 24)
WIDE = (120, 40)


@asynccontextmanager
async def at_work(
    fieldbook: Fieldbook,
    *,
    size: tuple[int, int] = SMALL,
    first_start: bool = False,
    protection: Protection | None = None,
    connection: Connection | None = None,
    idle_look: float = IDLE_LOOK,
) -> AsyncIterator[Person]:
    """Start the app over `fieldbook` and sit down at it; on the way out the program ends as after a crash."""
    app = FeldbuchApp(
        fieldbook, first_start=first_start, protection=protection, connection=connection, idle_look=idle_look
    )
    async with app.run_test(size=size) as pilot:
        person = Person(pilot)
        await pilot.pause()
        yield person


def add(fieldbook: Fieldbook, kind: str, **values: Any) -> Record:
    """Save a record that is there before the journey begins."""
    return fieldbook.save(parse({"kind": kind, **values}))
