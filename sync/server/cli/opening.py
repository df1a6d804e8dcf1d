"""Opening: how a command comes to the server's database, beside a server that may be running."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from models.clock import SystemClock
from models.errors import NotFound, StoreError
from models.i18n import _
from sync.server.database import Database
from sync.server.folder import ServerFolder
from sync.server.schema import state

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLOCK = SystemClock()


@contextmanager
def opened(data: Path) -> Iterator[tuple[ServerFolder, Database]]:
    """Open the database of the server in `data`; raises `NotFound` where there is none, `StoreError` for old tables."""
    folder = ServerFolder(data)
    folder.secret()
    if folder.own_database and not folder.sqlite.exists():
        raise NotFound(_("In {folder} liegt noch keine Datenbank. Der erste Start legt sie an.").format(folder=data))
    require_current(folder)
    database = Database.open(folder.address(), clock=CLOCK)
    try:
        yield folder, database
    finally:
        database.close()


def require_current(folder: ServerFolder) -> None:
    """Raise `StoreError` where the tables are not those of this version."""
    found = state(folder.address())
    if found == "newer":
        raise StoreError(
            _("Eine neuere Version hat diese Datenbank geändert. Nichts wurde verändert. Bitte Feldbuch aktualisieren.")
        )
    if found != "current":
        raise StoreError(
            _(
                "Die Datenbank ist nicht auf dem Stand dieser Version. Nichts wurde verändert. Bitte erst {command}"
            ).format(command=f"feldbuch-server db upgrade --data {folder.path}")
        )
