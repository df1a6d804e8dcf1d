"""Sync: the team's server on SQLite and on PostgreSQL, beside Kinto on the same PostgreSQL, each asked by one device."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import orjson

from fixtures.demo import demo_documents
from models.clock import SystemClock
from models.jsonl import without_private
from tests.bench.figures import Beside, Figure, Table, beside_headings
from tests.bench.peers import NotInstalled
from tests.bench.places import cache
from tests.bench.processes import cpu_of, memory_of
from tests.bench.team_servers import kinto, ours
from tests.sync.postgres import fresh_database, running_postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.bench.team_servers import Contender, Record

RECORDS, BATCH, FEW = 10_000, 100, 10
ROUNDS, POLLS = 30, 200
SQLITE, POSTGRES, KINTO = "Feldbuch, SQLite", "Feldbuch, PostgreSQL", "Kinto, PostgreSQL"
NAMES = (SQLITE, POSTGRES, KINTO)
RATIOS = ((POSTGRES, KINTO),)

Measured = dict[str, dict[str, list[float]]]
"""Operation → contender → one value a run."""

OPERATIONS = (
    ("push", f"Senden, {BATCH} auf einmal", "je s", "≥ 3.000", "Senden, Einträge je Sekunde"),
    (
        "push cpu",
        "Prozessorzeit des Servers je gesendetem Eintrag",
        "ms",
        "≤ 0,3 ms",
        "Prozessorzeit je gesendetem Eintrag",
    ),
    ("pull", "Alles holen", "je s", "≥ 20.000", "Holen, Einträge je Sekunde"),
    ("pull cpu", "Prozessorzeit des Servers je geholtem Eintrag", "ms", "", ""),
    ("wire", "Alles holen, auf der Leitung", "MB", "≤ 2,3 MB", "10.000 Einträge auf der Leitung"),
    ("few", f"{FEW} Änderungen holen", "ms", "≤ 3 ms", f"{FEW} Änderungen holen"),
    ("idle", "Nachfragen, ohne dass es Neues gibt", "ms", "≤ 2 ms", "Nachfragen ohne Neues"),
    ("idle wire", "Nachfragen, auf der Leitung", "Byte", "≤ 300 Byte", ""),
    ("memory", "Arbeitsspeicher des Servers danach", "MB", "", ""),
)


def measure(runs: int, tell: Callable[[str], None]) -> Iterator[Table]:
    """Yield the table of one device's exchange with each server, and what could not be measured."""
    records = list(_records())
    figures: Measured = {}
    missing: list[Figure] = []
    with running_postgres(durable=True) as cluster:
        for run in range(runs):
            for name in NAMES:
                tell(f"{name}, Lauf {run + 1} …")
                try:
                    with _started(name, cluster) as contender:
                        for key, value in _exchanged(contender, records).items():
                            figures.setdefault(key, {}).setdefault(name, []).append(value)
                except NotInstalled as error:
                    missing = [Figure(name, (), note=str(error))]
    size = sum(map(_size, records)) / len(records) / 1000
    how = (
        f"{RECORDS} Einträge der Demo-Region, im Mittel {size:.1f} KB".replace(".", ",")
        + f", ein Gerät, auf demselben Rechner, gepackt in beide Richtungen, wo der Server es kann. Je Lauf ein leerer "
        f"Server; {FEW} Änderungen und Nachfragen: Median von {ROUNDS} und {POLLS}. PostgreSQL und SQLite warten auf die Platte. "
        "Feldbuch prüft Rechte, führt feldweise zusammen, prüft jeden Eintrag, führt Verlauf und Prüfprotokoll; Kinto legt ab. "
        "Prozessorzeit ohne die der Datenbank."
    )
    headings = beside_headings(NAMES, RATIOS)
    rows = [
        Beside(what, figures.get(key, {}), NAMES, RATIOS, unit, target, label)
        for key, what, unit, target, label in OPERATIONS
    ]
    yield Table("Abgleich", how, [*rows], headings, headings)
    if missing:
        yield Table("Abgleich: nicht gemessen", "", [*missing])


def _records() -> Iterator[Record]:
    wanted = RECORDS
    for document in demo_documents(SystemClock().today(), records=RECORDS * 2):
        record = without_private(document)
        if record is not None and wanted:
            wanted -= 1
            yield record


def _size(record: Record) -> int:

    return len(orjson.dumps(record))


@contextmanager
def _started(name: str, cluster: str) -> Iterator[Contender]:
    cache().mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sync-", dir=cache()))) / "server"
        database = "" if name == SQLITE else stack.enter_context(fresh_database(cluster))
        contender: Any = kinto(folder, database) if name == KINTO else ours(folder, database)
        yield stack.enter_context(contender)


def _exchanged(server: Contender, records: Sequence[Record]) -> dict[str, float]:
    """Return the figures of one device that sends everything, reads everything, and then follows changes."""
    batches = [server.prepared(records[start : start + BATCH]) for start in range(0, len(records), BATCH)]
    figures: dict[str, float] = {}
    cpu, begin = cpu_of(server.pid), time.perf_counter()
    for batch in batches:
        server.push(batch)
    figures["push"] = len(records) / (time.perf_counter() - begin)
    figures["push cpu"] = (cpu_of(server.pid) - cpu) / len(records) * 1000
    cpu, begin = cpu_of(server.pid), time.perf_counter()
    count, size, reached = server.pull()
    figures["pull"] = count / (time.perf_counter() - begin)
    figures["pull cpu"] = (cpu_of(server.pid) - cpu) / count * 1000
    figures["wire"] = size / 1_000_000
    if count != len(records):
        raise RuntimeError(f"{count} of {len(records)} came back")
    server.learn()
    figures["few"] = median(_few(server, records, reached))
    _count, _size, reached = server.pull()
    idle, sizes = [], []
    for _poll in range(POLLS):
        begin = time.perf_counter()
        sizes.append(server.idle(reached))
        idle.append((time.perf_counter() - begin) * 1000)
    figures["idle"], figures["idle wire"] = median(idle), median(sizes)
    figures["memory"] = memory_of(server.pid)
    return figures


def _few(server: Contender, records: Sequence[Record], reached: str) -> Iterator[float]:
    for number in range(ROUNDS):
        some = records[number * FEW : (number + 1) * FEW]
        server.push(server.prepared([{**record, "bench_note": f"Runde {number}"} for record in some]))
        begin = time.perf_counter()
        count, _size, reached = server.pull(reached)
        yield (time.perf_counter() - begin) * 1000
        if count != FEW:
            raise RuntimeError(f"{count} changes came, not {FEW}")
