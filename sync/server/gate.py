"""The gate: every request passes it first and last. Counts, times and logs; turns away what is too much at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sync.server.answers import refusal
from sync.server.refusal import Refused

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send
    from structlog.typing import FilteringBoundLogger

    from sync.server.watch import Figures

ALWAYS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines; logged only where they fail."""


class Gate:
    """Stands around the whole app."""

    def __init__(self, app: ASGIApp, *, figures: Figures, log: FilteringBoundLogger, at_once: int) -> None:
        """Let at most `at_once` requests in."""
        self._app = app
        self._figures = figures
        self._log = log
        self._at_once = at_once
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the app."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        said = _Said(send)
        self._inside += 1
        self._figures.inside.set(self._inside)
        try:
            # Whoever watches is always answered: a server that is merely busy must not be taken for a dead one.
            if self._inside > self._at_once and scope["path"] not in QUIET:
                scope["code"] = "busy"
                await refusal(Refused(503, "busy")).response()(scope, receive, said)
            else:
                await self._app(scope, receive, said)
        except Exception as error:
            # A defect of ours: told and noted without the text of the error, and raised for whoever looks for it.
            scope["code"] = "defect"
            self._log.error("defect", exc_info=error)
            if not said.status:
                await refusal(Refused(500, "defect")).response()(scope, receive, said)
            raise
        finally:
            self._inside -= 1
            self._figures.inside.set(self._inside)
            self._note(scope, said, time.perf_counter() - began)

    def _note(self, scope: Scope, said: _Said, seconds: float) -> None:
        # The route, not the path: what somebody writes into an address stays out of logs and figures.
        route = scope["path"] if scope["path"] in QUIET else getattr(scope.get("route"), "path", "")
        code = str(scope.get("code", ""))
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._figures.answered(method, route, said.status, code, seconds, said.sent)
        if route in QUIET and said.status < 400:
            return
        names = {name: scope[name] for name in ("user", "device", "team") if scope.get(name)}
        self._log.info(
            "request",
            method=method,
            route=route,
            status=said.status,
            ms=round(seconds * 1000, 1),
            bytes=said.sent,
            **({"code": code} if code else {}),
            **names,
        )


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _Said:
    """Sends an answer on, with the headers that all have, and remembers what was sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.sent = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *ALWAYS]
        else:
            self.sent += len(message.get("body", b""))
        await self._send(message)
