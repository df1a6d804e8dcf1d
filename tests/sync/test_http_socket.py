"""The wire as it is on a socket, byte by byte: what an idle poll costs, and requests that are not quite HTTP."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import uvicorn

from sync.server.limits import Limits
from tests.sync.served import task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sync.served import Badge, Served

PATIENCE = 20.0
"""Seconds after which a server that says nothing is a failure."""


@contextmanager
def listening(served: Served) -> Iterator[int]:
    """Serve on loopback; yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        config = uvicorn.Config(served.app, log_config=None, access_log=False, server_header=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            yield door.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


def say(port: int, *parts: bytes) -> bytes:
    """Send bytes and return all that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except OSError:
            # It has said enough and closed; what it said can still be read, or was lost with the connection.
            pass
        said = b""
        try:
            while part := connection.recv(65536):
                said += part
        except ConnectionResetError:
            pass
        return said


def head(method: str, path: str, badge: Badge, *lines: str) -> bytes:
    """Return the head of a request as a client sends it."""
    named = [f"{method} {path} HTTP/1.1", "host: server", f"authorization: Bearer {badge.token}", *lines, "", ""]
    return "\r\n".join(named).encode()


@pytest.fixture
def anna(served: Served) -> Badge:
    """Somebody in Köln who has pushed something."""
    return served.badge(served.koeln)


async def test_an_idle_poll_takes_less_than_300_bytes_on_the_wire(served: Served, anna: Badge) -> None:
    await served.push(served.koeln, anna, task(1))
    cursor = f"{served.epoch(served.koeln)}:1"
    with listening(served) as port:
        said = say(port, head("GET", f"/v1/teams/{served.koeln}/feed?since={cursor}", anna, "connection: close"))
    assert said.startswith(b"HTTP/1.1 304 ")
    assert said.endswith(b"\r\n\r\n")
    assert len(said) < 300
    assert b"server:" not in said.lower()


def test_a_body_that_stops_or_never_stops_ends_with_an_answer_and_the_connection(
    serve: Callable[[Limits], Served],
) -> None:
    served = serve(Limits(chunk_seconds=0.1, body_bytes=100_000))
    badge = served.badge(served.koeln)
    push = f"/v1/teams/{served.koeln}/push"
    json = "content-type: application/json"
    with listening(served) as port:
        slow = say(port, head("POST", push, badge, json, "content-length: 500"), b'{"device":')
        # Not much beyond the limit: with bytes unread, the answer may be lost together with the connection.
        chunk = b"4e20\r\n" + b" " * 20_000 + b"\r\n"
        chunks = [*[chunk] * 5, b"1\r\n \r\n"]
        endless = say(port, head("POST", push, badge, json, "transfer-encoding: chunked"), *chunks)
        large = say(port, head("POST", push, badge, json, "content-length: 100001"))
    assert slow.startswith(b"HTTP/1.1 408 ")
    assert slow.endswith(b'{"code":"too_slow"}')
    assert endless.startswith(b"HTTP/1.1 413 ")
    assert large.endswith(b'{"code":"too_large"}')


def test_what_two_readers_could_understand_in_two_ways_is_refused(served: Served, anna: Badge) -> None:
    push = f"/v1/teams/{served.koeln}/push"
    both = head("POST", push, anna, "content-length: 5", "transfer-encoding: chunked", "connection: close")
    strange = (
        both + b"0\r\n\r\n",
        head("POST", push, anna, "content-length: 5", "content-length: 6", "connection: close") + b"{}   ",
        head("POST", push, anna, "content-length: -1", "connection: close"),
        head("POST", push, anna, "transfer-encoding: chunked, identity", "connection: close") + b"0\r\n\r\n",
        head("GET", "/v1/scopes", anna, "x: a\rb", "connection: close"),
        b"GET /v1/scopes HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    )
    with listening(served) as port:
        for request in strange:
            said = say(port, request)
            assert not said.startswith(b"HTTP/1.1 2"), request
            assert not said.startswith(b"HTTP/1.1 5"), request
        fine = say(port, head("GET", "/v1/scopes", anna, "connection: close"))
    assert fine.startswith(b"HTTP/1.1 200 ")
    assert b"transfer-encoding" not in fine.lower()
