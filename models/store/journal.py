"""JournalFile: the file to which commits are appended. What `append` has returned for survives a loss of power."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from models.errors import StoreError
from models.i18n import _
from models.store.lines import encode, header_line, line
from models.store.messages import store_error
from models.store.opening import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from models.store.codec import Codec
    from models.store.files import Files
    from models.store.lines import Header, Op
    from models.store.recovery import Journal


class JournalFile:
    """The journal of one opened store; a new generation takes the place of the one before.

    `poisoned`: what is on the disk is no longer known, so that nothing more is written until the store is opened again.
    """

    def __init__(self, folder: Path, files: Files) -> None:
        """Append in `folder`, once a journal was begun or found."""
        self.poisoned = False
        self.size = 0
        self._folder = folder
        self._files = files
        self._descriptor: int | None = None
        self._id = b""

    @property
    def writable(self) -> bool:
        """Whether a commit could be appended."""
        return self._descriptor is not None and not self.poisoned

    def begin(self, header: Header) -> None:
        """Begin a new journal, durably, and append to it from now on; raises `OSError` and goes on with the one before."""
        path, start = self._folder / name_of(header["type"], header["generation"]), header_line(header)
        try:
            self._files.create(path, [start])
            descriptor = self._files.open_append(path)
        except OSError:
            self._withdraw(path)
            raise
        self.close()
        self._descriptor, self.size, self._id = descriptor, len(start), bytes.fromhex(header["id"])

    def _withdraw(self, path: Path) -> None:
        """Remove a journal that could not be begun: a later one must not stand beside commits of this one."""
        try:
            self._files.remove(path)
        except OSError:
            self.poisoned = True

    def go_on(self, journal: Journal, path: Path, evidence: Path) -> None:
        """Append to a journal that was found. A tail that never became a commit goes, and is kept in `evidence`."""
        self._descriptor = self._files.open_append(path)
        self._id, self.size = bytes.fromhex(journal.header["id"]), journal.good_end
        if journal.tail:
            self._files.create(evidence, [journal.tail])
            self._files.truncate(self._descriptor, self.size)
            self._files.sync(self._descriptor)
        if not journal.closed:
            self._make_durable(path, journal)

    def _make_durable(self, path: Path, journal: Journal) -> None:
        """Write the last commit of a session that broke off again, and make the names durable, before more is put behind.

        What was read may stand in the system's memory alone: the session ended before a sync, or its sync failed, after
        which no later one writes those bytes.
        """
        if journal.last_commit:
            self._files.write_again(path, journal.good_end - len(journal.last_commit), journal.last_commit)
        self._files.sync_dir(self._folder)

    def append(self, codec: Codec, commit: int, ops: Sequence[Op]) -> None:
        """Append a commit and wait until it is on the disk; raises `StoreError`, and then it did not happen."""
        if self._descriptor is None or self.poisoned:
            raise poisoned()
        offset, parts = self.size, list[bytes]()
        for k, op in enumerate(ops, 1):
            written = line(codec.seal(self._id, offset, encode(commit, k, len(ops), op)))
            offset += len(written)
            parts.append(written)
        try:
            self._files.write(self._descriptor, b"".join(parts))
        except OSError as error:
            self._take_back(self._descriptor)
            raise store_error(error, self._folder) from error
        try:
            self._files.sync(self._descriptor)
        except OSError as error:
            # What a failed sync left on the disk nobody knows, and a second one may answer for pages long thrown away.
            self.poisoned = True
            raise store_error(error, self._folder) from error
        self.size = offset

    def _take_back(self, descriptor: int) -> None:
        """Cut off what a failed write left, durably: else it could stand before the next commit after a power loss."""
        try:
            self._files.truncate(descriptor, self.size)
            self._files.sync(descriptor)
        except OSError:
            self.poisoned = True

    def close(self) -> None:
        """Let go of the file. An error says nothing about what was acknowledged: that was synced."""
        if self._descriptor is not None:
            with suppress(OSError):
                self._files.close(self._descriptor)
            self._descriptor = None


def poisoned() -> StoreError:
    """Return the error of a store that writes nothing any more."""
    return StoreError(
        _(
            "Der Datenträger hat beim letzten Speichern einen Fehler gemeldet, seitdem wird nichts mehr geschrieben. "
            "Alles früher Gespeicherte ist unversehrt. Bitte Feldbuch beenden, Datenträger prüfen, neu starten."
        )
    )
