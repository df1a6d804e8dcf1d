"""Power: writes down what a store does to its files, and rebuilds every disk that a loss of power could leave behind."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from models.store.files import Files

if TYPE_CHECKING:
    import random
    from pathlib import Path

SECTOR = 512
DATA = ("none", "all", "part", "sectors", "zeros")
"""What may be left of bytes that were written and not synced."""
NAMES = ("none", "all", "part", "some")
"""What may be left of names that were given and not synced: the first ones, or any of them."""

Event = tuple[Any, ...]


class Killed(BaseException):
    """The program ends in the middle of what it does; the system goes on."""


class Recording(Files):
    """Files that write down every event.

    `forgets` plants a bug: it names a kind of sync that does nothing. `until` kills the program after so many events.
    While `loses` is set, a sync fails and what it should have made durable never will be, though it can be read; while
    `full` is, only the first half of what is written finds room.
    """

    def __init__(self, forgets: str = "") -> None:
        self.events: list[Event] = []
        self.until: int | None = None
        self.loses = False
        self.full = False
        self._forgets = forgets
        self._files: dict[int, int] = {}
        self._count = 0
        # A compaction in the background writes its snapshot while commits go on: each thread knows what it does itself.
        self._here = threading.local()

    def _file(self, descriptor: int) -> int:
        number = os.fstat(descriptor).st_ino
        name = getattr(self._here, "creating", "")
        if name:
            self._count += 1
            self._files[number] = self._count
            self._here.creating = ""
            self._note("create", name, self._count)
        return self._files[number]

    def _note(self, *event: Any) -> None:
        self.events.append(event)
        if self.until is not None and len(self.events) >= self.until:
            raise Killed

    def write(self, descriptor: int, content: bytes) -> None:
        """Write, in two pieces, as a system may do."""
        file, half = self._file(descriptor), len(content) // 2
        for piece in (content[:half], content[half:]):
            super().write(descriptor, piece)
            place = os.lseek(descriptor, 0, os.SEEK_CUR) - len(piece)
            self._note("write", file, place, piece)
            if self.full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def sync(self, descriptor: int) -> None:
        """Sync, unless that is the bug."""
        if self.loses:
            self._note("lost", self._file(descriptor))
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        what = "snapshot" if getattr(self._here, "within", False) else "commit"
        if what != self._forgets:
            self._note("sync", self._file(descriptor))

    def truncate(self, descriptor: int, size: int) -> None:
        """Truncate."""
        super().truncate(descriptor, size)
        self._note("truncate", self._file(descriptor), size)

    def write_new(self, path: Path, parts: Iterable[bytes]) -> None:
        """Write a new file."""
        self._here.creating, self._here.within = path.name, True
        try:
            super().write_new(path, parts)
        finally:
            self._here.within = False

    def replace(self, source: Path, target: Path) -> None:
        """Rename."""
        super().replace(source, target)
        self._note("rename", source.name, target.name)

    def remove(self, path: Path) -> None:
        """Remove."""
        if path.exists():
            super().remove(path)
            self._note("remove", path.name)

    def sync_dir(self, folder: Path) -> None:
        """Sync the names, unless that is the bug."""
        if self._forgets != "folder":
            self._note("sync_dir")


@dataclass
class _File:
    """One file: what is surely on the disk, and what was done since."""

    durable: bytes = b""
    since: list[Event] = field(default_factory=list[Event])

    def left(self, how: str, dice: random.Random) -> bytes:
        """Return what may be on the disk."""
        if how == "none":
            return self.durable
        if how == "part":
            return _applied(self.durable, self.since[: dice.randint(0, len(self.since))])
        whole = _applied(self.durable, self.since)
        if how == "all" or len(whole) <= len(self.durable):
            return whole
        new = bytearray(whole)
        for start in range(0, len(new), SECTOR):
            # Bytes that were durable stay, also where the same ones were written over them.
            begin = max(start, len(self.durable))
            if start + SECTOR > len(self.durable) and (how == "zeros" or dice.random() < 0.5):
                new[begin : start + SECTOR] = bytes(len(new[begin : start + SECTOR]))
        return bytes(new)


def _applied(content: bytes, events: Iterable[Event]) -> bytes:
    for event in events:
        what, _file, place, *rest = event
        before = content[:place].ljust(place, b"\0")
        content = before + rest[0] + content[place + len(rest[0]) :] if what == "write" else before
    return content


class Disk:
    """A disk that follows events and can be rebuilt as a loss of power would leave it."""

    def __init__(self) -> None:
        self._files: dict[int, _File] = {}
        self._names: dict[str, int] = {}
        self._pending: list[Event] = []

    def follow(self, event: Event) -> None:
        """Take one event."""
        what = event[0]
        if what in ("write", "truncate"):
            self._files[event[1]].since.append(event)
        elif what == "sync":
            file = self._files[event[1]]
            file.durable, file.since = _applied(file.durable, file.since), []
        elif what == "lost":
            # What is read comes from the system's memory; on the disk stands what stood there before.
            file = self._files[event[1]]
            file.durable, file.since = file.durable.ljust(len(_applied(file.durable, file.since)), b"\0"), []
        elif what == "sync_dir":
            self._names, self._pending = self._named(self._pending), []
        else:
            if what == "create":
                self._files[event[2]] = _File()
            self._pending.append(event)

    def _named(self, events: Iterable[Event]) -> dict[str, int]:
        names = dict(self._names)
        for what, name, *rest in events:
            if what == "create":
                names[name] = rest[0]
            elif what == "rename" and name in names:
                names[rest[0]] = names.pop(name)
            elif what == "remove":
                names.pop(name, None)
        return names

    def rebuild(self, folder: Path, data: str, names: str, dice: random.Random) -> None:
        """Write into `folder` what may be left."""
        count = {"none": 0, "part": dice.randint(0, len(self._pending))}.get(names, len(self._pending))
        done = [event for event in self._pending[:count] if names != "some" or dice.random() < 0.5]
        folder.mkdir()
        for name, file in self._named(done).items():
            (folder / name).write_bytes(self._files[file].left(data, dice))
