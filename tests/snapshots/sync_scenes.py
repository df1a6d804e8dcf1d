"""The scenes of the sync: connecting, what waits, what was refused or is parked, and conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import RemovalsWait, SyncFailed
from models.fieldbook import Taken
from models.records import parse
from sync.account import ACCOUNT, CONTACT, STATE, Account
from sync.exchange import PARKED, Exchange
from tests.snapshots.scene import EMPTY, scene
from tui.sync_progress import FETCHES, Progress

if TYPE_CHECKING:
    from models.errors import FeldbuchError
    from models.records import Document
    from sync.engine import Report
    from tests.snapshots.stage import Stage

KEPT = (
    "Konzept liegt im Entwurf vor. Frau Sommer stellt es am Montag der Steuergruppe vor, danach der Schulkonferenz.\n\n"
    "Die Fachkonferenzen arbeiten ihre Teile bis Ostern ein."
)
OTHER = (
    "Konzept liegt im Entwurf vor. Herr Berg stellt es am Dienstag der Steuergruppe vor, danach der Schulkonferenz.\n\n"
    "Die Fachkonferenzen arbeiten ihre Teile bis zu den Sommerferien ein."
)


def _connect(stage: Stage, **more: Any) -> None:
    """Let the fieldbook be connected with a team."""
    book = stage.fieldbook
    account = Account("https://feldbuch.beispiel.de", "t", "geraet", "Laptop Mara", backed_up=True, **more)
    scopes = [{"team": "koeln", "name": "Köln", "role": "adviser"}]
    book.set_meta(ACCOUNT, account.document())
    book.set_meta(
        CONTACT, {"at": "2026-11-24T07:41:00+00:00", "user": "mara", "name": "Mara Lindhoff", "scopes": scopes}
    )
    state = {"team": "koeln", "user": "mara", "device": "geraet", "epoch": "e", "cursor": "e:1"}
    book.set_meta(STATE, state)


def _from_server(stage: Stage, *documents: Document) -> None:
    taken = [Taken(document["id"], document, document) for document in documents]
    stage.fieldbook.take_over(taken, {})


def _school() -> Document:
    school = {"id": "schule", "kind": "school", "number": "100001", "short_name": "GS Altstadt", "place": "Erlenau"}
    return {**parse(school).document(), "rev": 1}


def _work(stage: Stage) -> None:
    """Let something wait, something be refused, and something be parked."""
    _connect(stage)
    book = stage.fieldbook
    _from_server(stage, _school())
    book.take_over([Taken(document["id"], document, document) for document in map(dict, book.documents("adviser"))], {})
    book.save(
        parse({"kind": "task", "id": "gross", "text": "Protokoll mit allen Anlagen verschicken", "subject": "100001"})
    )
    exchange = Exchange(book)
    for op in exchange.outgoing():
        exchange.refuse(op, "too_large")
    book.save(
        parse({"kind": "visit", "id": "besuch", "school": "100001", "date": "2026-11-24", "topics": ["medienkonzept"]})
    )
    book.save(parse({**_school(), "phone": "05241 1000", "mail": "gs@altstadt.example"}))
    left = {"id": "weg", "kind": "task", "text": "Beamer ausleihen", "notes": "Bei Herrn Berg nachfragen."}
    book.take_over([], {PARKED: {"weg": {"team": "bonn", "document": left}}})


def _open(stage: Stage) -> None:
    stage.app.opening.exchange()


def _ended(stage: Stage, last: Report | FeldbuchError) -> None:
    stage.app.syncing.last = last
    stage.app.sync_changed()


# Abgleich


@scene(EMPTY)
async def exchange_without_server(stage: Stage) -> None:
    await stage.press("f10", "ctrl+l")


@scene(EMPTY, themed=True)
async def exchange(stage: Stage) -> None:
    _work(stage)
    await stage.press("f10", "ctrl+l")


@scene(EMPTY)
async def exchange_all_sent(stage: Stage) -> None:
    _connect(stage)
    _from_server(stage, *map(dict, stage.fieldbook.documents("adviser")))
    await stage.press("f10", "ctrl+l")


@scene(EMPTY)
async def exchange_under_way(stage: Stage) -> None:
    _work(stage)
    _open(stage)
    await stage.ready()
    stage.app.syncing.progress = Progress(FETCHES, 640, 1004)
    stage.app.sync_changed()


@scene(EMPTY)
async def exchange_offline(stage: Stage) -> None:
    _work(stage)
    _open(stage)
    await stage.ready()
    text = "Der Server ist nicht zu erreichen. Nichts ging verloren; was noch nicht übertragen ist, wartet hier."
    _ended(stage, SyncFailed(text, "offline"))


@scene(EMPTY)
async def exchange_removals_asked(stage: Stage) -> None:
    _work(stage)
    _open(stage)
    await stage.ready()
    _ended(stage, RemovalsWait("Der Server würde viele Einträge entfernen.", 60, 61))
    await stage.press("r")


@scene(EMPTY)
async def exchange_first_sync_waits(stage: Stage) -> None:
    _connect(stage, waits=True)
    await stage.press("f10", "ctrl+l")


@scene(EMPTY)
async def exchange_giving_up_asked(stage: Stage) -> None:
    _work(stage)
    _open(stage)
    await stage.press("g")


@scene(EMPTY)
async def exchange_file_asked(stage: Stage) -> None:
    _work(stage)
    _open(stage)
    await stage.press("x")


@scene(EMPTY)
async def exchange_leaving_asked(stage: Stage) -> None:
    _work(stage)
    _open(stage)
    await stage.press("t")


@scene(EMPTY)
async def exchange_parked(stage: Stage) -> None:
    _work(stage)
    _open(stage)
    await stage.press("end", "enter")


# Conflicts


def _conflicts(stage: Stage) -> None:
    _connect(stage)
    book = stage.fieldbook
    visit: Document = {
        "id": "besuch",
        "kind": "visit",
        "school": "100001",
        "date": "2026-11-23",
        "topics": ["medienkonzept"],
    }
    visit |= {"notes_pedagogy": KEPT, "travel": 20, "start": "09:30", "rev": 4}
    about: Document = {
        "kind": "conflict",
        "record": "besuch",
        "record_kind": "visit",
        "status": "offen",
        "other_by": "bernd",
    }
    text = {"id": "konflikt1", "path": ["notes_pedagogy"], "rule": "text", "kept": KEPT, "other": OTHER}
    when: Document = {"id": "konflikt2", "path": ["when"], "rule": "value", "created_at": "2026-11-24T08:00:00+00:00"}
    when |= {"kept": {"date": "2026-11-23", "start": "09:30"}, "other": {"date": "2026-11-23", "start": "10:30"}}
    gone: Document = {
        "id": "konflikt3",
        "path": ["deleted_at"],
        "rule": "deleted",
        "created_at": "2026-11-24T08:10:00+00:00",
    }
    gone |= {"other": {"delete_reason": "doppelt", "deleted_at": "2026-11-24T08:09:00+00:00"}, "other_by": "mara"}
    begun = {"created_at": "2026-11-23T15:12:00+00:00", "base": "Konzept liegt im Entwurf vor."}
    _from_server(
        stage, _school(), visit, about | text | begun, about | when, about | gone, *map(dict, book.documents("adviser"))
    )


@scene(EMPTY)
async def conflicts_list(stage: Stage) -> None:
    _conflicts(stage)
    stage.app.opening.conflicts()
    await stage.ready()


@scene(EMPTY)
async def conflicts_none(stage: Stage) -> None:
    stage.app.opening.conflicts()
    await stage.ready()


@scene(EMPTY, themed=True)
async def conflict_of_a_text(stage: Stage) -> None:
    _conflicts(stage)
    stage.app.opening.record("konflikt1")
    await stage.ready()


@scene(EMPTY)
async def conflict_of_a_group_changed_since(stage: Stage) -> None:
    _conflicts(stage)
    stage.fieldbook.save(parse({**stage.fieldbook.document("besuch"), "start": "11:00"}))
    stage.app.opening.record("konflikt2")
    await stage.ready()


@scene(EMPTY)
async def conflict_of_a_deletion(stage: Stage) -> None:
    _conflicts(stage)
    stage.app.opening.record("konflikt3")
    await stage.ready()


@scene(EMPTY)
async def conflict_edited(stage: Stage) -> None:
    _conflicts(stage)
    stage.app.opening.record("konflikt1")
    await stage.press("e")


@scene(EMPTY)
async def conflict_decided(stage: Stage) -> None:
    _conflicts(stage)
    stage.app.opening.conflicts()
    await stage.press("enter", "b")


# Connecting


async def _form(stage: Stage) -> None:
    stage.app.opening.connect()
    row = await stage.field("device")
    await stage.press("home", "shift+end", "delete")
    await stage.type("Laptop Mara")
    assert row.has_focus
    await stage.field("address")


@scene(EMPTY, themed=True)
async def connect(stage: Stage) -> None:
    await _form(stage)


@scene(EMPTY)
async def connect_with_problems(stage: Stage) -> None:
    await _form(stage)
    await stage.type("http://feldbuch.beispiel.de")
    await stage.press("ctrl+s")


@scene(EMPTY)
async def connect_first_sync_asked(stage: Stage) -> None:
    from sync.protocol import Scope, Scopes
    from tui.screens.connect import first_sync_text

    _connect(stage)
    scope = Scope(team="koeln", name="Köln", role="adviser", epoch="e")
    granted = Scopes(user="mara", name="Mara Lindhoff", scopes=[scope])
    text = first_sync_text(stage.fieldbook, granted)
    stage.app.opening.ask(text, lambda _yes: None, yes="Jetzt abgleichen", no="Später")
    await stage.ready()


# Marks in lists and above records


@scene(EMPTY)
async def marks_on_a_page(stage: Stage) -> None:
    _work(stage)
    stage.app.opening.record("schule")
    await stage.ready()


@scene(EMPTY, themed=True)
async def marks_in_a_list(stage: Stage) -> None:
    _conflicts(stage)
    stage.fieldbook.save(
        parse({"kind": "visit", "id": "neu", "school": "100001", "date": "2026-11-25", "topics": ["logineo"]})
    )
    await stage.press("f4")


@scene(EMPTY)
async def marks_above_a_form(stage: Stage) -> None:
    _work(stage)
    stage.app.opening.record("gross")
    await stage.ready()
