"""The app: which calls there are, and what stands around them. Wiring only."""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.exceptions import HTTPException

from sync.protocol import PROTOCOL
from sync.server.answers import refusal
from sync.server.description import route
from sync.server.desk import Desk
from sync.server.gate import Gate
from sync.server.limits import Limits
from sync.server.logs import logger_to
from sync.server.refusal import Refused
from sync.server.routes import CALLS
from sync.server.watch import Figures, watch_routes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response
    from structlog.typing import FilteringBoundLogger

    from models.clock import Clock
    from sync.server.database import Database

CODES = {404: "not_found", 405: "method"}


def create_app(
    database: Database,
    *,
    secret: bytes,
    clock: Clock,
    limits: Limits | None = None,
    loopback_only_metrics: bool = True,
    log: FilteringBoundLogger | None = None,
) -> FastAPI:
    """Return the server's app over an open database, whose tables must be there; closing the database is the caller's."""
    limits = limits or Limits()
    desk = Desk(database, secret, clock, limits)
    figures = Figures()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        desk.close()

    app = FastAPI(
        title="Feldbuch",
        version=f"{PROTOCOL}",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        exception_handlers={HTTPException: _other},
        routes=[
            *(route(desk, call) for call in CALLS),
            *watch_routes(desk, database, figures, loopback_only_metrics=loopback_only_metrics),
        ],
    )
    app.state.desk = desk
    app.add_middleware(Gate, figures=figures, log=log or logger_to(sys.stderr), at_once=limits.at_once)
    return app


async def _other(request: Request, error: Exception) -> Response:
    """Answer what no route takes."""
    status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (404, None)
    request.scope["code"] = code = CODES.get(status, "malformed")
    response = refusal(Refused(status, code)).response()
    response.headers.update(headers or {})
    return response
