"""Two laptops and a server: what one saves the other one has, and nothing that anyone saved is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import pytest

from models.migrations import Schema
from models.records import parse
from sync.engine import Report
from tests.sync.laptop import Laptop
from tests.sync.world import OTHER, TEAM, Server

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


def test_a_laptop_from_a_backup_goes_on_though_its_numbers_were_used(
    server: Server, laptops: tuple[Laptop, Laptop]
) -> None:
    anna, bernd = laptops
    save(anna, "t1")
    anna.sync(server)
    anna.copy_folder()
    save(anna, "t1", text="Nach der Sicherung")
    anna.sync(server)
    anna.go_back_to_copy()
    save(anna, "t2", text="Auf dem alten Stand")
    anna.sync(server)
    bernd.sync(server)
    assert anna.documents() == bernd.documents() == server.documents()
    assert [anna.documents()[key]["text"] for key in ("t1", "t2")] == ["Nach der Sicherung", "Auf dem alten Stand"]


def test_two_laptops_from_one_backup_both_go_on(server: Server, laptops: tuple[Laptop, Laptop]) -> None:
    anna, bernd = laptops
    anna.sync(server)
    bernd.enrol_again(anna.device)
    for number in range(3):
        save(anna, f"a{number}", text=f"Anna {number}")
        save(bernd, f"b{number}", text=f"Bernd {number}")
        anna.sync(server)
        bernd.sync(server)
    anna.sync(server)
    assert anna.documents() == bernd.documents() == server.documents()
    assert len(server.documents()) == 6


def test_without_a_role_work_waits_and_goes_out_when_it_is_given_back(
    server: Server, laptops: tuple[Laptop, Laptop]
) -> None:
    anna, _bernd = laptops
    anna.sync(server)
    save(anna, "t1", text="Wartet")
    server.grants[anna.user] = None
    assert anna.sync(server) == "no_scope"
    assert (anna.exchange.waiting(), server.documents()) == (1, {})
    server.grants[anna.user] = (TEAM, "lead")
    anna.sync(server)
    assert server.documents()["t1"]["text"] == "Wartet"


def test_an_edit_of_what_was_handed_over_waits_until_the_record_comes_back(
    server: Server, laptops: tuple[Laptop, Laptop]
) -> None:
    anna, bernd = laptops
    save(anna, "t1")
    anna.sync(server)
    bernd.sync(server)
    server.hand_over(["t1"], TEAM, OTHER)
    save(anna, "t1", notes="Noch hier geschrieben")
    anna.sync(server)
    bernd.sync(server)
    assert anna.documents() == bernd.documents() == {}
    assert anna.exchange.parked() == 1
    server.hand_over(["t1"], OTHER, TEAM)
    anna.sync(server)
    bernd.sync(server)
    assert bernd.documents()["t1"]["notes"] == "Noch hier geschrieben"
    assert anna.documents() == bernd.documents() == server.documents()
    assert anna.exchange.parked() == 0


def test_an_edit_that_the_server_cannot_read_holds_up_no_other(server: Server, laptops: tuple[Laptop, Laptop]) -> None:
    anna, _bernd = laptops
    server.most_bytes = 2000
    for number in range(7):
        save(anna, f"t{number}", text="Lang " * 500 if number == 3 else "Kurz")
    anna.sync(server)
    assert sorted(server.documents()) == ["t0", "t1", "t2", "t4", "t5", "t6"]
    assert anna.exchange.refusals() == {"t3": "too_large"}
    save(anna, "t3", text="Kurz")
    anna.sync(server)
    assert anna.documents() == server.documents()


def test_who_moves_to_another_team_takes_nothing_of_the_old_one_along(
    server: Server, laptops: tuple[Laptop, Laptop]
) -> None:
    anna, bernd = laptops
    server.grants[bernd.user] = (OTHER, "adviser")
    save(anna, "t1")
    save(anna, "t2")
    anna.sync(server)
    save(anna, "t1", text="Nicht mehr gesendet")
    save(anna, "t3", text="Nie gesendet")
    server.grants[anna.user] = (OTHER, "adviser")
    anna.sync(server)
    bernd.sync(server)
    assert anna.documents() == bernd.documents() == server.documents(OTHER)
    assert list(server.documents(OTHER)) == ["t3"]
    server.grants[anna.user] = (TEAM, "adviser")
    anna.sync(server)
    assert server.documents()["t1"]["text"] == "Nicht mehr gesendet"
    assert anna.documents() == server.documents()


def _renamed(document: Document) -> Document:
    """Return a task as an imagined next version has it, in which "notes" are called "memo"."""
    return {("memo" if name == "notes" else name): value for name, value in document.items()}


def test_after_an_update_what_the_new_version_makes_of_a_record_is_no_edit_and_no_conflict(
    server: Server, laptops: tuple[Laptop, Laptop]
) -> None:
    anna, bernd = laptops
    save(anna, "t1", notes="Steht schon lange da")
    anna.sync(server)
    bernd.sync(server)
    bernd.update(Schema(2, {("task", 1): _renamed}))
    assert bernd.sync(server) == Report()
    save(anna, "t1", text="Von Anna")
    anna.sync(server)
    bernd.sync(server)
    assert bernd.exchange.waiting() == 0
    save(bernd, "t1", owner="Von Bernd")
    bernd.sync(server)
    anna.sync(server)
    assert {name: anna.documents()["t1"].get(name) for name in ("text", "owner", "memo", "notes")} == {
        "text": "Von Anna",
        "owner": "Von Bernd",
        "memo": "Steht schon lange da",
        "notes": None,
    }
    assert anna.documents() == bernd.documents() == server.documents()
    assert list(server.documents()) == ["t1"]
