"""Today's page: what a person sees in the morning, and what one key does with it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from models.clock import FixedClock
from models.fieldbook import Fieldbook
from models.records import parse
from tui.app import FeldbuchApp
from tui.screens.today import TodayScreen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from textual.pilot import Pilot

    from models.records import Record

NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


@pytest.fixture
def fieldbook(tmp_path: Path) -> Iterator[Fieldbook]:
    """A fieldbook on the morning of Tuesday, 24 November 2026."""
    with Fieldbook.open(tmp_path, clock=FixedClock(NOW)) as opened:
        add(opened, "school", number="100001", short_name="GS Altstadt", place="Gütersloh")
        add(opened, "school", number="100002", short_name="Gymnasium Nord", place="Verl")
        add(opened, "school", number="100003", short_name="GS Neustadt [@click=app.exit]", place="Verl")
        add(opened, "visit", school="100002", date="2025-10-08", topics=["lms"])
        add(opened, "consultation", client="100001", date="2026-11-02", topics=["lms"])
        yield opened


def add(fieldbook: Fieldbook, kind: str, **values: Any) -> Record:
    """Save a record."""
    return fieldbook.save(parse({"kind": kind, **values}))


def planned(fieldbook: Fieldbook, day: str = "2026-11-24", **values: Any) -> Record:
    """Save a planned visit at GS Altstadt."""
    base = {"school": "100001", "date": day, "start": "09:30", "status": "geplant", "topics": ["medienkonzept"]}
    return add(fieldbook, "visit", **{**base, **values})


def app_of(fieldbook: Fieldbook) -> FeldbuchApp:
    """Return the app over a fieldbook."""
    return FeldbuchApp(fieldbook)


def screen_of(pilot: Pilot[Any]) -> TodayScreen:
    """Return today's page."""
    screen = pilot.app.screen
    assert isinstance(screen, TodayScreen)
    return screen


def page(pilot: Pilot[Any]) -> list[str]:
    """Return the lines of the page as they read, headings in capitals."""
    table = screen_of(pilot).query_one("VirtualTable")
    return [
        table.render_line(y).text.strip(" ▸") for y in range(table.size.height) if table.render_line(y).text.strip()
    ]


async def go_to(pilot: Pilot[Any], text: str) -> None:
    """Put the cursor on the line that contains a text."""
    screen = screen_of(pilot)
    line = next(line for line in screen.lines() if text in f"{line.title} {line.detail} {line.what}")
    screen.table.move_to_key(line.key)
    await pilot.pause()


async def test_the_page_shows_today_and_tomorrow_what_is_due_and_who_was_long_not_visited(fieldbook: Fieldbook) -> None:
    planned(fieldbook)
    planned(fieldbook, "2026-11-25", start="11:00")
    planned(fieldbook, "2026-11-27")
    add(fieldbook, "task", text="WLAN-Angebot nachfassen", due="2026-11-20", subject="100001")
    add(fieldbook, "task", text="Später", due="2026-12-24")
    async with app_of(fieldbook).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert screen_of(pilot).heading() == "Dienstag, 24. November 2026 · Schuljahr 2026/27"
        shown = page(pilot)
        assert shown[0] == "TERMINE"
        assert shown[1].split()[:4] == ["09:30", "Besuch", "GS", "Altstadt"]
        assert shown[2] == "MORGEN · 25.11."
        assert shown[3].startswith("11:00")
        assert shown[4] == "FÄLLIG"
        assert shown[5].startswith("! 20.11.")
        assert "WLAN-Angebot nachfassen" in shown[5]
        assert shown[6] == "LANGE NICHT BESUCHT (mehr als 180 Tage) · 2 von 3"
        assert "Gymnasium Nord, Verl" in shown[7]
        assert "412 Tage" in shown[7]
        assert "[@click=app.exit" in shown[8]
        assert "noch nie" in shown[8]
        assert not any("Später" in line for line in shown)


async def test_a_day_without_appointments_says_so(fieldbook: Fieldbook) -> None:
    async with app_of(fieldbook).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert page(pilot)[:2] == ["TERMINE", "Heute steht nichts an."]


async def test_f_shows_the_whole_week_and_back(fieldbook: Fieldbook) -> None:
    planned(fieldbook, "2026-11-27")
    async with app_of(fieldbook).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "FREITAG · 27.11." not in page(pilot)
        await pilot.press("f")
        assert "FREITAG · 27.11." in page(pilot)
        await pilot.press("f")
        assert "FREITAG · 27.11." not in page(pilot)


async def test_x_marks_an_agreement_as_done_and_undo_takes_it_back(fieldbook: Fieldbook) -> None:
    agreement = {"id": "a1", "text": "Muster senden", "due": "2026-11-23"}
    visit = add(fieldbook, "visit", school="100001", date="2026-11-10", topics=["lms"], agreements=[agreement])
    async with app_of(fieldbook).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await go_to(pilot, "Muster senden")
        await pilot.press("x")
        await pilot.pause()
        assert fieldbook.document(visit.id)["agreements"][0]["done_on"] == "2026-11-24"
        assert not any("Muster senden" in line for line in page(pilot))
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert any("Muster senden" in line for line in page(pilot))


async def test_a_planned_visit_is_called_off_with_its_reason(fieldbook: Fieldbook) -> None:
    visit = planned(fieldbook)
    async with app_of(fieldbook).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("c", *"krank", "enter")
        await pilot.pause()
        document = fieldbook.document(visit.id)
        assert (document["status"], document["cancel_reason"]) == ("abgesagt", "krank")
        assert page(pilot)[1] == "Heute steht nichts an."


async def test_a_planned_visit_moves_to_tomorrow_in_one_step_of_undo(fieldbook: Fieldbook) -> None:
    visit = planned(fieldbook)
    async with app_of(fieldbook).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("m", *"morgen", "enter")
        await pilot.pause()
        assert fieldbook.document(visit.id)["status"] == "verschoben"
        assert [one["status"] for one in fieldbook.where("visit", date="2026-11-25")] == ["geplant"]
        assert page(pilot)[2] == "MORGEN · 25.11."
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert fieldbook.document(visit.id)["status"] == "geplant"
        assert fieldbook.where("visit", date="2026-11-25") == []


async def test_a_date_that_cannot_be_read_moves_nothing(fieldbook: Fieldbook) -> None:
    visit = planned(fieldbook)
    async with app_of(fieldbook).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("m", *"31.02.", "enter")
        await pilot.pause()
        assert fieldbook.document(visit.id)["status"] == "geplant"


async def test_a_draft_stands_on_the_page_with_the_number_of_missing_fields(fieldbook: Fieldbook) -> None:
    fieldbook.save_draft("d1", "visit", {"school": "100001", "date": "23.11."}, "GS Altstadt, Mo 23.11.2026", left=True)
    async with app_of(fieldbook).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        line = next(line for line in page(pilot) if line.startswith("~"))
        assert "GS Altstadt, Mo 23.11." in line
        assert "1 Angabe fehlt" in line


async def test_n_offers_all_kinds_and_their_letters_choose_one(fieldbook: Fieldbook) -> None:
    async with app_of(fieldbook).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("n", *"aufgabe", "enter")
        await pilot.pause()
        assert "Aufgabe" in pilot.app.screen.heading()  # type: ignore[attr-defined]  # the form's own heading


async def test_the_page_follows_a_commit_made_elsewhere(fieldbook: Fieldbook) -> None:
    async with app_of(fieldbook).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        planned(fieldbook)
        await pilot.pause()
        assert page(pilot)[1].startswith("09:30")


async def test_what_is_overdue_does_not_push_todays_work_off_the_page(fieldbook: Fieldbook) -> None:
    with fieldbook.batch():
        for number in range(40):
            add(fieldbook, "task", text=f"Altes {number}", due="2026-10-01")
        add(fieldbook, "task", text="Das Heutige", due="2026-11-24")
    async with app_of(fieldbook).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        shown = page(pilot)
        assert any("Das Heutige" in line for line in shown)
        assert any("32 weitere überfällig (F8)" in line for line in shown)
