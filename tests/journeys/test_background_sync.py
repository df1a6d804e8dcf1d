"""Syncing in the background: it begins by itself, nobody waits for it, nothing that is open is disturbed, nothing is told twice."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from models.errors import SyncFailed
from models.fieldbook import Fieldbook
from models.records import parse
from sync.engine import Report
from sync.schedule import AFTER_NETWORK, AFTER_SAVE, AT_START, EVERY, FIRST_PAUSE
from tests.journeys.people import add, at_work
from tests.sync.world import FORBIDDEN, OTHER, TEAM
from tests.tui.wire import Colleague, Wire
from tui.sync_progress import Progress
from tui.widgets.matrix import MatrixWidget
from tui.widgets.table import VirtualTable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from models.clock import FixedClock
    from tests.journeys.person import Person


@pytest.fixture
def wire(fieldbook: Fieldbook) -> Wire:
    """The way to a server, with which the fieldbook is connected."""
    wire = Wire()
    wire.connect(fieldbook)
    return wire


@pytest.fixture
def colleague(wire: Wire) -> Iterator[Colleague]:
    """Somebody else of the team."""
    other = Colleague(wire.server)
    yield other
    other.close()


@asynccontextmanager
async def online(fieldbook: Fieldbook, wire: Wire) -> AsyncIterator[Person]:
    """Sit down at the app, which syncs for the first time."""
    async with at_work(fieldbook, connection=wire.connection) as person:
        wire.seconds += AT_START
        await person.until(lambda: wire.syncs == 1 and not person.app.syncing.running, "The first sync")
        await person.sees("alles übertragen 09:00")
        yield person


async def quiet(person: Person, wire: Wire, syncs: int) -> None:
    """Wait until there were so many syncs and none is under way."""
    await person.until(lambda: wire.syncs == syncs and not person.app.syncing.running, f"{syncs} syncs")


async def looks(person: Person) -> None:
    """Let the app look several times whether it is time to sync."""
    seen = 0

    def look() -> None:
        nonlocal seen
        seen += 1

    timer = person.app.set_interval(0.01, look)
    await person.until(lambda: seen > 5, "Some looks")
    timer.stop()


async def passes(person: Person, wire: Wire, seconds: float) -> None:
    """Let time pass, once the app has noticed what happened before."""
    await looks(person)
    wire.seconds += seconds


# When


async def test_it_syncs_after_the_start_after_a_save_and_every_few_minutes(fieldbook: Fieldbook, wire: Wire) -> None:
    async with online(fieldbook, wire) as person:
        add(fieldbook, "task", text="Beamer ausleihen")
        add(fieldbook, "task", text="Kabel kaufen")
        await person.sees("2 offen")
        await looks(person)
        assert wire.syncs == 1, "a save is not followed at once"
        await passes(person, wire, AFTER_SAVE)
        await quiet(person, wire, 2)
        await person.sees("alles übertragen 09:00")
        await looks(person)
        assert wire.syncs == 2, "what the sync brings is no save"
        wire.seconds += 1.1 * EVERY
        await quiet(person, wire, 3)


async def test_without_a_server_nothing_is_asked_and_the_status_line_says_so(fieldbook: Fieldbook) -> None:
    wire = Wire()
    async with at_work(fieldbook, connection=wire.connection) as person:
        wire.seconds += EVERY
        await person.sees("ohne Server")
        assert not person.sees_now("offen")
        await looks(person)
        await person.press("ctrl+r")
        await person.sees("Dieses Feldbuch ist mit keinem Server verbunden.")
        assert wire.syncs == 0

        wire.connect(fieldbook)
        await quiet(person, wire, 1)
        await person.sees("alles übertragen 09:00")


async def test_a_fieldbook_that_can_only_be_read_is_not_synced(fieldbook: Fieldbook, wire: Wire) -> None:
    fieldbook.only_read = "Dieses Feldbuch ist hier nur zu lesen."
    async with at_work(fieldbook, connection=wire.connection) as person:
        wire.seconds += EVERY
        await looks(person)
        await person.press("ctrl+r")
        await person.sees("nur lesen", "Dieses Feldbuch ist hier nur zu lesen.")
        assert wire.syncs == 0


async def test_offline_is_told_by_the_status_line_alone_and_tried_again_until_it_works(
    fieldbook: Fieldbook, wire: Wire
) -> None:
    async with online(fieldbook, wire) as person:
        wire.failing = "offline"
        add(fieldbook, "task", text="Beamer ausleihen")
        await passes(person, wire, AFTER_SAVE)
        await quiet(person, wire, 2)
        await person.sees("offline · 1 offen")
        assert person.messages() == []
        wire.seconds += FIRST_PAUSE
        await quiet(person, wire, 3)
        wire.failing = ""
        wire.seconds += 2 * FIRST_PAUSE
        await quiet(person, wire, 4)
        await person.sees("alles übertragen 09:00")
        assert not person.sees_now("offline")


async def test_another_network_is_tried_at_once(fieldbook: Fieldbook, wire: Wire) -> None:
    wire.failing = "offline"
    async with at_work(fieldbook, connection=wire.connection) as person:
        wire.seconds += AT_START
        await quiet(person, wire, 1)
        wire.failing, wire.route = "", ""
        await looks(person)
        wire.route = "10.0.0.1"
        await looks(person)
        assert wire.syncs == 1
        wire.seconds += AFTER_NETWORK
        await quiet(person, wire, 2)
        await person.sees("alles übertragen 09:00")


# What is told


async def test_who_asks_is_told_how_it_ended(fieldbook: Fieldbook, wire: Wire, colleague: Colleague) -> None:
    async with online(fieldbook, wire) as person:
        await person.press("ctrl+r")
        await person.sees("Abgeglichen: nichts Neues.")
        add(fieldbook, "task", text="Beamer ausleihen")
        colleague.saves(kind="task", text="Kabel kaufen")
        await person.press("ctrl+r")
        await person.sees("Abgeglichen: 1 gesendet, 1 geholt.")
        wire.failing = "offline"
        await person.press("ctrl+r")
        await person.sees("Der Server ist nicht zu erreichen.")


async def test_who_asks_during_a_sync_is_told_how_far_it_is_and_then_how_it_ended(
    fieldbook: Fieldbook, wire: Wire
) -> None:
    async with online(fieldbook, wire) as person:
        wire.hang("/feed")
        await person.press("ctrl+r")
        await person.sees("überträgt …")
        await person.press("ctrl+r")
        await person.sees("Neues wird geholt …")
        wire.go_on()
        await person.sees("Abgeglichen: nichts Neues.")
        assert wire.syncs == 2


async def test_what_somebody_must_help_is_told_once(fieldbook: Fieldbook, wire: Wire) -> None:
    async with online(fieldbook, wire) as person:
        wire.failing = "revoked"
        wire.seconds += 1.1 * EVERY
        await quiet(person, wire, 2)
        await person.sees("Der Zugang dieses Geräts wurde gesperrt.", "kein Zugang")
        person.app.clear_notifications()
        wire.seconds += 3600
        await quiet(person, wire, 3)
        assert person.messages() == []
        await person.press("ctrl+r")
        await person.sees("Der Zugang dieses Geräts wurde gesperrt.")


async def test_a_defect_of_the_sync_leaves_people_at_their_work(fieldbook: Fieldbook, wire: Wire) -> None:
    async with online(fieldbook, wire) as person:
        wire.defect = SyncFailed("Ein Fehler im Programm.", "defect")
        wire.seconds += 1.1 * EVERY
        await person.sees("Ein Fehler im Programm.", "gestört")
        await person.press("f3")
        await person.sees("Schulen · 3")
        assert isinstance(person.app.syncing.last, SyncFailed)


async def test_many_removals_wait_until_somebody_agrees(fieldbook: Fieldbook, wire: Wire, colleague: Colleague) -> None:
    wire.server.page_bytes = 200_000
    ids = [colleague.saves(kind="task", text=f"Aufgabe {number}") for number in range(60)]
    async with online(fieldbook, wire) as person:
        for record_id in ids:
            colleague.laptop.book.delete(record_id)
        colleague.syncs()
        await person.press("ctrl+r")
        await person.sees("Viele Einträge würden gehen.", "Rückfrage")
        assert len(fieldbook.documents("task")) == 60
        assert person.app.syncing.now(removals=True)
        await person.until(lambda: fieldbook.documents("task") == [], "The removals")
        await person.sees_no_more("Rückfrage")


# The status line


async def test_the_status_line_counts_what_lies_here_whatever_the_last_sync_said(
    fieldbook: Fieldbook, wire: Wire, colleague: Colleague
) -> None:
    add(fieldbook, "task", id="t1", text="Beamer ausleihen")
    async with online(fieldbook, wire) as person:
        colleague.syncs()
        colleague.saves(id="t1", text="Beamer bestellen")
        fieldbook.save(parse({**fieldbook.document("t1"), "text": "Beamer zurückgeben"}))
        fieldbook.save(parse({"kind": "task", "id": FORBIDDEN, "text": "Verboten"}))
        await person.sees("2 offen")
        await passes(person, wire, AFTER_SAVE)
        await person.sees("1 Konflikt · 1 abgelehnt")
        assert not person.sees_now("offen")
        assert not person.sees_now("alles übertragen")
        assert isinstance(person.app.syncing.last, Report)


async def test_what_was_refused_is_not_sent_on_and_on(fieldbook: Fieldbook, wire: Wire, colleague: Colleague) -> None:
    fieldbook.save(parse({"kind": "task", "id": FORBIDDEN, "text": "Verboten"}))
    async with at_work(fieldbook, connection=wire.connection) as person:
        wire.seconds += AT_START
        await person.sees("1 abgelehnt")
        colleague.saves(kind="task", text="Kabel kaufen")
        await person.press("ctrl+r")
        await person.sees("Abgeglichen: 1 geholt.")
        syncs = wire.syncs
        await passes(person, wire, AFTER_SAVE)
        await looks(person)
        assert wire.syncs == syncs, "what the sync brings is no save"


async def test_a_sync_of_another_day_is_named_by_its_day(fieldbook: Fieldbook, wire: Wire, clock: FixedClock) -> None:
    async with online(fieldbook, wire) as person:
        wire.failing = "offline"
        clock.advance(timedelta(days=1))
        wire.seconds += 1.1 * EVERY
        await person.sees("offline · alles übertragen 24.11.")


# Nobody waits


async def test_a_server_that_hangs_keeps_no_key_waiting(fieldbook: Fieldbook, wire: Wire) -> None:
    async with online(fieldbook, wire) as person:
        wire.hang()
        await person.press("ctrl+r")
        await person.sees("überträgt …")
        await person.press("f8", "n")
        await person.sees("Aufgabe · neu")
        await person.type("Beamer ausleihen")
        await person.press("ctrl+s")
        await person.sees("Gespeichert: Beamer ausleihen", "überträgt … · 1 offen")
        assert not wire._free.is_set()
        wire.go_on()
        await person.sees("alles übertragen 09:00")
        assert wire.most_at_once == 1


@pytest.mark.parametrize("at", ["/scopes", "/push", "/feed"])
async def test_the_program_ends_though_the_server_hangs_and_nothing_is_lost(
    fieldbook: Fieldbook, wire: Wire, at: str
) -> None:
    async with online(fieldbook, wire) as person:
        add(fieldbook, "task", text="Beamer ausleihen")
        wire.hang(at)
        await person.press("ctrl+r")
        await person.until(wire.reached.is_set, "The request that hangs")
        await person.press("ctrl+q")
        await person.leaves()
        before = dict(fieldbook.outbox())

    assert wire.at_once == 0
    assert dict(fieldbook.outbox()) == before
    wire.go_on()
    async with at_work(fieldbook, connection=wire.connection) as person:
        wire.seconds += AT_START
        await person.sees("alles übertragen 09:00")
    assert [task["text"] for task in wire.server.documents().values() if task["kind"] == "task"] == ["Beamer ausleihen"]


async def test_a_sync_that_is_stopped_goes_on_where_it_was(
    fieldbook: Fieldbook, wire: Wire, colleague: Colleague
) -> None:
    for count in range(30):
        colleague.saves(kind="task", text=f"Aufgabe {count}")
    async with at_work(fieldbook, connection=wire.connection) as person:
        syncing = person.app.syncing
        wire.hang("/feed", after=2)
        wire.seconds += AT_START
        await person.until(wire.reached.is_set, "A page that hangs")
        some = len(fieldbook.documents("task"))
        assert 9 < some < 30
        await person.until(lambda: syncing.phase == "fetches", "The phase")
        await person.until(lambda: syncing.progress == Progress("fetches", some, 30), "How far it is")
        syncing.stop()
        await person.sees_no_more("überträgt …")
        assert not syncing.running
        wire.go_on()
        asked = len(wire.asked)
        await person.press("ctrl+r")
        await person.until(lambda: len(fieldbook.documents("task")) == 30, "The rest")
        assert not [path for path in wire.asked[asked:] if path.endswith(":0")], "it does not begin anew"


# What is open


async def test_what_comes_in_stands_in_the_list_and_the_cursor_stays_on_its_row(
    fieldbook: Fieldbook, wire: Wire, colleague: Colleague
) -> None:
    for text in ("Beamer ausleihen", "Kabel kaufen", "Tablets laden"):
        add(fieldbook, "task", text=text, due="2026-11-24")
    async with online(fieldbook, wire) as person:
        await person.press("f8", "down")
        table = person.app.screen.query_one(VirtualTable)
        key, before = table.cursor_key, table.cursor_index
        colleague.syncs()
        colleague.saves(kind="task", text="Ältestes", due="2026-11-02")
        colleague.saves(kind="task", text="Adapter suchen", due="2026-11-23")
        wire.seconds += 1.1 * EVERY
        await person.sees("Aufgaben · 5", "Adapter suchen")
        assert (table.cursor_key, table.cursor_index) == (key, (before or 0) + 2)
        assert person.messages() == []


async def test_a_form_that_is_being_edited_is_not_touched_and_saves_only_what_was_edited(
    fieldbook: Fieldbook, wire: Wire, colleague: Colleague
) -> None:
    add(fieldbook, "task", id="t1", text="Beamer ausleihen", notes="im Keller")
    async with online(fieldbook, wire) as person:
        colleague.syncs()
        await person.press("f8", "enter")
        await person.fills_in("Notizen", "im Lager")
        cursor = person.app.screen.focused
        colleague.saves(id="t1", text="Beamer bestellen")
        wire.seconds += 1.1 * EVERY
        await person.until(lambda: fieldbook.document("t1")["text"] == "Beamer bestellen", "The colleague's edit")
        await looks(person)
        assert person.entered() == "im Lager"
        assert person.app.screen.focused is cursor
        assert person.sees_now("Beamer ausleihen"), "what stands in the form stays as it was"
        await person.press("ctrl+s")
        await person.sees("Gespeichert: Beamer bestellen")
    assert [fieldbook.document("t1")[name] for name in ("text", "notes")] == ["Beamer bestellen", "im Lager"]


async def test_two_who_edit_the_same_field_at_the_same_time_get_a_conflict_and_lose_nothing(
    fieldbook: Fieldbook, wire: Wire, colleague: Colleague
) -> None:
    add(fieldbook, "task", id="t1", text="Beamer ausleihen")
    async with online(fieldbook, wire) as person:
        colleague.syncs()
        await person.press("f8", "enter")
        await person.fills_in("Aufgabe", "Beamer zurückgeben")
        colleague.saves(id="t1", text="Beamer bestellen")
        wire.seconds += 1.1 * EVERY
        await person.until(lambda: fieldbook.document("t1")["text"] == "Beamer bestellen", "The colleague's edit")
        await person.press("ctrl+s")
        await person.sees("Gespeichert: Beamer zurückgeben")
        await passes(person, wire, AFTER_SAVE)
        await person.sees("1 Konflikt")
    (conflict,) = fieldbook.documents("conflict")
    assert {conflict["kept"], conflict["other"]} == {"Beamer bestellen", "Beamer zurückgeben"}


async def test_a_draft_that_is_gone_on_with_later_counts_from_what_was_seen_when_it_was_begun(
    fieldbook: Fieldbook, wire: Wire, colleague: Colleague
) -> None:
    add(fieldbook, "task", id="t1", text="Beamer ausleihen")
    async with online(fieldbook, wire) as person:
        colleague.syncs()
        await person.press("f8", "enter")
        await person.fills_in("Aufgabe", "Beamer zurückgeben")
        await person.press("escape")
        await person.sees("Der Entwurf ist gesichert")
        colleague.saves(id="t1", text="Beamer bestellen")
        await passes(person, wire, 1.1 * EVERY)
        await person.sees("Beamer bestellen")
        await person.press("enter")
        await person.until(lambda: person.entered() == "Beamer zurückgeben", "The draft")
        await person.press("ctrl+s")
        await person.sees("Gespeichert: Beamer zurückgeben")
        await passes(person, wire, AFTER_SAVE)
        await person.sees("1 Konflikt")


async def test_what_a_colleague_rated_meanwhile_stays_though_the_matrix_is_open(
    fieldbook: Fieldbook, wire: Wire, colleague: Colleague
) -> None:
    add(fieldbook, "assessment", id="a1", subject="100001", date="2026-11-24", catalogue="schule", ratings={})
    async with online(fieldbook, wire) as person:
        colleague.syncs()
        await person.press("f5", "enter")
        await person.until(lambda: bool(person.app.screen.query(MatrixWidget)), "The matrix")
        await person.press("1", "2")
        rated = person.app.screen.query_one(MatrixWidget).state.ratings.keys()
        other = "theirs"
        colleague.saves(id="a1", ratings={other: {"level": 3}})
        await passes(person, wire, 1.1 * EVERY)
        await person.until(lambda: other in fieldbook.document("a1").get("ratings", {}), "The colleague's rating")
        await person.press("escape")
        await person.until(lambda: len(fieldbook.document("a1")["ratings"]) > 1, "All ratings")
        await passes(person, wire, AFTER_SAVE)
        await person.sees("alles übertragen")
    assert fieldbook.document("a1")["ratings"].keys() == {*rated, other}
    assert fieldbook.documents("conflict") == []


@pytest.mark.parametrize("kind", ["task", "assessment", "circle", "meeting"])
async def test_a_record_that_goes_to_another_team_is_closed_with_a_note(
    fieldbook: Fieldbook, wire: Wire, kind: str
) -> None:
    values = {
        "task": {"text": "Beamer ausleihen"},
        "assessment": {"subject": "100001", "date": "2026-11-24", "catalogue": "schule"},
        "circle": {"name": "Netzwerk", "circle_kind": "netzwerk"},
        "meeting": {"title": "Treffen", "date": "2026-11-24"},
    }
    record_id = add(fieldbook, kind, **values[kind]).id
    async with online(fieldbook, wire) as person:
        here = person.app.screen
        person.app.opening.record(record_id)
        await person.until(lambda: person.app.screen is not here, "The record")
        wire.server.hand_over([record_id], TEAM, OTHER)
        await passes(person, wire, 1.1 * EVERY)
        await person.sees("Dieser Eintrag gehört nicht mehr zu diesem Zugang.")
        await person.until(lambda: person.app.screen is here, "The end of it")
        assert fieldbook.peek(record_id) is None
        await looks(person)
        assert len(person.messages()) == 1


async def test_a_form_with_edits_stays_though_its_record_goes_to_another_team(fieldbook: Fieldbook, wire: Wire) -> None:
    record_id = add(fieldbook, "task", text="Beamer ausleihen").id
    async with online(fieldbook, wire) as person:
        await person.press("f8", "enter")
        await person.fills_in("Notizen", "im Lager")
        wire.server.hand_over([record_id], TEAM, OTHER)
        await passes(person, wire, 1.1 * EVERY)
        await person.sees("Dieser Eintrag gehört nicht mehr zu diesem Zugang.")
        assert person.entered() == "im Lager"
        await person.until(lambda: len(fieldbook.drafts()) == 1, "The draft")


# Marks


async def test_what_waits_was_refused_or_met_another_edit_is_marked_in_lists_and_above_the_record(
    fieldbook: Fieldbook, wire: Wire, colleague: Colleague
) -> None:
    add(fieldbook, "task", id="t1", text="Beamer ausleihen")
    add(fieldbook, "task", id="t2", text="Kabel kaufen")
    async with online(fieldbook, wire) as person:
        await person.press("f8")
        await person.sees("Kabel kaufen")
        assert not any(sign in person.screen_text() for sign in "↑×≠")
        colleague.syncs()
        colleague.saves(id="t1", text="Beamer bestellen")
        wire.hang()
        for record_id, text in (("t1", "Beamer zurückgeben"), ("t2", "Kabel leihen"), (FORBIDDEN, "Verboten")):
            known = fieldbook.peek(record_id) or {"kind": "task", "id": record_id}
            fieldbook.save(parse({**known, "text": text}))
        await person.until(lambda: person.screen_text().count("↑") == 3, "Three that wait")
        await person.press("home", "enter")
        await person.sees("↑ nicht übertragen")
        wire.go_on()
        await passes(person, wire, AFTER_SAVE)
        await person.sees("1 Konflikt · 1 abgelehnt")
        await person.press("escape")
        await person.until(lambda: not person.sees_now("↑"), "None that waits")
        rows = {
            text: row
            for row in person.screen_text().split("\n")
            for text in ("Beamer", "Kabel", "Verboten")
            if text in row
        }
        assert "≠" in rows["Beamer"]
        assert "×" in rows["Verboten"]
        assert not any(sign in rows["Kabel"] for sign in "↑×≠")


async def test_without_a_server_nothing_is_marked(fieldbook: Fieldbook) -> None:
    add(fieldbook, "task", text="Beamer ausleihen")
    async with at_work(fieldbook) as person:
        await person.press("f8")
        await person.sees("Beamer ausleihen")
        await person.press("enter")
        await person.sees("Aufgabe · Beamer ausleihen")
        assert not person.sees_now("nicht übertragen")
        assert not person.sees_now("↑")
