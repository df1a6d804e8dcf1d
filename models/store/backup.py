"""Backups: all of a store in one file, in the format of its snapshots. A sealed one carries the key files of its store.

So the passphrase or the recovery code that opened the store opens the backup too, on any machine, and whether it is whole can
be told without either.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import orjson

from models.errors import ImportRefused, StoreError, StoreNewer
from models.i18n import _
from models.store.codec import PLAIN
from models.store.lines import FORMAT, Header, read_header
from models.store.recovery import Content, read_snapshot, snapshot_lines

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from models.store.codec import Codec
    from models.store.files import Files
    from models.store.storage import JournalStorage

BACKUP = "backup"
ENDING = ".jsonl"
_BY_HAND, _AUTOMATIC = "feldbuch-", "feldbuch-auto-"
_STAMP = "%Y-%m-%d-%H%M%S"
_NAME = re.compile(r"(feldbuch-(?:auto-)?)(\d{4}-\d\d-\d\d-\d{6})(?:-\d+)?\.jsonl")


class BackupHeader(Header):
    """A snapshot's header with the moment at which the backup was made and the text of the key files, empty where plain."""

    made: str
    keys: str


class Backup(NamedTuple):
    """A backup that was read as a whole and is sound."""

    header: BackupHeader
    content: Content


class BackupFile(NamedTuple):
    """A file that has the name of a backup; what is in it only reading tells."""

    name: str
    made: datetime
    automatic: bool


def stamp(moment: datetime) -> str:
    """Return a moment as it stands in the name of a file, in numbers."""
    return f"{moment:{_STAMP}}"


def listed(names: Iterable[str]) -> list[BackupFile]:
    """Return the backups among the names of a folder, the newest first; other names are passed over."""
    found: list[BackupFile] = []
    for name in names:
        match = _NAME.fullmatch(name)
        if match is None:
            continue
        try:
            made = datetime.strptime(match[2], _STAMP)  # noqa: DTZ007 - the wall clock of whoever made it
        except ValueError:
            continue
        found.append(BackupFile(name, made, match[1] == _AUTOMATIC))
    return sorted(found, key=lambda file: (file.made, file.name), reverse=True)


def is_due(files: Iterable[BackupFile], now: datetime, every: timedelta) -> bool:
    """Tell whether no automatic backup was made within `every` of `now`; one from a clock gone wrong holds none up."""
    wall = now.replace(tzinfo=None)
    return not any(file.automatic and abs(wall - file.made) < every for file in files)


def superfluous(files: Iterable[BackupFile], keep: int, newest: str) -> list[str]:
    """Return the names of the automatic backups beyond the last `keep`; the one just made is not among them."""
    others = [file.name for file in files if file.automatic and file.name != newest]
    return others[keep - 1 :]


def write_backup(journal: JournalStorage, folder: Path, moment: datetime, *, automatic: bool = False) -> Path:
    """Write a backup of all that is stored into `folder` and return its path; nothing there is overwritten.

    `moment` is local; the file's name gives it. Raises `StoreError`.
    """
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700)
        path = folder / _free_name(set(journal.files.names(folder)), moment, automatic=automatic)
        last, content = journal.state()
        header: BackupHeader = {
            **journal.header(BACKUP, 0, last),
            "made": moment.isoformat(timespec="seconds"),
            "keys": sealed_keys(journal),
        }
        journal.files.create(path, snapshot_lines(header, content, journal.codec))
    except OSError as error:
        raise StoreError(
            _(
                "Die Sicherung in {folder} ließ sich nicht schreiben ({reason}). Das Feldbuch selbst ist unversehrt. Bitte "
                "Platz und Schreibrechte prüfen oder einen anderen Ordner nehmen."
            ).format(folder=folder, reason=type(error).__name__ if error.errno is None else _reason(error))
        ) from error
    return path


def _reason(error: OSError) -> str:
    import errno  # noqa: PLC0415 - for the sentence only

    known = {
        errno.ENOSPC: _("der Datenträger ist voll"),
        errno.EDQUOT: _("der Datenträger ist voll"),
        errno.ENOENT: _("den Ordner gibt es nicht"),
        errno.ENOTDIR: _("das ist kein Ordner"),
        errno.EEXIST: _("das ist kein Ordner"),
        errno.EACCES: _("dort darf nicht geschrieben werden"),
        errno.EPERM: _("dort darf nicht geschrieben werden"),
        errno.EROFS: _("dort darf nicht geschrieben werden"),
    }
    return known.get(error.errno or 0) or _("Fehler {number} des Systems").format(number=error.errno)


def _free_name(there: set[str], moment: datetime, *, automatic: bool) -> str:
    stem = (_AUTOMATIC if automatic else _BY_HAND) + stamp(moment)
    name, number = stem + ENDING, 1
    while name in there:
        number += 1
        name = f"{stem}-{number}{ENDING}"
    return name


def sealed_keys(journal: JournalStorage) -> str:
    """Return the text of the key files that a backup carries, empty for a plain store; raises `KeysLost`."""
    if journal.codec.name == PLAIN:
        return ""
    from models.store.keyring import KeyRing  # noqa: PLC0415 - a plain store needs none

    return KeyRing.read(journal.folder, journal.files).text


def read_backup_header(path: Path, files: Files) -> BackupHeader:
    """Return what the first line of a backup says, readable without the key; raises `ImportRefused`, `StoreNewer`."""
    return _header(path, _bytes(path, files))[0]


def read_backup(path: Path, files: Files, codec: Codec) -> Backup:
    """Read a backup as a whole; raises `ImportRefused` where it is none or is damaged, `StoreNewer`, `WrongKey`."""
    data = _bytes(path, files)
    header, start = _header(path, data)
    try:
        content = read_snapshot(data, header, start, codec)
        if content is None:
            raise _damaged(path)
        for table in content.tables.values():
            for document in table.values():
                if not isinstance(orjson.loads(document), dict):
                    raise _damaged(path)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise _damaged(path) from error
    return Backup(header, content)


def _bytes(path: Path, files: Files) -> bytes:
    try:
        return files.read(path)
    except OSError as error:
        raise ImportRefused(
            _("Die Sicherung {path} lässt sich nicht lesen: {reason}. Nichts wurde verändert.").format(
                path=path,
                reason=_("diese Datei gibt es nicht") if isinstance(error, FileNotFoundError) else _reason(error),
            )
        ) from error


def _header(path: Path, data: bytes) -> tuple[BackupHeader, int]:
    found = read_header(data)
    if found is None or not _is_backup(found[0]):
        damaged = data.startswith(b"{") is False and b'"type":"backup"' in data[:4096]
        raise _damaged(path) if damaged else _foreign(path)
    if found[0]["reads"] > FORMAT:
        raise StoreNewer(
            _(
                "Die Sicherung {path} wurde von einer neueren Version geschrieben, die diese hier nicht lesen kann. Nichts "
                "wurde verändert. Bitte Feldbuch aktualisieren."
            ).format(path=path)
        )
    return found  # type: ignore[return-value]


def _is_backup(header: Header) -> bool:
    texts = ("type", "id", "codec", "indexes", "made", "keys")
    whole = isinstance(header.get("reads"), int) and all(isinstance(header.get(name), str) for name in texts)
    return whole and header["type"] == BACKUP and re.fullmatch("[0-9a-f]{32}", header["id"]) is not None


def _foreign(path: Path) -> ImportRefused:
    return ImportRefused(
        _(
            "{path} ist keine Sicherung, die Feldbuch geschrieben hat. Nichts wurde verändert. Sicherungen heißen "
            "feldbuch-DATUM.jsonl; die automatischen liegen im Ordner backups des Feldbuchs."
        ).format(path=path)
    )


def _damaged(path: Path) -> ImportRefused:
    return ImportRefused(
        _(
            "Die Sicherung {path} ist beschädigt oder unvollständig. Nichts wurde verändert. Bitte eine andere nehmen."
        ).format(path=path)
    )


def take_back(journal: JournalStorage, backup: Backup) -> None:
    """Put what a backup holds in the place of all documents, as one commit; raises `StoreError`."""
    content = backup.content
    if backup.header["indexes"] != journal.indexes.version:
        content.keys = {
            name: {key: journal.indexes.packed(name, orjson.loads(document)) for key, document in table.items()}
            for name, table in content.tables.items()
        }
    journal.replace(content)
