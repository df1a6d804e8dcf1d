"""A sync that is ended from another thread: at once, whatever the server does, and without touching the fieldbook after it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import httpx
import pytest

from models.errors import SyncFailed
from models.fieldbook import Fieldbook
from models.records import parse
from sync.account import ACCOUNT, CONTACT, Account
from sync.client import Line, Machine
from sync.engine import NotSynced, Request
from sync.halt import STOPPED, Halt
from sync.session import Edges, synchronise
from sync.status import status_of
from tests.sync.silent import Silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 20.0


@pytest.fixture
def silent() -> Iterator[Silent]:
    """A server that hangs."""
    server = Silent()
    yield server
    server.close()


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Fieldbook]:
    """A fieldbook with something to send."""
    with Fieldbook.open(tmp_path) as opened:
        opened.save(parse({"kind": "task", "text": "Beamer ausleihen"}))
        yield opened


def connected(book: Fieldbook, port: int) -> None:
    address = f"http://127.0.0.1:{port}"
    book.set_meta(ACCOUNT, Account(address, "token", "device", "Laptop", backed_up=True).document())


class Running:
    """A sync in a thread of its own."""

    def __init__(self, book: Fieldbook, folder: Path, edges: Edges) -> None:
        self.code = ""
        self._work = (book, folder, edges)
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        book, folder, edges = self._work
        try:
            synchronise(book, folder, edges=edges)
        except SyncFailed as ended:
            self.code = ended.code


def test_a_server_that_hangs_is_not_waited_for(book: Fieldbook, silent: Silent, tmp_path: Path) -> None:
    connected(book, silent.port)
    halt = Halt()
    running = Running(book, tmp_path, Edges(halt=halt))
    assert silent.asked.wait(PATIENCE)
    version = book.version
    assert halt.stop()
    running.thread.join(PATIENCE / 4)
    assert not running.thread.is_alive()
    assert running.code == STOPPED
    assert (book.version, status_of(book).pending) == (version, 1)


def test_the_pause_before_another_try_is_not_waited_for(book: Fieldbook, tmp_path: Path) -> None:
    halt = Halt()
    waiting = threading.Event()

    def sleep(_seconds: float) -> None:
        waiting.set()
        halt.sleep(PATIENCE * 10)

    connected(book, 9)
    transport = httpx.MockTransport(lambda _request: httpx.Response(503))
    edges = Edges(transport, Machine(sleep, lambda: 0.0, lambda: 1.0), halt=halt)
    running = Running(book, tmp_path, edges)
    assert waiting.wait(PATIENCE)
    assert halt.stop()
    running.thread.join(PATIENCE)
    assert running.code == STOPPED


@pytest.mark.parametrize("at", ["/v1/scopes", "/v1/teams/t/feed"])
def test_an_answer_that_comes_after_the_end_changes_nothing(book: Fieldbook, tmp_path: Path, at: str) -> None:
    halt = Halt()
    asked, answer = threading.Event(), threading.Event()

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path == at:
            asked.set()
            assert answer.wait(PATIENCE)
        granted = b'{"user":"a","name":"A","scopes":[{"team":"t","name":"T","role":"adviser","epoch":"e"}]}'
        page = b'{"records":[],"out":[],"lineage":{},"cursor":"e:0","more":false,"total":0,"check":null}'
        body = granted if request.url.path == "/v1/scopes" else page
        return httpx.Response(200, headers={"content-type": "application/json"}, stream=httpx.ByteStream(body))

    connected(book, 9)
    running = Running(book, tmp_path, Edges(httpx.MockTransport(respond), halt=halt))
    assert asked.wait(PATIENCE)
    contact = book.meta(CONTACT)
    assert halt.stop()
    # As the app does when it ends: whoever still waits for an answer then must not write any more.
    book.close()
    answer.set()
    running.thread.join(PATIENCE)
    assert running.code == STOPPED
    assert book.meta(CONTACT) == contact


def test_what_was_ended_asks_nobody_any_more() -> None:
    halt = Halt()
    assert not halt.stop(), "nobody was being asked, so what is written now is to be waited for"
    seen: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    line = Line("http://127.0.0.1:9", transport=httpx.MockTransport(respond), halt=halt)
    with line, pytest.raises(NotSynced) as caught:
        line.carry(Request("GET", "/v1/hello"))
    assert caught.value.code == STOPPED
    assert seen == []
