"""Connecting on the screen, with a server that listens: one form, every mistake told in it, and a question before the first sync."""

from __future__ import annotations

import socket
from dataclasses import replace
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from models.fieldbook import Fieldbook
from sync.account import Account
from sync.exchange import Exchange
from sync.schedule import EVERY
from sync.server.people import CONSOLE, invite
from tests.journeys.conftest import fill
from tests.journeys.people import add, at_work
from tests.sync.listening import Listening
from tests.sync.served import SECRET, Served
from tui.connection import connection_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.clock import FixedClock
    from tests.journeys.person import Person

CODE = "ABCD-EFGH-JKLM"
"""One that no server gave out."""


@pytest.fixture
def dialect() -> str:
    """SQLite is enough here: the two databases are told apart elsewhere."""
    return "sqlite"


@pytest.fixture
def url(served: Served) -> Iterator[str]:
    """The address of a server that listens."""
    with Listening(served) as listening:
        yield f"http://127.0.0.1:{listening.port}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the fieldbook lies."""
    return tmp_path / "feldbuch"


@pytest.fixture
def book(folder: Path, clock: FixedClock) -> Iterator[Fieldbook]:
    """The fieldbook of somebody who has worked alone so far."""
    with Fieldbook.open(folder, clock=clock) as opened:
        fill(opened)
        yield opened


async def goes_to_the_form(person: Person) -> None:
    """Open the form by its keys."""
    await person.press("f10", "ctrl+l", "c")
    await person.sees("Mit dem Team verbinden")


async def fills_in(person: Person, address: str, code: str) -> None:
    """Fill in what is to be known, and send it."""
    await person.fills_in("Adresse", address)
    await person.fills_in("Code", code)
    await person.press("ctrl+s")


async def test_connect_agree_and_everything_is_with_the_team(
    book: Fieldbook, folder: Path, served: Served, url: str
) -> None:
    waiting = len(book.outbox())
    async with at_work(book, connection=connection_in(folder)) as person:
        await goes_to_the_form(person)
        await person.fills_in("Name des Geräts", "Laptop Anna")
        await fills_in(person, url, served.code(served.koeln, "adviser", "Anna"))
        await person.sees(
            "Verbunden mit", "als Anna", "Team Köln", f"sendet die {waiting} Einträge", "Jetzt abgleichen"
        )
        assert len(book.outbox()) == waiting, "nothing is sent before somebody agreed"
        await person.press("enter")
        await person.sees(
            f"Abgeglichen: {waiting} gesendet", "alles übertragen 09:00", "Laptop Anna", "Köln: Medienberater*in"
        )
    assert not book.outbox()
    account = Account.of(book)
    assert account is not None
    assert (account.device_name, account.waits, account.backed_up) == ("Laptop Anna", False, True)


async def test_later_means_that_nothing_is_sent_by_itself_until_ctrl_r(
    book: Fieldbook, folder: Path, served: Served, url: str
) -> None:
    seconds = 0.0
    connection = replace(connection_in(folder), seconds=lambda: seconds)
    async with at_work(book, connection=connection) as person:
        await goes_to_the_form(person)
        await fills_in(person, url, served.code(served.koeln, "adviser"))
        await person.sees("Jetzt abgleichen")
        await person.press("escape")
        await person.sees("Noch nichts gesendet.", "! Der erste Abgleich steht noch aus. Strg+R beginnt ihn.")
        add(book, "task", text="danach")
        await person.sees("Aufgabe danach")
        seconds += 2 * EVERY
        person.app.syncing.look()
        assert not person.app.syncing.running
        await person.press("ctrl+r")
        await person.sees("Abgeglichen:", "alles übertragen")
        account = Account.of(book)
        assert account is not None
        assert not account.waits


async def test_a_mistake_is_told_in_the_form_and_can_be_mended(
    book: Fieldbook, folder: Path, served: Served, url: str, clock: FixedClock
) -> None:
    used = served.code(served.koeln, "adviser")
    await served.ask("POST", "/v1/devices", None, {"code": used, "name": "anderes"})
    old = clock.now().replace(month=1)
    expired = served.database.write(lambda c: invite(c, SECRET, served.koeln, "adviser", "Anna", CONSOLE, old))
    async with at_work(book, connection=connection_in(folder)) as person:
        await goes_to_the_form(person)
        await person.press("ctrl+s")
        await person.sees("! Bitte die Adresse des Servers eintragen.", "! Bitte den Code der Einladung eintragen.")
        for address, code, told in (
            ("http://feldbuch.example.org", "ABCD", "Nur https ist erlaubt"),
            (url, "nie gesehen", "Diesen Code kennt der Server nicht."),
            (url, used, "Dieser Code wurde schon benutzt."),
            (url, expired, "Dieser Code ist abgelaufen."),
        ):
            await fills_in(person, address, code)
            await person.sees(f"! {told}")
            assert Account.of(book) is None
        await fills_in(person, url, served.code(served.koeln, "adviser"))
        await person.sees("Jetzt abgleichen")


async def test_a_file_without_certificates_is_told_before_anything_is_sent(
    book: Fieldbook, folder: Path, served: Served, url: str, tmp_path: Path
) -> None:
    other = tmp_path / "kein.pem"
    other.write_text("nichts", encoding="utf-8")
    async with at_work(book, connection=connection_in(folder)) as person:
        await goes_to_the_form(person)
        for file, told in ((other, "enthält keine Zertifikate"), (tmp_path / "nirgends.pem", "gibt es nicht")):
            await person.fills_in("Eigenes Zertifikat", str(file))
            await fills_in(person, url, served.code(served.koeln, "adviser"))
            await person.sees(told)
        assert Account.of(book) is None


async def test_no_server_at_an_address_is_told_in_the_form(book: Fieldbook, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    async with at_work(book, connection=connection_in(folder)) as person:
        await goes_to_the_form(person)
        await fills_in(person, f"http://127.0.0.1:{port}", CODE)
        await person.sees("! Der Server ist nicht zu erreichen.")


async def test_connecting_can_be_ended_while_the_server_does_not_answer(book: Fieldbook, folder: Path) -> None:
    asked = Event()

    def accept(server: socket.socket) -> None:
        held, _address = server.accept()
        asked.set()
        with held:
            while held.recv(1024):
                pass

    with socket.create_server(("127.0.0.1", 0)) as silent:
        thread = Thread(target=accept, args=(silent,), daemon=True)
        thread.start()
        async with at_work(book, connection=connection_in(folder)) as person:
            await goes_to_the_form(person)
            await fills_in(person, f"http://127.0.0.1:{silent.getsockname()[1]}", CODE)
            await person.sees("Der Server wird gefragt … Esc bricht ab.")
            await person.until(asked.is_set, "The request")
            await person.press("escape")
            await person.sees("Abgebrochen.", "Mit dem Team verbinden")
            await person.press("escape")
            await person.sees("mit keinem Server verbunden")
            assert Account.of(book) is None
        thread.join(30)


async def test_another_team_than_before_is_told_and_asked(
    book: Fieldbook, folder: Path, served: Served, url: str
) -> None:
    async with at_work(book, connection=connection_in(folder)) as person:
        await goes_to_the_form(person)
        await fills_in(person, url, served.code(served.koeln, "adviser"))
        await person.sees("Jetzt abgleichen")
        await person.press("enter")
        await person.sees("alles übertragen")
        add(book, "task", text="noch für niemanden")
        await person.press("c")
        await person.sees("schon mit", "Neu verbinden?")
        await person.press("enter")
        await fills_in(person, url, served.code(served.bonn, "adviser"))
        await person.sees("Team Bonn", f"{len(book.bases())} Einträge des früheren Teams", "sendet den einen Eintrag")
        assert Exchange(book).standing.team == served.koeln
        await person.press("escape")


async def test_the_demo_region_is_connected_with_nobody(book: Fieldbook) -> None:
    book.save_settings(book.settings.model_copy(update={"started": "demo"}))
    async with at_work(book) as person:
        await person.press("f10", "ctrl+l", "c")
        await person.sees("Die Beispielregion ist erfunden und wird mit keinem Server abgeglichen.")
