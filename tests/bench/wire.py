"""Wire: a small HTTP client that keeps one connection open and counts what it received, headers included."""

from __future__ import annotations

import gzip
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE = 120.0


class Said(NamedTuple):
    """An answer: its status, headers by lower-case name, unpacked body, and its size on the wire in bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    size: int

    def json(self) -> Any:
        """Return what the body says."""
        return orjson.loads(self.body)


class Unexpected(Exception):
    """A server answered otherwise than it must for the figures to mean anything."""


class Line:
    """One connection to a server on loopback."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        """Send `headers` with every request."""
        self._connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._headers = {"Accept-Encoding": "gzip", **headers}

    def ask(
        self, method: str, path: str, body: bytes | None = None, expected: tuple[int, ...] = (200,), **more: str
    ) -> Said:
        """Return the answer; `more` are further headers. Raises `Unexpected` for another status."""
        headers = dict(self._headers)
        headers.update({name.replace("_", "-"): value for name, value in more.items()})
        if body is not None:
            headers["Content-Type"] = "application/json"
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        packed = response.read()
        head = sum(len(name) + len(value) + 4 for name, value in response.getheaders())
        size = len(f"HTTP/1.1 {response.status} {response.reason}\r\n\r\n") + head + len(packed)
        found = {name.lower(): value for name, value in response.getheaders()}
        content = gzip.decompress(packed) if found.get("content-encoding") == "gzip" else packed
        if response.status not in expected:
            raise Unexpected(f"{method} {path}: {response.status} {content[:200]!r}")
        return Said(response.status, found, content, size)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
