"""Hello: which versions the server speaks, what it takes at a time, and what time it has."""

from __future__ import annotations

from sync import protocol
from sync.protocol import MOST_OPS, PROTOCOL, RECORD_BYTES, SCHEMA, Hello, Span
from sync.server.answers import Answer
from sync.server.calls import Asked, Call


def hello(asked: Asked) -> Answer:
    """Say who this is."""
    return Answer.of(
        Hello(
            protocol=Span(oldest=PROTOCOL, newest=PROTOCOL),
            schema_versions=Span(oldest=1, newest=SCHEMA),
            limits=protocol.Limits(bytes=asked.limits.body_bytes, ops=MOST_OPS, record_bytes=RECORD_BYTES),
            time=asked.now.isoformat(timespec="milliseconds"),
        )
    )


HELLO = (Call("GET", "/v1/hello", "Says which versions the server speaks", hello, Hello, signed=False),)
