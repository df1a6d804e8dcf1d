"""How the two databases are opened: one engine that reads and one that writes, with what each database needs to be safe."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from models.errors import UsageError
from models.i18n import _

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection

SQLITE_WAIT_MS = 20_000
"""How long a writer waits for one in another process, such as a command of the operator."""
READERS = 16
CONNECTIONS = 20
"""To PostgreSQL, for each process."""
POOL_WAIT = 10
"""Seconds until a request that gets no connection is answered."""

# A peer that vanished is noticed, and no request waits longer than a person would.
_POSTGRESQL = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "tcp_user_timeout": 15_000,
    "options": "-c lock_timeout=20s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s",
}


class Engines(NamedTuple):
    """Two doors to one database."""

    reader: Engine
    writer: Engine
    one_writer: bool

    def dispose(self) -> None:
        """Close all connections."""
        self.reader.dispose()
        self.writer.dispose()


def parse_url(text: str) -> URL:
    """Return a database's address with its driver; raises `UsageError` for what is neither of the two databases."""
    with suppress(ArgumentError):
        url = make_url(text)
        if url.drivername in {"sqlite", "sqlite+pysqlite"} and url.database and url.database != ":memory:":
            return url
        if url.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
            return url.set(drivername="postgresql+psycopg")
    raise UsageError(
        _(
            "Diese Adresse einer Datenbank ist nicht verwendbar. Möglich sind sqlite:///DATEI und "
            "postgresql+psycopg://NAME:KENNWORT@RECHNER/DATENBANK."
        )
    )


def engines_for(text: str) -> Engines:
    """Return the engines for an address; nothing is connected yet. Raises `UsageError`."""
    url = parse_url(text)
    if url.get_backend_name() == "sqlite":
        private(Path(str(url.database)))
        return Engines(sqlite_engine(url, "DEFERRED", READERS), sqlite_engine(url, "IMMEDIATE", 1), one_writer=True)
    engine = create_engine(
        url,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=POOL_WAIT,
        connect_args=_POSTGRESQL,
        isolation_level="READ COMMITTED",
    )
    # A page of the feed and the check of the whole must be of one state. Same pool, other transactions.
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Engines(reader, engine, one_writer=False)


def sqlite_engine(url: URL, begin: str, connections: int) -> Engine:
    """Return an engine whose transactions begin as said: "DEFERRED" to read, "IMMEDIATE" to write."""
    engine = create_engine(url, pool_size=connections, max_overflow=0, pool_timeout=POOL_WAIT)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        # Else the driver begins transactions when it thinks fit.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {SQLITE_WAIT_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -16000")
        if begin == "DEFERRED":
            connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {begin}")

    return engine


def private(file: Path) -> None:
    """Create the file for its owner alone, before SQLite would create it for everybody."""
    with suppress(FileExistsError, OSError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
