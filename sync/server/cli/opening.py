"""Opening: how a command comes to the server's database, beside a server that may be running."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from models.clock import SystemClock
from sync.server.database import Database
from sync.server.folder import ServerFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLOCK = SystemClock()


@contextmanager
def opened(data: Path) -> Iterator[tuple[ServerFolder, Database]]:
    """Open the database of the server in `data`; raises `NotFound`, `StoreError` for other tables."""
    folder = ServerFolder(data)
    folder.secret()
    folder.require_current()
    database = Database.open(folder.address(), clock=CLOCK)
    try:
        yield folder, database
    finally:
        database.close()
