"""Terminal: a real process on a real pseudo-terminal, with a screen in memory that can be read and waited for."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
from time import monotonic
from typing import TYPE_CHECKING, Self

import pyte

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PATIENCE = 30.0
"""Seconds that a text may take to appear on a busy machine."""


class Terminal:
    """Runs a command and answers what a terminal answers; `raw` keeps every byte that the command wrote."""

    def __init__(
        self, command: Sequence[str], *, size: tuple[int, int] = (80, 24), env: Mapping[str, str] | None = None
    ) -> None:
        """Start `command` on a new pseudo-terminal of `size` (columns, rows)."""
        columns, rows = size
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            list(command),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            close_fds=True,
            start_new_session=True,
            env={**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONUTF8": "1", **(env or {})},
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        os.close(self._master)

    def read(self, seconds: float = 0.05) -> bool:
        """Take over what was written within `seconds`; returns whether there was anything."""
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False
        self.raw += data
        # pyte knows neither the keyboard protocol's nor synchronised output's private sequences: they draw nothing.
        self._stream.feed(_drawn(data))
        return bool(data)

    def text(self) -> str:
        """Return the screen, line by line."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def until(self, *texts: str, seconds: float = PATIENCE) -> str:
        """Read until all texts stand on the screen, whatever its line breaks; returns the screen. Fails with it."""
        end = monotonic() + seconds
        for text in texts:
            while " ".join(text.split()) not in " ".join(self.text().split()):
                if monotonic() > end or (self.process.poll() is not None and not self.read(0.2)):
                    raise AssertionError(f"„{text}“ did not come. On the screen:\n{self.text()}")
                self.read()
        return self.text()

    def send(self, keys: str) -> None:
        """Type: the bytes that a terminal sends for keys (the byte 13 hex for Strg+S, 1B for Esc)."""
        os.write(self._master, keys.encode())

    def ended(self, seconds: float = PATIENCE) -> int:
        """Read until the process has ended by itself; returns its exit code. Fails with the screen."""
        end = monotonic() + seconds
        while self.process.poll() is None:
            if monotonic() > end:
                raise AssertionError(f"It did not end. On the screen:\n{self.text()}")
            self.read()
        while self.read(0):
            pass
        return self.process.wait()

    def kill(self) -> None:
        """End the process as a crash does (SIGKILL), and wait until it is gone."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _drawn(data: bytes) -> bytes:
    for unknown in (b"\x1b[>1u", b"\x1b[<u", b"\x1b[>4;1m", b"\x1b[>4m"):
        data = data.replace(unknown, b"")
    return data


def feldbuch(*arguments: str, size: tuple[int, int] = (80, 24)) -> Terminal:
    """Start the program itself with `arguments`."""
    return Terminal([sys.executable, "-c", "from tui.cli import main; raise SystemExit(main())", *arguments], size=size)
