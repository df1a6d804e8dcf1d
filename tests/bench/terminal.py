"""Terminal: a program in a pseudo-terminal of 80×24, its bytes with the time at which each came, and its screen."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from typing import TYPE_CHECKING, NamedTuple, Self

import pyte

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

COLUMNS, ROWS = 80, 24
PATIENCE = 30.0
"""Seconds after which a screen that was waited for counts as missing."""

_ESCAPE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(?:\x07|\x1b\\)|[()#][0-9A-Za-z]|[=>78MDEHNOZc])", re.DOTALL
)


class NoScreen(Exception):
    """The screen that was waited for did not come; carries what was on the screen instead."""


class TooLate(NoScreen):
    """The program runs, but the screen that was waited for did not come in time."""


class Ended(NamedTuple):
    """What the system says about a process that ended."""

    cpu: float
    """Seconds of processor time, of the program and of the system for it."""


class Terminal:
    """Runs one program in a terminal of its own; ends it on leaving."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start `command` now; times are seconds since then."""
        self._ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._raw = bytearray()
        self._fed = 0
        self.begun = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=dict(environment), start_new_session=True
        )
        os.close(theirs)
        self._ended: Ended | None = None

    @property
    def pid(self) -> int:
        """Process number of the program."""
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        os.close(self._ours)

    def _receive(self, patience: float) -> float | None:
        """Take what has come within `patience` seconds; return when it came, `None` for nothing."""
        if not select.select([self._ours], [], [], max(patience, 0))[0]:
            return None
        moment = time.perf_counter()
        try:
            content = os.read(self._ours, 65536)
        except OSError:  # the program closed its end
            content = b""
        if not content:
            raise NoScreen("the program ended: " + self.text()[-400:].strip())
        self._raw += content
        return moment

    def text(self) -> str:
        """Return all text that came so far, without the codes between it: cheap, while a program starts."""
        return _ESCAPE.sub(b"", bytes(self._raw)).decode("utf-8", "replace")

    def lines(self) -> list[str]:
        """Return the screen's lines as they stand now."""
        self._stream.feed(bytes(self._raw[self._fed :]))
        self._fed = len(self._raw)
        return list(self._screen.display)

    def colours(self) -> tuple[tuple[str, str, str], ...]:
        """Return character, colour and background of each cell."""
        self.lines()
        rows = (self._screen.buffer[row] for row in range(ROWS))
        return tuple((cell.data, cell.fg, cell.bg) for row in rows for cell in (row[x] for x in range(COLUMNS)))

    def wait(self, arrived: Callable[[], bool], since: float | None = None, patience: float = PATIENCE) -> float:
        """Read until `arrived()`; return the seconds from `since` (else the start) until the deciding bytes came."""
        since = self.begun if since is None else since
        deadline = time.perf_counter() + patience
        while True:
            moment = self._receive(deadline - time.perf_counter())
            if moment is None:
                raise TooLate("\n".join(line.rstrip() for line in self.lines() if line.strip()))
            if arrived():
                return moment - since

    def wait_text(self, *words: str) -> float:
        """Return the seconds from the start until all of `words` had come."""
        return self.wait(lambda: all(word in text for text in [self.text()] for word in words))

    def wait_screen(self, *words: str) -> None:
        """Read until all of `words` stand on the screen together."""
        if not self._stands(words):
            self.wait(lambda: self._stands(words))

    def _stands(self, words: Sequence[str]) -> bool:
        screen = "\n".join(self.lines())
        return all(word in screen for word in words)

    def press(self, keys: str, arrived: Callable[[], bool], patience: float = PATIENCE) -> float:
        """Type `keys`; return the seconds from writing them until the bytes came with which `arrived()` was true."""
        begun = time.perf_counter()
        os.write(self._ours, keys.encode())
        return self.wait(arrived, begun, patience)

    def type(self, keys: str) -> None:
        """Type `keys` and wait for nothing."""
        os.write(self._ours, keys.encode())

    def settle(self, quiet: float = 0.15, most: float = 3.0) -> None:
        """Read until nothing came for `quiet` seconds, or for `most` seconds (a cursor may blink for ever)."""
        deadline = time.perf_counter() + most
        while time.perf_counter() < deadline and self._receive(quiet) is not None:
            pass
        self.lines()

    def end(self) -> Ended:
        """Kill the program and return what it used; later calls return the same."""
        if self._ended is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)  # not through Popen, which would take the figures below
            _pid, status, used = os.wait4(self._process.pid, 0)
            self._process.returncode = os.waitstatus_to_exitcode(status)
            self._ended = Ended(used.ru_utime + used.ru_stime)
        return self._ended
