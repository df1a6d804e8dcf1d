"""The server's folder: its secret, its database or the address of it, and the lock that keeps a second server out.

secret          32 random bytes, under which tokens and codes are stored; only its owner may read it
database.url    the address of another database; else `server.db` lies here
server.db       the database, SQLite
LOCK            held while a server runs, or something takes its place
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from models.errors import NotFound, StoreDamaged, StoreError, StoreLocked, StoreNewer, UsageError
from models.i18n import _
from models.store.lock import FolderLock
from models.store.places import on_network
from sync.server.engines import parse_url
from sync.server.schema import State, state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECRET, URL, DATABASE = "secret", "database.url", "server.db"
SECRET_BYTES = 32
BEGUN = ".feldbuch-restore-"
"""How the name of a folder begins in which a backup is being unpacked."""


class ServerFolder:
    """A folder in which a server lives."""

    def __init__(self, path: Path, *, is_remote: Callable[[Path], bool] = on_network) -> None:
        """Look at `path`, which need not be there yet; `is_remote` tells whether a folder is on a network drive."""
        self.path = path
        self._is_remote = is_remote

    def prepare(self, address: str = "") -> None:
        """Make the folder and its secret where they are missing, and keep the address of another database in it.

        Raises `UsageError` for an address that is none, or where SQLite was used here before, `StoreDamaged` where only the
        secret is missing: a new one would shut everybody out.
        """
        self.use(address)
        self.make_secret()

    def make_secret(self) -> None:
        """Make the secret where it is missing; raises `StoreDamaged` where a database here shows that there was one."""
        if not self.has_secret:
            if self.sqlite.exists():
                raise StoreDamaged(_no_secret(self._file(SECRET)))
            self.keep_secret(secrets.token_bytes(SECRET_BYTES))

    @property
    def has_secret(self) -> bool:
        """Whether there is a secret."""
        return self._file(SECRET).exists()

    def use(self, address: str) -> None:
        """Make the folder, and keep the address of another database in it; an empty one changes nothing.

        Raises `UsageError` for an address that is none, or where SQLite was used here before.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = self._kept_address()
        if address in ("", known):
            return
        if self.sqlite.exists() and not known:
            raise UsageError(
                _(
                    "In {folder} liegt schon eine Datenbank mit Teams. Nichts wurde verändert. Ein Umzug geht mit "
                    "„backup“ hier und „restore“ in einem neuen Ordner mit --database."
                ).format(folder=self.path)
            )
        checked(address)
        self._write(URL, f"{address}\n".encode(), replace=True)

    def secret(self) -> bytes:
        """Return the secret; raises `NotFound` where no server lives here, `StoreDamaged` where it was cut off."""
        try:
            secret = self._file(SECRET).read_bytes()
        except FileNotFoundError as error:
            if self.sqlite.exists():
                raise StoreDamaged(_no_secret(self._file(SECRET))) from error
            raise NotFound(
                _("In {folder} ist kein Server. „feldbuch-server start --data {folder}“ legt einen an.").format(
                    folder=self.path
                )
            ) from error
        if len(secret) < SECRET_BYTES:
            raise StoreDamaged(_no_secret(self._file(SECRET)))
        return secret

    def keep_secret(self, secret: bytes, *, replace: bool = False) -> None:
        """Write the secret; without `replace` the one that somebody else wrote in the same moment stays."""
        with suppress(FileExistsError):
            self._write(SECRET, secret, replace=replace)

    @property
    def sqlite(self) -> Path:
        """Where the folder's own database lies."""
        return self._file(DATABASE)

    @property
    def own_database(self) -> bool:
        """Whether the database lies in the folder."""
        return not self._kept_address()

    def address(self) -> str:
        """Return the database's address; raises `UsageError` where `database.url` holds none."""
        kept = self._kept_address()
        return checked(kept) if kept else f"sqlite:///{self.sqlite}"

    def _kept_address(self) -> str:
        try:
            return self._file(URL).read_text("utf-8").strip()
        except FileNotFoundError:
            return ""

    def require_current(self) -> None:
        """Raise `NotFound` where there is no database yet, `StoreError` where its tables are not those of this version."""
        if self.own_database and not self.sqlite.exists():
            raise NotFound(
                _("In {folder} liegt noch keine Datenbank. Der erste Start legt sie an.").format(folder=self.path)
            )
        found = self.tables()
        if found == "newer":
            raise StoreNewer(
                _(
                    "Eine neuere Version hat diese Datenbank geändert. Nichts wurde verändert. Bitte Feldbuch aktualisieren."
                )
            )
        if found != "current":
            raise StoreError(
                _(
                    "Die Datenbank ist nicht auf dem Stand dieser Version. Nichts wurde verändert. Bitte erst "
                    "„feldbuch-server db upgrade --data {folder}“."
                ).format(folder=self.path)
            )

    def tables(self) -> State:
        """Return how the database's tables stand to this version; raises `StoreDamaged` for a file that is not one."""
        try:
            return state(self.address())
        except DBAPIError as error:
            if is_damage(error):
                raise StoreDamaged(damaged_sentence(self.sqlite)) from error
            raise

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other server out of the folder; raises `StoreLocked`. Several may share a database elsewhere.

        Raises `StoreError` for SQLite on a network drive, where neither its locks nor its writes are what they seem.
        """
        if not self.own_database:
            yield
            return
        if self._is_remote(self.path):
            raise StoreError(
                _(
                    "Der Ordner {folder} liegt auf einem Netzlaufwerk; dort verliert SQLite Daten. Nichts wurde verändert. "
                    "Bitte einen Ordner auf diesem Rechner nehmen, oder PostgreSQL mit --database."
                ).format(folder=self.path)
            )
        try:
            lock = FolderLock(self.path)
            self._tidy()
        except StoreLocked as error:
            raise StoreLocked(
                _(
                    "In {folder} läuft schon ein Server. Nichts wurde verändert. Bitte ihn zuerst beenden oder einen "
                    "anderen Ordner nehmen."
                ).format(folder=self.path)
            ) from error
        try:
            yield
        finally:
            lock.release()

    def _tidy(self) -> None:
        """Remove what was begun here and cut off by a crash; whoever calls this holds the lock."""
        for path in self.path.glob(f"{BEGUN}*"):
            shutil.rmtree(path)

    def hand_over(self, path: Path) -> None:
        """Give what root made here to whom the folder belongs: else the server could not read it."""
        if os.name != "nt" and os.geteuid() == 0:
            owner = self.path.stat()
            os.chown(path, owner.st_uid, owner.st_gid)

    def _file(self, name: str) -> Path:
        return self.path / name

    def _write(self, name: str, content: bytes, *, replace: bool) -> None:
        """Write a file that only its owner may read, as a whole or not at all."""
        path, begun = self._file(name), self._file(f"{name}.{secrets.token_hex(4)}.tmp")
        descriptor = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self.hand_over(begun)
            if replace:
                begun.replace(path)
            else:
                os.link(begun, path)
        finally:
            begun.unlink(missing_ok=True)
        sync_folder(self.path)


def _no_secret(file: Path) -> str:
    return _(
        "Das Geheimnis des Servers in {file} fehlt oder ist unvollständig; ohne es kommt kein Gerät herein. Nichts wurde "
        "verändert. Bitte eine Sicherung einspielen: „feldbuch-server restore“."
    ).format(file=file)


def is_damage(error: DBAPIError) -> bool:
    """Tell whether an error means that an SQLite file is not as it was written."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def damaged_sentence(path: Path) -> str:
    """Return what to say of a database that is not as it was written."""
    return _(
        "Die Datenbank in {path} ist beschädigt. Nichts wurde verändert. Bitte die letzte Sicherung einspielen: "
        "„feldbuch-server restore“; die beschädigten Dateien bleiben dabei aufgehoben."
    ).format(path=path)


def checked(address: str) -> str:
    """Return the address of a PostgreSQL database with its driver named; raises `UsageError` for any other."""
    url = parse_url(address)
    if url.get_backend_name() != "postgresql":
        raise UsageError(
            _("Nach --database steht eine PostgreSQL-Datenbank; SQLite liegt ohne die Angabe im Ordner des Servers.")
        )
    return url.render_as_string(hide_password=False)


def sync_file(path: Path) -> None:
    """Wait until a file is on disk as it was written."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on disk, where a system can do that."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
