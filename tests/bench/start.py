"""Start: from the command to the first usable screen, with little and much data, in turn with other Textual apps."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from tests.bench import data
from tests.bench.figures import Figure, Table
from tests.bench.peers import PEERS, NotInstalled, installed, version_of
from tests.bench.places import environment, feldbuch, home, small_app
from tests.bench.terminal import NoScreen, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

TODAY = ("Schuljahr", "TERMINE", "Neu", "Woche")
"""Heading, first section and keys of the first page: with these one can work."""


class Contender(NamedTuple):
    """One program that is started."""

    what: str
    command: Sequence[str]
    words: Sequence[str]
    target: str = ""
    short: bool = True


def measure(runs: int, *, peers: bool, tell: Callable[[str], None]) -> Iterator[Table]:
    """Yield the tables of starts and of imports; `runs` times each, in turn, after one unmeasured start each."""
    contenders = [
        Contender("Kleinste Textual-App", small_app("minimal"), ("Bereit", "Beenden")),
        Contender("Feldbuch, leer", feldbuch(data.empty()), TODAY),
        Contender("Feldbuch, 10.000 Einträge", feldbuch(data.with_records(10_000)), TODAY, "≤ 300 ms"),
        Contender("Feldbuch, 100.000 Einträge", feldbuch(data.with_records(100_000)), TODAY, "≤ 600 ms"),
    ]
    table = Table(
        "Start",
        "Vom Aufruf bis zur ersten benutzbaren Seite (Überschrift, Inhalt und Tasten) in einem Pseudoterminal von "
        "80 × 24 Zeichen, alle Programme reihum. Prozessorzeit ist die des Programms bis dahin, im Median.",
    )
    if peers:
        for peer in PEERS:
            tell(f"{peer.name} …")
            try:
                command = installed(peer)
                contenders.append(Contender(f"{peer.name} {version_of(peer)}", [str(command)], peer.words))
            except NotInstalled as error:
                table.rows.append(Figure(peer.name, (), note=f"ließ sich nicht installieren ({error})"))
    with home() as folder:
        table.rows[:0] = _in_turn(contenders, runs, folder, tell)
    yield table
    yield imports(runs)


def _in_turn(contenders: Sequence[Contender], runs: int, folder: Path, tell: Callable[[str], None]) -> list[Figure]:
    walls: dict[str, list[float]] = {contender.what: [] for contender in contenders}
    cpus: dict[str, list[float]] = {contender.what: [] for contender in contenders}
    failed: dict[str, str] = {}
    for number in range(runs + 1):
        tell(f"Start {number} von {runs}")
        for contender in contenders:
            if contender.what in failed:
                continue
            try:
                wall, cpu = _start(contender, folder)
            except NoScreen as error:
                failed[contender.what] = "erreichte keine erste Seite"
                tell(f"{contender.what}: {error}")
                continue
            if number:  # the first start fills the caches of the system
                walls[contender.what].append(wall * 1000)
                cpus[contender.what].append(cpu * 1000)
    return [
        Figure(
            contender.what,
            walls[contender.what],
            target=contender.target,
            cpu=cpus[contender.what],
            note=failed.get(contender.what, ""),
            short=contender.short,
        )
        for contender in contenders
    ]


def _start(contender: Contender, folder: Path) -> tuple[float, float]:
    with Terminal(contender.command, environment(folder)) as terminal:
        wall = terminal.wait_text(*contender.words)
        return wall, terminal.end().cpu


_IMPORTS = (
    ("Leerer Interpreter", "pass", ""),
    ("import models.fieldbook", "import models.fieldbook", ""),
    ("import textual.app", "import textual.app", ""),
)


def imports(runs: int) -> Table:
    """Return what the records cost a fresh process: all families, and the store."""
    walls: dict[str, list[float]] = {}
    cpus: dict[str, list[float]] = {}
    for _number in range(runs):
        for what, code, _target in _IMPORTS:
            wall, cpu = _python(code)
            walls.setdefault(what, []).append(wall * 1000)
            cpus.setdefault(what, []).append(cpu * 1000)
    rows = [Figure(what, walls[what], target=target, cpu=cpus[what]) for what, _code, target in _IMPORTS]
    bare, loaded = walls[_IMPORTS[0][0]], walls[_IMPORTS[1][0]]
    difference = [with_it - without for with_it, without in zip(loaded, bare, strict=True)]
    rows.append(Figure("Modelle laden (Differenz zum leeren Interpreter)", difference, target="≤ 100 ms", short=True))
    return Table("Import", "Je ein frischer Prozess `python -c …`, reihum.", [*rows])


def _python(code: str) -> tuple[float, float]:
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code])
    _pid, _status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = 0
    return wall, used.ru_utime + used.ru_stime
