"""Files: the operations on files that a store consists of; the one seam for power loss, full disks and other systems."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_BINARY = getattr(os, "O_BINARY", 0)
_BUSY = frozenset({5, 32, 33})
"""What Windows answers while a virus scanner or an indexer holds a file for a moment."""

TEMPORARY = ".tmp"
CHUNK = 4 * 1024 * 1024
"""Bytes of a new file that are written and synced at a time."""


class Files:
    """The real file system. Every method raises `OSError`; what `sync` has returned for survives a power loss."""

    def names(self, folder: Path) -> list[str]:
        """Return the names in a folder, sorted; none where it does not exist."""
        try:
            return sorted(os.listdir(folder))  # noqa: PTH208 - names only
        except FileNotFoundError:
            return []

    def read(self, path: Path) -> bytes:
        """Return the content of a file."""
        return path.read_bytes()

    def head(self, path: Path) -> bytes:
        """Return the first line of a file."""
        with path.open("rb") as file:
            return file.readline(4096)

    def open_append(self, path: Path) -> int:
        """Open an existing file for appending and return its descriptor."""
        return os.open(path, os.O_WRONLY | os.O_APPEND | _BINARY)

    def write(self, descriptor: int, content: bytes) -> None:
        """Append `content` as a whole; after an error any part of it may be there."""
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]

    def sync(self, descriptor: int) -> None:
        """Wait until what was written is on the disk itself."""
        if sys.platform == "darwin":
            import fcntl  # noqa: PLC0415 - there is none on Windows

            # Without it the drive may keep the data in its own memory and tell that it is done.
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        elif sys.platform == "win32":
            os.fsync(descriptor)
        else:
            os.fdatasync(descriptor)

    def write_again(self, path: Path, offset: int, content: bytes) -> None:
        """Write bytes where the same ones are read, and wait until they are on the disk."""
        descriptor = os.open(path, os.O_WRONLY | _BINARY)
        try:
            os.lseek(descriptor, offset, os.SEEK_SET)
            self.write(descriptor, content)
            self.sync(descriptor)
        finally:
            os.close(descriptor)

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut a file that is open for appending."""
        os.ftruncate(descriptor, size)

    def close(self, descriptor: int) -> None:
        """Close a descriptor."""
        os.close(descriptor)

    def write_new(self, path: Path, parts: Iterable[bytes]) -> None:
        """Write a file from the beginning and wait until it is on the disk; after an error there is none."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, 0o600)
        try:
            try:
                gathered = bytearray()
                for part in parts:
                    gathered += part
                    if len(gathered) >= CHUNK:
                        self.write(descriptor, bytes(gathered))
                        # In pieces: the sync of a whole snapshot at its end would hold up every commit meanwhile.
                        self.sync(descriptor)
                        gathered.clear()
                self.write(descriptor, bytes(gathered))
                self.sync(descriptor)
            finally:
                os.close(descriptor)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def replace(self, source: Path, target: Path) -> None:
        """Give `source` the name of `target`, in whose place it stands from then on."""
        for wait in (0.01, 0.05, 0.2, 0.5):
            try:
                os.replace(source, target)  # noqa: PTH105 - beside fsync the calls of `os` read as one
                return
            except OSError as error:
                if getattr(error, "winerror", None) not in _BUSY:
                    raise
                time.sleep(wait)
        os.replace(source, target)  # noqa: PTH105

    def remove(self, path: Path) -> None:
        """Remove a file; one that is not there is no error."""
        path.unlink(missing_ok=True)

    def sync_dir(self, folder: Path) -> None:
        """Make new and removed names of a folder durable, where the system offers that."""
        if sys.platform == "win32":
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def create(self, path: Path, parts: Iterable[bytes]) -> None:
        """Put a whole file in the place of `path`, durably: a reader finds the old content, the new one, never a part."""
        temporary = path.with_name(path.name + TEMPORARY)
        self.write_new(temporary, parts)
        self.replace(temporary, path)
        self.sync_dir(path.parent)
