"""The finder: what a picker and the palette find stays right whatever is saved, deleted or renamed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from models.fieldbook import Fieldbook
from models.records import record_class
from tui.finder import Finder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.clock import FixedClock


@pytest.fixture
def book(tmp_path: Path, clock: FixedClock) -> Iterator[Fieldbook]:
    """A fieldbook with three schools."""
    with Fieldbook.open(tmp_path, clock=clock) as book:
        for number, name in (("100001", "GS Altstadt"), ("100002", "GS Neustadt"), ("100003", "Gymnasium Nord")):
            book.save(
                record_class("school").model_validate({"number": number, "short_name": name, "place": "Musterau"})
            )
        yield book


def titles(finder: Finder, query: str, *kinds: str) -> list[str]:
    """Return the titles that a search finds."""
    return [found.title for found in finder.search(kinds or ("school",), query)]


def test_schools_are_found_by_words_of_name_number_and_place(book: Fieldbook) -> None:
    finder = Finder(book)
    assert titles(finder, "alt") == ["GS Altstadt"]
    assert titles(finder, "100003") == ["Gymnasium Nord"]
    assert sorted(titles(finder, "gs muster")) == ["GS Altstadt", "GS Neustadt"]
    assert finder.search(("school",), "alt")[0].key == "100001"


def test_records_are_found_by_number_and_place_of_their_school_and_its_name_weighs_more_than_their_text(
    book: Fieldbook,
) -> None:
    finder = Finder(book)
    visit, need = record_class("visit"), record_class("need")
    for text, school in (("Wie die Altstadt", "100002"), ("Tafeln", "100001"), ("Altes Kabel", "100003")):
        values = {
            "school": school,
            "date": "2026-09-01",
            "purpose": "sonstiges",
            "status": "geplant",
            "topics": ["lms"],
        }
        book.save(visit.model_validate({**values, "goal": text}))
        book.save(need.model_validate({"text": text.replace("Altstadt", "Schule"), "subject": school}))
    found = finder.search(("visit",), "altstadt")
    assert [entry.title.split(",")[0] for entry in found] == ["GS Altstadt", "GS Neustadt"]
    assert titles(finder, "kabel 100003", "need") == titles(finder, "kabel musterau", "need") == ["Altes Kabel"]
    everything = finder.search(("school", "visit", "need"), "altstadt")
    assert [entry.title.split(",")[0] for entry in everything] == [
        "GS Altstadt",
        "GS Altstadt",
        "Tafeln",
        "GS Neustadt",
    ]


def test_what_is_saved_later_is_found_and_what_is_deleted_is_not(book: Fieldbook) -> None:
    finder = Finder(book)
    assert titles(finder, "bedarf", "need") == []
    need = book.save(record_class("need").model_validate({"text": "Bedarf an Kabeln", "subject": "100001"}))
    assert titles(finder, "kabel", "need") == ["Bedarf an Kabeln"]
    book.save(need.changed(text="Bedarf an Steckern"))
    assert titles(finder, "kabel", "need") == []
    assert titles(finder, "stecker", "need") == ["Bedarf an Steckern"]
    book.delete(need.id)
    assert titles(finder, "stecker", "need") == []
    book.undo()
    assert titles(finder, "stecker", "need") == ["Bedarf an Steckern"]


def test_a_renamed_school_is_found_in_the_records_that_name_it(book: Fieldbook) -> None:
    finder = Finder(book)
    book.watch(finder.follow)
    book.save(record_class("need").model_validate({"text": "Tafeln", "subject": "100001"}))
    assert titles(finder, "altstadt", "need") == ["Tafeln"]
    school = book.find("school", number="100001")[0]
    book.save(school.changed(short_name="GS Mitte"))
    assert titles(finder, "altstadt", "need") == []
    assert titles(finder, "mitte", "need") == ["Tafeln"]


def test_preparing_gives_way_and_ends_ready_even_if_something_is_saved_meanwhile(book: Fieldbook) -> None:
    finder = Finder(book)
    assert not finder.ready(("school", "need"))

    async def both() -> None:
        preparing = asyncio.create_task(finder.prepare(("school", "need")))
        await asyncio.sleep(0)
        book.save(record_class("need").model_validate({"text": "Kabel"}))
        await preparing

    asyncio.run(both())
    assert finder.ready(("school", "need"))
    assert titles(finder, "kabel", "need") == ["Kabel"]
    assert len(titles(finder, "", "school")) == 3
