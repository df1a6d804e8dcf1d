"""Push and feed on both databases: each edit counts once, in one order for all, and no reader ever misses one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import select, text

from sync.check import check_of
from sync.protocol import PAGE, cursor_of, make_op, read_cursor
from sync.server.access import judge
from sync.server.feed import look_at_feed, read_page
from sync.server.push import Push
from sync.server.refusal import Actor, Refused
from sync.server.tables import history, receipt, record
from tests.sync.office import an_edit, make_actor, make_team, page_of, send, whole_feed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync.protocol import Op, Page, Result
    from sync.server.database import Database

WRITERS, PUSHES, EACH = 8, 8, 5


@pytest.fixture
def team(database: Database) -> str:
    """A team."""
    return make_team(database)


@pytest.fixture
def anna(database: Database, team: str) -> Actor:
    """An adviser of it on a device."""
    return make_actor(database, team)


def stored(database: Database, team: str) -> dict[str, dict[str, Any]]:
    """Return a team's records by id, having looked whether its counter row tells the truth."""

    def work(connection: Any) -> dict[str, dict[str, Any]]:
        rows = connection.execute(select(record).where(record.c.team_id == team).order_by(record.c.seq)).all()
        feed = look_at_feed(connection, team)
        check = check_of((row.record_id, row.rev) for row in rows)
        assert (feed.records, feed.folded) == (check.count, check.xor)
        assert all(row.seq <= feed.seq for row in rows)
        return {row.record_id: orjson.loads(row.document) for row in rows}

    return database.read(work)


def refused(database: Database, actor: Actor, ops: Sequence[Op], epoch: str = "") -> tuple[int, str, int | None]:
    """Return with what a push is refused."""
    with pytest.raises(Refused) as caught:
        send(database, actor, ops, epoch)
    return caught.value.status, caught.value.code, caught.value.expected


def test_what_an_edit_was_made_from_is_made_harmless_as_well(database: Database, team: str, anna: Actor) -> None:
    send(database, anna, [an_edit(1, text="eins")])
    now = stored(database, team)["t1"]
    edit = make_op(2, "t1", "task", now, {"text": "drei"}, seen={"text": ["\x1b[2Jnull"]})
    (result,) = send(database, anna, [edit])

    assert result.status == "conflict"
    assert "\x1b" not in orjson.dumps(list(stored(database, team).values())).decode().replace("\\u001b", "\x1b")


def test_an_edit_is_there_with_the_servers_stamps(database: Database, team: str, anna: Actor) -> None:
    (result,) = send(database, anna, [an_edit(1, text="Konzept schicken")])
    assert (result.status, result.rev, result.at) == ("applied", 1, database.clock.now().isoformat())
    assert stored(database, team)["t1"] == {
        "id": "t1",
        "kind": "task",
        "text": "Konzept schicken",
        "rev": 1,
        "updated_at": result.at,
        "updated_by": anna.user,
        "device": anna.device,
    }


def test_the_same_batch_again_changes_nothing_and_is_answered_alike(database: Database, team: str, anna: Actor) -> None:
    ops = [an_edit(1), an_edit(2, "t2", text="\0\x1b[2J\u202e ä\u0308 𝕏")]
    first = send(database, anna, ops)
    before = stored(database, team)
    assert send(database, anna, ops) == first
    assert send(database, anna, [*ops[1:], an_edit(3, "t3")])[0] == first[1]
    assert {key: value for key, value in stored(database, team).items() if key != "t3"} == before


def test_the_same_batch_from_many_threads_at_once_counts_once(database: Database, team: str, anna: Actor) -> None:
    ops = [an_edit(number, f"t{number}") for number in range(1, 6)]
    start = threading.Barrier(5, timeout=20)

    def attempt(_number: int) -> list[Result]:
        start.wait()
        return send(database, anna, ops)

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(attempt, range(5)))
    assert all(answer == answers[0] for answer in answers)
    assert {document["rev"] for document in stored(database, team).values()} == {1}
    assert count_rows(database, receipt) == count_rows(database, history) == 5


def count_rows(database: Database, table: Any) -> int:
    return len(database.read(lambda connection: connection.execute(select(table)).all()))


def test_a_number_that_means_another_edit_is_refused_with_the_whole_batch(
    database: Database, team: str, anna: Actor
) -> None:
    send(database, anna, [an_edit(1)])
    before = stored(database, team)
    assert refused(database, anna, [an_edit(1, text="anders"), an_edit(2, "t2")]) == (422, "number_used_twice", 2)
    assert stored(database, team) == before


def test_a_gap_in_the_numbers_is_refused_and_told(database: Database, team: str, anna: Actor) -> None:
    send(database, anna, [an_edit(1)])
    assert refused(database, anna, [an_edit(3, "t3")]) == (409, "gap", 2)
    assert refused(database, anna, [an_edit(2, "t2"), an_edit(4, "t4")]) == (409, "gap", 3)
    assert stored(database, team).keys() == {"t1"}


def test_another_epoch_is_refused(database: Database, team: str, anna: Actor) -> None:
    assert refused(database, anna, [an_edit(1)], epoch="other") == (409, "epoch_changed", None)


def test_a_rejected_edit_delays_no_other(database: Database, team: str, anna: Actor) -> None:
    ops = [an_edit(1), make_op(2, "t1", "visit", None, {"school": "900001"}), an_edit(3, "t3")]
    assert [result.status for result in send(database, anna, ops)] == ["applied", "rejected", "applied"]
    assert send(database, anna, ops)[1].reason == "other_kind"
    assert stored(database, team).keys() == {"t1", "t3"}


def test_whoever_may_not_write_is_answered_edit_by_edit(database: Database, team: str, anna: Actor) -> None:
    overseer = make_actor(database, team, "overseer")
    ops = [an_edit(1), make_op(2, "d1", "deployment", None, {"adviser": "a1"})]
    results = send(database, overseer, ops)
    assert [(result.status, result.reason) for result in results] == [("rejected", "forbidden"), ("applied", "")]


def test_two_edits_of_one_field_leave_a_conflict_in_the_feed(database: Database, team: str, anna: Actor) -> None:
    bernd = make_actor(database, team)
    send(database, anna, [an_edit(1)])
    base = stored(database, team)["t1"]
    send(database, anna, [make_op(2, "t1", "task", base, {"text": "Von Anna"})])
    (result,) = send(database, bernd, [make_op(1, "t1", "task", base, {"text": "Von Bernd", "notes": "Neu"})])
    assert result.status == "conflict"
    (page,) = whole_feed(database, team)
    documents = {document["id"]: document for document in page.records}
    assert documents == stored(database, team)
    assert (documents["t1"]["text"], documents["t1"]["notes"]) == ("Von Anna", "Neu")
    (conflict,) = result.conflicts
    assert documents[conflict["id"]] == conflict


def test_what_fails_on_the_way_leaves_nothing_of_the_push(database: Database, team: str, anna: Actor) -> None:
    def cut_off(connection: Any) -> None:
        epoch = look_at_feed(connection, team).epoch
        Push(connection, anna, "2026-11-24T08:00:00+00:00", judge).take(epoch, [an_edit(1)])
        connection.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(Exception, match="nowhere"):
        database.write(cut_off)
    assert stored(database, team) == {}
    assert count_rows(database, receipt) == 0
    assert [result.status for result in send(database, anna, [an_edit(1)])] == ["applied"]


def test_teams_do_not_see_each_other(database: Database, team: str, anna: Actor) -> None:
    bonn = make_team(database, "Bonn")
    bernd = make_actor(database, bonn)
    send(database, anna, [an_edit(1, "same", text="Köln")])
    send(database, bernd, [an_edit(1, "same", text="Bonn")])
    assert [page_of(database, one).records[0]["text"] for one in (team, bonn)] == ["Köln", "Bonn"]
    base = stored(database, team)["same"]
    (result,) = send(database, bernd, [make_op(2, "same", "task", base, {"text": "Meins"})])
    assert (result.status, result.reason) == ("rejected", "unknown_base")
    assert stored(database, team)["same"]["text"] == "Köln"


def test_a_page_is_cut_by_bytes_and_the_next_goes_on_behind_it(database: Database, team: str, anna: Actor) -> None:
    send(database, anna, [an_edit(number, f"t{number:03}", text="x" * 300) for number in range(1, 250)])
    pages = whole_feed(database, team, most_bytes=20_000)
    ids = [document["id"] for page in pages for document in page.records]
    assert ids == sorted(ids)
    assert len(ids) == len(set(ids)) == 249
    assert len(pages) > 5
    assert [page.more for page in pages] == [*[True] * (len(pages) - 1), False]
    assert pages[0].total == 249
    assert all(page.total is None and page.check is None for page in pages[1:-1])
    assert pages[-1].check == check_of((document["id"], 1) for page in pages for document in page.records)


def test_a_record_larger_than_a_page_comes_alone(database: Database, team: str, anna: Actor) -> None:
    send(database, anna, [an_edit(number, f"t{number}", text="x" * 300) for number in range(1, 4)])
    assert [len(page.records) for page in whole_feed(database, team, most_bytes=1)] == [1, 1, 1]


def test_a_record_that_changes_is_in_the_feed_once_and_at_its_end(database: Database, team: str, anna: Actor) -> None:
    send(database, anna, [an_edit(1), an_edit(2, "t2")])
    behind = page_of(database, team).cursor
    send(database, anna, [make_op(3, "t1", "task", stored(database, team)["t1"], {"text": "neu"})])
    assert [document["id"] for document in page_of(database, team).records] == ["t2", "t1"]
    assert [document["id"] for document in page_of(database, team, behind).records] == ["t1"]


def test_a_cursor_from_the_future_is_refused(database: Database, team: str, anna: Actor) -> None:
    with pytest.raises(Refused) as caught:
        page_of(database, team, cursor_of("any", 1))
    assert (caught.value.status, caught.value.code) == (409, "cursor_ahead")


def test_a_page_is_of_one_moment_whatever_comes_in_while_it_is_read(database: Database, team: str, anna: Actor) -> None:
    send(database, anna, [an_edit(1), an_edit(2, "t2")])
    base = stored(database, team)["t1"]
    edits = [make_op(3, "t1", "task", base, {"text": "neu"}), an_edit(4, "t3")]

    def read(connection: Any) -> Page:
        feed = look_at_feed(connection, team)
        with ThreadPoolExecutor(1) as other:
            other.submit(send, database, anna, edits, feed.epoch).result()
        return PAGE.validate_json(read_page(connection, team, feed, 0))

    page = database.read(read)
    assert page.check == check_of((document["id"], document["rev"]) for document in page.records)
    assert [document["id"] for document in page_of(database, team, page.cursor).records] == ["t1", "t3"]


def follow_writers(database: Database, team: str, pushes: int) -> None:
    """Let eight devices write while one reads all the time; fails where the reader missed anything."""
    writers = [make_actor(database, team) for _number in range(WRITERS)]
    finished = threading.Event()

    def write(number: int) -> None:
        for push in range(pushes):
            first = push * EACH + 1
            send(database, writers[number], [an_edit(n, f"w{number}-{n}") for n in range(first, first + EACH)])

    def poll() -> tuple[dict[str, int], list[int]]:
        seen: dict[str, int] = {}
        cursor, positions, last_round = "", [0], False
        while True:
            page = page_of(database, team, cursor, most_bytes=2000)
            seen.update((document["id"], document["rev"]) for document in page.records)
            cursor = page.cursor
            positions.append(read_cursor(cursor)[1])
            if page.check is not None:
                assert page.check == check_of(seen.items()), "a page's end is a state that was"
                if last_round:
                    return seen, positions
                last_round = finished.is_set()

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        reader = pool.submit(poll)
        for done in [pool.submit(write, number) for number in range(WRITERS)]:
            done.result()
        finished.set()
        seen, positions = reader.result()
    assert seen == {key: document["rev"] for key, document in stored(database, team).items()}
    assert len(seen) == WRITERS * pushes * EACH
    assert positions == sorted(positions)


def test_of_eight_writers_a_polling_reader_misses_nothing(database: Database, team: str) -> None:
    follow_writers(database, team, PUSHES)


@pytest.mark.slow
def test_of_eight_writers_a_polling_reader_misses_nothing_for_long(database: Database, team: str) -> None:
    follow_writers(database, team, 100)


def test_many_who_edit_one_record_lose_no_word(database: Database, team: str) -> None:
    first = make_actor(database, team)
    send(database, first, [an_edit(1, notes="Anfang")])
    base = stored(database, team)["t1"]
    writers = [make_actor(database, team) for _number in range(6)]

    def write(number: int) -> None:
        send(database, writers[number], [make_op(1, "t1", "task", base, {"notes": f"Anfang wort{number}"})])

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    everything = orjson.dumps(stored(database, team))
    assert all(f"wort{number}".encode() in everything for number in range(6))


steps = st.lists(
    st.tuples(
        st.integers(0, 1), st.sampled_from(["t1", "t2", "t3"]), st.sampled_from(["text", "notes"]), st.integers(0, 9)
    ),
    max_size=12,
)


@given(steps=steps, most_bytes=st.sampled_from([1, 300, 10_000]))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whoever_follows_the_feed_has_what_the_server_has(
    database: Database, steps: list[tuple[int, str, str, int]], most_bytes: int
) -> None:
    name = f"Team {database.read(lambda connection: connection.execute(text('SELECT count(*) FROM team')).scalar())}"
    team = make_team(database, name)
    writers = [make_actor(database, team) for _number in range(2)]
    numbers = [0, 0]
    followed: dict[str, dict[str, Any]] = {}
    cursor = ""
    for who, key, field, value in steps:
        numbers[who] += 1
        base = followed.get(key)
        send(database, writers[who], [make_op(numbers[who], key, "task", base, {field: f"{value}"})])
        if value % 3 == 0:
            page = page_of(database, team, cursor, most_bytes=most_bytes)
            followed.update((document["id"], document) for document in page.records)
            cursor = page.cursor
    page = page_of(database, team, cursor, most_bytes=most_bytes)
    while True:
        followed.update((document["id"], document) for document in page.records)
        if not page.more:
            break
        page = page_of(database, team, page.cursor, most_bytes=most_bytes)
    assert followed == stored(database, team)
    assert page.check == check_of((key, document["rev"]) for key, document in followed.items())
