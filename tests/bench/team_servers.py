"""Team servers: ours, and Kinto as its documentation sets it up, behind the same few calls over HTTP on loopback."""

from __future__ import annotations

import base64
import gzip
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import orjson

from sync.protocol import make_op
from tests.bench.peers import Peer, installed
from tests.bench.processes import free_port, served
from tests.bench.wire import Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sync.protocol import Op

Record = dict[str, Any]

KINTO = Peer("kinto", ("kinto[postgresql]", "setuptools<81"), ())
PAGE = 1000
"""Records that Kinto is asked for at a time; ours cuts its pages by bytes."""


class Contender(Protocol):
    """A running server and one device that talks to it."""

    pid: int

    def prepared(self, records: Sequence[Record]) -> Any:
        """Return a batch of records as it is sent, so that making it is not measured."""
        ...

    def push(self, batch: Any) -> None:
        """Store a batch; returns when the server says that it is stored."""
        ...

    def pull(self, since: str = "") -> tuple[int, int, str]:
        """Read everything behind a place; return the number of records, the bytes on the wire, and the place reached."""
        ...

    def learn(self) -> None:
        """Remember what the server has, as far as changes are made from it."""
        ...

    def idle(self, since: str) -> int:
        """Ask whether there is anything new where there is nothing; return the bytes on the wire."""
        ...


class Enrolled(NamedTuple):
    """A device that our server knows."""

    team: str
    epoch: str
    device: str
    token: str


class Ours:
    """Feldbuch's server with one enrolled device."""

    def __init__(self, folder: Path, port: int, pid: int) -> None:
        """Found a team on a server that runs on `port` over `folder`, and enrol a device."""
        self.port, self.pid = port, pid
        command(folder, "team", "add", "Team")
        code = command(folder, "invite", "--team", "Team", "--role", "lead", "--name", "Bench")["code"]
        me = self._redeemed(code, "Bench")
        self._team, self._epoch, self._device = me.team, me.epoch, me.device
        self._line = Line(port, {"Authorization": f"Bearer {me.token}"})
        self._number = 0
        self._revisions: dict[str, Record] = {}

    def enrol(self, name: str) -> Enrolled:
        """Invite a person and enrol their device."""
        body = orjson.dumps({"role": "adviser", "name": name})
        said = self._line.ask("POST", f"/v1/teams/{self._team}/invitations", body, (200, 201))
        return self._redeemed(said.json()["code"], name)

    def _redeemed(self, code: str, name: str) -> Enrolled:
        line = Line(self.port, {})
        said = line.ask("POST", "/v1/devices", orjson.dumps({"code": code, "name": name}), (200, 201)).json()
        line.close()
        (scope,) = said["granted"]["scopes"]
        return Enrolled(scope["team"], scope["epoch"], said["device"], said["token"])

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def prepared(self, records: Sequence[Record]) -> bytes:
        """Return the packed body of a push of new records, or of changes to those that were pulled."""
        ops: list[Op] = []
        for record in records:
            self._number += 1
            base = self._revisions.get(record["id"])
            changes = {k: v for k, v in record.items() if k not in _STAMPS and (base is None or base.get(k) != v)}
            ops.append(make_op(self._number, record["id"], record["kind"], base, changes))
        body = {"device": self._device, "epoch": self._epoch, "ops": [op.model_dump() for op in ops]}
        return gzip.compress(orjson.dumps(body), 5)

    def push(self, batch: bytes) -> None:
        """Send a prepared push."""
        said = self._line.ask("POST", f"/v1/teams/{self._team}/push", batch, Content_Encoding="gzip").json()
        refused = [result for result in said["results"] if result["status"] not in ("applied", "merged")]
        if refused:
            raise RuntimeError(f"refused: {refused[0]}")

    def pull(self, since: str = "") -> tuple[int, int, str]:
        """Read the feed page by page."""
        cursor, count, size, more = since or f"{self._epoch}:0", 0, 0, True
        while more:
            said = self._line.ask("GET", f"/v1/teams/{self._team}/feed?since={cursor}")
            page = said.json()
            count, size, more, cursor = count + len(page["records"]), size + said.size, page["more"], page["cursor"]
        return count, size, cursor

    def learn(self) -> None:
        """Remember what the server has, so that changes can be prepared."""
        cursor, more = f"{self._epoch}:0", True
        while more:
            page = self._line.ask("GET", f"/v1/teams/{self._team}/feed?since={cursor}").json()
            self._revisions |= {record["id"]: record for record in page["records"]}
            more, cursor = page["more"], page["cursor"]

    def idle(self, since: str) -> int:
        """Ask for the feed behind its end."""
        return self._line.ask("GET", f"/v1/teams/{self._team}/feed?since={since}", expected=(304,)).size


_STAMPS = frozenset({"id", "kind", "rev", "updated_at", "updated_by", "device"})


@contextmanager
def ours(folder: Path, database: str = "") -> Iterator[Ours]:
    """Run our server on an empty folder, and on PostgreSQL where its address is given."""
    port = free_port()
    address = ["--database", database] if database else []
    start = [str(_PROGRAM), "start", "--data", str(folder), "--port", str(port), *address]
    with served(start, port, folder.with_suffix(".log")) as pid:
        server = Ours(folder, port, pid)
        yield server
        server.close()


_PROGRAM = Path(sys.executable).with_name("feldbuch-server")


def command(folder: Path, *arguments: str) -> Any:
    """Return what a command of our server says."""
    done = subprocess.run(
        [str(_PROGRAM), *arguments, "--data", str(folder), "--json"], check=True, stdout=subprocess.PIPE, timeout=120
    )
    return orjson.loads(done.stdout)


class Kinto:
    """Kinto with one collection."""

    path = "/v1/buckets/team/collections/records/records"

    def __init__(self, line: Line, pid: int) -> None:
        """Speak over `line`."""
        self.pid = pid
        self._line = line

    def prepared(self, records: Sequence[Record]) -> bytes:
        """Return the body of a batch request."""
        path = self.path.removeprefix("/v1")
        requests = [{"method": "PUT", "path": f"{path}/{record['id']}", "body": {"data": record}} for record in records]
        return orjson.dumps({"requests": requests})

    def push(self, batch: bytes) -> None:
        """Send a prepared batch."""
        answers = self._line.ask("POST", "/v1/batch", batch).json()["responses"]
        refused = [answer for answer in answers if answer["status"] not in (200, 201)]
        if refused:
            raise RuntimeError(f"refused: {refused[0]}")

    def pull(self, since: str = "") -> tuple[int, int, str]:
        """Read the collection, from the newest change to the oldest, page by page."""
        path, count, size, reached = f"{self.path}?_limit={PAGE}", 0, 0, ""
        path += f"&_since={since}" if since else ""
        while path:
            said = self._line.ask("GET", path)
            count, size = count + len(said.json()["data"]), size + said.size
            reached = reached or said.headers["etag"]
            path = said.headers.get("next-page", "").partition("/v1/")[2]
            path = f"/v1/{path}" if path else ""
        return count, size, reached.strip('"')

    def learn(self) -> None:
        """Need nothing: whole records are sent."""

    def idle(self, since: str) -> int:
        """Ask for the collection unless it is as it was."""
        return self._line.ask("GET", self.path, expected=(304,), If_None_Match=f'"{since}"').size


@contextmanager
def kinto(folder: Path, database: str) -> Iterator[Kinto]:
    """Run Kinto on PostgreSQL; raises `NotInstalled`."""
    program = installed(KINTO)
    folder.mkdir()
    port = free_port()
    settings = folder / "kinto.ini"
    address = database.replace("+psycopg", "").replace("%", "%%")
    settings.write_text(_INI.format(database=address, port=port), encoding="utf-8")
    migrate = [str(program), "migrate", "--ini", str(settings)]
    subprocess.run(migrate, check=True, capture_output=True, timeout=120)
    with served([str(program), "start", "--ini", str(settings)], port, folder / "kinto.log") as pid:
        login = base64.b64encode(b"bench:bench-secret").decode()
        line = Line(port, {"Authorization": f"Basic {login}"})
        created = (200, 201)
        line.ask("PUT", "/v1/accounts/bench", orjson.dumps({"data": {"password": "bench-secret"}}), created)
        line.ask("PUT", "/v1/buckets/team", b"{}", created)
        line.ask("PUT", "/v1/buckets/team/collections/records", b"{}", created)
        yield Kinto(line, pid)
        line.close()


_INI = """\
[app:main]
use = egg:kinto
kinto.userid_hmac_secret = for-a-benchmark-only
kinto.storage_backend = kinto.core.storage.postgresql
kinto.storage_url = {database}
kinto.cache_backend = kinto.core.cache.postgresql
kinto.cache_url = {database}
kinto.permission_backend = kinto.core.permission.postgresql
kinto.permission_url = {database}
kinto.includes = kinto.plugins.accounts
kinto.account_create_principals = system.Everyone
kinto.bucket_create_principals = system.Authenticated
multiauth.policies = account
multiauth.policy.account.use = kinto.plugins.accounts.authentication.AccountsAuthenticationPolicy
kinto.batch_max_requests = 100
[server:main]
use = egg:waitress
host = 127.0.0.1
port = {port}
[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys = plain
[logger_root]
level = ERROR
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = plain
[formatter_plain]
format = %(message)s
"""
