"""Running: `feldbuch-server start`. From an empty folder to a server that listens, and to a clean end at SIGTERM."""

from __future__ import annotations

import logging
import signal
import socket
import ssl
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

import uvicorn
from sqlalchemy import and_, select

from models.errors import StoreError, UsageError
from models.i18n import _
from sync.server.access import SERVER
from sync.server.app import create_app
from sync.server.cli.opening import CLOCK
from sync.server.cli.output import tell
from sync.server.database import Database
from sync.server.devices import moment
from sync.server.feed import take_feed
from sync.server.folder import ServerFolder
from sync.server.logs import logger_to, take_over
from sync.server.people import CONSOLE, found_server, invite
from sync.server.schema import upgrade
from sync.server.tables import device, invitation, membership

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path
    from types import FrameType

    from fastapi import FastAPI
    from sqlalchemy import Connection

GRACE_SECONDS = 10
"""How long requests under way may take to end when the server is told to."""
KEEP_ALIVE_SECONDS = 75
"""Longer than the usual proxy's, so that it never sends into a connection that is just being closed."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a server listens, and how its connections are safe: by TLS of its own, or by that of a proxy before it."""

    host: str = "127.0.0.1"
    port: int = 8765
    cert: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False

    @property
    def scheme(self) -> str:
        """The scheme of its own address."""
        return "https" if self.cert is not None else "http"

    def check(self) -> None:
        """Raise `UsageError` for what would send tokens over a network in the clear."""
        if (self.cert is None) != (self.key is None):
            raise UsageError(_("--tls-cert und --tls-key gehören zusammen."))
        if self.cert is not None and self.behind_proxy:
            raise UsageError(_("Entweder --tls-cert oder --behind-proxy, nicht beides."))
        if not (self.cert is not None or self.behind_proxy or _is_loopback(self.host)):
            raise UsageError(
                _(
                    "{host} ist von anderen Rechnern zu erreichen. Nichts wurde gestartet. Nötig ist --tls-cert mit "
                    "--tls-key, oder --behind-proxy, wenn ein Proxy davor verschlüsselt."
                ).format(host=self.host)
            )


def _is_loopback(host: str) -> bool:
    try:
        found = {address[4][0] for address in socket.getaddrinfo(host, None)}
        return all(ip_address(address).is_loopback for address in found)
    except (OSError, ValueError):
        return False


def start(data: Path, listening: Listening, *, address: str, json: bool) -> int:
    """Run the server in `data` until it is told to end; raises a `FeldbuchError` for what keeps it from starting."""
    listening.check()
    folder = ServerFolder(data)
    folder.use(address)
    if folder.own_database:
        folder.make_secret()
    with folder.alone(), _port(listening) as door:
        take_over(sys.stderr)
        logging.getLogger("alembic").setLevel(logging.WARNING)
        if folder.tables() == "missing" or folder.own_database:
            upgrade(folder.address())
        folder.require_current()
        database = Database.open(folder.address(), clock=CLOCK)
        try:
            if not folder.has_secret:
                database.read(_raise_if_another_servers)
                folder.make_secret()
            secret = folder.secret()
            code = database.write(lambda connection: first_invitation(connection, secret, CLOCK.now()))
            app = create_app(database, secret=secret, clock=CLOCK, log=logger_to(sys.stderr))
            port = door.getsockname()[1]
            host = f"[{listening.host}]" if ":" in listening.host else listening.host
            url = f"{listening.scheme}://{host}:{port}"
            server = _Server(_config(app, listening), lambda: _announce(url, data, code, json=json))
            with _ending(server):
                server.run([door])
        finally:
            database.close()
    return 0


def _raise_if_another_servers(connection: Connection) -> None:
    """Raise `StoreError` where the database has devices: a new secret here would shut them all out."""
    if connection.execute(select(device.c.device_id).limit(1)).first() is not None:
        raise StoreError(
            _(
                "Diese Datenbank gehört zu einem Server, dessen Geheimnis hier fehlt. Nichts wurde verändert. Bitte die Datei "
                "„secret“ aus dessen Ordner hierher kopieren oder eine Sicherung einspielen."
            )
        )


def first_invitation(connection: Connection, secret: bytes, now: datetime) -> str:
    """Return a code for the first administrator; nothing where there is one, or where a code was printed that still holds."""
    found_server(connection)
    # Of several servers that start on one database, the others now see what the first one did.
    take_feed(connection, SERVER)
    if connection.execute(select(membership.c.user_id).where(membership.c.team_id == SERVER)).first() is not None:
        return ""
    holds = and_(invitation.c.team_id == SERVER, invitation.c.redeemed_at == "", invitation.c.expires_at > moment(now))
    if connection.execute(select(invitation.c.code_mac).where(holds)).first() is not None:
        return ""
    return invite(connection, secret, SERVER, "administrator", _("Administration"), CONSOLE, now)


def _announce(url: str, data: Path, code: str, *, json: bool) -> None:
    lines = [_("Der Server läuft: {url}").format(url=url)]
    if code:
        lines += [
            _("Einladung der ersten Administration, einmal und 72 Stunden gültig: {code}").format(code=code),
            _("Ein Team anlegen: {command}").format(command=f"feldbuch-server team add NAME --data {data}"),
        ]
    lines.append(_("Strg+C beendet ihn."))
    tell({"listening": url, "invitation": code or None}, lines, json=json)


def _config(app: FastAPI, listening: Listening) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="on",
        # Whom to believe about a client's address is said by FORWARDED_ALLOW_IPS; the proxy on this machine by default.
        proxy_headers=listening.behind_proxy,
        ssl_certfile=listening.cert,
        ssl_keyfile=listening.key,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    try:
        config.load()
    except (ssl.SSLError, FileNotFoundError) as error:
        raise UsageError(
            _("Das Zertifikat {cert} oder sein Schlüssel ist nicht lesbar. Nichts wurde gestartet.").format(
                cert=listening.cert
            )
        ) from error
    return config


@contextmanager
def _port(listening: Listening) -> Iterator[socket.socket]:
    """Take the port before anything else is made; raises `UsageError` where another program has it."""
    family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as door:
        if sys.platform != "win32":
            # After a crash the port is free at once; on Windows the option would let two servers share it.
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((listening.host, listening.port))
        except (OSError, OverflowError) as error:
            raise UsageError(
                _(
                    "{host}:{port} ist nicht frei oder nicht erlaubt. Nichts wurde gestartet. --port 0 nimmt einen freien."
                ).format(host=listening.host, port=listening.port)
            ) from error
        yield door


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce()


@contextmanager
def _ending(server: uvicorn.Server) -> Iterator[None]:
    """Let a signal end the server and nothing else: uvicorn raises it again afterwards, which would end us before our time."""

    def end(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
