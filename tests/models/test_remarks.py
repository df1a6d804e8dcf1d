"""What is remarked on: unusual days, and what is said to have been held before its day."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, strategies as st

from models.records import KINDS, Document, parse, record_class
from models.rules.remarks import remarks
from tests.models.records_strategy import any_document, example

TODAY = dt.date(2026, 12, 31)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        *((kind, "date") for kind in ("visit", "consultation", "assessment", "training", "meeting")),
        ("task", "due"),
        ("visit", "next_contact_on"),
    ],
)
def test_a_working_day_at_a_weekend_or_on_a_holiday_is_remarked_and_allowed(kind: str, field: str) -> None:
    for day, unusual in (("2026-11-24", False), ("2026-11-22", True), ("2026-12-25", True)):
        document = {**example(kind), "date": "2026-10-01", field: day}
        assert parse(document).problems() == {}
        assert remarks(record_class(kind), document, TODAY).keys() == ({field} if unusual else set())


def test_a_task_without_a_day_is_not_remarked_on() -> None:
    assert remarks(record_class("task"), example("task"), TODAY) == {}


@given(any_document, st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)))
def test_whatever_a_document_holds_each_remark_belongs_to_one_of_its_fields(document: Document, today: dt.date) -> None:
    kind = str(document["kind"])
    if kind in KINDS:
        model = record_class(kind)
        assert remarks(model, document, today).keys() <= model.kinds().keys()
