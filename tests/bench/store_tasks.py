"""Store tasks: what one store is made to do in a process of its own; `python -m tests.bench.store_tasks` prints the figures."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import orjson

from tests.bench.machine import megabytes
from tests.bench.stores import FIELD, STOCK, Contender, Record, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Figures = dict[str, float]
_T = TypeVar("_T")

SAMPLE = 1000
"""As many records are read, searched and saved one by one at most."""


class Tries(NamedTuple):
    """How often each call is made; the figure is the median."""

    saves: int = 500
    gets: int = 1000
    scans: int = 10
    finds: int = 200


def tries(name: str, count: int) -> Tries:
    """Return how often a contender is asked: stock TinyDB needs seconds for each call where there is much."""
    if name != STOCK:
        return Tries()
    few = 1 if count > 10_000 else 5
    return Tries(few, few, few, few)


class Place(NamedTuple):
    """Where a contender's store lies, its key, and the records that go into it, as lines of JSON."""

    name: str
    folder: Path
    key: bytes
    records: Path

    def open(self, *, indexed: bool = True, tidying: bool = False) -> Contender:
        """Open the store."""
        return opened(self.name, self.folder, self.key, indexed=indexed, tidying=tidying)

    def read(self) -> list[Record]:
        """Return all records."""
        with self.records.open("rb") as lines:
            return [orjson.loads(line) for line in lines]

    def sample(self) -> list[Record]:
        """Return at most `SAMPLE` records that have a day, from all over; most lines are not even decoded."""
        with self.records.open("rb") as file:
            lines = file.readlines()
        records = [orjson.loads(line) for line in lines[:: max(len(lines) // SAMPLE // 2, 1)]]
        return [record for record in records if record.get(FIELD)][:SAMPLE]


def fill(place: Place) -> Figures:
    """Bring in all records as one batch."""
    records = place.read()
    _set_aside()
    store = place.open()
    took = _milliseconds(lambda: store.bring_in(records))
    store.close()
    return {"import": took}


def tidy(place: Place) -> Figures:
    """Save while the store tidies itself up, then compact it by itself and look at the size of the folder."""
    sample = place.sample()
    _set_aside()
    store = place.open(tidying=True)
    begun = time.perf_counter()
    saves = store.saves_while_tidying(sample)
    figures: Figures = {}
    if saves:
        figures["behind"] = (time.perf_counter() - begun) * 1000
        figures["pause"] = max(saves) * 1000
        figures["save while tidying"] = median(saves) * 1000
        figures["compact"] = _milliseconds(store.compact)
    store.close()
    return {**figures, "folder": sum(file.stat().st_size for file in place.folder.iterdir()) / 1e6}


def reopen(place: Place) -> Figures:
    """Open the store as a batch has left it, before anything was compacted."""
    return {"reopen": begin(place)["open"]}


def begin(place: Place) -> Figures:
    """Open the store and get a first record; the memory is what that takes beyond a store with one record."""
    with place.records.open("rb") as lines:  # only one: what more would need is free for the store afterwards
        record = orjson.loads(lines.readline())
    with tempfile.TemporaryDirectory(dir=place.folder.parent) as empty:
        first = opened(place.name, Path(empty), place.key)
        first.bring_in([record])
        first.close()
    gc.collect()
    before = _memory("VmRSS")
    _forget_peak()
    begun = time.perf_counter()
    store = place.open()
    store.get(record["id"])
    figures = {"open": (time.perf_counter() - begun) * 1000}
    if before is not None:
        figures["memory"] = (_memory("VmRSS") or 0) - before
        figures["peak"] = (_memory("VmHWM") or 0) - before
    store.close()
    return figures


def use(place: Place, times: Tries) -> Figures:
    """Read, search and save, each many times; stands on its own answers being right."""
    sample = place.sample()
    _set_aside()
    days = list(dict.fromkeys(record[FIELD] for record in sample))
    figures: Figures = {}
    store = place.open(indexed=False)
    figures["scan"] = _each(_searched(store, day) for day in _some(days, times.scans))
    store.close()
    store = place.open()
    figures["get"] = _each(_got(store, record) for record in _some(sample, times.gets))
    figures["first find"] = _searched(store, days[0])
    figures["find"] = _each(_searched(store, day) for day in _some(days[1:] or days, times.finds))
    figures["hits"] = median(len(store.search(day)) for day in _some(days, times.finds))
    changed = [{**record, "rev": -1} for record in _some(sample, times.saves)]
    figures["save"] = _each(_milliseconds(lambda record=record: store.save(record)) for record in changed)  # type: ignore[misc]
    assert store.get(changed[-1]["id"])["rev"] == -1
    store.close()
    return figures


def disk(folder: Path, times: int = 500) -> float:
    """Return the milliseconds that the disk alone needs until 1 KB, appended to a file, is safe on it."""
    path = folder / "disk"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    sync = getattr(os, "fdatasync", os.fsync)

    def append() -> None:
        os.write(descriptor, b"x" * 1024)
        sync(descriptor)

    took = _each(_milliseconds(append) for _number in range(times))
    os.close(descriptor)
    path.unlink()
    return took


def _got(store: Contender, record: Record) -> float:
    begun = time.perf_counter()
    found = store.get(record["id"])
    took = (time.perf_counter() - begun) * 1000
    assert found["id"] == record["id"]
    return took


def _searched(store: Contender, day: str) -> float:
    begun = time.perf_counter()
    found = store.search(day)
    took = (time.perf_counter() - begun) * 1000
    assert found
    assert all(record[FIELD] == day for record in found)
    return took


def _some(values: Sequence[_T], count: int) -> Sequence[_T]:
    """Return so many of the values, from all over."""
    return values[:: max(len(values) // count, 1)][:count]


def _each(values: Iterable[float]) -> float:
    return median(values)


def _milliseconds(call: Callable[[], None]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def _set_aside() -> None:
    """Take the benchmark's own records out of the garbage collector's rounds."""
    gc.collect()
    gc.freeze()


def _memory(what: str) -> float | None:
    return megabytes(os.getpid(), what) if sys.platform.startswith("linux") else None


def _forget_peak() -> None:
    """Let the highest use of memory begin anew."""
    if sys.platform.startswith("linux"):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def main(argv: Sequence[str]) -> None:
    """Do one task and print its figures as JSON."""
    task, name, folder, key, records, count = argv
    place = Place(name, Path(folder), bytes.fromhex(key), Path(records))
    tasks: dict[str, Callable[[], Figures]] = {
        "fill": lambda: fill(place),
        "tidy": lambda: tidy(place),
        "reopen": lambda: reopen(place),
        "begin": lambda: begin(place),
        "use": lambda: use(place, tries(name, int(count))),
    }
    print(orjson.dumps(tasks[task]()).decode())


if __name__ == "__main__":
    main(sys.argv[1:])
