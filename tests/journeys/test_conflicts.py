"""Conflicts: both versions are seen side by side and decided with one key; undo works, and a colleague may be faster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.fieldbook import Fieldbook, Taken
from sync.account import CONTACT
from tests.journeys.people import SMALL, WIDE, add, at_work

if TYPE_CHECKING:
    from models.records import Document

KEPT = "Konzept liegt vor. Frau Sommer stellt es am Montag vor."
OTHER = "Konzept liegt vor. Herr Berg stellt es am Dienstag vor."
BOTH = "Konzept liegt vor. Frau Sommer / Herr Berg stellt es am Montag / Dienstag vor."


def from_server(fieldbook: Fieldbook, *documents: Document) -> None:
    """Let records come from the server."""
    fieldbook.take_over([Taken(document["id"], document, document) for document in documents], {})


def conflict(number: int, path: list[str], kept: Any, other: Any, rule: str = "value", **more: Any) -> Document:
    """Return a conflict about the visit, as the server writes it."""
    about: Document = {"id": f"konflikt{number}", "kind": "conflict", "record": "besuch", "record_kind": "visit"}
    made = {"created_at": f"2026-11-24T08:0{number}:00+00:00", "other_by": "bernd", "device": "server", "rev": number}
    return about | made | {"path": path, "rule": rule, "status": "offen", "kept": kept, "other": other} | more


@pytest.fixture
def book(fieldbook: Fieldbook) -> Fieldbook:
    """The fieldbook with one conflict about a text."""
    add(fieldbook, "visit", id="besuch", school="100001", date="2026-11-23", topics=["lms"], notes_pedagogy=KEPT)
    document = dict(fieldbook.document("besuch"))
    fieldbook.set_meta(CONTACT, {"at": "2026-11-24T08:00:00+00:00", "user": "anna", "name": "Anna Ast", "scopes": []})
    from_server(fieldbook, document, conflict(1, ["notes_pedagogy"], KEPT, OTHER, "text", base="Konzept fehlt."))
    return fieldbook


def notes(fieldbook: Fieldbook) -> str:
    """Return what stands in the visit's notes."""
    return str(fieldbook.document("besuch")["notes_pedagogy"])


def status(fieldbook: Fieldbook, number: int = 1) -> str:
    """Return the status of a conflict."""
    return str(fieldbook.document(f"konflikt{number}")["status"])


@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_both_versions_stand_side_by_side_with_what_differs_marked(
    book: Fieldbook, size: tuple[int, int]
) -> None:
    async with at_work(book, size=size) as person:
        person.app.opening.conflicts()
        await person.sees("Konflikte · 1 offen", "Besuch GS Altstadt, Mo 23.11.2026")
        await person.press("enter")
        await person.sees("Pädagogik · dieselbe Textstelle", "Es gilt", "Andere Fassung", "von jemand im Team")
        await person.sees("Di 24.11.2026, 09:01 Uhr", "«Frau Sommer»", "«Herr Berg»", "«Montag»", "«Dienstag»")
        await person.sees("Davor: Konzept fehlt.")


@pytest.mark.parametrize(("key", "text"), [("k", KEPT), ("o", OTHER), ("b", BOTH)])
async def test_one_key_decides_and_undo_takes_it_back(book: Fieldbook, key: str, text: str) -> None:
    async with at_work(book) as person:
        person.app.opening.conflicts()
        await person.press("enter", key)
        await person.sees("Gelöst: Pädagogik. Strg+Z nimmt es zurück.", "Konflikte · 0 offen")
        assert (notes(book), status(book)) == (text, "geloest")

        await person.press("ctrl+z")
        await person.sees("Zurückgenommen: Konflikt gelöst", "Konflikte · 1 offen")
        assert (notes(book), status(book)) == (KEPT, "offen")


async def test_a_text_of_ones_own_is_one_commit_too_and_an_unchanged_one_decides_nothing(book: Fieldbook) -> None:
    async with at_work(book) as person:
        person.app.opening.conflicts()
        await person.press("enter", "e", "ctrl+s")
        await person.sees("Nichts geändert, der Konflikt bleibt offen.")
        assert status(book) == "offen"

        await person.press("e")
        await person.type("Beide kommen. ")
        await person.press("ctrl+s")
        await person.sees("Gelöst: Pädagogik.")
        assert (notes(book), status(book)) == (f"Beide kommen. {KEPT}", "geloest")

        await person.press("ctrl+z")
        await person.sees("Konflikte · 1 offen")
        assert notes(book) == KEPT


async def test_a_value_that_cannot_be_read_is_told_and_asked_for_again(book: Fieldbook) -> None:
    from_server(book, conflict(2, ["travel"], 20, 30))
    async with at_work(book) as person:
        person.app.opening.record("konflikt2")
        await person.sees("«20»", "«30»")
        await person.press("b")
        await person.sees("Beide Fassungen zugleich gehen nur bei Texten.")
        await person.press("e")
        await person.type("viel")
        await person.press("enter")
        await person.sees("Fahrzeit:", "viel")
        assert status(book, 2) == "offen"
        await person.press("home", "shift+end", "delete")
        await person.type("25")
        await person.press("enter")
        await person.sees("Gelöst: Fahrzeit.")
        assert book.document("besuch")["travel"] == 25


async def test_where_no_value_can_be_typed_the_record_is_opened(book: Fieldbook) -> None:
    other = {"date": "2026-11-23", "start": "10:30"}
    from_server(book, conflict(2, ["when"], {"date": "2026-11-23", "start": "09:30"}, other))
    async with at_work(book) as person:
        person.app.opening.record("konflikt2")
        await person.sees("Datum, von, bis", "«09:30»", "«10:30»")
        await person.press("e")
        await person.sees("danach schließt k den Konflikt ab", "Besuch · GS Altstadt")
        await person.press("escape", "o")
        await person.sees("Gelöst:")
        assert book.document("besuch")["start"] == "10:30"


async def test_what_a_colleague_decides_meanwhile_vanishes_with_a_note(book: Fieldbook) -> None:
    async with at_work(book) as person:
        person.app.opening.conflicts()
        await person.press("enter")
        await person.sees("Andere Fassung")
        decided = {**book.document("konflikt1"), "status": "geloest", "updated_by": "bernd", "device": "ein anderes"}
        from_server(book, decided)
        await person.sees("hat inzwischen jemand im Team gelöst", "Konflikte · 0 offen")


async def test_it_vanishes_from_the_list_and_below_a_dialog_as_well(book: Fieldbook) -> None:
    from_server(book, conflict(2, ["travel"], 20, 30))
    async with at_work(book) as person:
        person.app.opening.conflicts()
        await person.sees("Konflikte · 2 offen")
        from_server(book, {**book.document("konflikt2"), "status": "geloest", "device": "ein anderes"})
        await person.sees("hat inzwischen jemand im Team gelöst: Besuch GS Altstadt", "Konflikte · 1 offen")

        await person.press("enter", "e")
        await person.type("Mein Text. ")
        from_server(book, {**book.document("konflikt1"), "status": "geloest", "device": "ein anderes"})
        await person.press("ctrl+s")
        await person.sees("hat inzwischen jemand im Team gelöst", "Konflikte · 0 offen")
        assert notes(book) == KEPT


async def test_where_the_record_is_gone_the_other_version_is_refused_and_the_conflict_can_be_closed(
    book: Fieldbook,
) -> None:
    book.delete("besuch", "doppelt")
    async with at_work(book) as person:
        person.app.opening.record("konflikt1")
        await person.sees("Inzwischen steht im Eintrag: der Eintrag ist gelöscht oder nicht mehr hier")
        for key in ("o", "b", "e"):
            await person.press(key)
            await person.sees("Der Eintrag zu diesem Konflikt ist hier gelöscht oder nicht da")
            person.app.clear_notifications()
            assert status(book) == "offen"
        await person.press("k")
        await person.sees("Gelöst: Pädagogik.")
        assert book.document("besuch")["deleted_at"]


async def test_what_a_newer_version_wrote_can_be_decided_too(book: Fieldbook) -> None:
    from_server(book, {"id": "neu", "kind": "neue_art", "titel": "Eins", "rev": 1})
    from_server(book, conflict(2, ["titel"], "Eins", "Zwei", record="neu", record_kind="neue_art"))
    async with at_work(book) as person:
        person.app.opening.record("konflikt2")
        await person.sees("titel", "«Eins»", "«Zwei»")
        await person.press("o")
        await person.sees("Gelöst: titel.")
        assert book.document("neu")["titel"] == "Zwei"
