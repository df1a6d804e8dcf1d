"""Halt: ends a sync from another thread, at once and safely: what is being written is written, a server is not waited for."""

from __future__ import annotations

import socket
from contextlib import contextmanager, suppress
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, Final

from sync.engine import NotSynced

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STOPPED: Final = "stopped"
"""The code of a sync that was ended from outside."""


class Halt:
    """One sync's way to be ended. `stop` may be called in any thread, all else in that of the sync.

    Once `stop` has returned, a sync that was asking the server then touches its fieldbook no more, however late its answer
    comes; one that was not ends before it asks again.
    """

    def __init__(self) -> None:
        """Begin with a sync that goes on."""
        self._stopped = Event()
        self._lock = Lock()
        self._asking = False
        self._socket: socket.socket | None = None

    @property
    def stopped(self) -> bool:
        """Whether the sync was ended."""
        return self._stopped.is_set()

    def stop(self) -> bool:
        """End the sync and cut its connection; returns whether it may be left alone, as it is only asking."""
        with self._lock:
            self._stopped.set()
            if self._asking and self._socket is not None:
                # Wakes whoever reads from it; closing it would not.
                with suppress(OSError):
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            return self._asking

    def check(self) -> None:
        """Raise `NotSynced` if the sync was ended."""
        if self.stopped:
            raise NotSynced(STOPPED)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask the server in this block; raises `NotSynced` at its beginning and at its end if the sync was ended."""
        with self._lock:
            self.check()
            self._asking = True
        try:
            yield
        finally:
            with self._lock:
                self._asking = False
                self.check()

    def sleep(self, seconds: float) -> None:
        """Wait, at most until the sync is ended."""
        self._stopped.wait(seconds)

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Note the connection that is in use: a callback of httpcore's extension `trace`."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
            self.check()
