"""Power: writes down what a store does to its files, and rebuilds every disk that a loss of power could leave behind."""

from __future__ import annotations

import os
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
NAMES = ("none", "all", "part")
"""What may be left of names that were given and not synced."""

Event = tuple[Any, ...]


class Recording(Files):
    """Files that write down every event. `forgets` plants a bug: it names a kind of sync that does nothing."""

    def __init__(self, forgets: str = "") -> None:
        self.events: list[Event] = []
        self._forgets = forgets
        self._files: dict[int, int] = {}
        self._count = 0
        self._creating = ""

    def _file(self, descriptor: int) -> int:
        number = os.fstat(descriptor).st_ino
        if self._creating:
            self._count += 1
            self._files[number] = self._count
            self.events.append(("create", self._creating, self._count))
            self._creating = ""
        return self._files[number]

    def write(self, descriptor: int, content: bytes) -> None:
        """Write, in two pieces, as a system may do."""
        file, half = self._file(descriptor), len(content) // 2
        for piece in (content[:half], content[half:]):
            super().write(descriptor, piece)
            self.events.append(("write", file, piece))

    def sync(self, descriptor: int) -> None:
        """Sync, unless that is the bug."""
        what = "snapshot" if self._within else "commit"
        if what != self._forgets:
            self.events.append(("sync", self._file(descriptor)))

    _within = False

    def truncate(self, descriptor: int, size: int) -> None:
        """Truncate."""
        super().truncate(descriptor, size)
        self.events.append(("truncate", self._file(descriptor), size))

    def write_new(self, path: Path, parts: Iterable[bytes]) -> None:
        """Write a new file."""
        self._creating = path.name
        self._within = True
        try:
            super().write_new(path, parts)
        finally:
            self._within = False

    def replace(self, source: Path, target: Path) -> None:
        """Rename."""
        super().replace(source, target)
        self.events.append(("rename", source.name, target.name))

    def remove(self, path: Path) -> None:
        """Remove."""
        if path.exists():
            super().remove(path)
            self.events.append(("remove", path.name))

    def sync_dir(self, folder: Path) -> None:
        """Sync the names, unless that is the bug."""
        if self._forgets != "folder":
            self.events.append(("sync_dir",))


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
            begin = max(start, len(self.durable))
            if start + SECTOR > len(self.durable) and (how == "zeros" or dice.random() < 0.5):
                new[begin : start + SECTOR] = bytes(len(new[begin : start + SECTOR]))
        return bytes(new)


def _applied(content: bytes, events: Iterable[Event]) -> bytes:
    for event in events:
        content = content + event[2] if event[0] == "write" else content[: event[2]]
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
        count = {"none": 0, "all": len(self._pending), "part": dice.randint(0, len(self._pending))}[names]
        folder.mkdir()
        for name, file in self._named(self._pending[:count]).items():
            (folder / name).write_bytes(self._files[file].left(data, dice))
