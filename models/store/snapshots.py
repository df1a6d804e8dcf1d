"""Snapshots: a whole state of the store in one file, complete or absent, and what may go once it is there."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from models.store.opening import JOURNAL, SNAPSHOT, generations, name_of
from models.store.recovery import snapshot_lines
from models.store.saved_indexes import INDEX, saved_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from models.store.codec import Codec
    from models.store.files import Files
    from models.store.lines import Header
    from models.store.recovery import Content
    from models.store.saved_indexes import Rows

TORN = ".torn"
"""How the names of files end that keep bytes which are no longer used."""


class SnapshotWriter:
    """Writes into one folder with one codec; `patient` lets commits in other threads go on beside it."""

    def __init__(self, folder: Path, files: Files, codec: Codec, *, patient: bool) -> None:
        """Write into `folder`."""
        self._folder = folder
        self._files = files
        self._codec = codec
        self._patient = patient

    def write(self, header: Header, content: Content) -> int:
        """Write a snapshot, durably, and return its size in bytes; raises `OSError`."""
        path = self._folder / name_of(SNAPSHOT, header["generation"])
        self._files.create(path, self._giving_way(snapshot_lines(header, content, self._codec)))
        return path.stat().st_size

    def write_indexes(self, header: Header, rows: Mapping[tuple[str, str], Rows]) -> None:
        """Write the indexes of a snapshot beside it. Where that fails, they are built when they are asked for."""
        path = self._folder / name_of(INDEX, header["generation"])
        with suppress(OSError):
            self._files.create(path, self._giving_way(saved_lines(header, rows, self._codec)))

    def remove_older(self, keep: int) -> None:
        """Remove all generations but the newest snapshot and `keep` before it; with 0, kept evidence too."""
        names = self._files.names(self._folder)
        snapshots = generations(names, SNAPSHOT)
        oldest = [0, *snapshots][-(keep + 1) :][0]
        mine = (snapshots, generations(names, JOURNAL), generations(names, INDEX))
        gone = [name for files in mine for number, name in files.items() if number < oldest]
        if not keep:
            gone += [name for name in names if name.endswith(TORN)]
        for name in gone:
            self._files.remove(self._folder / name)
        if gone:
            self._files.sync_dir(self._folder)

    def _giving_way(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Yield lines and let other threads run again and again: a commit waits for this one no longer than a blink."""
        for number, text in enumerate(lines):
            if self._patient and number % 16 == 0:
                time.sleep(0)
            yield text
