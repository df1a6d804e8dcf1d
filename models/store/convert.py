"""Conversion: a folder that still holds the two files of the earlier, simple storage becomes a journal, once.

The files are copied into `backups` before anything else happens; then one commit takes over all of them, with a mark that
says which files those were; then they go. A crash leaves a folder in which the next opening does what is missing.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

import orjson

from models.errors import StoreDamaged
from models.i18n import _
from models.store.codec import PLAIN
from models.store.files import TEMPORARY
from models.store.messages import store_error

if TYPE_CHECKING:
    from pathlib import Path

    from models.store.storage import JournalStorage

BACKUPS = "backups"
"""The folder beside a store's files that keeps copies of them."""

TABLES, PREVIOUS, DRAFTS = "feldbuch.json", "feldbuch.vorher.json", "drafts.json"
OLD = (TABLES, PREVIOUS, DRAFTS)
"""The files of the simple storage: all tables, the same before the last session, and what was being typed."""

MARK = ("meta", "converted")
"""Table and id of the document that names the files which were taken over, with their checksums."""


def is_copy(name: str) -> bool:
    """Tell whether a file in `backups` is a copy that a conversion made."""
    return any(re.fullmatch(re.escape(old).replace(r"\.", r"(-\d+)?\.", 1), name) for old in OLD)


class Converted(NamedTuple):
    """What a conversion did: how many documents it took over, and the names of files that nothing could be read from."""

    documents: int = 0
    unreadable: tuple[str, ...] = ()


def convert(journal: JournalStorage) -> Converted | None:
    """Take over the files of the simple storage, if there are any and the journal is empty; `None` where nothing was to do.

    Raises `StoreDamaged` where the tables cannot be read, and touches nothing; other `StoreError`s where the disk refuses.
    """
    try:
        names = journal.files.names(journal.folder)
        if journal.read_only or journal.codec.name != PLAIN or not {TABLES, DRAFTS} & set(names):
            return None
        old = {name: journal.files.read(journal.folder / name) for name in OLD if name in names}
        return _take_over(journal, old)
    except OSError as error:
        raise store_error(error, journal.folder) from error


def _take_over(journal: JournalStorage, old: dict[str, bytes]) -> Converted | None:
    sums = {name: zlib.crc32(content) for name, content in old.items()}
    table, key = MARK
    mark = orjson.loads(journal.table(table).get(key, b"{}"))
    done = None
    if not any(journal.content.tables.values()):
        tables, done = _read(journal.folder, old)
        for name, content in old.items():
            _keep(journal, name, content)
        tables.setdefault(table, {})[key] = sums
        journal.commit([journal.put(name, *entry) for name, documents in tables.items() for entry in documents.items()])
    elif any(mark.get(name) != value for name, value in sums.items()):
        # Another fieldbook's files, brought here later: they are nobody's to remove.
        return None
    for name in old:
        journal.files.remove(journal.folder / name)
        journal.files.remove(journal.folder / (name + TEMPORARY))
    journal.files.sync_dir(journal.folder)
    return done


def _read(folder: Path, old: dict[str, bytes]) -> tuple[dict[str, dict[str, Any]], Converted]:
    tables = _tables(old[TABLES]) if TABLES in old else {}
    if tables is None:
        raise _damaged(folder, previous=PREVIOUS in old)
    drafts = _tables(old[DRAFTS]) if DRAFTS in old else {}
    tables = {**tables, **(drafts or {})}
    count = sum(len(documents) for documents in tables.values())
    return tables, Converted(count, () if drafts is not None else (DRAFTS,))


def _tables(content: bytes) -> dict[str, dict[str, Any]] | None:
    """Return the tables of a file of the simple storage, `None` where it holds none."""
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return found if _holds_documents(found) else None


def _holds_documents(found: Any) -> TypeGuard[dict[str, dict[str, Any]]]:
    return isinstance(found, dict) and all(
        isinstance(table, dict) and all(isinstance(document, dict) for document in table.values())
        for table in found.values()
    )


def _damaged(folder: Path, *, previous: bool) -> StoreDamaged:
    what = _("Die Datei {name} im Ordner {folder} ist beschädigt und wurde nicht angerührt.")
    if previous:
        then = _(
            "Der Stand vor der letzten Sitzung liegt daneben in {previous}. Bitte beide sichern und {previous} in "
            "{name} umbenennen."
        )
    else:
        then = _("Bitte sie sichern und eine eigene Sicherung in {name} umbenennen.")
    return StoreDamaged(f"{what} {then}".format(name=TABLES, folder=folder, previous=PREVIOUS))


def _keep(journal: JournalStorage, name: str, content: bytes) -> None:
    """Copy a file into `backups`; what is there already stays as it is."""
    folder = journal.folder / BACKUPS
    if not folder.is_dir():
        folder.mkdir(mode=0o700)
        journal.files.sync_dir(journal.folder)
    stem, _dot, ending = name.partition(".")
    there = set(journal.files.names(folder))
    number = 1
    while (copy := name if number == 1 else f"{stem}-{number}.{ending}") in there:
        if journal.files.read(folder / copy) == content:
            return
        number += 1
    journal.files.create(folder / copy, [content])
