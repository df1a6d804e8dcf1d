"""The errors of Feldbuch.

FeldbuchError
├── InvalidRecord      a record's values break a rule; carries one problem per field
├── NotFound           no record has this id or key
├── StoreError         the fieldbook's files
│   ├── StoreLocked    another program holds the fieldbook
│   ├── StoreDamaged   a file cannot be read as it was written
│   ├── StoreReadOnly  the folder or the opened fieldbook cannot be written
│   ├── StoreFull      the disk is full
│   ├── StoreNewer     a newer version wrote the fieldbook
│   ├── WrongKey       a passphrase, a recovery code or a key does not open the fieldbook
│   └── KeysLost       the fieldbook is encrypted and none of its key files can be read
├── ImportRefused      a file that was to be brought in is not usable; nothing was applied
├── SyncFailed         the team's server could not be talked to as it should; everything waits here
│   └── RemovalsWait   it would take away much of what is here, and nobody agreed yet
└── UsageError         a command was called with something it cannot use
    └── NotConnected   the fieldbook is connected with no server

Each error carries one German text for the user: what happened, what is safe, what to do next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class FeldbuchError(Exception):
    """Root of all errors that Feldbuch raises on purpose; `str(error)` is the German sentence for the user."""


class InvalidRecord(FeldbuchError):
    """A record's values break a rule; `problems` maps a field's name to its German message."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(self.problems.values()))


class NotFound(FeldbuchError):
    """No record has this id or key."""


class StoreError(FeldbuchError):
    """The fieldbook's files cannot be used as asked."""


class StoreLocked(StoreError):
    """Another program holds the fieldbook."""


class StoreDamaged(StoreError):
    """A file of the fieldbook cannot be read as it was written."""


class StoreReadOnly(StoreError):
    """The folder, or the fieldbook as it was opened, cannot be written."""


class StoreFull(StoreError):
    """The disk is full; the save did not happen and earlier saves are untouched."""


class StoreNewer(StoreError):
    """A newer version wrote the fieldbook; `readable` says that this one can still read it."""

    def __init__(self, message: str, *, readable: bool = False) -> None:
        self.readable = readable
        super().__init__(message)


class WrongKey(StoreError):
    """A passphrase, a recovery code or a key does not open the fieldbook; its files are untouched."""


class KeysLost(StoreError):
    """The fieldbook is encrypted and none of its key files can be read."""


class ImportRefused(FeldbuchError):
    """A file that was to be brought in is not usable; nothing of it was applied."""


class SyncFailed(FeldbuchError):
    """The team's server could not be talked to as it should; `code` says why. What is not transferred yet waits here."""

    def __init__(self, message: str, code: str) -> None:
        self.code = code
        super().__init__(message)


class RemovalsWait(SyncFailed):
    """The server would take away at least `count` of the `held` records here; the sync stopped before it were so many."""

    def __init__(self, message: str, count: int, held: int) -> None:
        self.count = count
        self.held = held
        super().__init__(message, "would_remove")


class UsageError(FeldbuchError):
    """A command was called with something that it cannot use."""


class NotConnected(UsageError):
    """The fieldbook is connected with no server."""
