"""The schema: brings a database's tables to this version, one program at a time, and says where they stand."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import uuid4

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool

from models.errors import StoreNewer
from models.i18n import _
from sync.server.engines import parse_url, private, sqlite_engine
from sync.server.people import found_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection, Engine

State = Literal["missing", "older", "current", "newer"]

FOLDER: Final = Path(__file__).with_name("migrations")
LOCK: Final = Table("schema_lock", MetaData(), Column("id", Integer, primary_key=True, autoincrement=False))
"""One row that is taken while tables are made; not of the schema itself, as it must be there before."""
STATEMENTS: Final = "-c lock_timeout=300s"
"""Other starting servers wait for the one that is at it."""


def upgrade(url: str, *, revision: str = "head", folder: Path = FOLDER) -> None:
    """Bring a database to this version's tables; many programs may do so at once, and one does it.

    An SQLite file that has data is copied beside itself before. Raises `UsageError`, `StoreNewer` for one that a newer version
    wrote, and the errors of SQLAlchemy where the database is out of reach.
    """
    address = parse_url(url)
    script = _script(folder)
    with _engine(address) as engine:
        with engine.connect() as connection:
            before = _revision(connection)
        _raise_if_newer(script, before)
        if before == script.get_current_head():
            return
        if engine.dialect.name == "sqlite" and before is not None:
            _copy(Path(str(address.database)), f"before-{script.get_current_head()}-{uuid4().hex[:8]}")
        elif engine.dialect.name != "sqlite":
            _make_lock(engine)
        with engine.begin() as connection:
            _take_lock(connection)
            # Only now: another program may have done it meanwhile.
            _raise_if_newer(script, _revision(connection))
            _run(connection, script, revision)
            found_server(connection)


def state(url: str, *, folder: Path = FOLDER) -> State:
    """Return how a database's tables stand to this version; raises `UsageError`, and SQLAlchemy's errors."""
    with _engine(parse_url(url), make=False) as engine, engine.connect() as connection:
        return state_of(connection, folder=folder)


def state_of(connection: Connection, *, folder: Path = FOLDER) -> State:
    """Return how the tables that a connection sees stand to this version."""
    script = _script(folder)
    revision = _revision(connection)
    if revision is None:
        return "missing"
    if revision == script.get_current_head():
        return "current"
    return "older" if revision in _known(script) else "newer"


def revisions(*, folder: Path = FOLDER) -> list[str]:
    """Return all versions of the tables that there were, the oldest first."""
    return _known(_script(folder))


def _script(folder: Path) -> ScriptDirectory:
    return ScriptDirectory(folder, version_locations=[folder / "versions"])


def _known(script: ScriptDirectory) -> list[str]:
    return [one.revision for one in reversed(list(script.walk_revisions()))]


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _raise_if_newer(script: ScriptDirectory, revision: str | None) -> None:
    if revision is not None and revision not in _known(script):
        raise StoreNewer(
            _(
                "Die Datenbank gehört zu einer neueren Version des Servers. Nichts wurde verändert. Bitte Feldbuch "
                "aktualisieren."
            )
        )


def _run(connection: Connection, script: ScriptDirectory, target: str) -> None:
    def steps(revision: Any, _context: Any) -> list[MigrationStep]:
        wanted = script.iterate_revisions(target, revision, implicit_base=True)
        return [MigrationStep.upgrade_from_script(script.revision_map, one) for one in reversed(list(wanted))]

    # Batches, as SQLite changes a table by making a new one.
    options = {"fn": steps, "render_as_batch": True}
    context = MigrationContext.configure(connection, opts=options)
    with Operations.context(context):
        context.run_migrations()


@contextmanager
def _engine(address: URL, *, make: bool = True) -> Iterator[Engine]:
    if address.get_backend_name() == "sqlite":
        file = Path(str(address.database))
        if make:
            private(file)
        engine = sqlite_engine(address, "IMMEDIATE", 1) if make or file.exists() else create_engine("sqlite://")
    else:
        engine = create_engine(address, poolclass=NullPool, connect_args={"connect_timeout": 5, "options": STATEMENTS})
    try:
        yield engine
    finally:
        engine.dispose()


def _make_lock(engine: Engine) -> None:
    # Two who make it at once meet in the catalogue, where one of them fails; then it is there.
    with suppress(IntegrityError, ProgrammingError, OperationalError), engine.begin() as connection:
        LOCK.create(connection, checkfirst=True)
    with suppress(IntegrityError), engine.begin() as connection:
        if connection.execute(select(LOCK.c.id)).first() is None:
            connection.execute(insert(LOCK), {"id": 1})


def _take_lock(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        connection.execute(update(LOCK).values(id=1))


def _copy(file: Path, ending: str) -> None:
    """Copy a database that is to be changed to a file beside it, whole or not at all."""
    target = file.with_name(f"{file.name}.{ending}")
    begun = target.with_name(f".{target.name}")
    private(begun)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("VACUUM INTO ?", (str(begun),))
    with begun.open("rb+") as written:
        os.fsync(written.fileno())
    begun.replace(target)
