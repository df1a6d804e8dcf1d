"""Backups of the server: one file with its database, its secret and a manifest; complete and proved, or not there.

The secret belongs to it: without it no device of the team would come in again. So whoever has a backup has everything.
"""

from __future__ import annotations

import errno
import hashlib
import os
import zlib
from contextlib import contextmanager
from lzma import LZMAError
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, NamedTuple
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import ImportRefused, UsageError
from models.i18n import _
from models.store.backup import stamp
from sync.server.engines import private
from sync.server.folder import BEGUN, DATABASE, SECRET, SECRET_BYTES, sync_folder
from sync.server.snapshot import opened, prove, take_snapshot, teams_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sync.server.folder import ServerFolder

FORMAT = 1
MANIFEST = "manifest.json"
ENDING = ".zip"
_CHUNK = 1 << 20
_NOT_OURS = (BadZipFile, KeyError, ValidationError, zlib.error, LZMAError, EOFError, RuntimeError)
"""What reading a file raises that is no zip, is cut, lacks a part, or has one that is packed or encrypted as ours never are."""


class TeamInBackup(BaseModel):
    """What a backup has of a team."""

    model_config = ConfigDict(strict=True)

    team: str
    name: str
    epoch: str
    seq: int
    records: int


class Manifest(BaseModel):
    """What is in a backup, and by what it is known to be whole."""

    model_config = ConfigDict(strict=True)

    format: Annotated[int, Field(ge=1)]
    made: str
    database: str
    sha256: str
    bytes: int
    teams: list[TeamInBackup]

    @property
    def records(self) -> int:
        """The number of all teams' records."""
        return sum(team.records for team in self.teams)


class Unpacked(NamedTuple):
    """A backup that was read as a whole and is sound: its manifest, its secret, and its database in a file of its own."""

    manifest: Manifest
    secret: bytes
    database: Path


def back_up(folder: ServerFolder, file: Path, moment: datetime) -> tuple[Path, Manifest]:
    """Write a backup to `file`, or into it where it is a folder, and return its path; nothing is overwritten.

    The server may go on meanwhile. `moment` is local; the file's name in a folder gives it. Raises `UsageError` for a file
    that is there, `StoreError` for a database that is not sound or of another version, `OSError`.
    """
    secret = folder.secret()
    if file.is_dir():
        file = _free(file, f"feldbuch-server-{stamp(moment)}")
    elif file.exists():
        raise UsageError(_("{file} gibt es schon. Nichts wurde überschrieben.").format(file=file))
    folder.require_current()
    with TemporaryDirectory(prefix=".feldbuch-backup-", dir=file.parent) as place:
        database = Path(place) / DATABASE
        take_snapshot(folder.address(), folder.sqlite, database)
        prove(database)
        with opened(database) as connection:
            teams = teams_of(connection, database)
        manifest = Manifest(
            format=FORMAT,
            made=moment.isoformat(timespec="seconds"),
            database="sqlite" if folder.own_database else "postgresql",
            sha256=_digest(database),
            bytes=database.stat().st_size,
            teams=[TeamInBackup(**team) for team in teams],
        )
        begun = Path(place) / "backup"
        _pack(begun, manifest, secret, database)
        os.link(begun, file)
    sync_folder(file.parent)
    return file, manifest


def _pack(target: Path, manifest: Manifest, secret: bytes, database: Path) -> None:
    private(target)
    with target.open("r+b") as file:
        with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=3) as pack:
            pack.writestr(MANIFEST, manifest.model_dump_json(indent=2))
            pack.writestr(SECRET, secret)
            pack.write(database, DATABASE)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def unpacked(file: Path, place: Path) -> Iterator[Unpacked]:
    """Read a backup as a whole into a folder below `place`, which goes with the block; raises `ImportRefused`."""
    with TemporaryDirectory(prefix=BEGUN, dir=place) as inside:
        database = Path(inside) / DATABASE
        try:
            with ZipFile(file) as pack:
                manifest = Manifest.model_validate_json(pack.read(MANIFEST))
                if manifest.format > FORMAT:
                    raise ImportRefused(_newer(file))
                secret = pack.read(SECRET)
                _extract(pack, database, manifest.bytes)
        except _NOT_OURS as error:
            raise ImportRefused(_not_whole(file)) from error
        except OSError as error:
            # A damaged zip sends its reader before its beginning, or to another unpacker; any other number is the system's.
            if error.errno not in (None, errno.EINVAL):
                raise
            raise ImportRefused(_not_whole(file)) from error
        if _digest(database) != manifest.sha256 or len(secret) < SECRET_BYTES:
            raise ImportRefused(_not_whole(file))
        prove(database)
        yield Unpacked(manifest, secret, database)


def _extract(pack: ZipFile, target: Path, size: int) -> None:
    """Write the database of a backup, and no more of it than its manifest says that there is."""
    private(target)
    with pack.open(DATABASE) as source, target.open("r+b") as file:
        while part := source.read(_CHUNK):
            if file.tell() + len(part) > size:
                raise BadZipFile
            file.write(part)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _free(folder: Path, name: str) -> Path:
    path, number = folder / f"{name}{ENDING}", 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}{ENDING}"
    return path


def _not_whole(file: Path) -> str:
    return _("{file} ist keine Sicherung eines Servers oder nicht vollständig. Nichts wurde eingespielt.").format(
        file=file
    )


def _newer(file: Path) -> str:
    return _(
        "{file} hat eine neuere Version geschrieben. Nichts wurde eingespielt. Bitte Feldbuch aktualisieren."
    ).format(file=file)
