"""Connecting and syncing a fieldbook over HTTP without a network, and what it says of how things stand."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from models.clock import FixedClock
from models.errors import NotConnected, RemovalsWait, StoreFull, StoreReadOnly, SyncFailed
from models.fieldbook import Fieldbook
from models.records import parse
from models.store.files import Files
from sync.account import ACCOUNT, Account, Contact
from sync.client import Machine
from sync.engine import Report, Request
from sync.exchange import Exchange
from sync.messages import failure_text
from sync.protocol import Enrolled, Hello, Limits, Scopes, Span
from sync.session import RENEWED, Edges, connect, reachable, synchronise
from sync.status import status_of
from tests.sync.world import FORBIDDEN, START, TEAM, Server

ADDRESS = "https://feldbuch.example.org"
JSON = {"content-type": "application/json"}
HELLO = Hello(
    protocol=Span(oldest=1, newest=1),
    schema_versions=Span(oldest=1, newest=1),
    limits=Limits(bytes=1, ops=1, record_bytes=1),
    time="2026-11-24T08:00:00+00:00",
)


class Web:
    """The world's server behind HTTP: hello, devices and tokens as well."""

    def __init__(self) -> None:
        self.server = Server(page_bytes=4000)
        self.codes = {"CODE-ANNA": "anna", "CODE-BERND": "bernd"}
        self.tokens: dict[str, tuple[str, str]] = {}
        self.hello = HELLO
        self.seen: list[str] = []
        self.instead: dict[str, httpx.Response] = {}
        self.pauses: list[float] = []
        self.too_slow_above = 10**9

    @property
    def edges(self) -> Edges:
        """The way to this server."""
        return Edges(httpx.MockTransport(self._answer), Machine(self.pauses.append, lambda: 0.0, lambda: 0.0))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        self.seen.append(f"{request.method} {path.partition('?')[0]}")
        instead = self.instead.get(path.partition("?")[0])
        if instead is not None:
            return said(instead.status_code, instead.content)
        body = request.content
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        if len(body) > self.too_slow_above:
            return said(408, b'{"code":"too_slow"}')
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if path == "/v1/hello":
            assert not token
            return said(200, self.hello.model_dump_json().encode())
        if path == "/v1/devices":
            assert not token
            return self._enrol(orjson.loads(body))
        if token not in self.tokens:
            return said(401, b'{"code":"unknown_token"}')
        user, device = self.tokens[token]
        if path == "/v1/devices/rotate":
            self.tokens[f"{token}+"] = self.tokens[token]
            return said(200, orjson.dumps({"token": f"{token}+"}))
        answer = self.server.answer(user, device, Request(request.method, path, body))
        return said(answer.status, answer.body)

    def _enrol(self, sent: dict[str, str]) -> httpx.Response:
        user = self.codes.pop(sent["code"], None)
        if user is None:
            return said(404, b'{"code":"unknown_code"}')
        token, device = f"token-{len(self.tokens)}", f"device-{len(self.tokens)}"
        self.tokens[token] = (user, device)
        scopes = self.server.answer(user, device, Request("GET", "/v1/scopes")).body
        granted = Scopes.model_validate_json(scopes)
        return said(201, Enrolled(token=token, device=device, granted=granted).model_dump_json().encode())


class Once(httpx.SyncByteStream):
    """A body that comes over a line."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content


def said(status: int, body: bytes = b"") -> httpx.Response:
    """Return an answer."""
    return httpx.Response(status, headers=JSON, stream=Once(body))


def refusing(status: int, code: str) -> httpx.Response:
    """Return a refusal to be put in the place of an answer."""
    return httpx.Response(status, content=orjson.dumps({"code": code}))


@pytest.fixture
def web() -> Web:
    """A server."""
    return Web()


@pytest.fixture
def moment() -> FixedClock:
    """The clock of the laptop."""
    return FixedClock(START)


@pytest.fixture
def book(tmp_path: Path, moment: FixedClock) -> Iterator[Fieldbook]:
    """An empty fieldbook."""
    with Fieldbook.open(tmp_path, clock=moment) as fieldbook:
        yield fieldbook


def save(book: Fieldbook, record_id: str, **values: Any) -> None:
    book.save(parse({"kind": "task", "text": "Aufgabe", **(book.peek(record_id) or {}), "id": record_id, **values}))


def sync(book: Fieldbook, web: Web, folder: Path, **options: Any) -> Report:
    return synchronise(book, folder, edges=web.edges, **options)


def joined(book: Fieldbook, web: Web, code: str = "CODE-ANNA") -> None:
    connect(book, ADDRESS, code, "Laptop", edges=web.edges)


# Connecting


def test_a_code_connects_a_fieldbook_and_what_is_in_it_travels(book: Fieldbook, web: Web, tmp_path: Path) -> None:
    granted = connect(book, ADDRESS, " CODE-ANNA ", "Laptop", edges=web.edges)
    assert (granted.user, granted.scopes[0].team) == ("anna", TEAM)
    save(book, "t1")
    assert sync(book, web, tmp_path) == Report(sent=1)
    assert web.server.documents().keys() == {"t1"}
    assert web.tokens["token-0"] == ("anna", Exchange(book).standing.device)


def test_the_account_says_nothing_of_its_token(book: Fieldbook, web: Web) -> None:
    joined(book, web)
    account = Account.of(book)
    assert account is not None
    assert account.token == "token-0"
    assert "token-0" not in repr(account)


@pytest.mark.parametrize(
    ("path", "instead", "code"),
    [
        ("/v1/devices", refusing(404, "unknown_code"), "unknown_code"),
        ("/v1/devices", refusing(410, "expired"), "expired"),
        ("/v1/devices", refusing(410, "used"), "used"),
        ("/v1/devices", refusing(429, "too_often"), "too_often"),
        ("/v1/devices", httpx.Response(201, content=b'{"token":"x"}'), "lost_answer"),
        ("/v1/devices", httpx.Response(200, content=b"<html>"), "lost_answer"),
        ("/v1/hello", httpx.Response(200, content=b"<html>"), "offline"),
        ("/v1/hello", refusing(503, "busy"), "offline"),
    ],
)
def test_what_stands_in_the_way_of_connecting_is_told_and_nothing_is_kept(
    book: Fieldbook, web: Web, path: str, instead: httpx.Response, code: str
) -> None:
    web.instead[path] = instead
    with pytest.raises(SyncFailed) as caught:
        joined(book, web)
    assert caught.value.code == code
    assert "(" not in str(caught.value)
    assert book.meta(ACCOUNT) == {}
    assert web.seen.count("POST /v1/devices") == (path == "/v1/devices"), "a code is sent once"


def test_a_server_of_another_version_gets_no_code(book: Fieldbook, web: Web) -> None:
    web.hello = HELLO.model_copy(update={"protocol": Span(oldest=2, newest=3)})
    with pytest.raises(SyncFailed, match="andere Version"):
        joined(book, web)
    assert web.seen == ["GET /v1/hello"]


@pytest.mark.parametrize("code", ["", "kurz", "x" * 100])
def test_what_cannot_be_a_code_is_not_sent(book: Fieldbook, web: Web, code: str) -> None:
    with pytest.raises(SyncFailed, match="Code"):
        connect(book, ADDRESS, code, "Laptop", edges=web.edges)
    assert web.seen == []


def test_a_new_code_goes_on_where_the_old_device_stopped(book: Fieldbook, web: Web, tmp_path: Path) -> None:
    joined(book, web)
    for number in range(3):
        save(book, f"t{number}")
    sync(book, web, tmp_path)
    web.tokens.clear()
    save(book, "t9")
    with pytest.raises(SyncFailed, match="kennt den Zugang"):
        sync(book, web, tmp_path)
    web.codes["CODE-AGAIN"] = "anna"
    web.tokens["taken"] = ("niemand", "device-0")
    joined(book, web, "CODE-AGAIN")
    sync(book, web, tmp_path)
    assert len(web.server.documents()) == 4
    assert status_of(book).pending == 0


# Syncing


def test_without_a_server_it_is_said_how_to_connect(book: Fieldbook, web: Web, tmp_path: Path) -> None:
    with pytest.raises(NotConnected, match="feldbuch connect"):
        sync(book, web, tmp_path)


def test_there_is_a_backup_before_the_first_sync_and_no_other(book: Fieldbook, web: Web, tmp_path: Path) -> None:
    joined(book, web)
    save(book, "t1")
    sync(book, web, tmp_path)
    (backup,) = (tmp_path / "backups").iterdir()
    assert b'"t1"' in backup.read_bytes()
    sync(book, web, tmp_path)
    assert len(list((tmp_path / "backups").iterdir())) == 1


def test_where_no_backup_can_be_made_nothing_is_sent(book: Fieldbook, web: Web, tmp_path: Path) -> None:
    joined(book, web)
    save(book, "t1")
    web.seen.clear()

    class Full(Files):
        """A disk without room for a backup."""

        def names(self, folder: Path) -> list[str]:
            """Fail."""
            raise StoreFull("voll")

    with pytest.raises(StoreFull):
        synchronise(book, tmp_path, edges=web.edges._replace(files=Full()))
    assert web.seen == []


def test_offline_nothing_is_lost_and_the_next_time_it_goes_out(book: Fieldbook, web: Web, tmp_path: Path) -> None:
    joined(book, web)
    save(book, "t1")
    web.instead["/v1/scopes"] = httpx.Response(200, content=b"<html>Willkommen</html>")
    with pytest.raises(SyncFailed) as caught:
        sync(book, web, tmp_path)
    assert caught.value.code == "offline"
    assert "wartet hier" in str(caught.value)
    assert status_of(book).pending == 1
    web.instead.clear()
    sync(book, web, tmp_path)
    assert status_of(book).pending == 0


@pytest.mark.parametrize("code", ["revoked", "expired", "superseded", "unknown_token"])
def test_a_token_that_no_longer_counts_is_told_with_the_way_out(
    book: Fieldbook, web: Web, tmp_path: Path, code: str
) -> None:
    joined(book, web)
    web.instead["/v1/scopes"] = refusing(401, code)
    with pytest.raises(SyncFailed, match="feldbuch connect") as caught:
        sync(book, web, tmp_path)
    assert str(caught.value) == failure_text(code)


def test_an_unknown_reason_is_told_as_it_is() -> None:
    assert "(ganz\u00b7neu)" in failure_text("ganz\x1bneu")


def test_a_server_that_went_back_to_a_backup_needs_one_sync_only(book: Fieldbook, web: Web, tmp_path: Path) -> None:
    joined(book, web)
    content = web.server.backup()
    save(book, "t1")
    sync(book, web, tmp_path)
    web.server.restore(content)
    save(book, "t2")
    sync(book, web, tmp_path)
    assert web.server.documents().keys() == {"t1", "t2"}


def test_what_the_server_refuses_stays_here_with_its_reason_until_it_is_edited(
    book: Fieldbook, web: Web, tmp_path: Path
) -> None:
    joined(book, web)
    save(book, FORBIDDEN)
    save(book, "t1")
    report = sync(book, web, tmp_path)
    assert (report.sent, report.rejected) == (1, 1)
    status = status_of(book)
    assert (status.pending, status.rejected) == (0, {FORBIDDEN: "forbidden"})
    assert sync(book, web, tmp_path).rejected == 0
    save(book, FORBIDDEN, text="anders")
    status = status_of(book)
    assert (status.pending, status.rejected) == (1, {})


def test_a_fieldbook_that_can_only_be_read_talks_to_nobody(book: Fieldbook, web: Web, tmp_path: Path) -> None:
    joined(book, web)
    web.seen.clear()
    book.only_read = "Nur lesen."
    for work in (lambda: sync(book, web, tmp_path), lambda: joined(book, web, "CODE-BERND")):
        with pytest.raises(StoreReadOnly):
            work()
    assert web.seen == []


@pytest.mark.parametrize("limit", ["most_bytes", "too_slow_above"])
def test_a_server_or_a_line_that_takes_less_at_a_time_gets_all_in_smaller_pushes(
    book: Fieldbook, web: Web, tmp_path: Path, limit: str
) -> None:
    joined(book, web)
    for number in range(40):
        save(book, f"t{number}", notes=f"{number} " * 300)
    if limit == "most_bytes":
        web.server.most_bytes = 8_000
    else:
        web.too_slow_above = 8_000
    web.seen.clear()
    assert sync(book, web, tmp_path).sent == 40
    assert len(web.server.documents()) == 40
    pushes = web.seen.count(f"POST /v1/teams/{TEAM}/push")
    assert 5 < pushes < 25, "what was too much once is not tried again"


def test_one_edit_that_a_line_is_too_slow_for_stays_here_and_is_not_called_refused(
    book: Fieldbook, web: Web, tmp_path: Path
) -> None:
    joined(book, web)
    save(book, "t1", notes="x" * 5000)
    web.too_slow_above = 1_000
    with pytest.raises(SyncFailed, match="zu langsam"):
        sync(book, web, tmp_path)
    status = status_of(book)
    assert (status.pending, status.rejected) == (1, {})


# The token grows old


def test_a_token_is_exchanged_after_a_month_and_the_new_one_is_used(
    book: Fieldbook, web: Web, tmp_path: Path, moment: FixedClock
) -> None:
    joined(book, web)
    sync(book, web, tmp_path)
    assert "POST /v1/devices/rotate" not in web.seen
    moment.advance(RENEWED)
    sync(book, web, tmp_path)
    del web.tokens["token-0"]
    sync(book, web, tmp_path)
    account = Account.of(book)
    assert account is not None
    assert account.token == "token-0+"
    assert web.seen.count("POST /v1/devices/rotate") == 1


def test_a_token_that_cannot_be_exchanged_now_goes_on(
    book: Fieldbook, web: Web, tmp_path: Path, moment: FixedClock
) -> None:
    joined(book, web)
    moment.advance(RENEWED)
    web.instead["/v1/devices/rotate"] = refusing(503, "busy")
    sync(book, web, tmp_path)
    sync(book, web, tmp_path)
    account = Account.of(book)
    assert account is not None
    assert account.token == "token-0"


# Much would go


def filled(book: Fieldbook, web: Web, folder: Path, count: int) -> None:
    """Connect, and let so many tasks be here and there."""
    joined(book, web)
    with book.batch():
        for number in range(count):
            save(book, f"t{number:03}")
    sync(book, web, folder)


def others_delete(web: Web, folder: Path, count: int) -> None:
    """Let a colleague delete so many tasks."""
    with Fieldbook.open(folder, clock=FixedClock(START)) as theirs:
        joined(theirs, web, "CODE-BERND")
        sync(theirs, web, folder)
        with theirs.batch():
            for number in range(count):
                theirs.delete(f"t{number:03}")
        sync(theirs, web, folder)


@pytest.mark.parametrize(("count", "gone"), [(200, 50), (300, 60), (40, 40)])
def test_few_records_go_without_a_question(book: Fieldbook, web: Web, tmp_path: Path, count: int, gone: int) -> None:
    filled(book, web, tmp_path, count)
    others_delete(web, tmp_path / "bernd", gone)
    sync(book, web, tmp_path)
    assert len(book.documents("task")) == count - gone


def test_many_go_only_once_somebody_agreed_and_trying_again_changes_nothing(
    book: Fieldbook, web: Web, tmp_path: Path
) -> None:
    filled(book, web, tmp_path, 200)
    others_delete(web, tmp_path / "bernd", 120)
    web.server.page_bytes = 2_000
    for _time in range(3):
        with pytest.raises(RemovalsWait) as caught:
            sync(book, web, tmp_path)
        assert caught.value.held == 200
        # Some went with the pages before, and more come behind: neither "nothing" nor "all" would be true.
        assert 50 < caught.value.count < 120
        assert 80 < len(book.documents("task")) < 200
        assert str(caught.value).startswith(f"Der Server würde hier mindestens {caught.value.count} von 200 ")
        assert len(book.documents("task")) >= 150
    save(book, "t199", text="geändert")
    sync(book, web, tmp_path, removals=True)
    assert len(book.documents("task")) == 80
    assert web.server.documents()["t199"]["text"] == "geändert"
    assert sync(book, web, tmp_path) == Report()


def test_a_server_that_suddenly_means_another_team_takes_nothing_without_a_question(
    book: Fieldbook, web: Web, tmp_path: Path
) -> None:
    filled(book, web, tmp_path, 60)
    web.server.grants["anna"] = ("team-2", "adviser")
    with pytest.raises(RemovalsWait, match="60 von 60"):
        sync(book, web, tmp_path)
    assert len(book.documents("task")) == 60


# How things stand


def test_status_is_told_without_asking_anybody(book: Fieldbook, web: Web, tmp_path: Path, moment: FixedClock) -> None:
    assert status_of(book).account is None
    joined(book, web)
    sync(book, web, tmp_path)
    save(book, "t1")
    web.seen.clear()
    status = status_of(book)
    assert (status.pending, status.rejected, status.parked) == (1, {}, 0)
    assert status.contact.scopes == [{"team": TEAM, "name": "Team", "role": "adviser"}]
    assert web.seen == []
    moment.advance(timedelta(hours=1))
    sync(book, web, tmp_path)
    assert Contact.of(book).at == "2026-11-24T09:00:00+00:00"


def test_an_idle_sync_writes_nothing_within_a_minute(
    book: Fieldbook, web: Web, tmp_path: Path, moment: FixedClock
) -> None:
    joined(book, web)
    sync(book, web, tmp_path)
    size = book.size()
    moment.advance(timedelta(seconds=30))
    sync(book, web, tmp_path)
    assert book.size() == size
    moment.advance(timedelta(seconds=31))
    sync(book, web, tmp_path)
    assert book.size() > size


def test_whether_the_server_is_there_is_asked_without_the_token(book: Fieldbook, web: Web) -> None:
    joined(book, web)
    account = Account.of(book)
    assert account is not None
    assert reachable(account, web.edges)
    web.instead["/v1/hello"] = httpx.Response(200, content=b"")
    web.instead["/v1/hello"] = refusing(503, "busy")
    assert not reachable(account, web.edges)
    assert web.pauses == []
