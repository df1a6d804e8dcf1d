"""Files that stop at a chosen operation, as a crash or a failing disk would."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from models.store.files import Files

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class BreakingFiles(Files):
    """Does what is asked `limit` times; every operation after that fails and changes nothing."""

    def __init__(self, limit: int, code: int = errno.EIO) -> None:
        """Fail with the error `code` from the operation after `limit` others on."""
        self.left = limit
        self._code = code

    def _step(self, path: Path | None = None) -> None:
        if self.left <= 0:
            raise OSError(self._code, "stop", None if path is None else str(path))
        self.left -= 1

    def write(self, descriptor: int, content: bytes) -> None:
        """Append, or fail."""
        self._step()
        super().write(descriptor, content)

    def sync(self, descriptor: int) -> None:
        """Wait for the disk, or fail."""
        self._step()
        super().sync(descriptor)

    def write_new(self, path: Path, parts: Iterable[bytes]) -> None:
        """Write a file, or fail."""
        self._step(path)
        super().write_new(path, parts)

    def replace(self, source: Path, target: Path) -> None:
        """Rename, or fail."""
        self._step(source)
        super().replace(source, target)

    def remove(self, path: Path) -> None:
        """Remove, or fail."""
        self._step(path)
        super().remove(path)

    def sync_dir(self, folder: Path) -> None:
        """Make names durable, or fail."""
        self._step(folder)
        super().sync_dir(folder)
