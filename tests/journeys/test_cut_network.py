"""A day at work against a real server, over a network that is cut at random: nothing is lost, and nothing false is said."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import pytest

from models.clock import SystemClock
from models.fieldbook import Fieldbook
from models.records import parse
from sync.account import Account
from sync.server.database import Database
from sync.server.folder import ServerFolder
from sync.server.people import CONSOLE, invite
from tests.journeys.people import at_work
from tests.sync.content import make_team
from tests.sync.processes import ServerProcess
from tests.sync.relay import Relay
from tests.sync.remote import Remote
from tui.connection import connection_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.journeys.person import Person

TASKS = 6
HURRY = 40.0
"""So much faster than in life the schedule's time passes."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server in a process of its own, with two people who are connected: "kim" and "robin"."""
    data = tmp_path / "server"
    process = ServerProcess(data)
    database = Database.open(ServerFolder(data).address(), clock=SystemClock())
    team, secret, now = make_team(database, "Gütersloh"), ServerFolder(data).secret(), SystemClock().now()
    offer = partial(invite, secret=secret, key=team, role="adviser", by=CONSOLE, now=now)
    for name in ("kim", "robin"):
        Remote.enrol(tmp_path / name, process.url, database.write(partial(offer, name=name)))
    database.close()
    yield process
    process.running.kill()


def texts(book: Fieldbook) -> set[str]:
    """Return the texts of all tasks."""
    return {str(task["text"]) for task in book.documents("task")}


async def records_a_task(person: Person, text: str) -> None:
    """Write down a task by keys."""
    await person.press("f8", "n")
    await person.sees("Aufgabe · neu")
    await person.type(text)
    await person.press("ctrl+s")
    await person.sees(f"Gespeichert: {text}")


async def test_whatever_is_cut_everything_gets_there_and_nothing_is_called_sent_that_is_not(
    server: ServerProcess, tmp_path: Path
) -> None:
    seconds = count()
    folder = tmp_path / "kim"
    connection = replace(connection_in(folder), seconds=lambda: next(seconds) * HURRY / 100, look=0.01)
    with Relay(server.url, 7, cuts=0.2) as relay, Remote(tmp_path / "robin") as robin, Fieldbook.open(folder) as book:
        account = Account.of(book)
        assert account is not None
        account.keep(book, address=relay.url)
        book.save_settings(book.settings.model_copy(update={"started": "allein"}))
        async with at_work(book, connection=connection) as person:
            for number in range(TASKS):
                await records_a_task(person, f"Kim {number}")
                robin.book.save(parse({"kind": "task", "text": f"Robin {number}"}))
                robin.sync()
                assert not (person.sees_now("alles übertragen") and book.outbox())
            relay.be_kind()
            await person.press("ctrl+r")
            await person.until(lambda: len(texts(book)) == 2 * TASKS, "The tasks of both")
            await person.sees("alles übertragen")
            assert dict(book.outbox()) == {}
        robin.sync_until_quiet()
        assert relay.cut > 0
        wanted = {f"{name} {number}" for name in ("Kim", "Robin") for number in range(TASKS)}
        assert texts(book) == texts(robin.book) == wanted


async def test_a_server_that_is_killed_and_comes_back_has_everything_in_the_end(
    server: ServerProcess, tmp_path: Path
) -> None:
    seconds = count()
    folder = tmp_path / "kim"
    connection = replace(connection_in(folder), seconds=lambda: next(seconds) * HURRY / 100, look=0.01)
    with Fieldbook.open(folder) as book, Remote(tmp_path / "robin") as robin:
        book.save_settings(book.settings.model_copy(update={"started": "allein"}))
        async with at_work(book, connection=connection) as person:
            await records_a_task(person, "Kim 1")
            await person.sees("alles übertragen")
            server.running.kill()
            await records_a_task(person, "Kim 2")
            await person.sees("offline · 1 offen")
            server.start()
            await person.sees("alles übertragen")
        robin.sync_until_quiet()
        assert texts(robin.book) == {"Kim 1", "Kim 2"}
