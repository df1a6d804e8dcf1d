"""The databases of the server's tests: each test gets an empty one of its own, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, create_engine

from sync.server.database import Database
from sync.server.schema import upgrade
from tests.sync.postgres import DIALECTS, empty_tables, fresh_database, running_postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from models.clock import FixedClock
    from sync.server.limits import Limits
    from tests.sync.served import Served


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a running cluster."""
    with running_postgres() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_database(postgres: str) -> Iterator[Engine]:
    """A database with all tables, which one test after the other uses."""
    with fresh_database(postgres) as url:
        upgrade(url)
        engine = create_engine(url, pool_pre_ping=True, connect_args={"options": "-c lock_timeout=20s"})
        yield engine
        engine.dispose()


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
def database_url(request: pytest.FixtureRequest, dialect: str, tmp_path: Path) -> str:
    """The address of a database with all tables and nothing in them."""
    if dialect == "sqlite":
        file = tmp_path / "server.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        return f"sqlite:///{file}"
    engine: Engine = request.getfixturevalue("postgres_database")
    empty_tables(engine)
    return engine.url.render_as_string(hide_password=False)


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


@pytest.fixture
def serve(database: Database) -> Iterator[Callable[[Limits], Served]]:
    """Makes a server with two teams within given limits; asked over HTTP."""
    # Only these tests need the web framework, which takes its time to load.
    from tests.sync.served import Served

    made: list[Served] = []

    def make(limits: Limits) -> Served:
        made.append(Served(database, limits))
        return made[-1]

    yield make
    for served in made:
        served.close()


@pytest.fixture
def served(serve: Callable[[Limits], Served]) -> Served:
    """A server with two teams, asked over HTTP."""
    from sync.server.limits import Limits

    return serve(Limits())
