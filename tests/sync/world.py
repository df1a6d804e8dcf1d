"""The server's side of a world in a test: over SQLite in memory, without HTTP, with people whose rights change."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson
from pydantic import ValidationError
from sqlalchemy import Engine, create_engine, event, insert, update
from sqlalchemy.pool import StaticPool

from sync.check import NOTHING
from sync.engine import Answer, Request
from sync.protocol import PUSH, Problem, Pushed, Scope, Scopes, read_cursor
from sync.server.feed import look_at_feed, read_page
from sync.server.handover import hand_over
from sync.server.push import Push
from sync.server.refusal import Actor, Refused
from sync.server.tables import metadata, team_feed

if TYPE_CHECKING:
    from typing import Literal

    from models.records import Document

TEAM, OTHER = "team-1", "team-2"
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
FORBIDDEN = "tabu"
"""The id of a record that nobody may write."""
WORD = re.compile(rb"w\d+x")
"""What a person types in these worlds: words that occur only once."""

_COMPILED: dict[Any, Any] = {}
"""Statements as SQL, for all worlds: each has a database of its own, and to compile for each costs more than to ask it."""


def memory_engine() -> Engine:
    """Return a database in memory whose transactions begin as on disk, with the server's tables."""
    memory = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    engine = memory.execution_options(compiled_cache=_COMPILED)

    @event.listens_for(memory, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begun(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    _driver(engine).deserialize(_empty())
    return engine


@cache
def _empty() -> bytes:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    return bytes(_driver(engine).serialize())


def _driver(engine: Engine) -> Any:
    """Return SQLite's own connection; there is only one."""
    with engine.connect() as connection:
        return connection.connection.driver_connection


class Row:
    """A record as the server has it."""

    __slots__ = ("document", "record", "rev", "seq", "team")

    def __init__(self, team: str, record_id: str, seq: int, rev: int, text: str) -> None:
        self.team, self.record, self.seq, self.rev = team, record_id, seq, rev
        self.document: Document = orjson.loads(text)


class Server:
    """The server without HTTP: takes requests as bytes and answers them.

    `grants` has each person's team and role, `None` for nothing; who is not in it is an adviser of `TEAM`. `most_bytes` is
    what it takes in a body. `crash` says where its next commit fails. `gone` has what left each team, so that a test can
    see that nothing of it is told there any more.
    """

    def __init__(self, *, page_bytes: int = 2000) -> None:
        self.engine = memory_engine()
        self._driver = _driver(self.engine)
        self.page_bytes = page_bytes
        self.most_bytes = 1_000_000
        self.epoch = "e1"
        self.moment = START
        self.crash: Literal["", "before", "after"] = ""
        self.grants: dict[str, tuple[str, Literal["adviser", "lead", "overseer"]] | None] = {}
        self.revoked: set[str] = set()
        with self.engine.begin() as connection:
            empty = {"seq": 0, "epoch": self.epoch, "records": 0, "folded": NOTHING}
            connection.execute(insert(team_feed), [{"team_id": team} | empty for team in (TEAM, OTHER)])

    def team_of(self, user: str) -> str:
        """Return the team that a person may write in, or nothing."""
        granted = self.grants.get(user, (TEAM, "adviser"))
        return granted[0] if granted is not None and granted[1] != "overseer" else ""

    def arrives(self, user: str, device: str, request: Request) -> None:
        """Hear of a request that is answered only later; what is planted in a test begins with it here."""

    def answer(self, user: str, device: str, request: Request) -> Answer:
        """Answer one request of a device."""
        try:
            return self._answer(user, device, request)
        except Refused as refused:
            problem = Problem(code=refused.code, expected=refused.expected)
            return Answer(refused.status, problem.model_dump_json().encode())

    def _answer(self, user: str, device: str, request: Request) -> Answer:
        if device in self.revoked:
            raise Refused(401, "revoked")
        if len(request.body) > self.most_bytes:
            raise Refused(413, "too_large")
        granted = self.grants.get(user, (TEAM, "adviser"))
        if request.path == "/v1/scopes":
            scopes = [Scope(team=granted[0], name="Team", role=granted[1], epoch=self.epoch)] if granted else []
            return _ok(Scopes(user=user, name=user, scopes=scopes).model_dump_json().encode())
        team = request.path.split("/")[3]
        if granted is None or granted[0] != team:
            raise Refused(404, "not_found")
        if granted[1] == "overseer":
            raise Refused(403, "forbidden")
        if request.path.endswith("/push"):
            return self._push(Actor(user, device, team, granted[1]), request.body)
        asked = parse_qs(request.path.partition("?")[2])
        epoch, since = read_cursor(asked["since"][0])
        return self._feed(team, epoch, since, lineage="lineage" in asked)

    def _push(self, actor: Actor, body: bytes) -> Answer:
        try:
            push = PUSH.validate_json(body)
        except ValidationError as error:
            raise Refused(422, "malformed") from error
        self.moment += timedelta(seconds=1)
        with self.engine.begin() as connection:
            results = Push(connection, actor, self.moment.isoformat(), judge).take(push.epoch, push.ops)
            if self.crash == "before":
                self.crash = ""
                raise ConnectionError
        if self.crash == "after":
            self.crash = ""
            raise ConnectionError
        return self.said(Pushed(results=results))

    def said(self, pushed: Pushed) -> Answer:
        """Return the answer to a push."""
        return _ok(pushed.model_dump_json().encode())

    def _feed(self, team: str, epoch: str, since: int, *, lineage: bool) -> Answer:
        with self.engine.connect() as connection:
            feed = look_at_feed(connection, team)
            if epoch != feed.epoch:
                raise Refused(409, "epoch_changed")
            if since == feed.seq:
                return Answer(304)
            page = read_page(connection, team, feed, since, most_bytes=self.page_bytes, lineage=lineage)
            return _ok(page)

    def hand_over(self, ids: list[str], source: str, target: str) -> list[str]:
        """Give records of a team and the conflicts about them to another one; returns the ids of all that left."""
        before = self.documents(source).keys()
        self.moment += timedelta(seconds=1)
        with self.engine.begin() as connection:
            hand_over(connection, Actor("user-lead", "device-lead", source, "lead"), ids, target, self.moment)
        return sorted(before - self.documents(source).keys())

    def backup(self) -> bytes:
        """Return all that the server has."""
        return bytes(self._driver.serialize())

    def restore(self, content: bytes) -> None:
        """Go back to a backup, in a new epoch."""
        self.epoch = f"e{int(self.epoch[1:]) + 1}"
        self._driver.deserialize(content)
        with self.engine.begin() as connection:
            connection.execute(update(team_feed).values(epoch=self.epoch))

    def ask(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        """Return rows of the database, past all that is tested."""
        found: list[tuple[Any, ...]] = self._driver.execute(sql, values).fetchall()
        return found

    def rows(self, team: str = TEAM) -> list[Row]:
        """Return the records of a team as they stand."""
        sql = "SELECT team_id, record_id, seq, rev, document FROM record WHERE team_id = ?"
        return [Row(*row) for row in self.ask(sql, team)]

    def documents(self, team: str = TEAM) -> dict[str, Document]:
        """Return all records of a team by id."""
        return {row.record: row.document for row in self.rows(team)}

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all tables, to see whether anything changed."""
        return {name: sorted(self.ask(f"SELECT * FROM {name}")) for name in metadata.tables}


def judge(actor: Actor, document: Document) -> str:
    """Forbid one record to everybody."""
    assert actor.team in (TEAM, OTHER)
    return "forbidden" if document["id"] == FORBIDDEN else ""


def _ok(body: bytes) -> Answer:
    return Answer(200, body)
