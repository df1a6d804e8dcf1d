"""The line to one server: requests go out by httpx, packed; whatever comes back that a server of ours would not say is "offline"."""

from __future__ import annotations

import gzip
import random
import ssl
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Final, Self

import httpx

from sync.address import is_local
from sync.engine import Answer, NotSynced, Request
from sync.halt import Halt

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from sync.engine import Report
    from sync.pace import Pace

MOST_BYTES: Final = 32 * 1024 * 1024
"""Of an answer, inflated. A page of the feed has 512 KiB; the answer to a large push with many merges has more."""
MOST_SECONDS: Final = 180.0
"""For one answer, however steadily it drips."""
SMALL: Final = 600
"""Bytes below which packing costs more than it saves."""
TRIES: Final = 5
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 20.0
PATIENCE: Final = 60.0
"""Seconds that a server may ask to wait for; one that asks for more is told of to whoever started the sync."""
AGAIN: Final = frozenset({429, 500, 502, 503, 504})
TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)
_GZIP: Final = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Machine:
    """What the line needs of the machine: `seconds` counts evenly, `chance` is a number from 0 to 1."""

    sleep: Callable[[float], None] = time.sleep
    seconds: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random


class _NotOurs(Exception):
    """No server of ours says this; asking again would bring the same."""


class Line:
    """Talks to the server at one address and to no other, with the token of one device."""

    def __init__(
        self,
        address: str,
        token: str = "",
        *,
        ca: str = "",
        transport: httpx.BaseTransport | None = None,
        machine: Machine | None = None,
        halt: Halt | None = None,
    ) -> None:
        """Talk to `address`, trusting the certificates in the text `ca` alone, if any; raises `NotSynced`."""
        self._halt = halt or Halt()
        self._address = address
        self._token = token
        self._machine = machine or Machine()
        # A server on this machine is never asked through a proxy, others where the system says so.
        try:
            self._http = httpx.Client(
                verify=_trust(address, ca) if transport is None else True,
                transport=transport,
                timeout=TIMEOUT,
                follow_redirects=False,
                trust_env=not is_local(address),
            )
        except ssl.SSLError:
            raise NotSynced("ca") from None
        except (ImportError, ValueError, httpx.InvalidURL):
            raise NotSynced("proxy") from None

    def close(self) -> None:
        """End the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def carry(self, request: Request, *, tries: int = TRIES, timeout: httpx.Timeout = TIMEOUT) -> Answer:
        """Return what the server says, asking again after random pauses where it may be in a moment; status 0: offline.

        Raises `NotSynced` where the certificate is not to be trusted; the token was not sent then. And where the sync was
        ended meanwhile.
        """
        with self._halt.asking():
            return self._carry(request, tries, timeout)

    def _carry(self, request: Request, tries: int, timeout: httpx.Timeout) -> Answer:
        answer, wait = Answer(0), 0.0
        for number in range(tries):
            if number:
                self._machine.sleep(max(wait, _pause(number) * self._machine.chance()))
                self._halt.check()
            try:
                answer, wait = self._ask(request, timeout)
            except (_NotOurs, httpx.InvalidURL):
                return Answer(0)
            except httpx.TransportError as error:
                if _distrusted(error):
                    raise NotSynced("certificate") from None
                answer, wait = Answer(0), 0.0
            if answer.status not in (0, *AGAIN) or wait > PATIENCE:
                break
        return answer

    def _ask(self, request: Request, timeout: httpx.Timeout) -> tuple[Answer, float]:
        headers = {"accept": "application/json", "accept-encoding": "gzip", "user-agent": f"feldbuch/{_version()}"}
        body = request.body
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        if body:
            headers["content-type"] = "application/json"
        if len(body) > SMALL:
            body = gzip.compress(body, 5, mtime=0)
            headers["content-encoding"] = "gzip"
        # Put together as text: whatever the path says, it stays behind the address.
        url = self._address + request.path
        told = {"trace": self._halt.trace}
        with self._http.stream(
            request.method, url, content=body, headers=headers, timeout=timeout, extensions=told
        ) as response:
            return Answer(response.status_code, self._body(response)), _asked_to_wait(response)

    def _body(self, response: httpx.Response) -> bytes:
        status = response.status_code
        if status in (204, 304):
            return b""
        if status < 200 or 300 <= status < 400:
            # Redirects are never followed: a hotel's network sends everybody to its own page.
            raise _NotOurs
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            if status < 300:
                raise _NotOurs
            return b""
        body = bytearray()
        end = self._machine.seconds() + MOST_SECONDS
        for part in _inflated(response):
            body += part
            if len(body) > MOST_BYTES or self._machine.seconds() > end:
                raise _NotOurs
        return bytes(body)


def _inflated(response: httpx.Response) -> Iterator[bytes]:
    """Yield the parts of a body, none of them larger than an answer may be, whatever they unpack to."""
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing == "identity":
        yield from response.iter_raw()
        return
    if packing != "gzip":
        raise _NotOurs
    stream = zlib.decompressobj(_GZIP)
    try:
        for chunk in response.iter_raw():
            left = chunk
            while left:
                yield stream.decompress(left, MOST_BYTES + 1)
                left = stream.unconsumed_tail
            if stream.unused_data:
                raise _NotOurs
    except zlib.error:
        raise _NotOurs from None
    if not stream.eof:
        raise httpx.ReadError("the answer was cut")


def _asked_to_wait(response: httpx.Response) -> float:
    said = response.headers.get("retry-after", "").strip()
    return float(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 0.0


def _pause(number: int) -> float:
    """Return the longest pause before a try; how much of it is waited is left to chance, so that devices do not come in step."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (number - 1))


def _trust(address: str, ca: str) -> ssl.SSLContext:
    if not address.startswith("https:"):
        # Reading all certificates takes a moment, and none is asked for.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca:
        return ssl.create_default_context(cadata=ca)
    context = httpx.create_ssl_context()
    # Beside the public ones those of the system: an office has certificates of its own.
    context.load_default_certs()
    return context


def _distrusted(error: BaseException) -> bool:
    step: BaseException | None = error
    while step is not None:
        if isinstance(step, ssl.SSLCertVerificationError):
            return True
        step = step.__cause__ or step.__context__
    return False


def _version() -> str:
    return version("feldbuch")


def drive(
    going: Generator[Request, Answer, Report],
    carry: Callable[[Request], Answer],
    pace: Pace,
    seconds: Callable[[], float],
) -> Report:
    """Return the report of a cycle that is driven by `carry`; raises `NotSynced`."""
    try:
        request = next(going)
        while True:
            began = seconds()
            answer = carry(request)
            if answer.status == 200 and request.method == "POST":
                pace.took(seconds() - began)
            request = going.send(answer)
    except StopIteration as end:
        report: Report = end.value
        return report
