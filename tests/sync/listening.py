"""A server that listens on this machine while a test runs."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any, Self

import uvicorn

if TYPE_CHECKING:
    from tests.sync.served import Served

PATIENCE = 30.0


class Listening(uvicorn.Server):
    """A server in a thread, which says when it listens."""

    def __init__(self, served: Served, **options: Any) -> None:
        super().__init__(uvicorn.Config(served.app, log_level="critical", lifespan="off", **options))
        self._there = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self.run, kwargs={"sockets": [self._socket]}, daemon=True)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._there.set()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._there.wait(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self.should_exit = True
        self._thread.join(PATIENCE)
        self._socket.close()
