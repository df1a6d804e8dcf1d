"""What an error of a database means for whoever asked: try again, wait, or call the operator."""

from __future__ import annotations

import sqlite3
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError


class Fault(Enum):
    """A state of the database that a statement cannot help."""

    AGAIN = "again"
    """Two transactions met and this one was undone: the same work may be done at once."""
    AWAY = "away"
    """Out of reach, or too busy to answer in time."""
    STORAGE = "storage"
    """Its disk is full, fails or cannot be written."""


_SQLITE = {
    sqlite3.SQLITE_BUSY: Fault.AWAY,
    sqlite3.SQLITE_LOCKED: Fault.AWAY,
    sqlite3.SQLITE_READONLY: Fault.STORAGE,
    sqlite3.SQLITE_IOERR: Fault.STORAGE,
    sqlite3.SQLITE_CORRUPT: Fault.STORAGE,
    sqlite3.SQLITE_FULL: Fault.STORAGE,
    sqlite3.SQLITE_CANTOPEN: Fault.STORAGE,
    sqlite3.SQLITE_NOTADB: Fault.STORAGE,
}

_SQLSTATES = {
    "40001": Fault.AGAIN,  # serialization failure
    "40P01": Fault.AGAIN,  # deadlock
    "55P03": Fault.AWAY,  # a lock was not to be had in time
    "57014": Fault.AWAY,  # a statement took too long
    "53100": Fault.STORAGE,  # disk full
    "25006": Fault.STORAGE,  # a copy that only reads
}
_CLASSES = {"08": Fault.AWAY, "53": Fault.AWAY, "57": Fault.AWAY, "58": Fault.STORAGE}
"""SQLSTATE classes: connection, resources, intervention by the operator, system errors."""


def fault_of(error: DBAPIError) -> Fault | None:
    """Return what an error means, `None` where the statement itself is at fault."""
    original = error.orig
    if isinstance(original, sqlite3.Error):
        # The lowest byte is the kind of error, the others say more about it.
        code = getattr(original, "sqlite_errorcode", None)
        return None if code is None else _SQLITE.get(code & 0xFF)
    state = str(getattr(original, "sqlstate", None) or "")
    if state:
        return _SQLSTATES.get(state) or _CLASSES.get(state[:2])
    return Fault.AWAY if error.connection_invalidated or type(original).__name__ == "OperationalError" else None
