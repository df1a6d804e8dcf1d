"""A laptop in a test: a device with its fieldbook on a disk that can fill up, and a plug that can be pulled."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from models.clock import FixedClock
from models.errors import StoreError
from models.fieldbook import Fieldbook
from models.migrations import SCHEMA
from models.store.files import Files
from models.store.keeper import JournalStore
from sync.account import STATE
from sync.engine import NotSynced, Report, cycle
from sync.exchange import Exchange
from tests.sync.network import Network
from tests.sync.world import START

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.migrations import Schema
    from models.records import Document
    from tests.sync.world import Server


class PowerCut(BaseException):
    """The laptop goes off in the middle of what it does."""


class Disk(Files):
    """Files that wait for no disk: what the store does about power is tested elsewhere, and costs time.

    `writes_left` pulls the plug at that write, of which the part `left` is there then; with `full` there is no room instead.
    """

    def __init__(self) -> None:
        self.writes_left: int | None = None
        self.left = 0.0
        self.full = False

    def write(self, descriptor: int, content: bytes) -> None:
        """Write, or a part of it."""
        if self.writes_left is None:
            super().write(descriptor, content)
            return
        self.writes_left -= 1
        if self.writes_left >= 0:
            super().write(descriptor, content)
            return
        self.writes_left = None
        super().write(descriptor, content[: int(len(content) * self.left)])
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        raise PowerCut

    def sync(self, descriptor: int) -> None:
        """Wait for nothing."""

    def sync_dir(self, folder: Path) -> None:
        """Wait for nothing."""


class Laptop:
    """One device with its fieldbook on disk. Its folder is its own, and goes with `close`."""

    def __init__(self, name: str, *, clock: FixedClock | None = None) -> None:
        self.name = name
        self.user = f"user-{name}"
        self.folder = Path(mkdtemp(prefix="feldbuch-world-"))
        self.copy: Path | None = None
        self.clock = clock or FixedClock(START)
        self.schema = SCHEMA
        self.watch: Callable[[Laptop], None] | None = None
        self.open()
        self.book.set_meta(STATE, {"device": f"device-{name}"})
        # Else a device is named at random, and a seed would not always tell the same story; this name wins by its stamp.
        self.book.save_settings(self.book.settings.model_copy(update={"device": f"zz-{name}"}))

    def open(self) -> None:
        """Open the fieldbook, as after a start."""
        self.disk = Disk()
        self.book = Fieldbook.open(self.folder, clock=self.clock, files=self.disk, schema=self.schema)
        self.exchange = Exchange(self.book, self.schema)

    def update(self, schema: Schema) -> None:
        """Go on with another version of the program."""
        self._let_go()
        self.schema = schema
        self.open()

    @property
    def device(self) -> str:
        """The id of this device."""
        return self.exchange.standing.device

    def enrol_again(self, device: str) -> None:
        """Go on as another device, as after a new invitation."""
        self.book.set_meta(STATE, self.exchange.standing._replace(device=device)._asdict())

    def sync(self, server: Server, network: Network | None = None) -> Report | str:
        """Go through one cycle; returns its report, or why it ended early."""
        network = network or Network()
        going = cycle(self.exchange)
        try:
            request = next(going)
            while True:
                request = going.send(network.carry(server, self.user, self.device, request))
                if self.watch is not None:
                    self.watch(self)
        except StopIteration as end:
            report: Report = end.value
            return report
        except NotSynced as ended:
            return ended.code
        except StoreError:
            return "disk"

    def documents(self) -> dict[str, Document]:
        """Return all records by id."""
        return {document["id"]: document for document in self.book.everything()}

    def crash(self) -> None:
        """End without a word, and start again."""
        self._let_go()
        self.open()

    def copy_folder(self) -> None:
        """Make a copy of the folder, as a backup of the whole laptop would."""
        if self.copy is None:
            self.copy = Path(mkdtemp(prefix="feldbuch-world-"))
        shutil.rmtree(self.copy)
        shutil.copytree(self.folder, self.copy)

    def go_back_to_copy(self) -> None:
        """Lose the folder and begin again with the copy, which stays."""
        if self.copy is not None:
            self._let_go()
            shutil.rmtree(self.folder)
            shutil.copytree(self.copy, self.folder)
            self.open()

    def close(self) -> None:
        """Close the fieldbook and remove its folder."""
        self._let_go()
        for folder in (self.folder, self.copy):
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)

    def _let_go(self) -> None:
        store = self.book._store
        assert isinstance(store, JournalStore)
        store.journal._release()
