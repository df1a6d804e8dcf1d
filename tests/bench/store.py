"""Store: the local store, plain and encrypted, beside SQLite and stock TinyDB, each in processes of its own, in turn."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from itertools import chain
from pathlib import Path
from random import Random
from secrets import token_hex
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import orjson

from fixtures.demo import demo_documents
from models.clock import SystemClock
from tests.bench.figures import Beside, Table, beside_headings, ranged, times
from tests.bench.places import cache
from tests.bench.store_tasks import Figures, disk
from tests.bench.stores import NAMES, OWN, SEALED, SQLITE, STOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
SIZES = (1_000, 10_000, 100_000)
TASKS = ("fill", "reopen", "tidy", "use", "begin")
RATIOS = ((OWN, SQLITE), (OWN, STOCK), (SEALED, OWN))
SLOW_RUNS = 3
"""Runs of stock TinyDB with the most records: each call takes it seconds."""

PATIENCE = 900.0

Measured = dict[str, dict[str, list[float]]]
"""Operation → contender → one value a run."""


class Operation(NamedTuple):
    """What is measured: its key in the figures of a task, and for some sizes a target and a name in the README."""

    key: str
    what: str
    unit: str = "ms"
    targets: Mapping[int, str] = {}
    labels: Mapping[int, str] = {}


OPERATIONS = (
    Operation(
        "save",
        "Einen Eintrag speichern, sicher auf der Platte",
        targets={100_000: "≤ 0,3 ms, ≤ 1,8 × SQLite"},
        labels={100_000: "Speichern, 100.000 Einträge"},
    ),
    Operation("get", "Nach Kennung holen", targets={100_000: "≤ 0,01 ms"}, labels={100_000: "Holen, 100.000 Einträge"}),
    Operation(
        "scan",
        "Nach einem Feld suchen, ohne Index",
        targets={100_000: "≤ 40 ms"},
        labels={100_000: "Suchen ohne Index, 100.000 Einträge"},
    ),
    Operation(
        "find",
        "Nach einem Feld suchen, mit Index",
        targets={100_000: "≤ 0,1 ms"},
        labels={100_000: "Suchen mit Index, 100.000 Einträge"},
    ),
    Operation("first find", "Erste Suche mit Index nach dem Öffnen"),
    Operation(
        "open",
        "Öffnen, bis der erste Eintrag da ist",
        targets={10_000: "≤ 60 ms", 100_000: "≤ 400 ms"},
        labels={10_000: "Öffnen, 10.000 Einträge", 100_000: "Öffnen, 100.000 Einträge"},
    ),
    Operation("reopen", "Öffnen nach dem Einlesen, vor dem Verdichten"),
    Operation("import", "Alle in einem Stapel einlesen"),
    Operation("memory", "Arbeitsspeicher nach dem Öffnen", "MB", targets={10_000: "≤ 60 MB"}),
    Operation("peak", "Arbeitsspeicher, Höchststand beim Öffnen", "MB"),
    Operation("folder", "Größe aller Dateien nach dem Verdichten", "MB"),
    Operation("compact", "Verdichten"),
    Operation("behind", "Aufräumen nebenher"),
    Operation("save while tidying", "Speichern, während aufgeräumt wird"),
    Operation("pause", "Längstes Speichern, während aufgeräumt wird"),
)


def measure(runs: int, tell: Callable[[str], None], sizes: Sequence[int] = SIZES) -> Iterator[Table]:
    """Yield a table for each size, and one of the growth from the last size but one to the last."""
    measured: dict[int, Measured] = {}
    with tempfile.TemporaryDirectory(prefix="store-", dir=_kept()) as name:
        work = Path(name)
        for size in sizes:
            records = work / f"{size}.jsonl"
            _write_records(records, size)
            disks: list[float] = []
            figures: Measured = {}
            for run in range(runs):
                disks.append(disk(work))
                for contender in NAMES:
                    if contender == STOCK and size > 10_000 and run >= SLOW_RUNS:
                        continue
                    tell(f"{size} Einträge, Lauf {run + 1}, {contender} …")
                    for key, value in _measured(contender, records, size).items():
                        figures.setdefault(key, {}).setdefault(contender, []).append(value)
            measured[size] = figures
            yield _table(size, figures, disks, records)
            records.unlink()
    if len(sizes) > 1:
        yield growth(sizes[-2], sizes[-1], measured)


def _kept() -> Path:
    """Return a folder on a real disk: in memory every sync would be free."""
    folder = cache()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write_records(path: Path, count: int) -> None:
    """Write so many records of the demo region, in their order."""
    documents = list(demo_documents(SystemClock().today(), records=count))
    chosen = sorted(Random(0).sample(range(len(documents)), count))
    with path.open("wb") as file:
        file.writelines(orjson.dumps(documents[number]) + b"\n" for number in chosen)
        file.flush()
        os.fsync(file.fileno())  # else it would be written while the first store is measured


def _measured(contender: str, records: Path, count: int) -> Figures:
    """Return the figures of all tasks, done one after the other, each in a fresh process."""
    figures: Figures = {}
    with tempfile.TemporaryDirectory(dir=records.parent) as folder:
        key = token_hex(32)
        for task in TASKS:
            command = [sys.executable, "-m", "tests.bench.store_tasks", task, contender, folder, key, records, count]
            done = subprocess.run(
                [str(part) for part in command], cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=PATIENCE
            )
            figures |= orjson.loads(done.stdout)
    return figures


def _table(size: int, figures: Measured, disks: Sequence[float], records: Path) -> Table:
    hits = median(chain.from_iterable(figures["hits"].values()))
    kilobytes = f"{records.stat().st_size / size / 1000:.1f}".replace(".", ",")
    how = (
        f"Einträge der Demo-Region, im Mittel {kilobytes} KB; eine Suche findet im Median {hits:.0f}. Jede Datenbank auf "
        "derselben Platte und in eigenen Prozessen, reihum; je Lauf der Median vieler Aufrufe, hier Median der Läufe (min.–max.). "
        "TinyDB mit JSONStorage; SQLite mit WAL und synchronous=FULL, seine Suche ohne Index mit json_extract. "
        f"Die Platte allein (1 KB anhängen, fdatasync): {ranged(disks, 'ms')}. Arbeitsspeicher: über den eines leeren "
        "Speichers hinaus. Verdichten: bei SQLite VACUUM. Aufräumen: bei Feldbuch das Verdichten nebenher, bei SQLite 2.000 "
        f"Speichervorgänge, in denen es sein WAL zurückschreibt. Verschlüsselt: Ziel ≤ 1,5 × {OWN}."
    )
    rows = [
        Beside(
            operation.what,
            figures.get(operation.key, {}),
            NAMES,
            RATIOS,
            operation.unit,
            operation.targets.get(size, ""),
            operation.labels.get(size, ""),
        )
        for operation in OPERATIONS
    ]
    headings = beside_headings(NAMES, RATIOS)
    return Table(f"Datenbank, {counted(size)} Einträge", how, [*rows], headings, headings)


class Growth(NamedTuple):
    """One row: how many times as much each contender needs for ten times the records."""

    what: str
    factors: Sequence[str]
    short: bool = False

    def cells(self) -> tuple[str, ...]:
        """Return the texts."""
        return self.what, *self.factors

    def brief(self) -> tuple[str, ...]:
        """Return the same."""
        return self.cells()


def growth(less: int, more: int, measured: Mapping[int, Measured]) -> Table:
    """Return the table of factors between the medians of two sizes."""

    def factor(key: str, name: str) -> str:
        small, large = (measured[size].get(key, {}).get(name) for size in (less, more))
        return times(median(large) / median(small)) if small and large and median(small) > 0 else "–"

    rows = [Growth(each.what, [factor(each.key, name) for name in NAMES]) for each in OPERATIONS]
    how = f"Wievielmal so viel bei {counted(more)} wie bei {counted(less)} Einträgen, Median durch Median."
    headings = ("Gemessen", *NAMES)
    return Table(f"Wachstum von {counted(less)} auf {counted(more)} Einträge", how, [*rows], headings, headings)


def counted(number: int) -> str:
    """Return a number as German readers write it."""
    return f"{number:,}".replace(",", ".")
