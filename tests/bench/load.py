"""Load: many devices that send at once, and a feed that grows to a million records."""

from __future__ import annotations

import asyncio
import gzip
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import TYPE_CHECKING, NamedTuple

import orjson
from sqlalchemy import text

from models.clock import SystemClock
from sync.check import NOTHING
from sync.protocol import make_op
from sync.server.database import Database
from sync.server.feed import look_at_feed, read_page
from sync.server.people import add_team
from sync.server.schema import upgrade
from tests.bench.figures import Figure, Table
from tests.bench.places import cache
from tests.bench.processes import memory_of
from tests.bench.team_servers import ours
from tests.sync.postgres import fresh_database, running_postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from tests.bench.team_servers import Enrolled, Ours

DEVICES, RECORDS = 300, 100
SIZES = (10_000, 100_000, 1_000_000)
PAGES = 200
AGAIN = (429, 503)
"""What a server says that asks to come back later."""

LONGEST_PAUSE = 5.0


class Sent(NamedTuple):
    """One device's push: seconds until its answer, and how often it was told to come back before."""

    seconds: float
    later: int


def measure(runs: int, tell: Callable[[str], None], devices: int = DEVICES) -> Iterator[Table]:
    """Yield the table of devices at once on both databases, and that of the growing feed on PostgreSQL."""
    table = Table(
        "Viele Geräte auf einmal",
        f"{devices} Geräte senden im selben Augenblick je {RECORDS} Einträge; auf demselben Rechner, gepackt. Wer warten soll, "
        "kommt wieder, wie es das Programm tut. Bis zur Antwort: 99. Hundertstel aller Geräte.",
    )
    with running_postgres(durable=True) as cluster:
        for name in ("SQLite", "PostgreSQL"):
            seen: list[list[Sent]] = []
            memory: list[float] = []
            whole: list[float] = []
            for run in range(runs):
                tell(f"{devices} Geräte, {name}, Lauf {run + 1} …")
                with ExitStack() as stack:
                    place = stack.enter_context(tempfile.TemporaryDirectory(prefix="load-", dir=_kept()))
                    address = "" if name == "SQLite" else stack.enter_context(fresh_database(cluster))
                    server = stack.enter_context(ours(Path(place) / "server", address))
                    begin = time.perf_counter()
                    seen.append(asyncio.run(_all_at_once(server, devices)))
                    whole.append(time.perf_counter() - begin)
                    memory.append(memory_of(server.pid))
            table.rows.extend(
                [
                    Figure(f"{name}: alles ist da nach", whole, "s"),
                    Figure(f"{name}: bis zur Antwort, p99", [_p99(run) for run in seen], "s", short=True),
                    Figure(f"{name}: Fehler", [float(devices - len(run)) for run in seen], "", "0"),
                    Figure(f"{name}: „später“", [float(sum(one.later for one in run)) for run in seen], ""),
                    Figure(f"{name}: Arbeitsspeicher des Servers", memory, "MB"),
                ]
            )
        yield table
        yield _grown(cluster, tell)


def _kept() -> Path:
    cache().mkdir(parents=True, exist_ok=True)
    return cache()


def _p99(run: list[Sent]) -> float:
    return quantiles([one.seconds for one in run], n=100)[98] if len(run) > 1 else run[0].seconds


async def _all_at_once(server: Ours, devices: int) -> list[Sent]:
    """Return what became of each device's push; one that failed for good is missing."""
    enrolled = [server.enrol(f"Gerät {number}") for number in range(devices)]
    bodies = [_body(device, number) for number, device in enumerate(enrolled)]
    gone = asyncio.Event()
    going = [
        asyncio.create_task(_send(server.port, device, body, gone, Random(number)))
        for number, (device, body) in enumerate(zip(enrolled, bodies, strict=True))
    ]
    gone.set()
    return [sent for sent in await asyncio.gather(*going) if sent is not None]


def _body(device: Enrolled, number: int) -> bytes:
    ops = [
        make_op(n, f"d{number}-{n}", "task", None, {"text": f"Aufgabe {n} von {number}", "notes": "Wort " * 150})
        for n in range(1, RECORDS + 1)
    ]
    said = {"device": device.device, "epoch": device.epoch, "ops": [op.model_dump() for op in ops]}
    return gzip.compress(orjson.dumps(said), 5)


async def _send(port: int, device: Enrolled, body: bytes, gone: asyncio.Event, random: Random) -> Sent | None:
    await gone.wait()
    begin, later = time.perf_counter(), 0
    while True:
        status, pause = await _post(port, device, body)
        if status == 200:
            return Sent(time.perf_counter() - begin, later)
        if status not in AGAIN:
            return None
        later += 1
        await asyncio.sleep(random.uniform(0, min(LONGEST_PAUSE, pause * 2 ** min(later, 4))))


async def _post(port: int, device: Enrolled, body: bytes) -> tuple[int, float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /v1/teams/{device.team}/push HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {device.token}\r\n"
        "Content-Type: application/json\r\nContent-Encoding: gzip\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    said = (await reader.read()).decode("latin-1").lower()
    writer.close()
    after = said.partition("\r\nretry-after:")[2].partition("\r\n")[0].strip()
    return int(said.split(" ", 2)[1]) if said else 503, float(after or 1)


def _grown(cluster: str, tell: Callable[[str], None]) -> Table:
    """Return the table of a page of the feed, read on the server, while the feed grows."""
    table = Table(
        "Eine Seite des Feeds, während er wächst",
        f"PostgreSQL; {PAGES} Seiten mit je zehn Änderungen von zufälligen Stellen an, in der Datenbank gelesen und zu einer Antwort "
        "gemacht, ohne HTTP.",
    )
    with fresh_database(cluster) as url:
        upgrade(url)
        database = Database.open(url, clock=SystemClock())
        try:
            now = SystemClock().now()
            team = database.write(lambda connection: add_team(connection, "Team", "", now))
            there = 0
            for size in SIZES:
                tell(f"Feed mit {size} Einträgen …")
                first = there + 1
                database.write(lambda connection, first=first, size=size: _fill(connection, team, first, size))  # type: ignore[misc]
                there = size
                values = list(_pages(database, team, size))
                name = f"{size:,}".replace(",", ".")
                target = "≤ 5 ms" if size == SIZES[-1] else ""
                table.rows.append(Figure(f"Seite bei {name} Einträgen", values, "ms", target, short=size == SIZES[-1]))
        finally:
            database.close()
    return table


def _pages(database: Database, team: str, size: int) -> Iterator[float]:
    random = Random(size)
    for _page in range(PAGES):
        since = random.randrange(size - 10)

        def work(connection: Connection, since: int = since) -> None:
            feed = look_at_feed(connection, team)._replace(seq=since + 10)
            read_page(connection, team, feed, since)

        begin = time.perf_counter()
        database.read(work)
        yield (time.perf_counter() - begin) * 1000


def _fill(connection: Connection, team: str, first: int, last: int) -> None:
    """Put records with the numbers `first` to `last` into a feed, by the database itself."""
    document = orjson.dumps({"kind": "task", "rev": 1, "notes": "Wort " * 160}).decode()
    connection.execute(
        text(
            "INSERT INTO record (team_id, record_id, kind, rev, seq, document) SELECT :team, 'r' || n, 'task', 1, n, "
            "'{\"id\":\"r' || n || '\",' || :rest FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n"
        ),
        {"team": team, "rest": document[1:], "first": first, "last": last},
    )
    connection.execute(
        text("UPDATE team_feed SET seq = :last, records = :last, folded = :folded WHERE team_id = :team"),
        {"team": team, "last": last, "folded": NOTHING},
    )
    connection.execute(text("ANALYZE record"))
