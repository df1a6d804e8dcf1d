"""A world in a test: one server over SQLite in memory, some laptops, a network that loses, repeats and cuts. No time, no I/O."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson
from pydantic import ValidationError
from sqlalchemy import Engine, create_engine, event, insert, select, update
from sqlalchemy.pool import StaticPool

from models.clock import FixedClock
from models.fieldbook import Fieldbook
from models.store.files import Files
from models.store.keeper import JournalStore
from sync.check import NOTHING
from sync.engine import Answer, NotSynced, Report, Request, cycle
from sync.exchange import STATE, Exchange
from sync.protocol import PUSH, Problem, Pushed, Scope, Scopes, read_cursor
from sync.server.feed import look_at_feed, read_page
from sync.server.push import Push
from sync.server.refusal import Actor, Refused
from sync.server.tables import metadata, record, team_feed

if TYPE_CHECKING:
    import random

    from models.records import Document

TEAM = "team-1"
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def memory_engine() -> Engine:
    """Return an empty database in memory whose transactions begin as on disk."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begun(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    metadata.create_all(engine)
    return engine


class Server:
    """The server without HTTP: takes requests as bytes and answers them."""

    def __init__(self, *, page_bytes: int = 2000) -> None:
        self.engine = memory_engine()
        self.page_bytes = page_bytes
        self.epoch = "e1"
        self.moment = START
        self.crash: str = ""
        with self.engine.begin() as connection:
            connection.execute(
                insert(team_feed).values(team_id=TEAM, seq=0, epoch=self.epoch, records=0, folded=NOTHING)
            )

    def answer(self, user: str, device: str, request: Request) -> Answer:
        """Answer one request of a device."""
        try:
            if request.path == "/v1/scopes":
                scope = Scope(team=TEAM, name="Team", role="adviser", epoch=self.epoch)
                return _ok(Scopes(user=user, name=user, scopes=[scope]).model_dump_json().encode())
            if request.path.endswith("/push"):
                return self._push(Actor(user, device, TEAM, "adviser"), request.body)
            asked = parse_qs(request.path.partition("?")[2])
            epoch, since = read_cursor(asked["since"][0])
            return self._feed(epoch, since, lineage="lineage" in asked)
        except Refused as refused:
            problem = Problem(code=refused.code, expected=refused.expected)
            return Answer(refused.status, problem.model_dump_json().encode())

    def _push(self, actor: Actor, body: bytes) -> Answer:
        try:
            push = PUSH.validate_json(body)
        except ValidationError as error:
            raise Refused(422, "malformed") from error
        self.moment += timedelta(seconds=1)
        with self.engine.begin() as connection:
            results = Push(connection, actor, self.moment.isoformat(), lambda _actor, _document: "").take(
                push.epoch, push.ops
            )
            if self.crash == "before":
                self.crash = ""
                raise ConnectionError
        if self.crash == "after":
            self.crash = ""
            raise ConnectionError
        return _ok(Pushed(results=results).model_dump_json().encode())

    def _feed(self, epoch: str, since: int, *, lineage: bool) -> Answer:
        with self.engine.connect() as connection:
            feed = look_at_feed(connection, TEAM)
            if epoch != feed.epoch:
                raise Refused(409, "epoch_changed")
            if since == feed.seq:
                return Answer(304)
            page = read_page(connection, TEAM, feed, since, most_bytes=self.page_bytes, lineage=lineage)
            return _ok(page.model_dump_json().encode())

    def backup(self) -> bytes:
        """Return all that the server has."""
        with self.engine.connect() as connection:
            return bytes(connection.connection.driver_connection.serialize())  # type: ignore[union-attr]

    def restore(self, content: bytes) -> None:
        """Go back to a backup, in a new epoch."""
        self.epoch = f"e{int(self.epoch[1:]) + 1}"
        with self.engine.connect() as connection:
            connection.connection.driver_connection.deserialize(content)  # type: ignore[union-attr]
        with self.engine.begin() as connection:
            connection.execute(update(team_feed).values(epoch=self.epoch))

    def documents(self) -> dict[str, Document]:
        """Return all records by id."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(record.c.record_id, record.c.document)).all()
        return {key: orjson.loads(text) for key, text in rows}


def _ok(body: bytes) -> Answer:
    return Answer(200, body)


class Forgetful(Files):
    """Files on a machine that never loses power: what the store does about that is tested elsewhere, and costs time."""

    def sync(self, descriptor: int) -> None:
        """Wait for nothing."""

    def sync_dir(self, folder: Path) -> None:
        """Wait for nothing."""


class Laptop:
    """One device with its fieldbook on disk."""

    def __init__(self, name: str, folder: Path | None = None) -> None:
        self.name = name
        self.folder = folder or Path(mkdtemp(prefix="feldbuch-world-"))
        self.clock = FixedClock(START)
        self.open()
        self.book.set_meta(STATE, {"device": f"device-{name}"})
        # Else a device is named at random, and a seed would not always tell the same story; this name wins by its stamp.
        self.book.save_settings(self.book.settings.model_copy(update={"device": f"zz-{name}"}))

    def open(self) -> None:
        """Open the fieldbook, as after a start."""
        self.book = Fieldbook.open(self.folder, clock=self.clock, files=Forgetful())
        self.exchange = Exchange(self.book)

    def sync(self, server: Server, network: Network | None = None) -> Report | str:
        """Go through one cycle; returns its report, or why it ended early."""
        going = cycle(self.exchange)
        try:
            request = next(going)
            while True:
                answer = (network or Network()).carry(server, self, request)
                request = going.send(answer)
        except StopIteration as end:
            report: Report = end.value
            return report
        except NotSynced as ended:
            return ended.code

    def documents(self) -> dict[str, Document]:
        """Return all records by id."""
        return {document["id"]: document for document in self.book.everything()}

    def crash(self) -> None:
        """End without a word, and start again."""
        store = self.book._store
        assert isinstance(store, JournalStore)
        store.journal._release()
        self.open()

    def close(self) -> None:
        """Close the fieldbook."""
        self.book.close()


class Network:
    """A network that does what one seed says: with `random` it loses requests and answers, and sends some twice."""

    def __init__(self, random: random.Random | None = None, trouble: float = 0.0) -> None:
        self.random = random
        self.trouble = trouble

    def carry(self, server: Server, laptop: Laptop, request: Request) -> Answer:
        """Bring a request to the server and its answer back, or not."""
        user, device = f"user-{laptop.name}", f"device-{laptop.name}"
        dice = self.random.random() if self.random and self.trouble else 1.0
        if dice < self.trouble * 0.3:
            return Answer(0)
        try:
            answer = server.answer(user, device, request)
            if dice < self.trouble * 0.5:
                answer = server.answer(user, device, request)
        except ConnectionError:
            return Answer(0)
        if dice < self.trouble * 0.8:
            return Answer(0)
        if dice < self.trouble * 0.9:
            return Answer(503, b'{"code":"busy"}')
        if dice < self.trouble:
            return Answer(200, b"<html>Willkommen im Hotel</html>")
        return answer
