"""A TinyDB storage that replaces its file atomically: a reader finds the old content or the new one, never a part."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeGuard

import orjson
from tinydb.storages import Storage

from models.errors import StoreDamaged, StoreError, StoreFull, StoreReadOnly
from models.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Tables = dict[str, dict[str, dict[str, Any]]]


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable, where the system offers that."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Files:
    """The file operations that a commit consists of: a seam for tests of power loss, full disks and read-only folders."""

    def replace(self, path: Path, content: bytes) -> None:
        """Put `content` in the place of `path`, durably, or leave `path` as it was; raises `OSError`."""
        temporary = path.with_name(path.name + ".tmp")
        try:
            self.write(temporary, content)
            self.rename(temporary, path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)

    def write(self, path: Path, content: bytes) -> None:
        """Write a new file and wait until it is on disk."""
        descriptor = os.open(
            path,
            os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0),
            0o600,
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def rename(self, source: Path, target: Path) -> None:
        """Give `source` the name of `target`."""
        os.replace(source, target)  # noqa: PTH105 - beside fsync the calls of `os` read as one


class AtomicStorage(Storage):
    """Keeps the tables in memory and replaces the file as a whole at each commit.

    The first commit of a session leaves the file of the session before beside the new one (`*.vorher`).
    """

    def __init__(self, path: Path, files: Files) -> None:
        """Read `path`, or begin empty where there is none; raises `StoreDamaged`."""
        self.path = path
        self._files = files
        self._batch = False
        self._kept_previous = False
        self._tables = self._load()

    def _load(self) -> Tables:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise store_error(error, self.path.parent) from error
        try:
            tables = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise self._damaged() from error
        if not _holds_documents(tables):
            raise self._damaged()
        return tables

    def _damaged(self) -> StoreDamaged:
        what = _("Die Datei {name} ist beschädigt und wurde nicht angerührt.")
        if self.previous.exists():
            then = _(
                "Der Stand vor der letzten Sitzung liegt daneben in {previous}. Bitte beide sichern und {previous} in "
                "{name} umbenennen."
            )
        else:
            then = _("Bitte sie sichern und eine eigene Sicherung in {name} umbenennen.")
        return StoreDamaged(f"{what} {then}".format(name=self.path.name, previous=self.previous.name))

    @property
    def previous(self) -> Path:
        """The file as it was before this session's first save."""
        return self.path.with_name(self.path.stem + ".vorher" + self.path.suffix)

    def read(self) -> Tables:
        """Return the tables in a dict of the caller's own; TinyDB's table class copies the table that it changes."""
        return dict(self._tables)

    def write(self, data: Tables) -> None:
        """Take over `data`; outside a batch it is on disk when this returns."""
        before = self._tables
        self._tables = data
        if not self._batch:
            try:
                self._flush()
            except StoreError:
                self._tables = before
                raise

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Hold back all writes and make them durable as one; a failure puts everything back."""
        before = dict(self._tables)
        self._batch = True
        try:
            yield
            self._flush()
        except BaseException:
            self._tables = before
            raise
        finally:
            self._batch = False

    def _flush(self) -> None:
        try:
            if not self._kept_previous:
                self._keep_previous()
            self._files.replace(self.path, orjson.dumps(self._tables))
        except OSError as error:
            raise store_error(error, self.path.parent) from error

    def _keep_previous(self) -> None:
        if self.path.exists():
            self.previous.unlink(missing_ok=True)
            try:
                os.link(self.path, self.previous)
            except OSError:
                self._files.write(self.previous, self.path.read_bytes())
        self._kept_previous = True


def store_error(error: OSError, folder: Path) -> StoreError:
    """Return the error for the user that belongs to a failed file operation."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(
            _(
                "Der Datenträger ist voll, gespeichert wurde nichts. Alles früher Gespeicherte ist unversehrt und der "
                "Entwurf bleibt offen. Bitte Platz schaffen und noch einmal speichern."
            )
        )
    if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        return StoreReadOnly(
            _(
                "Der Ordner {folder} lässt sich nicht beschreiben. Nichts ging verloren. "
                "Bitte Schreibrechte prüfen oder mit --dir einen anderen Ordner wählen."
            ).format(folder=folder)
        )
    return StoreError(
        _(
            "Der Ordner {folder} lässt sich nicht lesen oder beschreiben (Fehler {code}). Alles früher Gespeicherte ist "
            "unversehrt. Bitte Datenträger prüfen und noch einmal versuchen."
        ).format(folder=folder, code=errno.errorcode.get(error.errno or 0, type(error).__name__))
    )


def _holds_documents(tables: Any) -> TypeGuard[Tables]:
    return isinstance(tables, dict) and all(
        isinstance(table, dict) and all(isinstance(document, dict) for document in table.values())
        for table in tables.values()
    )
