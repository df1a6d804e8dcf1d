"""The schema: whatever a database was, one step brings it to this version, whoever else is at it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    BigInteger,
    Boolean,
    Engine,
    Integer,
    MetaData,
    String,
    Text,
    create_engine,
    insert,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from models.errors import StoreNewer
from sync.server.access import SERVER
from sync.server.schema import FOLDER, LOCK, revisions, state, upgrade
from sync.server.tables import metadata, team_feed
from tests.sync.postgres import only_postgresql, only_sqlite

if TYPE_CHECKING:
    from pathlib import Path

OF_THE_TOOLS = {"alembic_version", LOCK.name}

NEXT = '''
"""One more."""

from alembic import op
from sqlalchemy import Column, String

revision = "9999"
down_revision = "{head}"


def upgrade():
    op.add_column("person", Column("mail", String(200), nullable=False, server_default=""))
    with op.batch_alter_table("person") as batch:
        batch.alter_column("mail", server_default=None)
    {more}
'''


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    engine = create_engine(url, poolclass=NullPool)
    yield engine
    engine.dispose()


def described(url: str) -> dict[str, Any]:
    """Return all that the database says about its tables."""
    with opened(url) as engine:
        seen = inspect(engine)
        return {
            name: (
                [
                    (column["name"], str(column["type"]), column["nullable"], column["default"])
                    for column in seen.get_columns(name)
                ],
                seen.get_pk_constraint(name)["constrained_columns"],
                sorted(
                    (str(index["name"]), index["column_names"], index["unique"]) for index in seen.get_indexes(name)
                ),
            )
            for name in seen.get_table_names()
            if name not in OF_THE_TOOLS
        }


def filled(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Put a row into each table as it is now, and return all rows."""
    with opened(url) as engine, engine.begin() as connection:
        tables = MetaData()
        tables.reflect(connection)
        for table in tables.sorted_tables:
            if table.name not in OF_THE_TOOLS:
                values = {column.name: a_value(column.type) for column in table.c}
                connection.execute(insert(table), values)
    return contents(url)


def a_value(kind: object) -> str | int | bool:
    match kind:
        case Boolean():
            return True
        case BigInteger() | Integer():
            return 7
        case String() | Text():
            return "ä\x1b%"
    raise AssertionError(kind)


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows, of the columns that the first version had."""
    with opened(url) as engine, engine.connect() as connection:
        tables = MetaData()
        tables.reflect(connection)
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in tables.sorted_tables
            if table.name not in OF_THE_TOOLS
        }


@pytest.fixture
def made_url(empty_url: str) -> str:
    """The address of a database with the tables of this version, which the test may change."""
    upgrade(empty_url)
    return empty_url


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The migrations of a later version."""
    return later_version(tmp_path / "newer")


def later_version(folder: Path, more: str = "") -> Path:
    shutil.copytree(FOLDER, folder)
    source = NEXT.format(head=revisions()[-1], more=more)
    (folder / "versions" / "v9999_next.py").write_text(source, encoding="utf-8")
    return folder


def test_the_migrations_make_the_tables_that_the_program_uses(empty_url: str) -> None:
    upgrade(empty_url)
    with opened(empty_url) as engine, engine.connect() as connection:
        options = {"include_name": lambda name, kind, _parents: kind != "table" or name not in OF_THE_TOOLS}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_a_database_has_no_tables_then_it_has_those_of_this_version(empty_url: str) -> None:
    assert state(empty_url) == "missing"
    upgrade(empty_url)
    assert state(empty_url) == "current"
    before = contents(empty_url)
    upgrade(empty_url)
    assert contents(empty_url) == before
    with opened(empty_url) as engine, engine.connect() as connection:
        assert connection.execute(select(team_feed.c.team_id)).scalars().all() == [SERVER]


@pytest.mark.parametrize("released", revisions())
def test_each_released_schema_with_data_becomes_this_one(empty_url: str, database_url: str, released: str) -> None:
    upgrade(empty_url, revision=released)
    before = filled(empty_url)
    upgrade(empty_url)
    assert state(empty_url) == "current"
    assert described(empty_url) == described(database_url)
    after = contents(empty_url)
    assert all(len(after[name]) >= len(rows) for name, rows in before.items() if name in after)


def test_a_later_version_keeps_what_was_there(made_url: str, newer: Path) -> None:
    before = filled(made_url)
    assert state(made_url, folder=newer) == "older"
    upgrade(made_url, folder=newer)
    assert state(made_url, folder=newer) == "current"
    after = contents(made_url)
    assert after.pop("person") == [(*row, "") for row in before.pop("person")]
    assert after == before


def test_what_a_newer_version_made_is_left_alone(made_url: str, newer: Path) -> None:
    upgrade(made_url, folder=newer)
    assert state(made_url) == "newer"
    before = described(made_url)
    with pytest.raises(StoreNewer, match="neueren Version"):
        upgrade(made_url)
    assert described(made_url) == before


def test_a_migration_that_fails_changes_nothing(made_url: str, tmp_path: Path) -> None:
    broken = later_version(tmp_path / "broken", more='op.execute("SELECT nothing FROM nowhere")')
    rows, tables = filled(made_url), described(made_url)
    with pytest.raises(DBAPIError):
        upgrade(made_url, folder=broken)
    assert (contents(made_url), described(made_url)) == (rows, tables)
    assert state(made_url) == "current"


@only_sqlite
def test_a_file_is_copied_before_its_tables_change(made_url: str, newer: Path, tmp_path: Path) -> None:
    before = filled(made_url)
    upgrade(made_url, folder=newer)
    (copy,) = tmp_path.glob("empty.db.before-9999-*")
    assert copy.stat().st_mode & 0o077 == 0
    assert contents(f"sqlite:///{copy}") == before
    assert state(f"sqlite:///{copy}") == "current"


@only_sqlite
def test_asking_how_a_file_stands_does_not_make_one(empty_url: str) -> None:
    assert state(empty_url) == "missing"
    with pytest.raises(FileNotFoundError):
        shutil.copy(str(make_url(empty_url).database), "nowhere")


def test_of_many_that_start_at_once_one_makes_the_tables(empty_url: str) -> None:
    with ThreadPoolExecutor(5) as workers:
        for done in [workers.submit(upgrade, empty_url) for _number in range(5)]:
            done.result()
    assert state(empty_url) == "current"
    assert len(contents(empty_url)["team_feed"]) == 1


@only_postgresql
def test_two_processes_that_change_the_tables_at_once_both_succeed(made_url: str, newer: Path) -> None:
    filled(made_url)
    code = (
        "import sys, pathlib; from sync.server.schema import upgrade; sys.stdin.readline();"
        "upgrade(sys.argv[1], folder=pathlib.Path(sys.argv[2]))"
    )
    workers = [
        subprocess.Popen([sys.executable, "-c", code, made_url, str(newer)], stdin=subprocess.PIPE, text=True)
        for _number in range(2)
    ]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.close()
    assert [worker.wait(timeout=60) for worker in workers] == [0, 0]
    assert state(made_url, folder=newer) == "current"
