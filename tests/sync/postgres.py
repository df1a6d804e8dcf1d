"""A PostgreSQL of the tests' own: on a socket in a folder that goes with it, never on a network, never somebody else's."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, delete, make_url
from sqlalchemy.pool import NullPool

from sync.server.people import found_server
from sync.server.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

OWNER = "postgres"
"""PostgreSQL refuses to run as root; then it runs as this user."""

QUICK = ("fsync=off", "full_page_writes=off")
"""For tests in which no machine loses power."""
SETTINGS = (
    "listen_addresses=",
    "max_connections=100",
    "shared_buffers=32MB",
    "max_locks_per_transaction=64",
    "jit=off",
)


def find_program(name: str) -> str | None:
    """Return the path of one of PostgreSQL's programs; Debian keeps them beside the search path."""
    found = shutil.which(name)
    if found:
        return found
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(installed[-1]) if installed else None


def has_postgres() -> bool:
    """Tell whether this machine can start one."""
    return find_program("initdb") is not None and find_program("pg_ctl") is not None


# Where a machine has no PostgreSQL, the tests still say what they can; the machine that decides must have one.
DIALECTS = ("sqlite", "postgresql") if has_postgres() or os.environ.get("CI") else ("sqlite",)
only_sqlite = pytest.mark.parametrize("dialect", DIALECTS[:1], indirect=True)
only_postgresql = pytest.mark.parametrize("dialect", DIALECTS[1:], indirect=True)


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[str]:
    """Start a cluster and return the address of its first database; `durable` waits for the disk, as in production."""
    folder = Path(tempfile.mkdtemp(prefix="feldbuch-pg-"))
    data = folder / "data"
    settings = [*SETTINGS, f"unix_socket_directories={folder}", *(() if durable else QUICK)]
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, OWNER)
        _run(folder, "initdb", "-D", data, "-U", OWNER, "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
        options = " ".join(f"-c {setting}" for setting in settings)
        _run(folder, "pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "-w", "-t", "60", "start")
        try:
            yield f"postgresql+psycopg://{OWNER}@/postgres?host={folder}"
        finally:
            _run(folder, "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, name: str, *words: object) -> None:
    program = find_program(name)
    assert program is not None, f"{name} of PostgreSQL is not on this machine"
    user = {"user": OWNER, "group": OWNER, "extra_groups": []} if os.geteuid() == 0 else {}
    # Into a file: the server keeps what it inherits, so that the end of a pipe would never come.
    with (folder / f"{name}.out").open("ab") as out:
        ended = subprocess.run(  # type: ignore[call-overload]
            [program, *map(str, words)],
            check=False,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            **user,
        )
    assert ended.returncode == 0, (folder / f"{name}.out").read_text(encoding="utf-8", errors="replace")


@contextmanager
def fresh_database(cluster: str) -> Iterator[str]:
    """Make a database in a running cluster and return its address; it goes with the block, whoever still uses it."""
    name = f"t{uuid4().hex}"
    _sql(cluster, f"CREATE DATABASE {name}")
    try:
        yield make_url(cluster).set(database=name).render_as_string(hide_password=False)
    finally:
        _sql(cluster, f"DROP DATABASE {name} WITH (FORCE)")


def empty_tables(engine: Engine) -> None:
    """Make a database as it was when its tables were made, whoever still uses it: far quicker than another database."""
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        for table in metadata.sorted_tables:
            connection.execute(delete(table))
        found_server(connection)


def _sql(cluster: str, statement: str) -> None:
    engine = create_engine(cluster, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
