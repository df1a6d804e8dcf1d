"""Columns of lists: they come from the declaration of a record, and they sort as people expect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from models.records import KINDS, record_class
from tui.columns import ListColumn, columns_for, sorted_by
from tui.preview import preview

if TYPE_CHECKING:
    from models.records import Document


class Names:
    """Knows one school."""

    def by_key(self, kind: str, key: str) -> Document | None:
        """Return the one school for its number."""
        school = {"id": "s", "kind": "school", "number": "100001", "short_name": "GS Altstadt"}
        return school if (kind, key) == ("school", "100001") else None


def column(kind: str, name: str) -> ListColumn:
    """Return one column of a kind."""
    return next(column for column in columns_for(record_class(kind)) if column.name == name)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_with_a_width_is_a_column_and_the_title_takes_what_is_left(kind: str) -> None:
    model = record_class(kind)
    columns = columns_for(model)
    assert [one.name for one in columns] == [name for name, field in model.kinds().items() if field.width]
    assert [one.name for one in columns if one.flex] == [one.name for one in columns if one.name in model.about.title][
        :1
    ]


def test_a_column_says_things_in_german_and_shows_the_sign_of_a_status() -> None:
    visit = {"id": "v", "kind": "visit", "school": "100001", "date": "2026-11-24", "status": "geplant"}
    assert [column("visit", name).cell(visit, Names()) for name in ("school", "date", "status", "topics")] == [
        "GS Altstadt",
        "Di 24.11.2026",
        "○ geplant",
        "",
    ]


def test_choices_sort_in_the_order_of_their_vocabulary() -> None:
    visits: list[Document] = [{"id": code, "status": code} for code in ("abgesagt", "neu-erfunden", "geplant")]
    ordered = sorted_by(column("visit", "status"), visits, Names(), descending=False)
    assert [visit["id"] for visit in ordered] == ["geplant", "abgesagt", "neu-erfunden"]


def test_dates_begin_with_the_latest() -> None:
    assert column("visit", "date").descending
    assert not column("visit", "school").descending


def test_a_value_of_the_wrong_type_does_not_break_the_order() -> None:
    trainings: list[Document] = [{"id": "a", "capacity": 20}, {"id": "b", "capacity": "viele"}, {"id": "c"}]
    ordered = sorted_by(column("training", "capacity"), trainings, Names(), descending=False)
    assert [training["id"] for training in ordered] == ["a", "b", "c"]


values = st.one_of(st.none(), st.just(""), st.dates().map(lambda day: day.isoformat()))


@given(st.lists(values), st.booleans())
def test_what_is_empty_comes_last_whichever_the_direction(days: list[Any], descending: bool) -> None:
    documents: list[Document] = [{"id": str(number), "date": day} for number, day in enumerate(days)]
    ordered = [one["date"] for one in sorted_by(column("visit", "date"), documents, Names(), descending=descending)]
    filled = [day for day in ordered if day]
    assert filled == sorted(filled, reverse=descending)
    assert not any(ordered[len(filled) :])
    assert len(ordered) == len(days)


def test_the_preview_shows_what_is_filled_in_and_reads_no_markup() -> None:
    visit = {"id": "v", "kind": "visit", "school": "100001", "date": "2026-11-24", "notes_technology": "[b]WLAN[/nope]"}
    text = preview(visit, Names()).plain
    assert text.startswith("GS Altstadt, Di 24.11.2026\n")
    assert "Technik\n[b]WLAN[/nope]" in text
    assert "Pädagogik" not in text
