"""Handing over: records leave one team's feed and stand in another's at the same moment, and nothing of them is lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import and_, insert, select

from sync.check import check_of
from sync.protocol import Out, make_op
from sync.server import feed
from sync.server.access import SERVER
from sync.server.feed import look_at_feed
from sync.server.handover import BATCH, Handed, belongings, hand_over
from sync.server.history import history_of
from sync.server.refusal import Refused
from sync.server.tables import audit, history, record
from tests.sync.office import an_edit, make_actor, make_team, page_of, send, whole_feed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.records import Document
    from sync.server.database import Database
    from sync.server.refusal import Actor


class Two:
    """Two teams with a lead each, who write as well."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.koeln, self.bonn = make_team(database), make_team(database, "Bonn")
        self.anna = make_actor(database, self.koeln, "lead")
        self.bernd = make_actor(database, self.bonn, "lead")

    def hand_over(self, ids: Sequence[str], by: Actor | None = None, to: str = "") -> Handed:
        """Hand over, from Köln to Bonn unless told otherwise."""
        now = self.database.clock.now()
        return self.database.write(lambda connection: hand_over(connection, by or self.anna, ids, to or self.bonn, now))

    def refused(self, ids: Sequence[str], **how: Any) -> tuple[int, str]:
        """Return with what a handing over is refused, having looked that nothing changed."""
        before = [self.documents(team) for team in (self.koeln, self.bonn)]
        with pytest.raises(Refused) as caught:
            self.hand_over(ids, **how)
        assert [self.documents(team) for team in (self.koeln, self.bonn)] == before
        return caught.value.status, caught.value.code

    def documents(self, team: str) -> dict[str, Document]:
        """Return the records of a team by id, having looked whether its counter row tells the truth."""

        def work(connection: Any) -> dict[str, Document]:
            rows = connection.execute(select(record).where(record.c.team_id == team)).all()
            told = look_at_feed(connection, team)
            check = check_of((row.record_id, row.rev) for row in rows)
            assert (told.records, told.folded) == (check.count, check.xor)
            return {row.record_id: orjson.loads(row.document) for row in rows}

        return self.database.read(work)

    def revisions(self, team: str, key: str) -> list[int]:
        """Return which revisions of a record a team has."""
        mine = and_(history.c.team_id == team, history.c.record_id == key)
        return self.database.read(
            lambda connection: list(
                connection.execute(select(history.c.rev).where(mine).order_by(history.c.rev)).scalars()
            )
        )


@pytest.fixture
def two(database: Database) -> Two:
    """Two teams."""
    return Two(database)


def test_a_record_goes_with_all_that_is_known_of_it(two: Two) -> None:
    send(two.database, two.anna, [an_edit(1), an_edit(2, "stays")])
    base = two.documents(two.koeln)["t1"]
    send(two.database, two.anna, [make_op(3, "t1", "task", base, {"text": "neu"})])
    before = two.documents(two.koeln)["t1"]
    assert two.hand_over(["t1"]) == Handed(1, [])
    assert two.documents(two.koeln).keys() == {"stays"}
    assert two.documents(two.bonn) == {"t1": before}
    assert (two.revisions(two.koeln, "t1"), two.revisions(two.bonn, "t1")) == ([], [1, 2])
    changes = two.database.read(lambda connection: history_of(connection, two.bonn, "t1")).changes
    assert [change.rev for change in changes] == [2, 1]


def test_devices_of_the_old_team_learn_that_it_left_and_those_of_the_new_one_get_it(two: Two) -> None:
    send(two.database, two.anna, [an_edit(1), an_edit(2, "t2")])
    send(two.database, two.bernd, [an_edit(1, "theirs")])
    old, new = page_of(two.database, two.koeln).cursor, page_of(two.database, two.bonn).cursor
    two.hand_over(["t1"])
    left, came = page_of(two.database, two.koeln, old), page_of(two.database, two.bonn, new)
    assert (left.records, left.out) == ([], [Out(record="t1", kind="task")])
    assert ([document["id"] for document in came.records], came.out) == (["t1"], [])
    assert left.check == check_of([("t2", 1)])
    assert came.check == check_of([("t1", 1), ("theirs", 1)])


def test_an_edit_of_what_left_is_refused_without_its_content(two: Two) -> None:
    send(two.database, two.anna, [an_edit(1)])
    base = two.documents(two.koeln)["t1"]
    two.hand_over(["t1"])
    for op in (make_op(2, "t1", "task", base, {"text": "zu spät"}), make_op(3, "t1", "task", None, {"text": "neu"})):
        (result,) = send(two.database, two.anna, [op])
        assert (result.status, result.reason, result.record) == ("rejected", "gone", None)
    assert two.documents(two.bonn)["t1"] == base
    assert "t1" not in two.documents(two.koeln)


def test_an_edit_in_the_new_team_goes_on_from_an_old_revision(two: Two) -> None:
    send(two.database, two.anna, [an_edit(1, notes="eins")])
    base = two.documents(two.koeln)["t1"]
    send(two.database, two.anna, [make_op(2, "t1", "task", base, {"text": "neu"})])
    two.hand_over(["t1"])
    (result,) = send(two.database, two.bernd, [make_op(1, "t1", "task", base, {"notes": "zwei"})])
    assert result.status == "merged"
    assert (two.documents(two.bonn)["t1"]["text"], two.documents(two.bonn)["t1"]["notes"]) == ("neu", "zwei")


def test_what_comes_back_is_there_as_if_it_had_never_left(two: Two) -> None:
    send(two.database, two.anna, [an_edit(1)])
    start = page_of(two.database, two.koeln).cursor
    for _round in range(2):
        two.hand_over(["t1"])
        base = two.documents(two.bonn)["t1"]
        number = base["rev"]
        send(two.database, two.bernd, [make_op(number, "t1", "task", base, {"text": f"aus Bonn {number}"})])
        two.hand_over(["t1"], by=two.bernd, to=two.koeln)
    page = page_of(two.database, two.koeln, start)
    assert page.out == []
    assert [document["text"] for document in page.records] == ["aus Bonn 2"]
    assert page.check == check_of([("t1", 3)])
    assert two.revisions(two.koeln, "t1") == [1, 2, 3]
    base = two.documents(two.koeln)["t1"]
    (result,) = send(two.database, two.anna, [make_op(2, "t1", "task", base, {"text": "wieder hier"})])
    assert result.status == "applied"
    # Whoever was away all the time reads of it as gone.
    assert page_of(two.database, two.bonn).out == [Out(record="t1", kind="task")] * 2


def test_conflicts_go_with_the_record_that_they_are_about(two: Two) -> None:
    send(two.database, two.anna, [an_edit(1), an_edit(2, "t2")])
    other = make_actor(two.database, two.koeln)
    for key in ("t1", "t2"):
        base = two.documents(two.koeln)[key]
        number = 3 if key == "t1" else 4
        send(two.database, two.anna, [make_op(number, key, "task", base, {"text": "Von Anna"})])
        send(two.database, other, [make_op(number - 2, key, "task", base, {"text": "Von Carl"})])
    assert two.hand_over(["t1"]).records == 2
    (gone,) = (document for document in two.documents(two.bonn).values() if document["kind"] == "conflict")
    (kept,) = (document for document in two.documents(two.koeln).values() if document["kind"] == "conflict")
    assert (gone["record"], kept["record"]) == ("t1", "t2")


def test_of_what_both_teams_have_one_record_is_made_and_no_value_is_lost(two: Two) -> None:
    school = {"number": "900001", "short_name": "Schule am Rhein"}
    send(two.database, two.anna, [make_op(1, "s1", "school", None, school | {"notes": "Köln", "phone": "0221"})])
    send(two.database, two.bernd, [make_op(1, "s1", "school", None, school | {"notes": "Bonn", "mail": "a@b.de"})])
    handed = two.hand_over(["s1"])
    assert handed.records == 1
    assert two.documents(two.koeln) == {}
    there = two.documents(two.bonn)
    assert (there["s1"]["phone"], there["s1"]["mail"]) == ("0221", "a@b.de")
    everything = orjson.dumps(there)
    assert b"Bonn" in everything
    assert b"K\xc3\xb6ln" in everything
    assert set(handed.conflicts) == there.keys() - {"s1"}
    assert two.revisions(two.bonn, "s1") == [1, 2]


@pytest.mark.parametrize("count", [1, BATCH + 1])
def test_many_go_at_once(two: Two, count: int) -> None:
    keys = [f"t{number}" for number in range(count)]
    for start in range(0, count, 400):
        part = list(enumerate(keys[start : start + 400], start + 1))
        send(two.database, two.anna, [an_edit(number, key) for number, key in part])
    assert two.hand_over([*keys, *keys]).records == count
    assert two.documents(two.koeln) == {}
    assert two.documents(two.bonn).keys() == set(keys)
    assert sum(len(page.out) for page in whole_feed(two.database, two.koeln)) == count


def test_a_page_is_cut_where_more_left_than_one_page_tells(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 13):
        send(two.database, two.anna, [an_edit(number, f"t{number}")])
        if number % 3 == 0:
            two.hand_over([f"t{number}", f"t{number - 1}"])
    monkeypatch.setattr(feed, "MOST_OUT", 3)
    pages = whole_feed(two.database, two.koeln)
    assert [len(page.out) for page in pages] == [3, 3, 2]
    assert [out.record for page in pages for out in page.out] == ["t2", "t3", "t5", "t6", "t8", "t9", "t11", "t12"]
    assert [document["id"] for page in pages for document in page.records] == ["t1", "t4", "t7", "t10"]
    assert pages[-1].check == check_of((key, 1) for key in ("t1", "t4", "t7", "t10"))


def test_whoever_has_not_the_right_hands_nothing_over(two: Two) -> None:
    send(two.database, two.anna, [an_edit(1)])
    for role in ("adviser", "overseer", "support"):
        assert two.refused(["t1"], by=make_actor(two.database, two.koeln, role)) == (403, "forbidden")
    administrator = make_actor(two.database, SERVER, "administrator")
    assert two.refused(["t1"], by=administrator) == (403, "forbidden")


def test_nobody_takes_records_out_of_another_team(two: Two) -> None:
    send(two.database, two.anna, [an_edit(1)])
    assert two.refused(["t1"], by=two.bernd, to=two.koeln) == (404, "not_found")


def test_nothing_goes_where_one_record_is_missing_or_the_team_is_none(two: Two) -> None:
    send(two.database, two.anna, [an_edit(1)])
    assert two.refused(["t1", "t2"]) == (404, "not_found")
    assert two.refused(["t1"], to="nowhere") == (404, "not_found")
    assert two.refused(["t1"], to=two.koeln) == (422, "other_team_needed")
    assert two.refused(["t1"], to=SERVER) == (422, "other_team_needed")


def test_both_teams_audits_tell_of_it(two: Two) -> None:
    send(two.database, two.anna, [an_edit(1)])
    two.hand_over(["t1"])
    for team, verb, subject in (
        (two.koeln, "hand_over", {"to": two.bonn, "records": ["t1"]}),
        (two.bonn, "take_over", {"from": two.koeln, "records": ["t1"]}),
    ):
        mine = and_(audit.c.team_id == team, audit.c.verb == verb)
        (row,) = two.database.read(lambda connection, mine=mine: connection.execute(select(audit).where(mine)).all())  # type: ignore[misc]
        assert (row.user_id, orjson.loads(row.subject)) == (two.anna.user, subject)


def test_two_teams_that_hand_over_to_each_other_at_once_both_get_through(two: Two) -> None:
    send(two.database, two.anna, [an_edit(number, f"k{number}") for number in range(1, 9)])
    send(two.database, two.bernd, [an_edit(number, f"b{number}") for number in range(1, 9)])
    start = threading.Barrier(2, timeout=20)

    def hand(by: Actor, to: str, letter: str) -> None:
        start.wait()
        for number in range(1, 9):
            two.hand_over([f"{letter}{number}"], by=by, to=to)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(hand, two.anna, two.bonn, "k"), pool.submit(hand, two.bernd, two.koeln, "b")]:
            done.result()
    assert two.documents(two.koeln).keys() == {f"b{number}" for number in range(1, 9)}
    assert two.documents(two.bonn).keys() == {f"k{number}" for number in range(1, 9)}


def test_what_belongs_to_a_school_is_found_with_what_follows_from_it(two: Two) -> None:
    records: dict[str, tuple[str, Document]] = {
        "school": ("school", {"number": "900001", "short_name": "A"}),
        "other-school": ("school", {"number": "900002", "short_name": "B"}),
        "visit": ("visit", {"school": "900001"}),
        "other-visit": ("visit", {"school": "900002"}),
        "assessment": ("assessment", {"subject": "900001"}),
        "concept": ("media_concept", {"school": "900001"}),
        "loose-task": ("task", {"text": "frei"}),
        "task": ("task", {"text": "zum Besuch", "origin": "visit"}),
        "unknown": ("neue_art", {"school": "900001"}),
    }
    rows = [
        {
            "team_id": two.koeln,
            "record_id": key,
            "kind": kind,
            "rev": 1,
            "seq": seq,
            "document": orjson.dumps({"id": key, "kind": kind} | values).decode(),
        }
        for seq, (key, (kind, values)) in enumerate(records.items(), 1)
    ]
    two.database.write(lambda connection: connection.execute(insert(record), rows))
    found = two.database.read(lambda connection: belongings(connection, two.koeln, "900001"))
    assert set(found) == {"school", "visit", "assessment", "concept", "task"}
