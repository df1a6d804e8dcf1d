"""The command `python -m tests.bench`: measures, prints the tables, and writes them down with `--write`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.figures import full
from tests.bench.machine import described, load
from tests.bench.report import write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.bench.figures import Table

ROOT = Path(__file__).resolve().parents[2]
GROUPS = {"all": ("start", "keys", "table", "memory", "store"), "server": ("sync", "load")}
"""What is measured in one go and written into one document: the program on a laptop, and the team's server."""

SERIES = tuple(series for group in GROUPS.values() for series in group)
RUNS = {"start": 10, "keys": 60, "table": 50, "memory": 3, "store": 5, "sync": 3, "load": 1}


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Return what is asked for; ends the program on wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Misst das Programm, seine Datenbank und den Server des Teams."
    )
    parser.add_argument("series", choices=(*SERIES, *GROUPS), help="was gemessen wird")
    parser.add_argument("--runs", type=int, help="so viele Läufe statt der üblichen Zahl; mindestens 1")
    parser.add_argument("--peers", action="store_true", help="beim Start auch posting, harlequin und hike")
    parser.add_argument("--write", action="store_true", help="docs und README.md schreiben; nur mit all oder server")
    asked = parser.parse_args(argv)
    if asked.write and asked.series not in GROUPS:
        parser.error("--write geht nur mit all oder server: die Zahlen sollen aus einem Lauf sein")
    if asked.runs is not None and asked.runs < 1:
        parser.error("--runs: mindestens 1")
    return asked


def measured(asked: argparse.Namespace) -> Iterator[Table]:
    """Yield the tables that are asked for, as they are ready."""
    for series in GROUPS.get(asked.series, (asked.series,)):
        runs = asked.runs or RUNS[series]
        if series == "start":
            from tests.bench import start

            yield from start.measure(runs, peers=asked.peers, tell=tell)
        elif series == "keys":
            from tests.bench import keys

            yield from keys.measure(runs, tell)
        elif series == "table":
            from tests.bench import table

            yield from table.measure(runs, tell)
        elif series == "store":
            from tests.bench import store

            yield from store.measure(runs, tell)
        elif series == "sync":
            from tests.bench import sync

            yield from sync.measure(runs, tell)
        elif series == "load":
            from tests.bench import load as crowd

            yield from crowd.measure(runs, tell)
        else:
            from tests.bench import memory

            yield from memory.measure(runs, tell)


def tell(text: str) -> None:
    """Say on stderr what is being done."""
    print(text, file=sys.stderr, flush=True)


def main(argv: Sequence[str]) -> int:
    """Measure and print; returns the exit code."""
    asked = arguments(argv)
    if sys.platform == "win32":
        tell("Die Messungen brauchen ein Pseudoterminal, das es unter Windows nicht gibt.")
        return 1
    machine = described()
    print("\n".join(machine), end="\n\n")
    tables: list[Table] = []
    for table in measured(asked):
        tables.append(table)
        print("\n".join(full(table)), flush=True)
    machine.append(f"- Auslastung am Ende: {load()}; die Messung selbst braucht 1 bis 2")
    print(machine[-1])
    if asked.write:
        write(ROOT, asked.series, machine, tables)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
