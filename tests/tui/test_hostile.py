"""Hostile text in every field of every kind: no screen breaks, no terminal obeys it, no action runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from textual import events

from models.clock import FixedClock
from models.fieldbook import Fieldbook
from models.records import KINDS
from models.records.shared import Agreement
from models.text import clean, clean_tree
from sync.account import ACCOUNT, CONTACT, REFUSED, Account
from sync.exchange import PARKED
from tests.tui.hostile import PAYLOADS, assert_harmless, hostile_documents, put_unclean, storable
from tests.tui.terminal import feldbuch
from tui.app import FeldbuchApp
from tui.exchange_rows import PARKED_HERE, Entry
from tui.places import PLACES
from tui.screens.form import FormScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from textual.pilot import Pilot

CLOCK = FixedClock(datetime(2026, 11, 24, 8, 0, tzinfo=UTC))
TEXTS = [storable(payload) for payload in PAYLOADS.values()]
QUICK = "exchange parked conflicts today schools visits matrix trainings meetings tasks more question pick search palette note crash draft entry"
"""The screens of the quick walk, with those that begin with one of `QUICK_STARTS`."""
QUICK_STARTS = (
    "form visit1",
    "form school1",
    "page school1",
    "page meeting1",
    "page assessment1",
    "page conflict1",
    "list need",
    "minutes",
)


class CarefulApp(FeldbuchApp):
    """The app; it remembers that somebody made it ring or end."""

    def __init__(self, fieldbook: Fieldbook) -> None:
        super().__init__(fieldbook)
        self.obeyed: list[str] = []

    def bell(self) -> None:
        self.obeyed.append("bell")

    def exit(self, *_args: Any, **_kwargs: Any) -> None:
        self.obeyed.append("exit")


def deeds(app: FeldbuchApp, payload: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield the name and the opening of every screen that shows text from records."""
    opening, book = app.opening, app.fieldbook
    for place in PLACES:
        yield place.name, lambda place=place: app.action_place(place.name)  # type: ignore[misc]
    for kind in KINDS:
        for number in "12":
            record_id = f"{kind}{number}"
            yield f"page {record_id}", lambda i=record_id: opening.record(i)  # type: ignore[misc]
            yield f"form {record_id}", lambda i=record_id: opening.form(book.document(i))  # type: ignore[misc]
        yield f"list {kind}", lambda kind=kind: opening.register(kind)  # type: ignore[misc]
        yield f"new {kind}", lambda kind=kind: opening.new(kind)  # type: ignore[misc]
    yield "new visit", lambda: opening.new("visit", school="100001")
    yield "new meeting", lambda: opening.new("meeting", circle="circle1")
    yield "minutes", lambda: opening.record("meeting2")
    yield "attendance", lambda: opening.attendance("meeting1")
    yield "head counts", lambda: opening.head_counts("training1")
    yield "circles", opening.circles
    yield "comparison", lambda: opening.comparison("10100")
    yield "over time", lambda: opening.over_time("100001")
    yield "settings", opening.settings
    yield "exchange", opening.exchange
    yield "parked", lambda: opening.parked(Entry(PARKED_HERE, "parked1"))
    yield "conflicts", opening.conflicts
    yield "connect", opening.connect
    yield "first start", opening.first_start
    yield "help", app.action_help
    yield "keys", app.action_keys
    yield "palette", opening.palette
    yield "question", lambda: opening.ask(payload, lambda yes: None)
    yield "line", lambda: opening.ask_text(payload, lambda text: None, payload)
    yield "text", lambda: opening.ask_long_text(payload, lambda text: None, payload)
    options = [(payload, payload), ("b", payload)]
    yield "pick", lambda: opening.pick(payload, options, lambda key: None, query="")
    yield "pick many", lambda: opening.pick_many(payload, options, lambda found: None, chosen=[payload], free=True)
    yield "search", lambda: opening.pick(payload, options, lambda key: None, query=payload)
    yield "pick record", lambda: opening.pick_record(payload, " ".join(KINDS), lambda key: None)
    entry = {"id": "e1", "text": payload, "owner": payload, "due": "2026-11-24"}
    yield "entry", lambda: opening.item(payload, Agreement, entry, lambda found: None)
    yield "crash", opening.recover_drafts
    yield "draft", lambda: opening.draft(book.drafts()[0])
    yield "note", lambda: app.say(payload)
    yield "problem", lambda: app.say(payload, problem=True)


async def settle(pilot: Pilot[Any]) -> None:
    """Let the screen stand, its later rows included."""
    for _turn in range(3):
        await pilot.pause()


async def walk(fieldbook: Fieldbook, payload: str, *, quick: bool) -> dict[str, str]:
    """Open every screen, or the most used ones, and look at it; returns their texts."""
    texts: dict[str, str] = {}
    app = CarefulApp(fieldbook)
    async with app.run_test(size=(120, 90)) as pilot:
        await settle(pilot)
        for name, open_it in deeds(app, payload):
            if quick and name not in QUICK.split() and name not in QUICK_STARTS:
                continue
            open_it()
            await settle(pilot)
            texts[name] = assert_harmless(app, name)
            assert app.is_running, name
            while len(app.screen_stack) > 1:
                app.pop_screen()
                await pilot.pause()
            app.clear_notifications()
        assert app.obeyed == []
    return texts


def put_sync(book: Fieldbook, payload: str) -> None:
    """Let a server have said `payload` wherever it says something."""
    scopes = [{"team": payload, "name": payload, "role": payload}]
    left = {"id": payload, "kind": "task", "text": payload, payload: payload}
    refused = {"task1": {"reason": payload, "sent": ""}, payload: {"reason": payload, "sent": ""}}
    documents = {
        ACCOUNT: Account("https://feldbuch.example.org", "t", payload, payload, waits=True).document(),
        CONTACT: {"at": payload, "user": payload, "name": payload, "scopes": scopes},
        PARKED: {"parked1": {"team": payload, "document": left}},
        REFUSED: refused,
    }
    for key, document in documents.items():
        book.set_meta(key, document)


def first_words(text: str) -> str:
    """Return how the beginning of a text has to read on a screen."""
    return clean(text, lines=False)[:8].rstrip()


TURNS = [pytest.param(turn, turn == 0, marks=pytest.mark.slow if turn else ()) for turn in (0, 1, 7, 11, 16)]


@pytest.mark.parametrize(("turn", "quick"), TURNS)
async def test_no_screen_shows_what_a_terminal_would_obey_even_where_the_file_was_never_cleaned(
    tmp_path: Path, turn: int, quick: bool
) -> None:
    documents = hostile_documents(TEXTS[turn:] + TEXTS[:turn])
    named = {document["id"]: document for document in documents}
    with Fieldbook.open(tmp_path, clock=CLOCK) as book:
        put_unclean(book, documents)
        book.save_draft("task1", "task", {"text": TEXTS[turn]}, TEXTS[turn])
        put_sync(book, TEXTS[turn])
    with Fieldbook.open(tmp_path, clock=CLOCK) as book:
        texts = await walk(book, TEXTS[turn], quick=quick)
    for name in ("schools", "page school1", "form school1"):
        assert first_words(named["school1"]["short_name"]) in texts[name], name
    assert first_words(named["need1"]["text"]) in texts["list need"]
    assert first_words(TEXTS[turn]) in texts["question"]


def test_what_comes_in_by_import_is_clean_in_the_file(tmp_path: Path) -> None:
    with Fieldbook.open(tmp_path, clock=CLOCK) as book:
        book.bring_in(hostile_documents(list(PAYLOADS.values())))
        assert [document for document in book.everything() if document != clean_tree(document)] == []
        assert {document["kind"] for document in book.everything()} == set(KINDS)
    (journal,) = tmp_path.glob("wal-*.jsonl")
    content = journal.read_text(encoding="utf-8")
    assert [line for line in content.splitlines() if clean(line) != line] == []


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
async def test_pasted_text_is_stored_clean(tmp_path: Path, payload: str) -> None:
    with Fieldbook.open(tmp_path, clock=CLOCK) as book:
        app = FeldbuchApp(book)
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            app.opening.new("task")
            await settle(pilot)
            assert isinstance(app.screen, FormScreen)
            assert app.screen.focused is not None
            app.screen.focused.post_message(events.Paste(payload))
            await settle(pilot)
            assert_harmless(app, "form")
            await pilot.press("ctrl+s")
            await settle(pilot)
        stored = [document["text"] for document in book.documents("task")]
        assert stored == [clean(payload, lines=False)]


KEYS = {"Schulen": "\x1bOR", "Besuche": "\x1bOS", "Bestandsaufnahmen": "\x1b[15~", "Fortbildungen": "\x1b[17~"}
"""What places are called, and what a terminal sends for F3 to F6."""
ENTER, LEAVE = "\r", "\x11"
COMMANDS = (
    b"\x1b[31mrot",
    b"\x1b[2Jleer",
    b"PWNED-TITLE\x07",
    b"]52;c;UFdO\x1b",
    b"\x1b]52",
    b"\xc2\x9b",
    b"\x1bP+q",
    b"\x00",
)
"""Bytes of the payloads that a terminal would obey; the program itself never writes them."""


def test_on_a_real_terminal_not_one_byte_of_a_payload_arrives_as_a_command(tmp_path: Path) -> None:
    with Fieldbook.open(tmp_path) as book:
        names = ("escape", "title", "clipboard", "c1", "nul", "string terminator")
        put_unclean(book, hostile_documents(["".join(PAYLOADS[name] for name in names)]))
        book.save_settings(book.settings.model_copy(update={"started": "allein"}))
    with feldbuch("--dir", str(tmp_path)) as terminal:
        terminal.until("Schuljahr")
        for place, key in KEYS.items():
            terminal.send(key)
            terminal.until(f"─ {place}", "ESC·[31m")
        terminal.send(KEYS["Schulen"])
        terminal.until("─ Schulen", "ESC·[31m")
        terminal.send(ENTER)
        terminal.until("VERLAUF", "ESC·[31m")
        terminal.send(LEAVE)
        assert terminal.ended() == 0
    assert "ESC·[31m".encode() in terminal.raw
    for command in COMMANDS:
        assert command not in terminal.raw, command
