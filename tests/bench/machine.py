"""Machine: what the figures were measured on, in the lines that stand above them."""

from __future__ import annotations

import os
import platform
import sqlite3
from datetime import datetime
from importlib.metadata import version
from pathlib import Path


def processor() -> str:
    """Return the processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def megabytes(pid: int, name: str) -> float:
    """Return one of the figures of memory that the system keeps about a process; Linux only."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def load() -> str:
    """Return how many processes ran or waited for a processor within the last minute."""
    return f"{os.getloadavg()[0]:.1f}".replace(".", ",")


def described() -> list[str]:
    """Return date, machine and versions, one line each."""
    names = ("textual", "pydantic", "orjson", "tinydb", "cryptography")
    return [
        f"- Datum: {datetime.now().astimezone():%d.%m.%Y %H:%M}",
        f"- Rechner: {processor()}, {os.cpu_count()} Kerne, {platform.system()} {platform.release()}",
        f"- Auslastung zu Beginn: {load()} (Prozesse, die schon liefen)",
        f"- Feldbuch {version('feldbuch')}, Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in names)
        + f", SQLite {sqlite3.sqlite_version}",
    ]
