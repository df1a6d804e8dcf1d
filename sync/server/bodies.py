"""Bodies: read within limits of size and time, inflated within a limit, parsed into one strict message."""

from __future__ import annotations

import asyncio
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from sync.server.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.requests import Request

    from sync.server.limits import Limits

Read = TypeVar("Read", bound=BaseModel)

DEEPEST = 64
MOST_VALUES = 200_000
"""Of lists and mappings in a body together."""
SMALLEST, LARGEST = -(2**63), 2**63 - 1
_GZIP = 16 + zlib.MAX_WBITS
_MAGIC = b"\x1f\x8b"


class Held:
    """How many bytes of bodies the server holds in all."""

    def __init__(self, most: int) -> None:
        """Hold at most so many."""
        self._left = most

    @contextmanager
    def room(self) -> Iterator[Callable[[int], None]]:
        """Yield what asks for room for more bytes, which are free again at the end; it raises `Refused` where there is none."""
        mine = 0

        def take(size: int) -> None:
            nonlocal mine
            if size > self._left:
                raise Refused(503, "busy")
            self._left -= size
            mine += size

        try:
            yield take
        finally:
            self._left += mine


async def read_body(request: Request, limits: Limits, take: Callable[[int], None]) -> bytes:
    """Return a request's body, inflated; raises `Refused` for one too large, too slow, cut or packed in another way.

    `take` is told of all bytes that are kept, before they are.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, "not_json")
    packing = request.headers.get("content-encoding", "identity").strip().lower()
    if packing not in ("identity", "gzip"):
        raise Refused(415, "encoding")
    said = request.headers.get("content-length", "0")
    if said.isascii() and said.isdecimal() and (len(said) > 15 or int(said) > limits.body_bytes):
        raise Refused(413, "too_large")
    unpacked = (_Inflated if packing == "gzip" else _Plain)(limits.body_bytes, take)
    came = 0
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for chunk in _chunks(request, limits.chunk_seconds):
                came += len(chunk)
                if came > limits.body_bytes:
                    # Of gzip too: a stream may go on for ever and unpack to nothing.
                    raise Refused(413, "too_large")
                unpacked.add(chunk)
    except TimeoutError:
        raise Refused(408, "too_slow") from None
    body = unpacked.end()
    if body.startswith(_MAGIC):
        raise Refused(415, "encoding")
    return body


async def _chunks(request: Request, seconds: float) -> AsyncIterator[bytes]:
    more = True
    while more:
        async with asyncio.timeout(seconds):
            message = await request.receive()
        if message["type"] != "http.request":
            raise Refused(400, "cut")
        more = message.get("more_body", False)
        yield message.get("body", b"")


class _Plain:
    """A body as it comes."""

    def __init__(self, most: int, take: Callable[[int], None]) -> None:
        self._most = most
        self._take = take
        # One growing buffer: a body that comes byte by byte would cost fifty times its size as a list of parts.
        self._body = bytearray()

    def add(self, chunk: bytes) -> None:
        """Take a part; raises `Refused` where it is one too many."""
        self._most -= len(chunk)
        if self._most < 0:
            raise Refused(413, "too_large")
        self._take(len(chunk))
        self._body += chunk

    def end(self) -> bytes:
        """Return the whole."""
        return bytes(self._body)


class _Inflated(_Plain):
    """A body in one gzip stream, and nothing behind it. Never holds more than is allowed, whatever a part unpacks to."""

    def __init__(self, most: int, take: Callable[[int], None]) -> None:
        super().__init__(most, take)
        self._stream = zlib.decompressobj(_GZIP)

    def add(self, chunk: bytes) -> None:
        """Take a part; raises `Refused`."""
        try:
            while chunk:
                super().add(self._stream.decompress(chunk, self._most + 1))
                chunk = self._stream.unconsumed_tail
        except zlib.error:
            raise Refused(415, "encoding") from None
        if self._stream.unused_data:
            raise Refused(415, "encoding")

    def end(self) -> bytes:
        """Return the whole; raises `Refused` where the stream was cut."""
        if not self._stream.eof:
            raise Refused(415, "encoding")
        return super().end()


def parse(kind: type[Read], body: bytes) -> Read:
    """Return the message in a body; raises `Refused` with the place of what is wrong, never with its value."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(422, "malformed") from None
    check_shape(value)
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise Refused(422, "malformed", detail=_place(error)) from None


def check_shape(value: Any) -> None:
    """Raise `Refused` for JSON too deep or too wide to be worked with, and for whole numbers beyond 64 bits."""
    waiting, depth, values = [value], 0, 0
    while waiting:
        values += len(waiting)
        if depth > DEEPEST or values > MOST_VALUES:
            raise Refused(422, "malformed")
        inside: list[Any] = []
        for one in waiting:
            kind = type(one)
            if kind is dict:
                inside += [other for other in one.values() if type(other) is not str]
            elif kind is list:
                inside += [other for other in one if type(other) is not str]
            elif kind is int and not SMALLEST <= one <= LARGEST:
                raise Refused(422, "malformed")
        waiting, depth = inside, depth + 1


def _place(error: ValidationError) -> str:
    """Return where a message is wrong, by positions and by names that the protocol knows; a record's are left out."""
    if error.error_count() > 100:
        return "many"
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    known = [str(step) for step in first["loc"][:3] if isinstance(step, int) or step.isidentifier()]
    return f"{'.'.join(known)[:100]} {first['type']}".strip()
