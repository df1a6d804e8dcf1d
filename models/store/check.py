"""Check: what the files of a store look like from outside: without the key, without the lock, and changing nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.store.backup import listed
from models.store.convert import BACKUPS
from models.store.files import TEMPORARY
from models.store.lines import payload_of, read_header
from models.store.messages import store_error
from models.store.opening import JOURNAL, SNAPSHOT, generations

if TYPE_CHECKING:
    from pathlib import Path

    from models.store.backup import BackupFile
    from models.store.files import Files

_LEFT_OVER = re.compile(rf"(?:snap|wal|index)-\d{{6,}}\.jsonl(?:\.torn|{re.escape(TEMPORARY)})")


@dataclass(frozen=True, slots=True)
class FileState:
    """One snapshot or journal. `damaged` of its `lines` have a wrong checksum; `torn` says that it ends within a line."""

    name: str
    generation: int
    size: int
    codec: str
    lines: int
    damaged: int
    torn: bool

    @property
    def sound(self) -> bool:
        """Whether each of its lines is as it was written."""
        return bool(self.codec) and not self.damaged


@dataclass
class Checked:
    """What a folder holds: the store's files, what a crash left over, and the backups, the newest first."""

    files: list[FileState] = field(default_factory=list[FileState])
    left_over: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    backups: list[BackupFile] = field(default_factory=list["BackupFile"])

    @property
    def generations(self) -> int:
        """How many generations there are."""
        return len({file.generation for file in self.files})

    @property
    def size(self) -> int:
        """The size of the store's files in bytes."""
        return sum(file.size for file in self.files)


def check(folder: Path, files: Files) -> Checked:
    """Return the state of every file of the store in `folder`; raises `StoreError` where one cannot be read at all."""
    try:
        names = files.names(folder)
        kinds = (generations(names, SNAPSHOT), generations(names, JOURNAL))
        found = [file_state(name, number, files.read(folder / name)) for kind in kinds for number, name in kind.items()]
        left_over = [(name, len(files.read(folder / name))) for name in names if _LEFT_OVER.fullmatch(name)]
    except OSError as error:
        raise store_error(error, folder) from error
    try:
        backups = listed(files.names(folder / BACKUPS))
    except OSError:
        backups = []
    return Checked(found, left_over, backups)


def file_state(name: str, generation: int, data: bytes) -> FileState:
    """Return the state of one file with the content `data`."""
    *whole, rest = data.split(b"\n")
    header = read_header(data)
    damaged = sum(payload_of(line) is None for line in whole)
    codec = header[0].get("codec", "") if header is not None else ""
    return FileState(name, generation, len(data), codec, len(whole), damaged, bool(rest))
