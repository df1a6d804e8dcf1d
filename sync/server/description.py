"""The description of the wire: each declared call as a route of FastAPI, which makes the OpenAPI document from it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Body, Path, Query, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.requests import Request

from sync.protocol import Problem

if TYPE_CHECKING:
    from starlette.responses import Response

    from sync.server.calls import Call
    from sync.server.desk import Desk

_BEARER = HTTPBearer(scheme_name="device", description="The token that enrolling a device gave", auto_error=False)
_NAMES = re.compile(r"{(\w+)}")


class Route(APIRoute):
    """A route for the description, whose handler gets the request as it is."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the endpoint itself."""
        handler: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return handler


def route(desk: Desk, call: Call) -> Route:
    """Return the route of a call."""

    async def endpoint(request: Request) -> Response:
        return await desk.answer(call, request)

    # What FastAPI reads the parameters from.
    endpoint.__signature__ = _signature(call)  # type: ignore[attr-defined]
    problems: dict[int | str, dict[str, Any]] = {
        "4XX": {"model": Problem, "description": "Refused; nothing was changed"},
        "5XX": {"model": Problem, "description": "Not possible now; nothing was changed"},
    }
    if call.unchanged:
        problems[304] = {"description": "Nothing new"}
    return Route(
        call.path,
        endpoint,
        methods=[call.method],
        name=call.work.__name__,
        operation_id=call.work.__name__,
        summary=call.does,
        status_code=call.status,
        response_model=None,
        responses={call.status: {"model": call.says} if call.says else {}, **problems},
        dependencies=[Security(_BEARER)] if call.signed else [],
        openapi_extra={"x-verb": call.verb} if call.verb else None,
    )


def _signature(call: Call) -> inspect.Signature:
    text, here = Annotated[str, Path(max_length=200)], inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter(name, here, annotation=text) for name in _NAMES.findall(call.path)]
    for name, parameter in call.asks.items():
        asked = Annotated[str, Query(pattern=parameter.pattern)]
        default = inspect.Parameter.empty if parameter.needed else None
        parameters.append(inspect.Parameter(name, here, annotation=asked, default=default))
    if call.takes is not None:
        parameters.append(inspect.Parameter("message", here, annotation=call.takes, default=Body()))
    return inspect.Signature(parameters)
