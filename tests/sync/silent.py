"""Somebody in a test who takes every connection and says nothing: the server that hangs."""

from __future__ import annotations

import socket
import threading


class Silent:
    """Somebody who takes every connection and says nothing."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.asked = threading.Event()
        self._taken: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                taken, _address = self._socket.accept()
            except OSError:
                return
            self._taken.append(taken)
            taken.recv(10_000)
            self.asked.set()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()
        for taken in self._taken:
            taken.close()
