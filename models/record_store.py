"""The store of the records: opened for writing where this program may write it, else for reading, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from models.errors import StoreError, StoreNewer
from models.i18n import _
from models.indexes import RECORDS
from models.rules.keys import RECORD_INDEXES
from models.safekeeping import back_up_store
from models.store import Change
from models.store.convert import convert
from models.store.keeper import JournalStore

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from models.migrations import Schema
    from models.store.codec import Codec
    from models.store.files import Files

BASES = "bases"
META = "meta"
NUMBER = "schema"
"""The document of `META` that says which schema the records have; without it the first one."""


class Opened(NamedTuple):
    """An open store, and why it can only be read; empty where it can be written."""

    store: JournalStore
    only_read: str = ""


def open_records(
    directory: Path, moment: datetime, schema: Schema, *, codec: Codec | None = None, files: Files | None = None
) -> Opened:
    """Open or begin the store in `directory`; raises a `StoreError`.

    One that a newer version wrote is opened to be read if that is possible. One of an older schema is backed up before it
    is written, and only read where that fails.
    """

    def opened(*, read_only: bool = False) -> JournalStore:
        return JournalStore(
            directory,
            codec=codec,
            indexes={RECORDS: schema.indexes(RECORD_INDEXES)},
            # Not the bases: these are what a server has, to the byte.
            upgrades={RECORDS: schema.upgraded} if schema.steps else {},
            files=files,
            read_only=read_only,
        )

    try:
        store = opened()
    except StoreNewer as error:
        if not error.readable:
            raise
        return Opened(opened(read_only=True), str(error))
    try:
        convert(store.journal)
        reason = _bring_up(store, directory, moment, schema)
    except BaseException:
        store.close()
        raise
    if not reason:
        return Opened(store)
    store.close()
    return Opened(opened(read_only=True), reason)


def _bring_up(store: JournalStore, directory: Path, moment: datetime, schema: Schema) -> str:
    """Note the schema that will be written from now on, after a backup; returns why nothing may be written, if so."""
    number = store.table(META).get(NUMBER, {}).get("number", 1)
    if not isinstance(number, int) or number > schema.number:
        return _(
            "Die Einträge in diesem Feldbuch wurden von einer neueren Version geschrieben, diese hier zeigt sie nur. "
            "Nichts ging verloren. Zum Schreiben bitte Feldbuch aktualisieren."
        )
    if number == schema.number:
        return ""
    try:
        if len(store.table(RECORDS)):
            back_up_store(store, directory, moment)
        store.commit([Change(META, NUMBER, {"number": schema.number})])
    except StoreError as error:
        return _(
            "Diese Version von Feldbuch sichert die Daten, bevor sie etwas daran ändert, und das ging nicht. Bis dahin "
            "zeigt sie alles nur. {error}"
        ).format(error=error)
    return ""
