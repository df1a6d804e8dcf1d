"""A network in a test: it loses requests and answers, repeats them, brings some late, and some from a cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.engine import Answer, Request

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from tests.sync.world import Server


class Network:
    """A network that does what one seed says; without `random` it is a good one.

    `stale` are those who were told something old. `asks` sees every request that reaches the server, `watch` every answer,
    delivered or not.
    """

    def __init__(self, random: random.Random | None = None, trouble: float = 0.0) -> None:
        self.random = random
        self.trouble = trouble
        self.watch: Callable[[str, str, Request, Answer], None] | None = None
        self.asks: Callable[[str, str, Request], None] | None = None
        self.late: list[tuple[str, str, Request]] = []
        self.stale: set[str] = set()
        self._cache: dict[tuple[str, str], Answer] = {}

    def carry(self, server: Server, user: str, device: str, request: Request) -> Answer:
        """Bring a request to the server and its answer back, or not."""
        dice = self.random.random() / self.trouble if self.random is not None and self.trouble else 1.0
        if dice < 0.2:
            return Answer(0)
        if dice < 0.3:
            server.arrives(user, device, request)
            self.late.append((user, device, request))
            return Answer(0)
        if dice < 0.4 and (device, request.path) in self._cache and request.method == "GET":
            self.stale.add(user)
            return self._cache[device, request.path]
        try:
            answer = self._asked(server, user, device, request)
            if dice < 0.55:
                answer = self._asked(server, user, device, request)
        except ConnectionError:
            return Answer(0)
        if answer.status == 200:
            self._cache.setdefault((device, request.path), answer)
        if dice < 0.8:
            return Answer(0)
        if dice < 0.85:
            return Answer(503, b'{"code":"busy"}')
        if dice < 0.9:
            return Answer(500, b"Internal Server Error")
        if dice < 1.0:
            return Answer(200, b"<html>Willkommen im Hotel</html>")
        return answer

    def deliver_late(self, server: Server) -> None:
        """Bring one request to the server that its sender has long given up."""
        if self.late and self.random is not None:
            user, device, request = self.late.pop(self.random.randrange(len(self.late)))
            try:
                self._asked(server, user, device, request)
            except ConnectionError:
                return

    def _asked(self, server: Server, user: str, device: str, request: Request) -> Answer:
        if self.asks is not None:
            self.asks(user, device, request)
        answer = server.answer(user, device, request)
        if self.watch is not None:
            self.watch(user, device, request, answer)
        return answer
