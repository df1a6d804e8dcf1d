"""Remarks: what is unusual about a record but allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.dates import show_date
from models.fields import Choice, Value
from models.i18n import _
from models.rules.planning import HELD
from models.rules.visits import day_of
from models.school_calendar import unusual_day
from models.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from models.records import Document, Record


def remarks(model: type[Record], document: Document, today: date) -> dict[str, str]:
    """Return field → remark for a document of `model`, which may still lack required fields.

    Remarked are working days at a weekend or on a holiday, and what is said to have been held on a day to come.
    """
    found: dict[str, list[str]] = {}
    for field, text in (*_unusual_days(model, document), *_held_too_early(model, document, today)):
        found.setdefault(field, []).append(text)
    return {field: " ".join(texts) for field, texts in found.items()}


def _unusual_days(model: type[Record], document: Document) -> Iterator[tuple[str, str]]:
    for name, kind in model.kinds().items():
        if isinstance(kind, Value) and kind.workday:
            day = day_of(document, name)
            if day is not None and (remark := unusual_day(day)):
                yield name, remark


def _held_too_early(model: type[Record], document: Document, today: date) -> Iterator[tuple[str, str]]:
    field = model.about.status
    kind = model.kinds().get(field)
    if not isinstance(kind, Choice):
        return
    status = document.get(field) or model.model_fields[field].default
    day = day_of(document, model.about.when)
    if status == HELD and day is not None and day > today:
        label = vocabulary(kind.vocabulary).label(HELD)
        yield (
            model.about.when,
            _("{date} kommt erst noch, der Status ist aber „{status}“.").format(date=show_date(day), status=label),
        )
