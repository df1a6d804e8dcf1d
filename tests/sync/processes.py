"""Real processes in a test: the command `feldbuch-server`, and devices that edit and sync without end. Both can be killed.

They are forked from one process that has loaded everything, so that starting one again takes a moment instead of seconds.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from sync.server.cli import main
from tests.sync.remote import Remote

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.process import BaseProcess

CONTEXT: Any = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
if sys.platform != "win32":
    CONTEXT.set_forkserver_preload(
        ["sync.server.cli.running", "sync.server.cli.care", "sync.server.cli.program", "tests.sync.processes"]
    )

PATIENCE = 60.0
STEP = 0.01


def begun_in(place: Path) -> set[Path]:
    """Return what commands have begun in the folders below `place` and not finished."""
    return set(place.glob("*/.feldbuch-*"))


def wait_until_begun(process: BaseProcess, place: Path, before: set[Path]) -> None:
    """Wait until a command has begun with something, or is through with it."""
    for _step in range(int(PATIENCE / STEP)):
        if begun_in(place) - before or process.exitcode is not None:
            return
        process.join(STEP)
    raise AssertionError("it never began")


def wait_for(process: BaseProcess, is_there: Callable[[], bool], what: Callable[[], str]) -> None:
    """Wait until something is there while a process runs; fails with `what` where it ends or takes too long."""
    for _step in range(int(PATIENCE / STEP)):
        if is_there():
            return
        process.join(STEP)
        assert process.exitcode is None, what()
    raise AssertionError(what())


class Running:
    """A process with its output in a file."""

    def __init__(self, target: Callable[..., None], words: tuple[Any, ...], log: Path) -> None:
        """Start it."""
        self.log = log
        # What an earlier one wrote says nothing of this one.
        log.unlink(missing_ok=True)
        self.process: BaseProcess = CONTEXT.Process(target=_with_log, args=(log, target, words), daemon=True)
        self.process.start()

    def kill(self) -> None:
        """End it as if by a loss of power of this process alone: SIGKILL."""
        self.process.kill()
        self.process.join(PATIENCE)

    def said(self) -> str:
        """Return what it wrote so far."""
        return self.log.read_text("utf-8") if self.log.exists() else ""


def _with_log(log: Path, target: Callable[..., None], words: tuple[Any, ...]) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    target(*words)


class ServerProcess:
    """The server of a folder; started again it listens where it did."""

    def __init__(self, data: Path, *words: str, wait: bool = True) -> None:
        """Start it for the first time; without `wait` that is not over yet."""
        self.data = data
        self._words = words
        self._port = 0
        self.url = ""
        self._begin()
        if wait:
            self.wait()

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._begin()
        self.wait()

    def _begin(self) -> None:
        words = ["start", "--data", str(self.data), "--port", str(self._port), "--json", *self._words]
        self.running = Running(_serve, (words,), self.data.with_name(f"{self.data.name}.log"))

    def wait(self) -> None:
        """Wait until it listens."""
        wait_for(self.running.process, lambda: bool(self._announced()), self.running.said)
        self.url = str(self._announced()["listening"])
        self._port = int(self.url.rpartition(":")[2])

    def _announced(self) -> dict[str, Any]:
        for line in self.running.said().splitlines(keepends=True):
            if line.startswith('{"invitation"') and line.endswith("\n"):
                said: dict[str, Any] = orjson.loads(line)
                return said
        return {}

    def invitation(self) -> str:
        """Return the first administrator's code, which it prints at its first start, or nothing."""
        return self._announced()["invitation"] or ""

    def kill(self) -> None:
        """Kill it."""
        self.running.kill()

    def stop(self) -> int:
        """Tell it to end and return its exit code."""
        self.running.process.terminate()
        self.running.process.join(PATIENCE)
        code = self.running.process.exitcode
        assert code is not None
        return code


def run_command(*words: str, log: Path) -> Running:
    """Start a command of `feldbuch-server` in a process of its own."""
    return Running(_serve, (list(words),), log)


def _serve(words: list[str]) -> None:
    sys.exit(main(words))


class DeviceProcess:
    """A device that edits and syncs until it is told to stop. What it saved is in its ledger, line by line."""

    def __init__(self, folder: Path, address: str, seed: int) -> None:
        """Start it for the first time."""
        self.folder = folder
        self.address = address
        self._seed = seed
        self.ledger = folder.with_name(f"{folder.name}.ledger")
        self._stop = folder.with_name(f"{folder.name}.stop")
        self.ledger.touch()
        self.start()

    def start(self) -> None:
        """Start it."""
        self._seed += 1
        words = (self.folder, self.address, self._seed, self.ledger, self._stop)
        self.running = Running(_work, words, self.folder.with_name(f"{self.folder.name}.log"))

    def kill(self) -> None:
        """Kill it."""
        self.running.kill()

    def wait_for_saves(self, count: int) -> None:
        """Wait until it has saved so many things since it was last asked."""
        until = len(self.saved()) + count
        wait_for(self.running.process, lambda: len(self.saved()) >= until, self.running.said)

    def stop(self) -> None:
        """Let it come to its end by itself."""
        self._stop.touch()
        self.running.process.join(PATIENCE)
        assert self.running.process.exitcode == 0, self.running.said()

    def saved(self) -> list[tuple[str, str]]:
        """Return what was saved for sure: (what, which)."""
        lines = self.ledger.read_bytes().splitlines()
        return [(what, which) for what, which in map(orjson.loads, lines)]


MOST_AGREEMENTS = 150
"""Of one device, as a record has a largest size."""


def _work(folder: Path, address: str, seed: int, ledger: Path, stop: Path) -> None:
    dice = random.Random(seed)
    agreed = ledger.read_bytes().count(b'"agreement"')
    with Remote(folder, address) as device, ledger.open("ab", buffering=0) as book:
        number = 0
        while not stop.exists():
            for _edit in range(dice.randint(1, 3)):
                number += 1
                what = dice.choice(("task", "goal", "agreement"))
                which = f"{folder.name}-{seed}-{number}"
                if what == "agreement" and agreed < MOST_AGREEMENTS:
                    agreed += 1
                    device.agree(which)
                elif what == "goal":
                    device.set_goal(which)
                else:
                    what, which = "task", device.add_task()
                # Only now is it promised.
                book.write(orjson.dumps([what, which]) + b"\n")
            device.sync()
