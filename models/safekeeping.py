"""Safekeeping: the backups that a fieldbook makes of itself, each week and before anything that changes all of it."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from models.errors import StoreError
from models.i18n import _
from models.store.backup import is_due, listed, superfluous
from models.store.convert import BACKUPS
from models.store.files import Files

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from models.fieldbook import Fieldbook
    from models.store import Store

EVERY = timedelta(days=7)
KEPT = 5

TOLD = "backups"
"""The document that remembers that somebody was told of a backup that could not be made."""


def back_up(fieldbook: Fieldbook, directory: Path, files: Files | None = None) -> Path:
    """Make an automatic backup beside the fieldbook's files, keep the last five, return its path; raises `StoreError`.

    What changes all data calls it before, as the first sync.
    """
    return _keep_last(fieldbook.back_up(directory / BACKUPS, automatic=True), files or Files())


def back_up_store(store: Store, directory: Path, moment: datetime, files: Files | None = None) -> Path:
    """Do the same for a store that no fieldbook stands on yet; `moment` is local."""
    return _keep_last(store.back_up(directory / BACKUPS, moment, automatic=True), files or Files())


def _keep_last(path: Path, files: Files) -> Path:
    with suppress(OSError):
        # One that cannot be removed now goes the next time.
        for name in superfluous(listed(files.names(path.parent)), KEPT, path.name):
            files.remove(path.parent / name)
    return path


def back_up_weekly(
    fieldbook: Fieldbook, directory: Path, tell: Callable[[str], None], files: Files | None = None
) -> None:
    """Back up where the last automatic backup is a week old and there is something to keep; a failure is told once."""
    if fieldbook.only_read:
        return
    files = files or Files()
    now = fieldbook.clock.local(fieldbook.clock.now())
    told = bool(fieldbook.meta(TOLD))
    try:
        try:
            due = is_due(listed(files.names(directory / BACKUPS)), now, EVERY)
        except OSError:
            due = True
        if not due or not fieldbook.counts():
            return
        back_up(fieldbook, directory, files)
        if told:
            fieldbook.set_meta(TOLD, {})
    except StoreError as error:
        if not told:
            tell(_("Die wöchentliche Sicherung ging nicht: {error}").format(error=error))
            with suppress(StoreError):
                fieldbook.set_meta(TOLD, {"failed_at": now.isoformat(timespec="seconds")})
