"""The line to the server: what it sends, what it takes for "offline", how it waits, and whom it never trusts."""

from __future__ import annotations

import gzip
import ssl
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from models.errors import UsageError
from sync.address import is_local, read_address
from sync.client import MOST_BYTES, MOST_SECONDS, TRIES, Line, Machine
from sync.engine import Answer, NotSynced, Request
from sync.pace import LEAST, MOST, Pace

ADDRESS = "https://feldbuch.example.org"
ASK = Request("GET", "/v1/hello")
JSON = {"content-type": "application/json"}
PACKED = {"content-encoding": "gzip"}
GIVEN = b'{"a":1}'

Handler = Callable[[httpx.Request], httpx.Response]


class Watch:
    """A machine whose clock moves by the pauses only, and by `step` at each look."""

    def __init__(self, chance: float = 1.0, step: float = 0.0) -> None:
        self.pauses: list[float] = []
        self.moment = 0.0
        self.step = step
        self.machine = Machine(self.pauses.append, self._seconds, lambda: chance)

    def _seconds(self) -> float:
        self.moment += self.step
        return self.moment


class Parts(httpx.SyncByteStream):
    """A body in parts, which are made as they are read."""

    def __init__(self, parts: Any) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        yield from self._parts


def reply(status: int = 200, content: bytes = GIVEN, headers: dict[str, str] = JSON) -> httpx.Response:
    """Return an answer as it comes over a line: not read yet."""
    return httpx.Response(status, headers=headers, stream=Parts([content]))


def ask(handler: Handler, request: Request = ASK, watch: Watch | None = None) -> Answer:
    """Ask a server that answers by `handler`."""
    machine = (watch or Watch()).machine
    with Line(ADDRESS, "geheim", transport=httpx.MockTransport(handler), machine=machine) as line:
        return line.carry(request)


def always(status: int = 200, content: bytes = GIVEN, **headers: str) -> Handler:
    """Answer all in one way."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _request: reply(status, content, JSON | named)


# What goes out


def test_a_request_goes_to_its_own_address_with_the_token_and_asks_for_gzip() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return reply()

    assert ask(handler) == Answer(200, GIVEN)
    (request,) = seen
    assert str(request.url) == f"{ADDRESS}/v1/hello"
    assert request.headers["authorization"] == "Bearer geheim"
    assert request.headers["accept-encoding"] == "gzip"
    assert request.headers["user-agent"].startswith("feldbuch/")


def test_a_large_body_is_packed_and_a_small_one_is_not() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return reply()

    large = b'{"a":"' + b"x" * 5000 + b'"}'
    for body in (b'{"a":1}', large):
        ask(handler, Request("POST", "/v1/x", body))
    small, packed = seen
    assert "content-encoding" not in small.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.content) == large
    assert {request.headers["content-type"] for request in seen} == {"application/json"}


@pytest.mark.parametrize("path", ["/v1/teams/@evil.example/feed", "//evil.example/v1", "/v1/..//x?y#z", "/\\evil"])
def test_whatever_a_path_says_the_token_goes_to_the_same_host(path: str) -> None:
    hosts: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return reply()

    ask(handler, Request("GET", path))
    assert hosts == ["feldbuch.example.org"]


def test_an_address_that_cannot_be_asked_is_offline() -> None:
    assert ask(always(), Request("GET", "/v1/teams/\n/feed")) == Answer(0)


# What comes back


def test_a_packed_answer_is_unpacked() -> None:
    assert ask(always(content=gzip.compress(GIVEN, mtime=0), content_encoding="gzip")) == Answer(200, GIVEN)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed_and_means_offline(status: int) -> None:
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(status, headers={"location": "https://evil.example/v1/hello"} | JSON)

    assert ask(handler) == Answer(0)
    assert asked == ["feldbuch.example.org"]


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"<html>Willkommen im Hotel</html>", {"content-type": "text/html"}),
        (GIVEN, {}),
        (GIVEN, JSON | {"content-encoding": "br"}),
        (b"kein gzip", JSON | PACKED),
        (gzip.compress(GIVEN, mtime=0) + b"mehr", JSON | PACKED),
        (gzip.compress(GIVEN, mtime=0)[:-9], JSON | PACKED),
        (gzip.compress(GIVEN, mtime=0), JSON | {"content-encoding": "gzip, gzip"}),
    ],
)
def test_what_no_server_of_ours_would_say_means_offline(content: bytes, headers: dict[str, str]) -> None:
    assert ask(lambda _request: reply(200, content, headers)) == Answer(0)


def test_an_answer_that_unpacks_to_more_than_is_allowed_is_given_up_early() -> None:
    packer = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    bomb = packer.compress(bytes(MOST_BYTES + 2)) + packer.flush()
    headers = JSON | {"content-encoding": "gzip"}
    assert ask(lambda _request: httpx.Response(200, headers=headers, stream=Parts([bomb]))) == Answer(0)


def test_an_answer_without_end_is_given_up() -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b" " * 65536

    assert ask(lambda _request: httpx.Response(200, headers=JSON, stream=Parts(endless()))) == Answer(0)
    assert read <= MOST_BYTES // 65536 + 1


def test_an_answer_that_drips_is_given_up_in_time() -> None:
    drops = iter([b" "] * 10_000)
    watch = Watch(step=1.0)
    ask(lambda _request: httpx.Response(200, headers=JSON, stream=Parts(drops)), watch=watch)
    assert watch.moment <= MOST_SECONDS + 5


@pytest.mark.parametrize("status", [304, 204])
def test_an_answer_without_a_body_is_one(status: int) -> None:
    assert ask(lambda _request: httpx.Response(status)) == Answer(status)


def test_a_refusal_is_passed_on_with_what_it_says() -> None:
    assert ask(always(401, b'{"code":"revoked"}')) == Answer(401, b'{"code":"revoked"}')
    assert ask(lambda _request: reply(413, b"<html>too large</html>", {"content-type": "text/html"})) == Answer(413)


# Waiting


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_asked_again_after_pauses_that_grow(status: int) -> None:
    watch = Watch()
    assert ask(always(status, b'{"code":"busy"}'), watch=watch) == Answer(status, b'{"code":"busy"}')
    assert watch.pauses == [0.5, 1.0, 2.0, 4.0]


def test_pauses_are_left_to_chance_from_nothing_to_the_whole() -> None:
    for chance in (0.0, 0.25):
        watch = Watch(chance)
        ask(always(503), watch=watch)
        assert watch.pauses == [chance * pause for pause in (0.5, 1.0, 2.0, 4.0)]


def test_a_server_that_says_when_is_asked_then_and_not_before() -> None:
    watch = Watch(0.0)
    statuses = iter([503, 503, 200])
    assert ask(lambda _request: reply(next(statuses), headers=JSON | {"retry-after": "7"}), watch=watch).status == 200
    assert watch.pauses == [7.0, 7.0]


def test_a_server_that_asks_for_an_hour_is_not_waited_for() -> None:
    watch = Watch()
    assert ask(always(429, b'{"code":"too_often"}', retry_after="3600"), watch=watch).status == 429
    assert watch.pauses == []


@pytest.mark.parametrize("said", ["", "-1", "bald", "1e9", "9" * 30, "Wed, 25 Nov 2026 09:00:00 GMT"])
def test_a_time_that_cannot_be_read_is_no_time(said: str) -> None:
    watch = Watch(0.0)
    ask(always(503, retry_after=said), watch=watch)
    assert watch.pauses == [0.0] * (TRIES - 1)


@pytest.mark.parametrize(
    "trouble", [httpx.ConnectError("weg"), httpx.ReadTimeout("still"), httpx.RemoteProtocolError("cut")]
)
def test_a_line_that_breaks_is_tried_again_and_is_offline_at_last(trouble: Exception) -> None:
    tries = 0

    def handler(_request: httpx.Request) -> httpx.Response:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise trouble
        return reply()

    assert ask(handler) == Answer(200, GIVEN)
    tries = -100
    assert ask(handler) == Answer(0)
    assert tries == TRIES - 100


# Trust


def test_a_certificate_that_cannot_be_trusted_is_told_apart_and_not_tried_again() -> None:
    tries = 0

    def handler(_request: httpx.Request) -> httpx.Response:
        nonlocal tries
        tries += 1
        raise httpx.ConnectError("no") from ssl.SSLCertVerificationError("self-signed")

    with pytest.raises(NotSynced, match="certificate"):
        ask(handler)
    assert tries == 1


def test_a_file_without_certificates_is_refused() -> None:
    with pytest.raises(NotSynced, match="ca"):
        Line(ADDRESS, ca="kein Zertifikat")


# Addresses


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("feldbuch.example.org", "https://feldbuch.example.org"),
        (" https://Feldbuch.Example.org/ ", "https://feldbuch.example.org"),
        ("https://example.org:8443/feldbuch/", "https://example.org:8443/feldbuch"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address_is_kept_in_one_form(text: str, address: str) -> None:
    assert read_address(text) == address
    assert is_local(address) == address.startswith("http:")


@pytest.mark.parametrize(
    "text",
    [
        "http://feldbuch.example.org",
        "http://127.0.0.1.example.org",
        "http://10.0.0.1",
        "ftp://example.org",
        "https://",
        "",
        "https://anna:geheim@example.org",
        "https://example.org?token=x",
        "https://example.org:hundert",
        "https://[",
    ],
)
def test_what_is_no_safe_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read_address(text)


# Pace


def test_pushes_grow_on_a_quick_line_and_shrink_on_a_slow_one_within_bounds() -> None:
    pace = Pace(room=64 * 1024)
    pace.took(0.1)
    assert pace.room == 128 * 1024
    pace.took(5.0)
    assert pace.room == 128 * 1024
    for _time in range(9):
        pace.took(60.0)
    assert pace.room == LEAST
    for _time in range(9):
        pace.took(0.1)
    assert pace.room == MOST


def test_what_a_server_did_not_take_is_not_tried_again() -> None:
    pace = Pace()
    pace.too_much(500_000)
    pace.took(0.1)
    assert pace.room == 250_000
