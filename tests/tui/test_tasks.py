"""The open tasks as a list, and what all lists can do: search, filter, sort, own or all, preview."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Static

from models.clock import FixedClock
from models.fieldbook import Fieldbook
from models.records import parse
from tui.app import FeldbuchApp
from tui.screens.tasks import TasksScreen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from textual.pilot import Pilot

    from models.records import Record

NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


def add(fieldbook: Fieldbook, kind: str, **values: Any) -> Record:
    """Save a record."""
    return fieldbook.save(parse({"kind": kind, **values}))


@pytest.fixture
def fieldbook(tmp_path: Path) -> Iterator[Fieldbook]:
    """A fieldbook with two schools, three open tasks and an agreement."""
    with Fieldbook.open(tmp_path, clock=FixedClock(NOW)) as opened:
        add(opened, "school", number="100001", short_name="GS Altstadt", place="Gütersloh")
        add(opened, "school", number="100002", short_name="Gymnasium Nord", place="Verl")
        agreement = {"id": "a1", "text": "Muster senden", "due": "2026-12-01"}
        theirs = {"id": "a2", "text": "Termin mitteilen", "owner": "schule"}
        add(opened, "visit", school="100002", date="2026-11-10", topics=["lms"], agreements=[agreement, theirs])
        add(opened, "task", text="WLAN-Angebot nachfassen", due="2026-11-20", subject="100001")
        add(opened, "task", text="Flyer prüfen", due="2026-11-24")
        yield opened


def screen_of(pilot: Pilot[Any]) -> TasksScreen:
    """Return the list."""
    screen = pilot.app.screen
    assert isinstance(screen, TasksScreen)
    return screen


def page(pilot: Pilot[Any]) -> list[str]:
    """Return the lines of the table as they read, its header left out."""
    table = screen_of(pilot).table
    lines = [table.render_line(y).text.strip(" ▸") for y in range(1, table.size.height)]
    return [line for line in lines if line]


async def opened(pilot: Pilot[Any]) -> None:
    """Go to the list."""
    await pilot.pause()
    await pilot.press("f8")
    await pilot.pause()


async def test_all_open_tasks_stand_in_the_order_of_their_days_with_the_overdue_first(fieldbook: Fieldbook) -> None:
    async with FeldbuchApp(fieldbook).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        shown = page(pilot)
        texts = ("WLAN-Angebot nachfassen", "Flyer prüfen", "Muster senden", "Termin mitteilen")
        assert [text in line for text, line in zip(texts, shown, strict=True)] == [True] * 4
        assert shown[0].startswith("! Fr 20.11.2026")
        assert shown[0].endswith("GS Altstadt")
        assert screen_of(pilot).heading() == "Aufgaben · 4"


async def test_space_marks_the_task_as_done_wherever_it_was_written_down(fieldbook: Fieldbook) -> None:
    async with FeldbuchApp(fieldbook).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("down", "down", "space")
        await pilot.pause()
        assert not any("Muster senden" in line for line in page(pilot))
        visit = fieldbook.documents("visit")[0]
        assert [entry.get("done_on") for entry in visit["agreements"]] == ["2026-11-24", None]
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert any("Muster senden" in line for line in page(pilot))


async def test_search_narrows_the_list_while_one_types_and_esc_takes_it_back(fieldbook: Fieldbook) -> None:
    async with FeldbuchApp(fieldbook).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("slash", *"nord")
        await pilot.pause()
        assert len(page(pilot)) == 2
        assert screen_of(pilot).heading() == "Aufgaben · 2 von 4 · „nord“"
        await pilot.press("enter", "x")
        await pilot.pause()
        assert len(page(pilot)) == 1
        await pilot.press("escape")
        await pilot.pause()
        assert len(page(pilot)) == 3


async def test_letters_in_the_search_line_are_text_and_no_commands(fieldbook: Fieldbook) -> None:
    async with FeldbuchApp(fieldbook).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("slash", *"xgon", "backspace")
        await pilot.pause()
        assert screen_of(pilot).query_text == "xgo"
        assert len(screen_of(pilot).documents()) == 4


async def test_o_leaves_only_what_i_have_to_do_myself(fieldbook: Fieldbook) -> None:
    async with FeldbuchApp(fieldbook).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("o")
        assert screen_of(pilot).heading() == "Aufgaben · 3 von 4 · eigene"
        assert not any("Termin mitteilen" in line for line in page(pilot))


async def test_g_puts_the_tasks_under_the_names_of_their_schools(fieldbook: Fieldbook) -> None:
    async with FeldbuchApp(fieldbook).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("g")
        shown = page(pilot)
        assert [line for line in shown if line in ("GS Altstadt", "Gymnasium Nord", "ohne Schule")] == [
            "GS Altstadt",
            "Gymnasium Nord",
            "ohne Schule",
        ]
        assert screen_of(pilot).heading() == "Aufgaben · 4"


async def test_a_filter_is_chosen_by_typing_and_named_in_the_heading(fieldbook: Fieldbook) -> None:
    async with FeldbuchApp(fieldbook).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("f", *"überf", "enter")
        await pilot.pause()
        assert screen_of(pilot).heading() == "Aufgaben · 1 von 4 · überfällig"


async def test_sorting_by_a_column_twice_turns_the_order_round(fieldbook: Fieldbook) -> None:
    async with FeldbuchApp(fieldbook).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("s", *"aufgabe", "enter")
        await pilot.pause()
        assert "Flyer prüfen" in page(pilot)[0]
        await pilot.press("s", *"aufgabe", "enter")
        await pilot.pause()
        assert "WLAN-Angebot nachfassen" in page(pilot)[0]


async def test_what_has_no_date_stays_last_whichever_way_one_sorts(fieldbook: Fieldbook) -> None:
    async with FeldbuchApp(fieldbook).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        screen_of(pilot).sort_by("due")
        await pilot.pause()
        assert "Muster senden" in page(pilot)[0]
        assert "Termin mitteilen" in page(pilot)[-1]


async def test_on_a_wide_screen_the_record_that_a_task_comes_from_stands_beside_it(fieldbook: Fieldbook) -> None:
    async with FeldbuchApp(fieldbook).run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("end")
        await pilot.pause()
        pane = screen_of(pilot).query_one(".list-preview-text", Static)
        assert "Gymnasium Nord, Di 10.11.2026" in str(pane.render())


async def test_the_cursor_stays_on_its_task_when_another_one_comes_in(fieldbook: Fieldbook) -> None:
    async with FeldbuchApp(fieldbook).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("down")
        before = screen_of(pilot).current_task()
        add(fieldbook, "task", text="Noch älter", due="2026-11-01")
        await pilot.pause()
        assert screen_of(pilot).current_task() == before
        assert "Noch älter" in page(pilot)[0]


async def test_a_commit_of_another_kind_leaves_the_list_as_it_is(fieldbook: Fieldbook) -> None:
    async with FeldbuchApp(fieldbook).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        rows = screen_of(pilot).table.source
        add(fieldbook, "information", title="Neues", date="2026-11-24")
        await pilot.pause()
        assert screen_of(pilot).table.source is rows


async def test_an_empty_list_says_what_to_do(fieldbook: Fieldbook) -> None:
    async with FeldbuchApp(fieldbook).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("slash", *"gibtsnicht")
        await pilot.pause()
        assert page(pilot) == ["Nichts gefunden. Esc hebt die Suche auf."]
