"""A wire between an app and a server in a test: it can be cut, and hang until somebody lets it go on. Nothing is sent anywhere."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Any

from models.errors import RemovalsWait, SyncFailed
from models.records import parse
from sync.account import ACCOUNT, CONTACT, STATE, Account, contact_document
from sync.client import drive
from sync.engine import Answer, NotSynced, Report, Request, WouldRemove, cycle
from sync.exchange import Exchange
from sync.halt import Halt
from sync.messages import failure_text
from sync.pace import Pace
from sync.protocol import Scopes
from tests.sync.laptop import Laptop
from tests.sync.world import Server
from tui.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.fieldbook import Fieldbook

PATIENCE = 30.0
"""Seconds after which a wire that nobody lets go on is a failure of the test."""


class Wire:
    """The way from one fieldbook to a server. `seconds` is the time of the app's schedule: nothing passes by itself.

    `failing` is the code of a failure instead of a sync, `defect` an error; `asked` has the paths of all requests.
    """

    def __init__(self, server: Server | None = None, *, name: str = "kim") -> None:
        self.server = server or Server()
        self.name = name
        self.seconds = 0.0
        self.route = "10.0.0.1"
        self.failing = ""
        self.defect: Exception | None = None
        self.asked: list[str] = []
        self.syncs = 0
        self.at_once = 0
        self.most_at_once = 0
        self.reached = Event()
        self._free = Event()
        self._free.set()
        self._hangs_at, self._passes = "", 0

    @property
    def connection(self) -> Connection:
        """What an app syncs with."""
        return Connection(self.synchronise, lambda: self.seconds, lambda: 1.0, lambda: self.route, look=0.01)

    def connect(self, book: Fieldbook) -> None:
        """Connect a fieldbook as if by an invitation."""
        account = Account("https://feldbuch.example.org", "token", f"device-{self.name}", "Laptop", backed_up=True)
        book.set_meta(ACCOUNT, account.document())
        book.set_meta(STATE, {"device": f"device-{self.name}"})

    def hang(self, at: str = "/", after: int = 0) -> None:
        """Let requests hang whose path has `at` in it, but for the first `after` of them."""
        self._hangs_at, self._passes = at, after
        self.reached.clear()
        self._free.clear()

    def go_on(self) -> None:
        """Bring the answer of the request that hangs."""
        self._hangs_at = ""
        self._free.set()

    def synchronise(
        self, fieldbook: Fieldbook, *, removals: bool, halt: Halt, follow: Callable[[Request], None]
    ) -> Report:
        """Sync as `sync.session` does, without a network."""
        self.syncs += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return self._synchronise(fieldbook, removals, halt, follow)
        finally:
            self.at_once -= 1

    def _synchronise(
        self, fieldbook: Fieldbook, removals: bool, halt: Halt, follow: Callable[[Request], None]
    ) -> Report:
        if self.defect is not None:
            raise self.defect
        user = f"user-{self.name}"
        granted: list[Scopes] = []

        def carry(request: Request) -> Answer:
            follow(request)
            self.asked.append(request.path)
            with halt.asking():
                if self.failing:
                    raise NotSynced(self.failing)
                if self._hangs_at and self._hangs_at in request.path:
                    self._passes -= 1
                    if self._passes < 0:
                        self._wait(halt)
                answer = self.server.answer(user, f"device-{self.name}", request)
            if request.path == "/v1/scopes" and answer.status == 200:
                granted.append(Scopes.model_validate_json(answer.body))
            return answer

        pace = Pace()
        try:
            report = drive(cycle(Exchange(fieldbook), pace, removals=removals), carry, pace, lambda: 0.0)
        except WouldRemove as ended:
            raise RemovalsWait("Viele Einträge würden gehen.", ended.count, ended.held) from None
        except NotSynced as ended:
            raise SyncFailed(failure_text(ended.code), ended.code) from None
        now = fieldbook.clock.now().isoformat(timespec="seconds")
        fieldbook.set_meta(CONTACT, contact_document(granted[-1], now))
        return report

    def _wait(self, halt: Halt) -> None:
        self.reached.set()
        for _look in range(int(PATIENCE * 100)):
            if self._free.wait(0.01) or halt.stopped:
                return
        raise AssertionError("Nobody let the wire go on")


class Colleague:
    """Somebody else of the team, whose laptop syncs at once."""

    def __init__(self, server: Server) -> None:
        self.laptop = Laptop("colleague")
        self._server = server

    def saves(self, **values: Any) -> str:
        """Save a record and send it; return its id."""
        known = self.laptop.book.peek(values["id"]) if "id" in values else None
        saved = self.laptop.book.save(parse({**(known or {}), **values}))
        self.syncs()
        return saved.id

    def syncs(self) -> None:
        """Sync."""
        assert not isinstance(self.laptop.sync(self._server), str)

    def close(self) -> None:
        """Go home."""
        self.laptop.close()
