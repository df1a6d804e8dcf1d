"""Abgleich: what waits, what was refused and what is parked is seen, opened, given up or handed out, and nothing is lost."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import orjson
import pytest

from models.errors import RemovalsWait
from models.fieldbook import Fieldbook, Taken
from models.resolving import open_conflicts, resolve
from sync.account import ACCOUNT, CONTACT, Account
from sync.exchange import PARKED, Exchange
from sync.schedule import AT_START
from tests.journeys.people import SMALL, WIDE, add, at_work
from tests.tui.wire import Colleague, Wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.journeys.person import Person


@pytest.fixture
def wire(fieldbook: Fieldbook) -> Wire:
    """The way to a server, with which the fieldbook is connected and in step."""
    wire = Wire()
    wire.connect(fieldbook)
    return wire


@asynccontextmanager
async def at_the_exchange(fieldbook: Fieldbook, wire: Wire, size: tuple[int, int] = SMALL) -> AsyncIterator[Person]:
    """Sit down at the app, let it sync once, and go to the page."""
    async with at_work(fieldbook, connection=wire.connection, size=size) as person:
        wire.seconds += AT_START
        await person.until(lambda: wire.syncs == 1 and not person.app.syncing.running, "The first sync")
        await person.press("f10", "ctrl+l")
        await person.sees("─ Abgleich ")
        yield person


def refuse(fieldbook: Fieldbook, reason: str = "too_large") -> None:
    """Let the server refuse what waits."""
    exchange = Exchange(fieldbook)
    for op in exchange.outgoing():
        exchange.refuse(op, reason)


async def test_it_says_how_things_stand(fieldbook: Fieldbook, wire: Wire) -> None:
    async with at_the_exchange(fieldbook, wire) as person:
        await person.sees(
            "https://feldbuch.example.org", "Gerät „Laptop“", "Medienberater*in", "Di 24.11.2026, 09:00 Uhr"
        )
        await person.sees("verbunden", "Hier wartet nichts, und nichts wurde abgelehnt.", "Strg+R Abgleichen")


async def test_without_a_server_it_says_so_and_offers_to_connect(fieldbook: Fieldbook) -> None:
    async with at_work(fieldbook) as person:
        await person.press("ctrl+p")
        await person.type("Abgleich: Server")
        await person.press("enter")
        await person.sees("mit keinem Server verbunden", "c verbindet es", "Wartet (")
        await person.press("t")
        await person.sees("Dieses Feldbuch ist mit keinem Server verbunden.")
        await person.press("c")
        await person.sees("Mit dem Team verbinden", "Name des Geräts")


async def test_what_waits_is_a_line_each_opens_and_goes_out_on_ctrl_r(fieldbook: Fieldbook, wire: Wire) -> None:
    async with at_the_exchange(fieldbook, wire) as person:
        add(fieldbook, "task", id="neu", text="Beamer ausleihen")
        school = fieldbook.where("school", number="100002")[0]
        add(fieldbook, **{**school, "phone": "05241 1"})
        await person.sees("Wartet (2)", "Aufgabe Beamer ausleihen", "neu", "Schule Gymnasium Nord", "geändert: Telefon")
        await person.press("enter")
        await person.sees("Aufgabe · Beamer ausleihen")
        await person.press("escape", "ctrl+r")
        await person.sees("Abgeglichen: 2 gesendet", "Hier wartet nichts")


async def test_one_that_waits_goes_out_before_all_others(fieldbook: Fieldbook, wire: Wire) -> None:
    async with at_the_exchange(fieldbook, wire) as person:
        for text in ("Eins", "Zwei", "Drei"):
            add(fieldbook, "task", id=text, text=text)
        await person.sees("Wartet (3)")
        wire.failing = "offline"
        await person.press("end", "s")
        await person.until(lambda: not person.app.syncing.running, "The end of the sync")
        assert [op.record for op in Exchange(fieldbook).outgoing(most=2)] == ["Drei", "Eins"]
        lines = [line for line in person.screen_text().splitlines() if "Aufgabe " in line]
        assert "Drei" in lines[0]


async def test_a_failure_is_told_with_its_reason(fieldbook: Fieldbook, wire: Wire) -> None:
    async with at_the_exchange(fieldbook, wire) as person:
        wire.failing = "revoked"
        await person.press("ctrl+r")
        await person.sees("! Der Zugang dieses Geräts wurde gesperrt.", "Nichts ging verloren")


async def test_a_sync_under_way_is_seen_and_can_be_stopped(fieldbook: Fieldbook, wire: Wire) -> None:
    async with at_the_exchange(fieldbook, wire) as person:
        wire.hang("/scopes")
        await person.press("ctrl+r")
        await person.sees("Der Server wird gefragt …  h hält an")
        await person.press("h")
        await person.sees("angehalten; Strg+R macht weiter")
        wire.go_on()
        await person.press("h")
        await person.sees("Gerade läuft kein Abgleich.")


@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_what_was_refused_stands_first_with_the_reason_and_is_mended_in_its_form(
    fieldbook: Fieldbook, wire: Wire, size: tuple[int, int]
) -> None:
    async with at_the_exchange(fieldbook, wire, size) as person:
        add(fieldbook, "task", id="groß", text="Viel zu lang")
        refuse(fieldbook)
        add(fieldbook, "task", id="neu", text="Beamer ausleihen")
        await person.sees(
            "Abgelehnt (1)", "Aufgabe Viel zu lang", "Der Eintrag ist zu groß.", "Wartet (1)", "1 abgelehnt"
        )
        if size == WIDE:
            await person.sees("! Abgelehnt: Der Eintrag ist zu groß.")
        await person.press("enter")
        await person.fills_in("Aufgabe", "Kurz")
        await person.press("ctrl+s")
        await person.sees("Wartet (2)", "Aufgabe Kurz")
        await person.press("ctrl+r")
        await person.sees("Abgeglichen: 2 gesendet", "Hier wartet nichts")


async def test_giving_up_brings_the_servers_state_back_and_undo_the_edit(fieldbook: Fieldbook, wire: Wire) -> None:
    task = add(fieldbook, "task", id="groß", text="Kurz")
    async with at_the_exchange(fieldbook, wire) as person:
        add(fieldbook, **{**fieldbook.document(task.id), "text": "Viel zu lang"})
        refuse(fieldbook)
        await person.press("g")
        await person.sees("Bei „Aufgabe Viel zu lang“ gilt dann wieder der Stand des")
        await person.press("escape")
        assert fieldbook.document(task.id)["text"] == "Viel zu lang"
        await person.press("g", "enter")
        await person.sees("Aufgegeben; es gilt der Stand des Servers.", "Hier wartet nichts")
        assert fieldbook.document(task.id)["text"] == "Kurz"

        await person.press("ctrl+z")
        await person.sees("Zurückgenommen: Aufgegeben: Aufgabe", "Abgelehnt (1)", "Aufgabe Viel zu lang")
        await person.press("ctrl+r")
        await person.sees("Abgeglichen", "Abgelehnt (1)")


async def test_what_waits_cannot_be_given_up(fieldbook: Fieldbook, wire: Wire) -> None:
    async with at_the_exchange(fieldbook, wire) as person:
        add(fieldbook, "task", text="Beamer ausleihen")
        await person.sees("Wartet (1)")
        await person.press("g")
        await person.sees("Aufgeben lässt sich nur, was der Server abgelehnt hat.")


async def test_a_refused_record_is_handed_out_as_a_file_and_none_is_overwritten(
    fieldbook: Fieldbook, wire: Wire, tmp_path: Path
) -> None:
    file = tmp_path / "abgelehnt.jsonl"
    async with at_the_exchange(fieldbook, wire) as person:
        add(fieldbook, "task", id="groß", text="Viel zu lang")
        refuse(fieldbook)
        await person.sees("Abgelehnt (1)")
        for told in ("Geschrieben:", "gibt es schon."):
            await person.press("x")
            await person.sees("In welche Datei?", "feldbuch-task-gro")
            await person.press("home", "shift+end", "delete")
            await person.type(str(file))
            await person.press("enter")
            await person.sees(told)
        assert orjson.loads(file.read_bytes())["text"] == "Viel zu lang"


async def test_parked_work_can_be_read_and_stays(fieldbook: Fieldbook, wire: Wire) -> None:
    left = {"id": "weg", "kind": "task", "text": "Beamer ausleihen", "notes": "noch nicht übertragen"}
    async with at_the_exchange(fieldbook, wire) as person:
        fieldbook.take_over([Taken("weg", None, None)], {PARKED: {"weg": {"team": "anderes", "document": left}}})
        await person.sees("Zurückgelegt (1)", "= Aufgabe Beamer ausleihen", "früheres Team")
        await person.press("enter")
        await person.sees("Zurückgelegt · Aufgabe Beamer ausleihen", "noch nicht übertragen", "bleibt aufbewahrt")
        await person.press("escape", "g")
        await person.sees("Aufgeben lässt sich nur, was der Server abgelehnt hat.")
        assert fieldbook.meta(PARKED)


async def test_many_removals_are_asked_about_here(fieldbook: Fieldbook, wire: Wire) -> None:
    async with at_the_exchange(fieldbook, wire) as person:
        await person.press("r")
        await person.sees("Der Server will hier nichts entfernen")
        wire.defect = RemovalsWait("Viele Einträge würden gehen.", 60, 61)
        await person.press("ctrl+r")
        await person.sees("! Der Server würde hier mindestens 60 von 61 Einträgen entfernen.", "r gibt sie")
        await person.press("r")
        await person.sees("Mindestens 60 von 61 Einträgen hier entfernen?")
        wire.defect = None
        await person.press("enter")
        await person.sees("Abgeglichen: nichts Neues.", "verbunden")


async def test_leaving_a_team_is_asked_and_keeps_every_record(fieldbook: Fieldbook, wire: Wire) -> None:
    async with at_the_exchange(fieldbook, wire) as person:
        add(fieldbook, "task", text="Beamer ausleihen")
        counts = fieldbook.counts()
        await person.press("t")
        await person.sees("(einer davon ist noch nicht")
        await person.press("escape")
        assert Account.of(fieldbook) is not None
        await person.press("t", "enter")
        await person.sees(
            "Die Verbindung ist beendet. Alle Einträge sind noch hier.", "mit keinem Server verbunden", "ohne Server"
        )
        assert (fieldbook.meta(ACCOUNT), fieldbook.meta(CONTACT)) == ({}, {})
        assert fieldbook.counts() == counts
        assert len(fieldbook.outbox()) == 1


async def test_leaving_while_a_sync_runs_ends_it_and_nothing_connects_again(fieldbook: Fieldbook, wire: Wire) -> None:
    async with at_the_exchange(fieldbook, wire) as person:
        add(fieldbook, "task", text="Beamer ausleihen")
        wire.hang("/push")
        await person.press("ctrl+r")
        await person.sees("h hält an")
        await person.until(wire.reached.is_set, "The request")
        await person.press("t", "enter")
        await person.sees("Die Verbindung ist beendet.", "mit keinem Server verbunden")
        wire.go_on()
        await person.until(lambda: wire.at_once == 0, "The end of the sync")
        assert Account.of(fieldbook) is None
        assert len(fieldbook.outbox()) == 1


async def test_the_conflicts_are_one_key_away(fieldbook: Fieldbook, wire: Wire) -> None:
    async with at_the_exchange(fieldbook, wire) as person:
        await person.press("k")
        await person.sees("Konflikte · 0 offen", "Hier ist kein Konflikt offen.")


@pytest.fixture
def colleague(wire: Wire) -> Iterator[Colleague]:
    """Somebody else of the team."""
    other = Colleague(wire.server)
    yield other
    other.close()


async def test_two_who_edit_one_sentence_meet_in_a_conflict_and_one_key_settles_it_for_both(
    fieldbook: Fieldbook, wire: Wire, colleague: Colleague
) -> None:
    add(fieldbook, "task", id="t1", text="Beamer", notes="Frau Sommer holt ihn am Montag ab.")
    async with at_the_exchange(fieldbook, wire) as person:
        colleague.syncs()
        colleague.saves(id="t1", notes="Herr Berg holt ihn am Montag ab.")
        add(fieldbook, **{**fieldbook.document("t1"), "notes": "Frau Dorn holt ihn am Montag ab."})
        await person.press("ctrl+r")
        await person.sees("1 Konflikt", "Abgleich · 1 Konflikt")
        await person.press("k", "enter")
        await person.sees("«Herr Berg» holt", "«Frau Dorn» holt", "(dieser Zugang)")
        await person.press("o")
        await person.sees("Gelöst: Notizen.")
        await person.press("ctrl+r")
        await person.until(lambda: not fieldbook.outbox(), "The decision on the server")
    colleague.syncs()
    book = colleague.laptop.book
    assert book.document("t1")["notes"] == fieldbook.document("t1")["notes"] == "Frau Dorn holt ihn am Montag ab."
    assert not open_conflicts(book)


async def test_a_colleague_who_decides_first_is_told_of_as_soon_as_it_arrives(
    fieldbook: Fieldbook, wire: Wire, colleague: Colleague
) -> None:
    add(fieldbook, "task", id="t1", text="Beamer", notes="Frau Sommer holt ihn am Montag ab.")
    async with at_the_exchange(fieldbook, wire) as person:
        colleague.syncs()
        colleague.saves(id="t1", notes="Herr Berg holt ihn am Montag ab.")
        add(fieldbook, **{**fieldbook.document("t1"), "notes": "Frau Dorn holt ihn am Montag ab."})
        await person.press("ctrl+r", "k")
        await person.sees("Konflikte · 1 offen")
        await person.press("enter")
        await person.sees("«Frau Dorn» holt")
        colleague.syncs()
        (theirs,) = open_conflicts(colleague.laptop.book)
        resolve(colleague.laptop.book, theirs, "kept")
        colleague.syncs()
        await person.press("ctrl+r")
        await person.sees("Konflikte · 0 offen · 1 inzwischen im Team gelöst")


async def test_thousands_that_wait_are_counted_and_not_all_listed(fieldbook: Fieldbook) -> None:
    with fieldbook.batch():
        for number in range(700):
            add(fieldbook, "task", text=f"Aufgabe {number}")
    async with at_work(fieldbook) as person:
        person.app.opening.exchange()
        await person.sees("die ersten 500")
