"""Restoring: a backup takes the place of a fieldbook, whatever state that is in; what was there is kept beside it."""

from __future__ import annotations

from collections import Counter
from contextlib import closing, suppress
from typing import TYPE_CHECKING, NamedTuple

import orjson

from models.errors import KeysLost, StoreDamaged, WrongKey
from models.indexes import RECORDS
from models.protection import Protection
from models.rules.keys import RECORD_INDEXES
from models.store.backup import read_backup, read_backup_header, stamp, take_back, write_backup
from models.store.codec import PLAIN, PlainCodec, SealedCodec
from models.store.convert import BACKUPS, convert
from models.store.files import Files
from models.store.key_files import NAMES
from models.store.lock import FolderLock
from models.store.messages import store_error
from models.store.opening import JOURNAL, SNAPSHOT, generations
from models.store.saved_indexes import INDEX
from models.store.sealing import ASIDE
from models.store.snapshots import TORN
from models.store.storage import JournalStorage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from models.store.backup import Backup
    from models.store.codec import Codec
    from models.store.keyring import KeyRing


class BackupKeys(Protection):
    """The keys that a sealed backup carries, unlocked like those of a fieldbook."""

    def __init__(self, protection: Protection, text: str) -> None:
        """Unlock the key files in `text`, with the keyring of the system that `protection` asks."""
        super().__init__(protection.folder, secrets=protection.secrets)
        self._text = text

    @property
    def encrypted(self) -> bool:
        """Whether a key is needed: always."""
        return True

    def codec(self) -> Codec:
        """Return what the backup is read with; raises `WrongKey` where it is locked."""
        return SealedCodec(self.ring().key)

    def ring(self) -> KeyRing:
        """Return the unlocked keys; raises `WrongKey`."""
        return self._unlocked()

    def _read(self) -> KeyRing:
        from models.store.keyring import KeyRing  # noqa: PLC0415 - a plain backup needs none

        return KeyRing.of_text(self.folder, self._text)


class Restored(NamedTuple):
    """What restoring left of the state before: a backup of it, or the folder with its damaged files; `None` if there was none."""

    kept: Path | None
    damaged: bool = False


def keys_of(path: Path, protection: Protection, files: Files | None = None) -> BackupKeys | None:
    """Return the keys that a sealed backup carries, `None` for a plain one; raises `ImportRefused`, `StoreNewer`."""
    header = read_backup_header(path, files or Files())
    return None if header["codec"] == PLAIN else BackupKeys(protection, header["keys"])


def opened(path: Path, codec: Codec | None = None, files: Files | None = None) -> Backup:
    """Return a backup that was read as a whole; raises `ImportRefused`, `StoreNewer`, `WrongKey`."""
    return read_backup(path, files or Files(), codec or PlainCodec())


def held(tables: Mapping[str, Mapping[str, bytes]]) -> dict[str, int]:
    """Return kind → number of records that are not deleted."""
    documents = map(orjson.loads, tables.get(RECORDS, {}).values())
    return dict(sorted(Counter(str(one.get("kind", "")) for one in documents if not one.get("deleted_at")).items()))


def restore(
    protection: Protection,
    backup: Backup,
    keys: BackupKeys | None,
    moment: datetime,
    files: Files | None = None,
) -> Restored:
    """Put a backup in the place of the fieldbook that `protection` looks after; raises a `StoreError`.

    The state before is backed up first; where it cannot be read, its files are put aside. A fieldbook that is encrypted
    stays so with its own keys; one that is not takes those of a sealed backup.
    """
    folder, files = protection.folder, files or Files()
    aside = put_aside(folder, files, moment, keys_too=True) if keys_are_lost(protection) else None
    codec = _codec_for(protection, keys)
    try:
        journal = _open(folder, codec, files)
    except (StoreDamaged, KeysLost, WrongKey):
        aside = put_aside(folder, files, moment, keys_too=False)
        journal = _open(folder, codec, files)
    with closing(journal):
        with suppress(StoreDamaged):
            # Else the files of the simple storage would stay beside the records for ever.
            convert(journal)
        kept = write_backup(journal, folder / BACKUPS, moment) if any(journal.content.tables.values()) else None
        take_back(journal, backup)
    return Restored(aside or kept, damaged=aside is not None)


def keys_are_lost(protection: Protection) -> bool:
    """Tell whether a fieldbook has key files and none of them can be read."""
    if not protection.encrypted:
        return False
    try:
        return not protection.ways
    except KeysLost:
        return True


def _codec_for(protection: Protection, keys: BackupKeys | None) -> Codec:
    if protection.encrypted or keys is None:
        return protection.codec()
    # What was sealed does not become readable by being restored.
    protection.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys.ring().write()
    return keys.codec()


def _open(folder: Path, codec: Codec, files: Files) -> JournalStorage:
    return JournalStorage(folder, codec=codec, indexes={RECORDS: RECORD_INDEXES}, files=files)


def _store_files(names: Iterable[str]) -> list[str]:
    """Return the names of a store's files and of the bytes that it kept; the indexes come last, they say nothing new."""
    names = list(names)
    kinds = [generations(names, kind).values() for kind in (SNAPSHOT, JOURNAL, INDEX)]
    return [*(name for kind in kinds for name in kind), *(name for name in names if name.endswith(TORN))]


def put_aside(folder: Path, files: Files, moment: datetime, *, keys_too: bool) -> Path:
    """Move the files of a store that cannot be read into a folder of their own below `backups`, and return that.

    Raises `StoreLocked` and `StoreError`; a crash on the way leaves every file in one of the two places.
    """
    aside = folder / BACKUPS / f"{ASIDE}{stamp(moment)}"
    lock = FolderLock(folder)
    try:
        aside.mkdir(parents=True, exist_ok=True, mode=0o700)
        names = files.names(folder)
        for name in [*_store_files(names), *(name for name in NAMES if name in names)]:
            if name not in NAMES or keys_too:
                files.replace(folder / name, aside / name)
            else:
                # The files put aside can be read with them only; those that are put in their place, too.
                files.create(aside / name, [files.read(folder / name)])
        files.sync_dir(aside)
        files.sync_dir(folder)
    except OSError as error:
        raise store_error(error, folder) from error
    finally:
        lock.release()
    return aside
