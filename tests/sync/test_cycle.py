"""Two laptops and a server: what one saves the other one has, and nothing that anyone saved is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import pytest

from models.records import parse
from sync.engine import Report
from tests.sync.laptop import Laptop
from tests.sync.world import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.records import Document


@pytest.fixture
def server() -> Server:
    """An empty server."""
    return Server()


@pytest.fixture
def laptops() -> Iterator[tuple[Laptop, Laptop]]:
    """Two laptops with empty fieldbooks."""
    both = Laptop("anna"), Laptop("bernd")
    yield both
    for laptop in both:
        laptop.close()


def save(laptop: Laptop, record_id: str, **values: Any) -> None:
    known = laptop.book.peek(record_id)
    before: Document = known or {"id": record_id, "kind": "task", "text": "Aufgabe"}
    laptop.book.save(parse({**before, **values}))


def test_what_one_saves_the_other_one_has(server: Server, laptops: tuple[Laptop, Laptop]) -> None:
    anna, bernd = laptops
    save(anna, "t1", text="Konzept schicken")
    assert anna.sync(server) == Report(sent=1)
    assert anna.exchange.waiting() == 0
    assert bernd.sync(server) == Report(received=1)
    assert anna.documents() == bernd.documents() == server.documents()


def test_edits_of_different_fields_meet_and_nobody_is_asked(server: Server, laptops: tuple[Laptop, Laptop]) -> None:
    anna, bernd = laptops
    save(anna, "t1")
    anna.sync(server)
    bernd.sync(server)
    save(anna, "t1", text="Von Anna")
    save(bernd, "t1", notes="Von Bernd")
    for laptop in (anna, bernd, anna):
        laptop.sync(server)
    assert anna.documents() == bernd.documents() == server.documents()
    assert {name: anna.documents()["t1"][name] for name in ("text", "notes")} == {
        "text": "Von Anna",
        "notes": "Von Bernd",
    }


def test_two_edits_of_one_field_become_a_conflict_that_holds_both(
    server: Server, laptops: tuple[Laptop, Laptop]
) -> None:
    anna, bernd = laptops
    save(anna, "t1")
    anna.sync(server)
    bernd.sync(server)
    save(anna, "t1", text="Von Anna")
    save(bernd, "t1", text="Von Bernd")
    anna.sync(server)
    report = bernd.sync(server)
    assert isinstance(report, Report)
    assert report.conflicts == 1
    anna.sync(server)
    assert anna.documents() == bernd.documents() == server.documents()
    (conflict,) = (document for document in anna.documents().values() if document["kind"] == "conflict")
    assert (conflict["kept"], conflict["other"]) == ("Von Anna", "Von Bernd")
    assert anna.documents()["t1"]["text"] == "Von Anna"


def test_an_edit_made_while_another_was_under_way_is_sent_after_it(
    server: Server, laptops: tuple[Laptop, Laptop]
) -> None:
    anna, bernd = laptops
    save(anna, "t1")
    anna.sync(server)
    save(anna, "t1", text="Erst so")
    ops = anna.exchange.outgoing()
    save(anna, "t1", text="Dann so", notes="Noch etwas")
    assert anna.exchange.outgoing() == ops
    anna.sync(server)
    bernd.sync(server)
    assert bernd.documents()["t1"]["text"] == "Dann so"
    assert anna.documents() == bernd.documents()
    assert anna.exchange.waiting() == 0


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_server_that_dies_around_its_commit_takes_each_edit_once(
    server: Server, laptops: tuple[Laptop, Laptop], when: Literal["before", "after"]
) -> None:
    anna, bernd = laptops
    save(anna, "t1")
    server.crash = when
    anna.sync(server)
    anna.sync(server)
    assert anna.sync(server) == Report()
    bernd.sync(server)
    assert anna.documents() == bernd.documents() == server.documents()
    assert server.documents()["t1"]["rev"] == 1


def test_a_younger_edit_does_not_hide_what_a_colleague_wrote_meanwhile(
    server: Server, laptops: tuple[Laptop, Laptop]
) -> None:
    anna, bernd = laptops
    save(anna, "t1")
    anna.sync(server)
    bernd.sync(server)
    save(bernd, "t1", text="Von Bernd")
    bernd.sync(server)
    save(anna, "t1", notes="egal")
    anna.exchange.outgoing()
    save(anna, "t1", text="Von Anna")
    anna.sync(server)
    bernd.sync(server)
    assert anna.documents() == bernd.documents() == server.documents()
    (conflict,) = (document for document in anna.documents().values() if document["kind"] == "conflict")
    assert {conflict["kept"], conflict["other"]} == {"Von Bernd", "Von Anna"}


def test_an_edit_wins_over_a_deletion_wherever_each_was_made(server: Server, laptops: tuple[Laptop, Laptop]) -> None:
    anna, bernd = laptops
    save(anna, "t1")
    anna.sync(server)
    bernd.sync(server)
    anna.book.delete("t1")
    save(bernd, "t1", text="Doch noch")
    anna.sync(server)
    bernd.sync(server)
    anna.sync(server)
    assert anna.documents() == bernd.documents() == server.documents()
    assert not anna.documents()["t1"].get("deleted_at")
    assert [d["rule"] for d in anna.documents().values() if d["kind"] == "conflict"] == ["deleted"]


def test_a_record_taken_back_while_it_was_under_way_is_deleted_everywhere(
    server: Server, laptops: tuple[Laptop, Laptop]
) -> None:
    anna, bernd = laptops
    anna.sync(server)
    save(anna, "t1")
    anna.exchange.outgoing()
    anna.book.undo()
    anna.sync(server)
    bernd.sync(server)
    assert bernd.documents()["t1"]["deleted_at"]
    assert anna.documents() == bernd.documents() == server.documents()


def test_an_edit_that_is_typed_back_leaves_both_sides_equal(server: Server, laptops: tuple[Laptop, Laptop]) -> None:
    anna, _bernd = laptops
    save(anna, "t1", text="So")
    anna.sync(server)
    anna.clock.advance(timedelta(hours=1))
    save(anna, "t1", text="Anders")
    save(anna, "t1", text="So")
    assert anna.exchange.waiting() == 0
    assert anna.documents() == server.documents()
