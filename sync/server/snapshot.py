"""Snapshots: all that a server has at one moment, as one SQLite file, whichever database it stands in; and back again.

So a backup of either database can be put into either, which is also how a server moves from SQLite to PostgreSQL.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, delete, event, insert, select, text
from sqlalchemy.pool import NullPool

from models.errors import StoreDamaged
from sync.check import check_of
from sync.server.folder import damaged_sentence
from sync.server.refusal import Refused
from sync.server.schema import upgrade
from sync.server.tables import metadata, record, team, team_feed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine, Table

ROWS = 500
"""Rows that are in memory at a time."""
BUSY_SECONDS = 30.0


def take_snapshot(address: str, source: Path, target: Path) -> None:
    """Write all that the database at `address` has into the new file `target`, while the server may go on.

    `source` is the file of an SQLite database. Raises `StoreDamaged` where it cannot be read as it was written.
    """
    if address.startswith("sqlite"):
        try:
            # The online backup begins anew at each commit of the server and might never end; this reads one state.
            with closing(sqlite3.connect(source, timeout=BUSY_SECONDS)) as connection:
                connection.execute("VACUUM INTO ?", (str(target),))
        except sqlite3.Error as error:
            raise _told(error, source, target) from error
        return
    upgrade(sqlite(target))
    with _reading(address) as there, _writing(sqlite(target)) as here:
        for table in metadata.sorted_tables:
            # New tables are not empty: a server has a row of its own.
            here.execute(delete(table))
            copy(table, there, here)


def _told(error: sqlite3.Error, source: Path, target: Path) -> Exception:
    """Return the error that says of one of SQLite what a person can do about it."""
    code = error.sqlite_errorcode & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreDamaged(damaged_sentence(source))
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Refused(503, "busy")
    # SQLite does not say more than that it could not write, unless the disk is full.
    number = errno.ENOSPC if code == sqlite3.SQLITE_FULL else errno.EIO
    return OSError(number, os.strerror(number), str(target))


def put_snapshot(source: Path, address: str) -> None:
    """Make what the file `source` has all that the PostgreSQL database at `address` has, in one transaction."""
    upgrade(address)
    with _reading(sqlite(source)) as here, _writing(address) as there:
        for table in metadata.sorted_tables:
            # Servers that still run wait, and go on with the new state.
            there.execute(text(f'LOCK TABLE "{table.name}" IN ACCESS EXCLUSIVE MODE'))
        for table in metadata.sorted_tables:
            there.execute(delete(table))
            copy(table, here, there)


def copy(table: Table, source: Connection, target: Connection) -> None:
    """Copy all rows of a table."""
    with source.execution_options(yield_per=ROWS).execute(select(table)) as rows:
        for part in rows.mappings().partitions():
            target.execute(insert(table), [dict(row) for row in part])


@contextmanager
def opened(path: Path) -> Iterator[Connection]:
    """Open a snapshot in one transaction that ends with the block."""
    with _writing(sqlite(path)) as connection:
        yield connection


@contextmanager
def _reading(address: str) -> Iterator[Connection]:
    """Open a connection that sees one moment, whatever others commit."""
    engine = _engine(address)
    level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    try:
        with engine.connect().execution_options(**level) as connection, connection.begin():
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _writing(address: str) -> Iterator[Connection]:
    engine = _engine(address)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _transactions_are_ours)
        event.listen(engine, "begin", _begin)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _engine(address: str) -> Engine:
    waiting = {} if address.startswith("sqlite") else {"connect_timeout": 5}
    return create_engine(address, poolclass=NullPool, connect_args=waiting)


def _transactions_are_ours(connection: Any, _record: Any) -> None:
    connection.isolation_level = None


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def sqlite(path: Path) -> str:
    """Return the address of an SQLite file."""
    return f"sqlite:///{path}"


def prove(path: Path) -> None:
    """Raise `StoreDamaged` where a snapshot's pages are not sound or a team does not have what its counter row says."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            sound = connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
    except sqlite3.DatabaseError as error:
        raise StoreDamaged(damaged_sentence(path)) from error
    if not sound:
        raise StoreDamaged(damaged_sentence(path))


def teams_of(connection: Connection, path: Path) -> list[dict[str, Any]]:
    """Return what a snapshot has of each team; raises `StoreDamaged` where that is not what its counter row says."""
    found: list[dict[str, Any]] = []
    rows = connection.execute(
        select(team.c.team_id, team.c.name, team_feed.c.epoch, team_feed.c.seq, team_feed.c.records, team_feed.c.folded)
        .join(team_feed, team_feed.c.team_id == team.c.team_id)
        .order_by(team.c.name, team.c.team_id)
    ).all()
    for row in rows:
        mine = select(record.c.record_id, record.c.rev).where(record.c.team_id == row.team_id)
        check = check_of((key, int(rev)) for key, rev in connection.execute(mine))
        if (check.count, check.xor) != (row.records, row.folded):
            raise StoreDamaged(damaged_sentence(path))
        found.append(
            {"team": row.team_id, "name": row.name, "epoch": row.epoch, "seq": row.seq, "records": check.count}
        )
    return found
