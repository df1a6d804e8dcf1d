"""The lock that keeps a second program out of a fieldbook's folder."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from models.errors import StoreLocked
from models.i18n import _

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        # Far behind the holder's line, so that others can still read who holds the lock.
        os.lseek(descriptor, 4096, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _own_name() -> str:
    """Return the name of this program as it was called."""
    name = os.path.splitext(os.path.basename(sys.argv[0]))[0]  # noqa: PTH119, PTH122 - a name, not a path
    return name if name and name != "-c" else "python"


def _shown(content: bytes) -> str:
    """Return who holds a lock by what its file says: the number, and the name where one stands there."""
    number, _blank, name = content.decode("ascii", "replace").strip().partition(" ")
    name = "".join(sign for sign in name if sign.isalnum() or sign in "-_. ")[:40]
    return ", ".join(filter(None, ("".join(filter(str.isdecimal, number)) or "?", name)))


class FolderLock:
    """Holds `LOCK` in a folder for the life of the process; the file says only which process that is."""

    def __init__(self, folder: Path) -> None:
        """Take the lock; raises `StoreLocked` naming the holder, `OSError` where the folder cannot be written."""
        self._descriptor = os.open(folder / "LOCK", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _take(self._descriptor)
        except OSError as error:
            holder = _shown(os.read(self._descriptor, 64))
            os.close(self._descriptor)
            raise StoreLocked(
                _(
                    "Dieses Feldbuch ist schon geöffnet (Prozess {holder}). Nichts ging verloren. "
                    "Bitte das andere Fenster benutzen oder dort zuerst beenden."
                ).format(holder=holder)
            ) from error
        # Only for the message of the other program: a full disk is no reason to keep the fieldbook shut.
        with suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.write(self._descriptor, f"{os.getpid()} {_own_name()}\n".encode())

    def release(self) -> None:
        """Let go of the lock; the file stays, so that no third program can slip between."""
        os.close(self._descriptor)
