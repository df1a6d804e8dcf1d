"""Answers: JSON in bytes, packed where the other side can unpack it; and what the server says where it refuses."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.responses import Response

from sync.protocol import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from sync.server.refusal import Refused

SMALL = 600
"""Bytes below which packing costs more than it saves."""
LEVEL = 3
"""How hard a body is packed: 10,000 records of the demo region take 2.2 MB, by 5 they take 1.9 MB and twice the time."""
COME_BACK = 5.0
"""Seconds after which a busy server is to be asked again, where nothing better is known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call says. An empty body is none at all."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, message: BaseModel, status: int = 200) -> Answer:
        """Return the answer that says `message`."""
        return cls(status, message.model_dump_json().encode())

    def packed(self) -> Answer:
        """Return this answer in gzip, where that is worth it."""
        if len(self.body) < SMALL:
            return self
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        body = packer.compress(self.body) + packer.flush()
        return Answer(self.status, body, {**self.headers, "content-encoding": "gzip", "vary": "accept-encoding"})

    def response(self) -> Response:
        """Return it for Starlette."""
        kind = "application/json" if self.body else None
        return Response(self.body or None, self.status, dict(self.headers), kind)


def refusal(refused: Refused) -> Answer:
    """Return why a request is not taken. What is wrong with a token is told by its code alone, and nothing beside it."""
    headers: dict[str, str] = {}
    if refused.status == 401:
        headers["www-authenticate"] = "Bearer"
    if refused.status in (408, 413):
        # What is still to come of the body is not waited for.
        headers["connection"] = "close"
    if refused.status in (429, 503):
        headers["retry-after"] = str(math.ceil(COME_BACK if refused.wait is None else refused.wait))
    problem = Problem(code=refused.code, detail=refused.detail, expected=refused.expected)
    return Answer(refused.status, problem.model_dump_json(exclude_defaults=True).encode(), headers)


def takes_gzip(accepted: str) -> bool:
    """Tell whether an Accept-Encoding allows gzip."""
    for one in accepted.lower().split(","):
        name, _semicolon, weight = one.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
