"""Keys: from a key to its repaint, in a form, in the matrix and while searching, beside what Textual's own widgets need."""

from __future__ import annotations

import time
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from models.fieldbook import Fieldbook
from models.present import search_text
from models.rules.text_index import TextIndex
from tests.bench import data
from tests.bench.figures import Figure, Table
from tests.bench.places import copy_of, environment, feldbuch, home, small_app
from tests.bench.terminal import NoScreen, Terminal, TooLate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from models.records import Document

LETTERS = "xylophonkonzert"
"""Its first letter stands nowhere else in the line."""
QUERIES = ("gesamtschule", "gym am markt", "birken", "rosenbusch grund", "medienkonzept")
"""Words that the demo region's records hold, typed letter by letter."""

F3, F4, F5, BACKSPACE, UP, DOWN, SPACE, ENTER, PALETTE, SEARCH = (
    *("\x1bOR", "\x1bOS", "\x1b[15~", "\x7f", "\x1b[A", "\x1b[B", " ", "\r", "\x10", "/"),
)
FIRST_ANSWER = 4
"""The line of the screen in which the answers of „Alles finden“ begin."""

READY = ("Schuljahr", "TERMINE", "Woche")


def measure(runs: int, tell: Callable[[str], None]) -> Iterator[Table]:
    """Yield the tables of typing and of searching; `runs` is how often each key is pressed."""
    with home() as folder:
        around = environment(folder)

        def tried(what: str, values: Callable[[], list[float]], target: str = "", *, short: bool = True) -> Figure:
            tell(f"{what} …")
            try:
                return Figure(what, values(), target=target, short=short)
            except NoScreen as error:
                tell(str(error))
                return Figure(what, (), target=target, note="kam nicht bis zu dieser Seite")

        yield Table(
            "Tasten",
            "Vom Schreiben der Taste ins Pseudoterminal bis die neue Zelle ankommt.",
            [
                tried("Zeichen im Formular", lambda: _typing_in_form(runs, around), "≤ 8 ms"),
                tried("Zeichen im Input von Textual", lambda: _typing_in_input(runs, around), short=False),
                tried("Stufe in der Matrix", lambda: _levels_in_matrix(runs, around), "≤ 5 ms"),
                tried("Knopf im RadioSet von Textual (13 × 4)", lambda: _levels_in_radios(runs, around)),
            ],
        )
        schools, records, rows = data.with_schools(), data.with_records(100_000), data.with_rows()
        yield Table(
            "Suchen beim Tippen",
            "Anfrage: Laufzeit des Index im Prozess, jeder Anfang jedes Suchworts. Taste: bis die neuen Zeilen im "
            "Pseudoterminal ankommen.",
            [
                tried("Anfrage, 5.507 Schulen", lambda: _queries(schools, ("school",)), "≤ 2 ms"),
                tried("Taste, Liste von 5.507 Schulen", lambda: _search_in_list(runs, schools, F3, around)),
                tried("Anfrage, 100.000 Einträge", lambda: _queries(records), "≤ 16 ms"),
                tried("Taste, Liste von 100.000 Zeilen", lambda: _search_in_list(runs, rows, F4, around)),
                tried("Taste, „Alles finden“ in 100.000 Einträgen", lambda: _search_everywhere(runs, records, around)),
            ],
        )


def _in_ms(seconds: float) -> float:
    return seconds * 1000


def _typing_in_form(runs: int, surroundings: dict[str, str]) -> list[float]:
    with copy_of(data.with_records(10_000)) as folder, Terminal(feldbuch(folder), surroundings) as terminal:
        terminal.wait_screen(*READY)
        terminal.type("a")
        terminal.wait_screen("Strg+S Speichern", "Aufgabe · neu")
        terminal.settle()
        title = next(number for number, line in enumerate(terminal.lines()) if "Aufgabe · neu" in line)
        return _type_letters(terminal, runs, title + 1)


def _typing_in_input(runs: int, surroundings: dict[str, str]) -> list[float]:
    with Terminal(small_app("input"), surroundings) as terminal:
        terminal.wait(lambda: "▔" in "".join(terminal.lines()))
        terminal.settle()
        return _type_letters(terminal, runs, 1)


def _type_letters(terminal: Terminal, runs: int, row: int) -> list[float]:
    values: list[float] = []
    while len(values) < runs:
        for length in range(1, len(LETTERS) + 1):
            arrived = partial(_says, terminal, row, LETTERS[:length])
            values.append(_in_ms(terminal.press(LETTERS[length - 1], arrived)))
            terminal.settle(0.03, 0.2)
        terminal.type(BACKSPACE * len(LETTERS))
        terminal.wait(lambda: not _says(terminal, row, LETTERS[:1]))
        terminal.settle(0.1, 0.3)
    return values[:runs]


def _says(terminal: Terminal, row: int, typed: str) -> bool:
    """Tell whether this line shows what was typed."""
    return typed in terminal.lines()[row]


def _levels_in_matrix(runs: int, surroundings: dict[str, str]) -> list[float]:
    values: list[float] = []
    with copy_of(data.demo()) as folder, Terminal(feldbuch(folder), surroundings) as terminal:
        terminal.wait_screen(*READY)
        terminal.type(F5)
        terminal.wait_screen("Bestandsaufnahmen ·")
        terminal.settle()
        terminal.type(ENTER)
        terminal.wait_screen("1–4 Stufe")
        terminal.settle()
        while len(values) < runs:
            before = _cursor(terminal)
            seconds = terminal.press("23"[len(values) % 2], partial(_moved, terminal, before))
            values.append(_in_ms(seconds))
            terminal.settle(0.05, 0.3)
            terminal.type(UP)
            terminal.wait(lambda: not _moved(terminal, before))  # noqa: B023 - used at once
            terminal.settle(0.05, 0.3)
    return values


def _cursor(terminal: Terminal) -> str:
    """Return the name of the criterion at the cursor."""
    return next((line.split("▸")[1].split("  ")[0].strip() for line in terminal.lines() if "▸" in line), "")


def _moved(terminal: Terminal, before: str) -> bool:
    """Tell whether the cursor stands at another criterion than `before`: the level is rated, and the next one asked."""
    return _cursor(terminal) not in ("", before)


def _levels_in_radios(runs: int, surroundings: dict[str, str]) -> list[float]:
    values: list[float] = []
    with Terminal(small_app("radios"), surroundings) as terminal:
        terminal.wait_screen("Kriterium 1, Stufe 4")
        terminal.settle()
        while len(values) < runs:
            terminal.type(DOWN)
            terminal.settle(0.05, 0.3)
            before = terminal.colours()
            seconds = terminal.press(SPACE, lambda: terminal.colours() != before)  # noqa: B023 - used at once
            values.append(_in_ms(seconds))
            terminal.settle(0.05, 0.3)
    return values


def _prefixes(queries: Sequence[str]) -> list[str]:
    return [query[: length + 1] for query in queries for length in range(len(query)) if query[length] != " "]


def _queries(folder: Path, kinds: Sequence[str] = ()) -> list[float]:
    with Fieldbook.open(folder) as fieldbook:
        documents: list[Document] = [d for kind in kinds or fieldbook.counts() for d in fieldbook.documents(kind)]
        rows = [(str(document["id"]), search_text(document, fieldbook)) for document in documents]
    index = TextIndex(rows)
    values: list[float] = []
    for query in _prefixes(QUERIES):
        times: list[float] = []
        for _number in range(3):
            begun = time.perf_counter()
            index.best(query, 200)
            times.append(_in_ms(time.perf_counter() - begun))
        values.append(median(times))
    return values


def _search_in_list(runs: int, folder: Path, place: str, surroundings: dict[str, str]) -> list[float]:
    values: list[float] = []
    with copy_of(folder) as copy, Terminal(feldbuch(copy), surroundings) as terminal:
        terminal.wait_screen(*READY)
        terminal.type(place)
        terminal.wait_screen("/ Suchen", "▸")
        terminal.settle()
        terminal.type(SEARCH)
        terminal.settle(0.5)
        while len(values) < runs:
            for query in QUERIES:
                values += _typed_query(terminal, query)
                terminal.type(BACKSPACE * len(query))
                terminal.wait(lambda: "„" not in terminal.lines()[1])
                terminal.settle(0.1, 0.5)
    return values[:runs]


def _typed_query(terminal: Terminal, query: str) -> list[float]:
    """Type a query; the list's heading names it once the rows below it are those that were found."""
    values: list[float] = []
    for length in range(1, len(query) + 1):
        if query[length - 1] == " ":
            terminal.type(" ")
        else:
            heading = f"„{query[:length]}“"
            seconds = terminal.press(query[length - 1], lambda: heading in terminal.lines()[1])  # noqa: B023 - used at once
            values.append(_in_ms(seconds))
        terminal.settle(0.05, 0.3)
    return values


def _search_everywhere(runs: int, folder: Path, surroundings: dict[str, str]) -> list[float]:
    values: list[float] = []
    with copy_of(folder) as copy, Terminal(feldbuch(copy), surroundings) as terminal:
        terminal.wait_screen(*READY)
        terminal.type(PALETTE)
        terminal.wait_screen("Alles finden", "Enter übernehmen")
        terminal.settle(3.0, 20.0)
        while len(values) < runs:
            for query in QUERIES:
                for length in range(1, len(query) + 1):
                    values += _letter_everywhere(terminal, query[:length])
                    terminal.settle(0.05, 0.3)
                terminal.type(BACKSPACE * len(query))
                terminal.settle(0.3, 2.0)
    return values[:runs]


def _letter_everywhere(terminal: Terminal, typed: str) -> list[float]:
    """Type the last letter of `typed`; return its milliseconds, or none where the same records stand there as before."""
    before = terminal.lines()[FIRST_ANSWER:]

    def arrived() -> bool:
        lines = terminal.lines()
        return any(typed.strip() in line for line in lines[:FIRST_ANSWER]) and lines[FIRST_ANSWER:] != before

    try:
        return [_in_ms(terminal.press(typed[-1], arrived, patience=0.7))]
    except TooLate:
        return []
