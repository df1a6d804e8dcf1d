"""The database: work is done once and whole or not at all, and what goes wrong with it is told in two words."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from models.clock import SystemClock
from models.errors import UsageError
from sync.server.database import ATTEMPTS, Database
from sync.server.engines import Engines, engines_for, parse_url, sqlite_engine
from sync.server.refusal import Refused
from sync.server.tables import person, team_feed
from tests.sync.postgres import only_postgresql, only_sqlite

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

CLOCK = SystemClock()


def add(connection: Connection, key: str = "u1") -> None:
    connection.execute(insert(person), {"user_id": key, "name": "Anna", "created_at": ""})


def count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(person)).scalar_one())


def refusal(database: Database, work: Callable[[Connection], object] = count) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        database.write(work)
    return refused.value.status, refused.value.code


def test_what_was_written_is_there_for_everybody_before_write_returns(database: Database, database_url: str) -> None:
    database.write(add)
    other = create_engine(database_url)
    with other.connect() as connection:
        assert count(connection) == 1
    other.dispose()


def test_of_work_that_fails_nothing_stays(database: Database) -> None:
    def half(connection: Connection) -> None:
        add(connection)
        raise Refused(409, "gap")

    assert refusal(database, half) == (409, "gap")
    assert database.read(count) == 0


def test_a_read_sees_one_state_whatever_is_written_meanwhile(database: Database) -> None:
    def twice(connection: Connection) -> tuple[int, int]:
        before = count(connection)
        # Another thread: on SQLite a write waits for the one that writes, on PostgreSQL it takes another connection.
        with ThreadPoolExecutor(1) as other:
            other.submit(database.write, add).result()
        return before, count(connection)

    assert database.read(twice) == (0, 0)
    assert database.read(count) == 1


def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises((DBAPIError, Refused)):
        database.read(add)
    assert database.read(count) == 0


def test_a_write_inside_a_write_is_a_mistake_that_is_told_at_once(database: Database) -> None:
    with pytest.raises(RuntimeError):
        database.write(lambda _connection: database.write(add))


def test_no_increment_of_many_writers_is_lost(database: Database) -> None:
    def increment(connection: Connection) -> None:
        mine = team_feed.c.team_id == "server"
        connection.execute(update(team_feed).where(mine).values(seq=team_feed.c.seq + 1))

    with ThreadPoolExecutor(8) as writers:
        for done in [writers.submit(database.write, increment) for _number in range(80)]:
            done.result()
    assert database.read(lambda connection: connection.execute(select(team_feed.c.seq)).scalar_one()) == 80


@only_postgresql
def test_two_that_wait_for_each_other_both_get_through(database: Database) -> None:
    database.write(add)
    database.write(lambda connection: add(connection, "u2"))
    both_hold_one = threading.Barrier(2, timeout=20)

    def rename(first: str, second: str) -> None:
        tries = []

        def work(connection: Connection) -> None:
            tries.append(first)
            for key in (first, second):
                connection.execute(update(person).where(person.c.user_id == key).values(name=f"{first}{second}"))
                if key == first and len(tries) == 1:
                    both_hold_one.wait()

        database.write(work)

    with ThreadPoolExecutor(2) as writers:
        for done in (writers.submit(rename, "u1", "u2"), writers.submit(rename, "u2", "u1")):
            done.result()
    names = database.read(lambda connection: set(connection.execute(select(person.c.name)).scalars()))
    assert len(names) == 1


def raising(state: str, tries: list[str], times: int) -> Callable[[Connection], int]:
    def work(connection: Connection) -> int:
        tries.append(state)
        add(connection)
        if len(tries) <= times:
            connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'so' USING ERRCODE = '{state}'; END $$"))
        return count(connection)

    return work


@only_postgresql
@pytest.mark.parametrize(
    ("state", "code", "tries"),
    [
        ("40001", "busy", ATTEMPTS),
        ("40P01", "busy", ATTEMPTS),
        ("53100", "storage", 1),
        ("53300", "busy", 1),
        ("57014", "busy", 1),
        ("58030", "storage", 1),
    ],
)
def test_what_postgresql_says_of_itself_is_told_in_a_word(
    database: Database, state: str, code: str, tries: int
) -> None:
    tried: list[str] = []
    assert refusal(database, raising(state, tried, 99)) == (503, code)
    assert len(tried) == tries
    assert database.read(count) == 0


@only_postgresql
def test_a_transaction_that_postgresql_gave_up_is_done_again_whole(database: Database) -> None:
    tried: list[str] = []
    assert database.write(raising("40001", tried, 2)) == 1
    assert len(tried) == 3


def cut_connections(url: str) -> None:
    """End all connections to a database, as when it is started anew, and wait until they are gone."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with engine.connect() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid, 20000) {others}"))
    engine.dispose()


@only_postgresql
def test_after_a_restart_of_postgresql_the_next_request_is_served(database: Database, database_url: str) -> None:
    database.write(add)
    for again in (database.read, database.write):
        cut_connections(database_url)
        assert again(count) == 1


@only_postgresql
def test_a_commit_whose_end_nobody_saw_is_not_repeated(database: Database, database_url: str) -> None:
    times: list[int] = []

    def work(connection: Connection) -> None:
        times.append(1)
        add(connection)
        cut_connections(database_url)

    assert refusal(database, work) == (503, "busy")
    assert len(times) == 1
    assert database.read(count) == 0


def test_a_mistake_in_a_statement_is_no_matter_of_trying_again(database: Database) -> None:
    with pytest.raises(DBAPIError):
        database.write(lambda connection: connection.execute(text("SELECT nothing FROM nowhere")))


def test_a_rule_of_the_tables_that_is_broken_is_told_as_that(database: Database) -> None:
    database.write(add)
    with pytest.raises(DBAPIError):
        database.write(add)


@only_sqlite
def test_a_full_disk_takes_nothing_and_reading_goes_on(database_url: str) -> None:
    engines = engines_for(database_url)
    database = Database(engines, clock=CLOCK)
    with engines.writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    many = [{"user_id": f"u{number}", "name": "x" * 80, "created_at": ""} for number in range(2000)]
    assert refusal(database, lambda connection: connection.execute(insert(person), many)) == (503, "storage")
    assert database.read(count) == 0
    database.close()


def test_a_database_that_is_away_is_told_as_busy_or_as_storage(tmp_path: Path, dialect: str) -> None:
    url = {
        "sqlite": f"sqlite:///{tmp_path}/no/such/folder/server.db",
        "postgresql": f"postgresql+psycopg://nobody@/nothing?host={tmp_path}",
    }[dialect]
    database = Database.open(url, clock=CLOCK)
    expected = {"sqlite": (503, "storage"), "postgresql": (503, "busy")}[dialect]
    assert refusal(database) == expected
    with pytest.raises(Refused):
        database.read(count)
    database.close()


def test_a_file_that_is_no_database_is_told_as_storage(tmp_path: Path) -> None:
    file = tmp_path / "server.db"
    file.write_bytes(b"no database" * 500)
    database = Database.open(f"sqlite:///{file}", clock=CLOCK)
    assert refusal(database) == (503, "storage")
    database.close()


def test_where_all_connections_are_in_use_the_next_request_is_told_so(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    database = Database(Engines(engine, engine, one_writer=False), clock=CLOCK)
    with engine.connect(), pytest.raises(Refused) as refused:
        database.read(count)
    assert (refused.value.status, refused.value.code) == (503, "busy")
    database.close()


@only_sqlite
def test_a_server_that_is_far_behind_says_so_instead_of_queueing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_waiting", threading.BoundedSemaphore(2))
    held, done = threading.Event(), threading.Event()

    def hold(_connection: Connection) -> None:
        held.set()
        done.wait(20)

    with ThreadPoolExecutor(2) as writers:
        first = writers.submit(database.write, hold)
        held.wait(20)
        second = writers.submit(database.write, add)
        while database._waiting.acquire(blocking=False):
            database._waiting.release()
        assert refusal(database, add) == (503, "busy")
        done.set()
        first.result()
        second.result()
    assert database.read(count) == 1


@only_sqlite
def test_after_the_end_nothing_is_taken_any_more(database: Database) -> None:
    database.close()
    assert refusal(database, add) == (503, "busy")


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    engines_for(f"sqlite:///{tmp_path}/server.db").dispose()
    assert (tmp_path / "server.db").stat().st_mode & 0o077 == 0


def test_sqlite_waits_for_the_disk_with_each_commit(tmp_path: Path) -> None:
    engine = sqlite_engine(parse_url(f"sqlite:///{tmp_path}/server.db"), "IMMEDIATE", 1)
    with engine.connect() as connection:
        values = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("journal_mode", "synchronous")]
    assert values == ["wal", 2]
    engine.dispose()


@pytest.mark.parametrize("address", ["", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "kein Verweis", "sqlite:"])
def test_an_address_of_no_database_is_refused_in_german(address: str) -> None:
    with pytest.raises(UsageError, match="Datenbank"):
        parse_url(address)
