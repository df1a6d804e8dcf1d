"""The benchmark's own parts: what it takes, what it writes where, and the figures that it says."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import given, strategies as st

from tests.bench.__main__ import arguments
from tests.bench.figures import Beside, Figure, Table, beside_headings, full, grid, said, short, spread, times
from tests.bench.report import NoMarks, between, marks, write
from tests.bench.store import OPERATIONS, SLOW_RUNS, growth
from tests.bench.store_tasks import Place, Tries, begin, fill, reopen, tidy, tries, use
from tests.bench.stores import NAMES, OWN, STOCK

if TYPE_CHECKING:
    from pathlib import Path

BEGIN, END = marks("all")

TABLE = Table(
    "Start",
    "Reihum.",
    [
        Figure("Feldbuch", [300.0, 100.0, 200.0], target="≤ 300 ms", cpu=[90.0], short=True),
        Figure("posting", (), note="ließ sich nicht installieren"),
    ],
)


def test_a_series_is_asked_for_by_name() -> None:
    asked = arguments(["start", "--runs", "3", "--peers"])
    assert (asked.series, asked.runs, asked.peers, asked.write) == ("start", 3, True, False)
    assert arguments(["store"]).series == "store"


@pytest.mark.parametrize("argv", [[], ["nothing"], ["start", "--runs", "0"], ["start", "--write"]])
def test_wrong_usage_ends_with_a_message(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(argv)
    assert capsys.readouterr().err


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_the_median_lies_between_the_least_and_the_greatest(values: list[float]) -> None:
    middle, least, most = spread(values)
    assert least <= middle <= most


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.00412, "ms", "0,0041 ms"),
        (6.412, "ms", "6,41 ms"),
        (64.12, "ms", "64,1 ms"),
        (641.2, "ms", "641 ms"),
        (0.2, "%", "0,2 %"),
    ],
)
def test_a_figure_is_said_as_german_readers_write_it(value: float, unit: str, text: str) -> None:
    assert said(value, unit) == text


def test_all_lines_of_a_table_are_equally_long() -> None:
    assert len({len(line) for line in grid(("Was", "Wert"), [("a", "1"), ("länger", "100")])}) == 1


def test_what_was_not_measured_says_why() -> None:
    assert any("posting" in line and "ließ sich nicht installieren" in line for line in full(TABLE))


def test_the_short_table_holds_the_marked_rows_with_median_least_greatest_and_target() -> None:
    lines = short([TABLE])
    assert [cell.strip() for cell in lines[-1].strip("|").split("|")] == [
        "Feldbuch",
        "200 ms",
        "100 ms",
        "300 ms",
        "≤ 300 ms",
    ]
    assert not any("posting" in line for line in lines)


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    text = f"Vorher\n{BEGIN}\nalt\n{END}\nNachher\n"
    assert between(text, ["neu"]) == f"Vorher\n{BEGIN}\n\nneu\n\n{END}\nNachher\n"


def test_writing_twice_is_writing_once() -> None:
    once = between(f"{BEGIN}\n{END}", ["neu"])
    assert between(once, ["neu"]) == once


@pytest.mark.parametrize("text", ["", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}", f"{BEGIN}{END}{END}"])
def test_without_exactly_one_pair_of_marks_nothing_is_written(text: str, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    with pytest.raises(NoMarks):
        write(tmp_path, "all", ["- Rechner"], [TABLE])
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == text
    assert not list((tmp_path / "docs").iterdir())


def test_both_files_name_the_machine(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text(f"{BEGIN}{END}", encoding="utf-8")
    write(tmp_path, "all", ["- Rechner: Prüfstand"], [TABLE])
    for name in ("README.md", "docs/benchmarks.md"):
        assert "Prüfstand" in (tmp_path / name).read_text(encoding="utf-8")


def test_contenders_stand_side_by_side_with_the_relation_of_their_medians() -> None:
    row = Beside(
        "Holen", {"A": [1.0, 2.0, 6.0], "B": [8.0]}, ("A", "B", "C"), (("A", "B"), ("A", "C")), target="≤ 3 ms"
    )
    assert row.cells() == ("Holen", "2,00 ms (1,00–6,00)", "8,00 ms", "–", "0,25", "–", "≤ 3 ms")
    assert len(row.cells()) == len(beside_headings(row.names, row.ratios))
    assert not row.short


def test_nothing_is_related_to_what_is_told_as_nothing() -> None:
    row = Beside("Arbeitsspeicher", {"A": [15.0], "B": [0.02]}, ("A", "B"), (("A", "B"),), unit="MB")
    assert row.cells() == ("Arbeitsspeicher", "15,0 MB", "0,0 MB", "–", "")


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(0.0002, "1 : 5000"), (0.35, "0,35"), (1.4, "1,40"), (12.34, "12,3"), (4488.0, "4488"), (0, "0")],
)
def test_a_relation_is_said_as_it_reads_best(ratio: float, text: str) -> None:
    assert times(ratio) == text


def test_rows_of_different_headings_stand_in_grids_of_their_own() -> None:
    row = Beside("Holen", {"A": [1.0, 2.0, 3.0]}, ("A",), (), label="Holen, 10 Einträge")
    headings = beside_headings(row.names, ())
    lines = short([TABLE, Table("Datenbank", "Reihum.", [row], headings, headings), TABLE])
    assert lines.count("") == 1
    assert sum("Feldbuch" in line for line in lines) == 2
    assert "| Holen, 10 Einträge | 2,00 ms |" in "\n".join(lines)


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.jsonl"
    days = [date(2026, 3, 1 + number % 9).isoformat() for number in range(40)]
    path.write_bytes(
        b"".join(orjson.dumps({"id": f"{number:02}", "rev": 0, "date": day}) + b"\n" for number, day in enumerate(days))
    )
    return path


@pytest.mark.parametrize("name", NAMES)
def test_every_contender_answers_alike(name: str, records: Path, tmp_path: Path) -> None:
    place = Place(name, tmp_path, b"k" * 32, records)
    store = place.open()
    content = place.read()
    store.bring_in(content)
    store.save({**content[7], "rev": 1})
    store.compact()
    store.close()
    for indexed in (False, True):
        store = place.open(indexed=indexed)
        assert store.get("07") == {**content[7], "rev": 1}
        assert [record["id"] for record in store.search("2026-03-03")] == ["02", "11", "20", "29", "38"]
        store.close()


@pytest.mark.parametrize("name", NAMES)
def test_every_contender_is_measured_in_every_operation_that_it_has(name: str, records: Path, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    place = Place(name, folder, b"k" * 32, records)
    few = Tries(3, 3, 3, 3)
    figures = fill(place) | reopen(place) | tidy(place) | use(place, few) | begin(place)
    missing = {operation.key for operation in OPERATIONS} - figures.keys()
    lacking = {"compact", "behind", "save while tidying", "pause"} if name == STOCK else set()
    assert missing - {"memory", "peak"} == lacking
    assert figures["hits"] > 1


def test_growth_relates_the_medians_of_two_sizes() -> None:
    measured = {10: {"get": {OWN: [1.0, 2.0, 3.0]}}, 100: {"get": {OWN: [4.0, 5.0]}}}
    row = next(row.cells() for row in growth(10, 100, measured).rows if row.cells()[0] == "Nach Kennung holen")
    assert row == ("Nach Kennung holen", "–", "–", "2,25", "–")


def test_stock_tinydb_is_asked_less_where_there_is_much() -> None:
    assert tries(STOCK, 100_000).saves * SLOW_RUNS == 3
    assert tries(OWN, 100_000) == Tries()
