"""Memory: what the running program occupies with little and much data, and what it uses while nobody types."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench import data
from tests.bench.figures import Figure, Table
from tests.bench.machine import megabytes
from tests.bench.places import copy_of, environment, feldbuch, home
from tests.bench.start import TODAY
from tests.bench.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

IDLE = 5.0
"""Seconds for which nobody types."""


def measure(runs: int, tell: Callable[[str], None]) -> Iterator[Table]:
    """Yield the table of memory and of processor use at rest; from /proc, so on Linux only."""
    how = (
        f"Laufendes Programm auf der ersten Seite, aus /proc. In Ruhe: Prozessorzeit in {IDLE:.0f} Sekunden ohne Taste."
    )
    table = Table("Speicher und Ruhe", how)
    if not sys.platform.startswith("linux"):
        table.rows.append(Figure("Speicher", (), "MB", note="nur unter Linux"))
        yield table
        return
    for what, folder, target in (
        ("Demo-Region", data.demo(), "< 120 MB"),
        ("10.000 Einträge", data.with_records(10_000), "< 160 MB"),
        ("100.000 Einträge", data.with_records(100_000), ""),
    ):
        tell(f"Speicher, {what} …")
        resident: list[float] = []
        peak: list[float] = []
        idle: list[float] = []
        with home() as home_folder, copy_of(folder) as copy:
            for _number in range(runs):
                with Terminal(feldbuch(copy), environment(home_folder)) as terminal:
                    terminal.wait_text(*TODAY)
                    terminal.settle(0.5)
                    resident.append(megabytes(terminal.pid, "VmRSS"))
                    peak.append(megabytes(terminal.pid, "VmHWM"))
                    idle.append(_idle(terminal))
        table.rows.extend(
            [
                Figure(f"Speicher, {what}", resident, "MB", target, short=bool(target)),
                Figure(f"Speicher, {what}, Höchststand", peak, "MB"),
                Figure(f"Prozessor in Ruhe, {what}", idle, "%", "≤ 0,5 %", short=what == "Demo-Region"),
            ]
        )
    yield table


def _seconds(pid: int) -> float:
    """Return the processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _idle(terminal: Terminal) -> float:
    begun, before = time.perf_counter(), _seconds(terminal.pid)
    while (left := IDLE - (time.perf_counter() - begun)) > 0:
        terminal.settle(left, left)
    return (_seconds(terminal.pid) - before) / (time.perf_counter() - begun) * 100
