"""What whoever runs the server looks at: is it alive, can it work, and how much does it do."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.responses import Response
from starlette.routing import Route

from sync.server.answers import Answer, refusal
from sync.server.refusal import Refused
from sync.server.schema import state_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from sync.server.database import Database
    from sync.server.desk import Desk

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Headers by which a proxy tells of itself: a request with one comes from elsewhere, whatever its address says."""
LONGEST_CHECK = 5.0


class Figures:
    """What the server counts; each app has its own."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status", "code")
        self._requests = Counter("feldbuch_requests", "Answered requests", labels, registry=self.registry)
        self._bytes = Counter("feldbuch_answer_bytes", "Bytes of bodies sent", ("route",), registry=self.registry)
        self._seconds = Histogram(
            "feldbuch_request_seconds",
            "From the first byte to the last one of the answer",
            ("route",),
            registry=self.registry,
            buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
        )
        self.inside = Gauge("feldbuch_requests_inside", "Requests being answered", registry=self.registry)

    def answered(self, method: str, route: str, status: int, code: str, seconds: float, sent: int) -> None:
        """Count one answer; `route` is the declared path."""
        self._requests.labels(method, route, status, code).inc()
        self._bytes.labels(route).inc(sent)
        self._seconds.labels(route).observe(seconds)


def watch_routes(desk: Desk, database: Database, figures: Figures, *, loopback_only_metrics: bool) -> list[Route]:
    """Return the routes outside of the wire: /healthz, /readyz, /metrics."""

    async def alive(_request: Request) -> Response:
        return Response("ok\n", media_type="text/plain")

    async def ready(_request: Request) -> Response:
        try:
            async with asyncio.timeout(LONGEST_CHECK):
                state: str = await desk.in_thread(lambda: database.read(state_of))
        except (TimeoutError, Refused):
            state = "unreachable"
        if state != "current":
            return refusal(Refused(503, "not_ready", detail=state)).response()
        return Answer(200, b'{"ready":true}').response()

    async def metrics(request: Request) -> Response:
        if loopback_only_metrics and not _from_here(request):
            return refusal(Refused(404, "not_found")).response()
        return Response(generate_latest(figures.registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    paths = {"/healthz": alive, "/readyz": ready, "/metrics": metrics}
    return [Route(path, endpoint, methods=["GET"]) for path, endpoint in paths.items()]


def _from_here(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
