"""Table: a page down in a list of 100,000 rows, and how soon the list stands, beside Textual's DataTable with 10,000."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench import data
from tests.bench.figures import Figure, Table
from tests.bench.keys import F4
from tests.bench.places import copy_of, environment, feldbuch, home, small_app
from tests.bench.terminal import ROWS, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PAGE_DOWN, HOME = "\x1b[6~", "\x1b[H"


def measure(runs: int, tell: Callable[[str], None]) -> Iterator[Table]:
    """Yield the table of tables; `runs` pages, and a fifth as many openings."""
    openings = max(runs // 5, 3)
    with home() as folder:
        surroundings = environment(folder)
        tell("Liste von 100.000 Zeilen …")
        with copy_of(data.with_rows()) as book:
            ready, pages = _measured(feldbuch(book), F4, "Besuche und Beratungen ·", 1, runs, openings, surroundings)
        tell("DataTable mit 10.000 Zeilen …")
        peer_ready, peer_pages = _measured(small_app("rows"), "t", "Zeile 00000", 0, runs, openings, surroundings)
    yield Table(
        "Tabelle",
        "Bild ab: bis die unterste Zeile der neuen Seite im Pseudoterminal ankommt. Bereit: von der Taste, die die Liste "
        "öffnet, bis sie dasteht, jedes Mal in einem frischen Prozess.",
        [
            Figure("Bild ab, 100.000 Zeilen", pages, target="≤ 10 ms", short=True),
            Figure("Bild ab, DataTable mit 10.000 Zeilen", peer_pages, short=True),
            Figure("Liste bereit, 100.000 Zeilen", ready),
            Figure("DataTable bereit, 10.000 Zeilen", peer_ready),
        ],
    )


def _measured(
    command: Sequence[str],
    key: str,
    words: str,
    below: int,
    runs: int,
    openings: int,
    surroundings: dict[str, str],
) -> tuple[list[float], list[float]]:
    """Return milliseconds until the table stands, and per page; `below` lines of the screen lie under the table."""
    ready: list[float] = []
    pages: list[float] = []
    bottom = ROWS - 1 - below
    for number in range(openings):
        with Terminal(command, surroundings) as terminal:
            terminal.wait(lambda: True)
            terminal.settle(0.5, 10.0)
            ready.append(terminal.press(key, lambda: _stands(terminal, words, bottom)) * 1000)
            if number:
                continue
            terminal.settle()
            terminal.type(PAGE_DOWN)  # the first one only moves the cursor in some tables
            terminal.settle()
            for _page in range(runs):
                before = terminal.lines()[bottom]
                moved = lambda before=before: terminal.lines()[bottom] not in ("", before)  # noqa: E731
                pages.append(terminal.press(PAGE_DOWN, moved) * 1000)
                terminal.settle(0.05, 0.3)
    return ready, pages


def _stands(terminal: Terminal, words: str, bottom: int) -> bool:
    lines = terminal.lines()
    return words in "\n".join(lines) and bool(lines[bottom].strip())
