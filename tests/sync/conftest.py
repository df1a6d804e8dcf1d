"""The databases of the server's tests: each test gets an empty one of its own, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url

from sync.server.database import Database
from sync.server.schema import upgrade
from tests.sync.postgres import fresh_database, has_postgres, running_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.clock import FixedClock

# Where a machine has no PostgreSQL, the tests still say what they can; the machine that decides must have one.
DIALECTS = ("sqlite", "postgresql") if has_postgres() or os.environ.get("CI") else ("sqlite",)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a running cluster."""
    with running_postgres() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> Iterator[str]:
    """The name of a database with all tables, to copy."""
    with fresh_database(postgres) as url:
        upgrade(url)
        yield str(make_url(url).database)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, to copy."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    """Each of the two databases."""
    return str(request.param)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, dialect: str, tmp_path: Path) -> Iterator[str]:
    """The address of a database with all tables and nothing in them."""
    if dialect == "sqlite":
        file = tmp_path / "server.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    with fresh_database(request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")) as url:
        yield url


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, dialect: str, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any tables; of SQLite there is not even the file."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with fresh_database(request.getfixturevalue("postgres")) as url:
        yield url


@pytest.fixture
def database(database_url: str, clock: FixedClock) -> Iterator[Database]:
    """An open database with all tables and nothing in them."""
    database = Database.open(database_url, clock=clock)
    yield database
    database.close()
