"""The benchmark's own parts: what it takes, what it writes where, and the figures that it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from tests.bench.__main__ import arguments
from tests.bench.figures import Figure, Table, full, grid, said, short, spread
from tests.bench.report import BEGIN, END, NoMarks, between, write

if TYPE_CHECKING:
    from pathlib import Path

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
    [(6.412, "ms", "6,41 ms"), (64.12, "ms", "64,1 ms"), (641.2, "ms", "641 ms"), (0.2, "%", "0,2 %")],
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
        write(tmp_path, ["- Rechner"], [TABLE])
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == text
    assert not list((tmp_path / "docs").iterdir())


def test_both_files_name_the_machine(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text(f"{BEGIN}{END}", encoding="utf-8")
    write(tmp_path, ["- Rechner: Prüfstand"], [TABLE])
    for name in ("README.md", "docs/benchmarks.md"):
        assert "Prüfstand" in (tmp_path / name).read_text(encoding="utf-8")
