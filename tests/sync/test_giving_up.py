"""Giving refused edits up: the server's state is back, nothing of them travels any more, and undo brings them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.errors import NotFound
from models.fieldbook import Fieldbook, Taken
from models.records.consultation import Consultation
from models.records.needs import Task
from sync.exchange import Exchange
from sync.giving_up import give_up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.clock import FixedClock


@pytest.fixture
def book(tmp_path: Path, clock: FixedClock) -> Iterator[Fieldbook]:
    """An empty fieldbook that has read the whole feed."""
    with Fieldbook.open(tmp_path, clock=clock) as fieldbook:
        fieldbook.set_meta("sync", {"team": "t", "user": "u", "device": "d", "epoch": "e", "cursor": "e:1"})
        yield fieldbook


def refuse_all(book: Fieldbook) -> None:
    """Let the server refuse what waits."""
    exchange = Exchange(book)
    for op in exchange.outgoing():
        exchange.refuse(op, "too_large")


def test_an_edit_becomes_what_the_server_has_and_undo_brings_it_back(book: Fieldbook) -> None:
    known = {**book.save(Task(id="t1", text="Konzept")).document(), "rev": 3}
    book.take_over([Taken("t1", known, known)], {})
    edited = book.save(Task.model_validate({**known, "text": "Viel zu lang"})).document()
    refuse_all(book)
    assert list(Exchange(book).refusals()) == ["t1"]

    assert give_up(book, "t1")
    assert book.document("t1") == known
    assert not book.outbox()
    assert not Exchange(book).refusals()

    assert book.undo() == "Aufgegeben: Aufgabe"
    assert book.document("t1") == edited
    assert list(Exchange(book).refusals()) == ["t1"]
    assert not Exchange(book).outgoing(), "what was refused is not sent again as it was"


def test_what_no_server_ever_took_is_gone_until_undo(book: Fieldbook) -> None:
    book.save(Task(id="t1", text="Konzept"))
    refuse_all(book)
    assert not give_up(book, "t1")
    assert book.peek("t1") is None
    assert not book.outbox()
    book.undo()
    assert book.document("t1")["text"] == "Konzept"
    assert list(Exchange(book).refusals()) == ["t1"]


def test_private_fields_stay(book: Fieldbook) -> None:
    known = {"id": "c1", "kind": "consultation", "client": "100001", "date": "2026-11-24", "topics": ["lms"], "rev": 3}
    book.take_over([Taken("c1", known, known)], {})
    book.save(Consultation.model_validate({**known, "concern": "zu viel", "private_note": "nur für mich"}))
    give_up(book, "c1")
    assert book.document("c1") == {**known, "private_note": "nur für mich"}


def test_what_is_not_here_cannot_be_given_up(book: Fieldbook) -> None:
    with pytest.raises(NotFound):
        give_up(book, "nirgends")
