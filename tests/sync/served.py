"""A server in a test, asked over HTTP without a network: two teams, and people in every role with a device each."""

from __future__ import annotations

import io
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import orjson

from sync.protocol import Push, cursor_of, make_op
from sync.server.access import SERVER
from sync.server.app import create_app
from sync.server.feed import look_at_feed
from sync.server.limits import Limits
from sync.server.logs import logger_to
from sync.server.people import CONSOLE, add_team, invite, redeem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from fastapi import FastAPI

    from models.records import Document
    from sync.protocol import Op
    from sync.server.database import Database

SECRET = b"a secret of thirty-two bytes ..."
JSON = {"content-type": "application/json"}


class Badge(NamedTuple):
    """A person's device."""

    token: str
    user: str
    device: str


@dataclass
class Served:
    """A server and who is known to it."""

    database: Database
    limits: Limits = field(default_factory=Limits)
    log: io.StringIO = field(default_factory=io.StringIO)
    address: str = "127.0.0.1"

    def __post_init__(self) -> None:
        self.clock = self.database.clock
        self.app: FastAPI = create_app(
            self.database, secret=SECRET, clock=self.clock, limits=self.limits, log=logger_to(self.log)
        )
        self.koeln = self.team("Köln")
        self.bonn = self.team("Bonn")

    def close(self) -> None:
        """Finish what is being worked on."""
        self.app.state.desk.close()

    def team(self, name: str) -> str:
        """Make a team."""
        return self.database.write(lambda connection: add_team(connection, name, "", self.clock.now()))

    def code(self, team: str, role: str, name: str = "Anna", user: str = "") -> str:
        """Make an invitation."""
        return self.database.write(
            lambda connection: invite(connection, SECRET, team, role, name, CONSOLE, self.clock.now(), user=user)
        )

    def badge(self, team: str, role: str = "adviser", name: str = "Anna") -> Badge:
        """Bring somebody into a team, with a device."""
        if role == "administrator":
            team = SERVER
        code = self.code(team, role, name)
        joined = self.database.write(
            lambda connection: redeem(connection, SECRET, code, f"Laptop {name}", self.clock.now())
        )
        return Badge(joined.token, joined.user, joined.device)

    def epoch(self, team: str) -> str:
        """Return a team's epoch."""
        return self.database.read(lambda connection: look_at_feed(connection, team)).epoch

    def beginning(self, team: str) -> str:
        """Return the cursor before everything."""
        return cursor_of(self.epoch(team), 0)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        """Yield a client whose requests come from `address`."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(self.address, 1234))
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            yield client

    async def ask(
        self,
        method: str,
        path: str,
        badge: Badge | str | None = None,
        message: Any = None,
        *,
        content: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send one request: `message` as JSON, or `content` as it is."""
        sent = dict(headers or {})
        if badge is not None:
            sent = {"authorization": f"Bearer {badge if isinstance(badge, str) else badge.token}", **sent}
        if message is not None:
            content = orjson.dumps(message)
        if content is not None:
            sent = {**JSON, **sent}
        async with self.client() as client:
            return await client.request(method, path, content=content, headers=sent)

    async def push(self, team: str, badge: Badge, /, *ops: Op, **changed: Any) -> httpx.Response:
        """Push edits; `changed` are other values for the message."""
        push = Push(device=badge.device, epoch=self.epoch(team), ops=list(ops)).model_dump() | changed
        return await self.ask("POST", f"/v1/teams/{team}/push", badge, push)

    async def records(self, team: str, badge: Badge) -> list[Document]:
        """Return what the feed of a team holds."""
        answer = await self.ask("GET", f"/v1/teams/{team}/feed?since={self.beginning(team)}", badge)
        documents: list[Document] = [] if answer.status_code == 304 else answer.json()["records"]
        return documents

    def logged(self) -> list[Document]:
        """Return the lines of the log."""
        return [orjson.loads(line) for line in self.log.getvalue().splitlines()]


def task(n: int, record: str = "t1", **values: Any) -> Op:
    """Return an edit that makes a task."""
    return make_op(n, record, "task", None, {"text": "Konzept schicken", **values})
