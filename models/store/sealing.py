"""Sealing: once a store is encrypted, what was copied out of it before must not stay readable in its own folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import ImportRefused, StoreNewer
from models.store.backup import BACKUP, listed, read_backup, sealed_keys
from models.store.codec import PLAIN, PlainCodec
from models.store.convert import BACKUPS, is_copy
from models.store.files import TEMPORARY
from models.store.lines import read_header
from models.store.messages import store_error
from models.store.recovery import snapshot_lines

if TYPE_CHECKING:
    from pathlib import Path

    from models.store.storage import JournalStorage

ASIDE = "beschaedigt-"
"""How the folders begin whose damaged files were put aside."""


def seal_copies(journal: JournalStorage) -> None:
    """Seal the readable backups in a store's own folder, and remove what else of its content is readable there.

    Files that the store did not make are left alone. Raises `StoreError`; the next opening then does the rest.
    """
    folder, files = journal.folder / BACKUPS, journal.files
    try:
        names = files.names(folder)
        backups = {file.name for file in listed(names)}
        changed = False
        for name in names:
            path = folder / name
            if name in backups:
                changed |= _seal(journal, path)
            elif is_copy(name.removesuffix(TEMPORARY)) or listed([name.removesuffix(TEMPORARY)]):
                files.remove(path)
                changed = True
            elif name.startswith(ASIDE) and path.is_dir():
                changed |= _remove_readable(journal, path)
        if changed:
            files.sync_dir(folder)
    except OSError as error:
        raise store_error(error, journal.folder) from error


def _is_plain(head: bytes) -> bool:
    found = read_header(head)
    return found is None or found[0].get("codec") == PLAIN


def _seal(journal: JournalStorage, path: Path) -> bool:
    """Put a sealed backup in the place of a readable one; one that is damaged goes, as nothing can be restored from it."""
    if not _is_plain(journal.files.head(path)):
        return False
    try:
        backup = read_backup(path, journal.files, PlainCodec())
    except StoreNewer:
        return False
    except ImportRefused:
        journal.files.remove(path)
        return True
    header = {**backup.header, **journal.header(BACKUP, 0, backup.header["first"]), "indexes": backup.header["indexes"]}
    header["keys"] = sealed_keys(journal)
    journal.files.create(path, snapshot_lines(header, backup.content, journal.codec))  # type: ignore[arg-type]
    return True


def _remove_readable(journal: JournalStorage, folder: Path) -> bool:
    changed = False
    for name in journal.files.names(folder):
        if name.endswith((".jsonl", ".torn")) and _is_plain(journal.files.head(folder / name)):
            journal.files.remove(folder / name)
            changed = True
    return changed
