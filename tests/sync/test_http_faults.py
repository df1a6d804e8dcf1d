"""When the server cannot: its database is away, full or wrong, or too many ask at once. And what is seen of it afterwards."""

from __future__ import annotations

import asyncio
import io
import logging
import threading
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
import pytest
from sqlalchemy import create_engine

from sync.protocol import Push
from sync.server.database import Database
from sync.server.engines import Engines, engines_for
from sync.server.limits import Limits
from sync.server.logs import logger_to, take_over
from tests.sync.served import Served, task

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    import httpx
    from sqlalchemy import Connection

    from models.clock import FixedClock
    from tests.sync.served import Badge

T = TypeVar("T")
GONE = {
    "sqlite": "sqlite:///{folder}/no/such/folder/server.db",
    "postgresql": "postgresql+psycopg://postgres@/none?host={folder}",
}


class Switch(Database):
    """A database that can be swapped for one that does not work, while the server runs."""

    def __init__(self, good: Database) -> None:
        self.now = good
        self.clock = good.clock

    def read(self, work: Callable[[Connection], T]) -> T:
        return self.now.read(work)

    def write(self, work: Callable[[Connection], T]) -> T:
        return self.now.write(work)


@pytest.fixture
def switch(database: Database) -> Switch:
    """A database that works, until it does not."""
    return Switch(database)


@pytest.fixture
def served(switch: Switch) -> Iterator[Served]:
    """A server over that database."""
    served = Served(switch)
    yield served
    served.close()


async def everything(served: Served, anna: Badge) -> list[httpx.Response]:
    """Ask for a bit of everything."""
    return [
        await served.ask("GET", "/v1/scopes", anna),
        await served.ask("GET", f"/v1/teams/{served.koeln}/feed?since=e:0", anna),
        await served.ask("POST", f"/v1/teams/{served.koeln}/push", anna, {}),
        await served.ask("POST", "/v1/devices", message={"code": "AAAA-BBBB-CCCC", "name": "Laptop"}),
        await served.ask("POST", "/v1/devices/rotate", anna),
    ]


async def test_without_its_database_the_server_says_when_to_come_back(
    served: Served, switch: Switch, dialect: str, clock: FixedClock, tmp_path: Path
) -> None:
    anna, good = served.badge(served.koeln), switch.now
    assert (await served.ask("GET", "/readyz")).json() == {"ready": True}
    switch.now = Database(engines_for(GONE[dialect].format(folder=tmp_path)), clock=clock)
    for answer in await everything(served, anna):
        assert answer.status_code == 503
        assert answer.json()["code"] in ("busy", "storage")
        assert list(answer.json()) == ["code"]
        assert int(answer.headers["retry-after"]) > 0
    ready = await served.ask("GET", "/readyz")
    assert (ready.status_code, ready.json()) == (503, {"code": "not_ready", "detail": "unreachable"})
    assert (await served.ask("GET", "/healthz")).status_code == 200
    assert (await served.ask("GET", "/v1/hello")).status_code == 200
    switch.now.close()
    switch.now = good
    assert (await served.push(served.koeln, anna, task(1))).status_code == 200


async def test_when_all_connections_are_taken_the_server_says_when_to_come_back(
    served: Served, switch: Switch, database_url: str, clock: FixedClock
) -> None:
    anna = served.badge(served.koeln)
    narrow = create_engine(database_url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    good, switch.now = switch.now, Database(Engines(narrow, narrow, one_writer=False), clock=clock)
    with narrow.connect():
        for answer in await everything(served, anna):
            assert (answer.status_code, answer.json(), answer.headers["retry-after"]) == (503, {"code": "busy"}, "5")
    assert (await served.ask("GET", "/v1/scopes", anna)).status_code == 200
    switch.now.close()
    switch.now = good


async def test_a_full_disk_takes_a_batch_as_a_whole_or_not_at_all(served: Served, switch: Switch, dialect: str) -> None:
    anna = served.badge(served.koeln)
    await served.push(served.koeln, anna, task(1))
    ops = [task(n, f"t{n}", notes="x" * 20_000) for n in range(2, 42)]
    fill(switch.now, dialect)
    answer = await served.push(served.koeln, anna, *ops)
    assert (answer.status_code, answer.json(), int(answer.headers["retry-after"]) > 0) == (
        503,
        {"code": "storage"},
        True,
    )
    assert len(await served.records(served.koeln, anna)) == 1
    fill(switch.now, dialect, full=False)
    assert (await served.push(served.koeln, anna, *ops)).status_code == 200
    page = await served.ask("GET", f"/v1/teams/{served.koeln}/feed?since={served.beginning(served.koeln)}", anna)
    assert page.json()["total"] == 41


def fill(database: Database, dialect: str, *, full: bool = True) -> None:
    """Let a database be full; PostgreSQL says so in the same words from a function that stands before its receipts."""
    if dialect == "sqlite":
        with database._engines.writer.connect() as connection:
            pages = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 3 if full else 1_000_000}")
        return
    says = "RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'could not extend file'"
    made = f"CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {says}; END $$"
    stands = "CREATE TRIGGER full_disk BEFORE INSERT ON receipt EXECUTE FUNCTION full_disk()"
    statement = f"{made}; {stands}" if full else "DROP TRIGGER full_disk ON receipt"
    database.write(lambda connection: connection.exec_driver_sql(statement))


class Defective(Database):
    """A database with a mistake in the program, whose error quotes a record."""

    def __init__(self, good: Database) -> None:
        self.clock = good.clock

    def read(self, work: Callable[[Connection], T]) -> T:
        raise KeyError("Konzept: streng vertraulich")

    write = read


@pytest.mark.usefixtures("_logging_as_before")
async def test_a_defect_is_told_without_a_word_of_what_it_met(served: Served, switch: Switch) -> None:
    anna = served.badge(served.koeln)
    stream = io.StringIO()
    take_over(stream)
    logging.getLogger("uvicorn.error").propagate = True
    switch.now = Defective(switch.now)
    answer = await served.ask("GET", "/v1/scopes", anna)
    assert (answer.status_code, answer.json()) == (500, {"code": "defect"})
    assert answer.headers["cache-control"] == "no-store"
    defect, request = served.logged()
    assert (request["status"], request["code"]) == (500, "defect")
    assert (defect["event"], defect["error"]) == ("defect", "KeyError")
    assert any("test_http_faults.py" in place for place in defect["at"])
    assert "vertraulich" not in served.log.getvalue() + stream.getvalue()


@pytest.fixture
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


async def test_bodies_tokens_and_addresses_are_not_in_the_log_and_its_lines_stay_lines(served: Served) -> None:
    code = served.code(served.koeln, "lead", "Anna\nB")
    message = {"code": code, "name": 'Laptop\n{"event":"forged"}\x1b[2J\x9b31m\u2028'}
    enrolled = (await served.ask("POST", "/v1/devices", message=message)).json()
    token, device = enrolled["token"], enrolled["device"]
    push = Push(device=device, epoch=served.epoch(served.koeln), ops=[task(1, text="Streng vertraulich")])
    await served.ask("POST", f"/v1/teams/{served.koeln}/push", token, push.model_dump())
    await served.ask("GET", f"/v1/teams/{served.koeln}/feed?since=heimlich:1", token)
    await served.ask("GET", "/v1/heimlich%0a%1b[2J", token, headers={"user-agent": "heimlich\x1b"})
    await served.ask("M\x1b".replace("\x1b", "X"), "/v1/scopes", token)
    log = served.log.getvalue()
    assert not any(word in log for word in (token, code, "vertraulich", "heimlich", "forged", "Laptop"))
    assert log.isascii()
    assert all(ord(letter) >= 32 or letter == "\n" for letter in log)
    said = [(line["event"], line["method"], line["route"], line["status"]) for line in served.logged()]
    assert said == [
        ("request", "POST", "/v1/devices", 201),
        ("request", "POST", "/v1/teams/{team}/push", 200),
        ("request", "GET", "/v1/teams/{team}/feed", 409),
        ("request", "GET", "", 404),
        ("request", "other", "/v1/scopes", 405),
    ]
    assert (served.logged()[1]["device"], served.logged()[1]["team"]) == (device, served.koeln)


@pytest.mark.usefixtures("_logging_as_before")
def test_what_others_log_becomes_such_lines_too() -> None:
    stream = io.StringIO()
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # as a server that was started otherwise leaves it
    take_over(stream)
    try:
        raise ValueError("Streng vertraulich")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in %s\n\x1b[2J", "ASGI application")
    logging.getLogger("uvicorn.access").info("GET /v1/scopes?token=x")
    (line,) = stream.getvalue().splitlines()
    said = orjson.loads(line)
    assert (said["error"], said["level"], "vertraulich" in line) == ("ValueError", "error", False)
    assert said["event"].startswith("Exception in ASGI application")
    assert "\x1b" not in said["event"]


def test_an_error_in_a_line_is_its_type_and_the_places_alone() -> None:
    stream = io.StringIO()
    try:
        raise ValueError("Streng vertraulich")
    except ValueError as error:
        logger_to(stream).error("defect", exc_info=error, long="x" * 1000, n=3)
    said = orjson.loads(stream.getvalue())
    assert (said["error"], len(said["long"]), said["n"]) == ("ValueError", 200, 3)
    assert [place.rsplit(" ", 1)[1] for place in said["at"]] == [
        "test_an_error_in_a_line_is_its_type_and_the_places_alone"
    ]
    assert "vertraulich" not in stream.getvalue()


async def test_figures_are_for_this_machine_alone(served: Served) -> None:
    await served.ask("GET", "/v1/hello")
    await served.ask("GET", "/v1/no-such-thing-1")
    await served.ask("GET", "/v1/no-such-thing-2")
    figures = (await served.ask("GET", "/metrics")).text
    assert 'feldbuch_requests_total{code="",method="GET",route="/v1/hello",status="200"} 1.0' in figures
    assert 'feldbuch_requests_total{code="not_found",method="GET",route="",status="404"} 2.0' in figures
    assert "no-such-thing" not in figures
    for header in ("x-forwarded-for", "forwarded", "x-real-ip", "via"):
        assert (await served.ask("GET", "/metrics", headers={header: "10.0.0.1"})).status_code == 404
    for address, status in (("10.0.0.1", 404), ("::1", 200), ("127.5.5.5", 200), ("", 404)):
        served.address = address
        assert (await served.ask("GET", "/metrics")).status_code == status


async def test_more_at_once_than_the_server_can_hold_are_told_to_come_back(
    serve: Callable[[Limits], Served],
) -> None:
    served = serve(Limits(at_once=1))
    anna = served.badge(served.koeln)
    inside, go_on = asyncio.Event(), asyncio.Event()
    push = Push(device=anna.device, epoch=served.epoch(served.koeln), ops=[task(1)])

    async def waiting() -> AsyncIterator[bytes]:
        inside.set()
        await go_on.wait()
        yield orjson.dumps(push.model_dump())

    first = asyncio.create_task(served.ask("POST", f"/v1/teams/{served.koeln}/push", anna, content=waiting()))
    await inside.wait()
    second = await served.ask("GET", "/v1/scopes", anna)
    assert (second.status_code, second.json()) == (503, {"code": "busy"})
    assert int(second.headers["retry-after"]) > 0
    assert [(await served.ask("GET", path)).status_code for path in ("/healthz", "/readyz", "/metrics")] == [200] * 3
    go_on.set()
    assert (await first).status_code == 200
    assert (await served.ask("GET", "/v1/scopes", anna)).status_code == 200


async def test_a_device_that_goes_away_in_the_middle_leaves_nothing_behind(served: Served) -> None:
    anna = served.badge(served.koeln)
    sent: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = [
        {"type": "http.request", "body": b'{"device":', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, Any]:
        return parts.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    path = f"/v1/teams/{served.koeln}/push"
    headers = [(b"authorization", f"Bearer {anna.token}".encode()), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers}
    await served.app({**scope, "client": ("127.0.0.1", 1)}, receive, send)
    assert (sent[0]["status"], served.logged()[-1]["code"]) == (400, "cut")
    assert await served.records(served.koeln, anna) == []


async def test_whoever_reads_does_not_wait_for_those_who_write(serve: Callable[[Limits], Served]) -> None:
    served = serve(Limits(threads=1))
    anna, bernd = served.badge(served.koeln), served.badge(served.koeln, name="Bernd")
    for badge in (anna, bernd):
        assert (await served.ask("GET", "/v1/scopes", badge)).status_code == 200
    writing, go_on = threading.Event(), threading.Event()

    def slow(_connection: Connection) -> None:
        writing.set()
        assert go_on.wait(20)

    busy = asyncio.create_task(asyncio.to_thread(served.database.write, slow))
    assert await asyncio.to_thread(writing.wait, 20)
    pushes = [asyncio.create_task(served.push(served.koeln, anna, task(1))) for _time in range(3)]
    await asyncio.wait(pushes, timeout=0.05)
    assert (await served.ask("GET", "/v1/scopes", bernd)).status_code == 200
    go_on.set()
    await busy
    assert {answer.status_code for answer in await asyncio.gather(*pushes)} == {200}
