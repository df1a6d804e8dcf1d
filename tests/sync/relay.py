"""A relay between a device and its server that delays what it carries and cuts connections, as its seed says."""

from __future__ import annotations

import asyncio
import random
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

CHUNK = 700


class Relay:
    """Listens on loopback for as long as its block lasts. Of the chunks that it carries it loses, with the connection, some."""

    def __init__(self, url: str, seed: int, *, cuts: float = 0.1, delay: float = 0.002) -> None:
        """Carry to the server at `url`; `delay` is in seconds, at most, for each chunk."""
        self._target = int(url.rpartition(":")[2])
        self._dice = random.Random(seed)
        self._cuts = cuts
        self._delay = delay
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="relay")
        self.port = 0
        self.cut = 0

    @property
    def url(self) -> str:
        """The address that a device takes for its server's."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(self, *_error: object) -> None:
        """Cut everything and end."""
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(30)

    def be_kind(self) -> None:
        """Cut nothing any more."""
        self._cuts = 0.0

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._end.wait()
        server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        ways = [asyncio.create_task(self._pass(*way)) for way in ((reader, back), (there, writer))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (writer, back):
            end.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while part := await reader.read(CHUNK):
                await asyncio.sleep(self._dice.random() * self._delay)
                if self._dice.random() < self._cuts:
                    self.cut += 1
                    return
                writer.write(part)
                await writer.drain()
