"""Visits and contacts: how often a school was visited, when last, and who has long not been seen."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from models.records import record_class

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from models.records import Document
    from models.records.base import About

NOT_HELD = frozenset({"geplant", "abgesagt", "verschoben", "nicht_angetroffen", "idee", "ausgeschrieben"})
"""Status codes of what did not take place: it says nothing about last time."""

_WITH_PLANS = frozenset({"visit", "meeting", "training"})
"""Kinds whose status says whether they took place; all others are only written down once they did."""


_LAST = ("9999", "", "")


@dataclass(frozen=True, slots=True)
class Idle:
    """A school that has long not been visited: days since the last contact, `None` where there never was one."""

    school: Document
    days: int | None


def day_of(document: Mapping[str, object], field: str) -> date | None:
    """Return the day in a field of a document; `None` where there is none, or none that can be read."""
    try:
        return date.fromisoformat(str(document.get(field) or ""))
    except ValueError:
        return None


def was_held(document: Mapping[str, object]) -> bool:
    """Tell whether what a document describes took place; a status that is not written means the family's default."""
    kind = str(document.get("kind", ""))
    if kind not in _WITH_PLANS:
        return True
    status = document.get("status") or record_class(kind).model_fields["status"].default
    return status not in NOT_HELD


def visit_numbers(visits: Iterable[Document]) -> dict[str, int]:
    """Return the id of each visit held → its number at its school, by day, time and then id.

    Only visits held count, whoever held them (scope 4.3: unfinished visits must not count, a new adviser starts no new
    counting).
    """
    numbers: dict[str, int] = {}
    count: defaultdict[str, int] = defaultdict(int)
    for visit in sorted(filter(was_held, visits), key=_moment):
        school = str(visit.get("school", ""))
        count[school] += 1
        numbers[visit["id"]] = count[school]
    return numbers


def visit_number(visits_of_school: Iterable[Document], visit: Document) -> int:
    """Return the number of one visit at its school; one that is not held, or not saved, has the number it will get."""
    moment = _moment(visit)
    return 1 + sum(
        was_held(other) and _moment(other) < moment for other in visits_of_school if other["id"] != visit.get("id")
    )


def _moment(document: Document, when: str = "date") -> tuple[str, str, str]:
    return str(document.get(when) or ""), str(document.get("start") or ""), str(document.get("id", ""))


def previous_of(documents: Iterable[Document], document: Document, about: About | None = None) -> Document | None:
    """Return the latest earlier record of the same kind and subject that took place; `None` for a first time.

    `documents` are of the kind of `document`. What is not dated yet is taken as the newest: all others lie before it.
    """
    about = about or record_class(str(document.get("kind", ""))).about
    subject = document.get(about.subject) if about.subject else None
    if not subject or not about.when:
        return None
    now = _moment(document, about.when) if document.get(about.when) else _LAST
    earlier = [
        other
        for other in documents
        if other["id"] != document.get("id")
        and other.get(about.subject) == subject
        and was_held(other)
        and _moment(other, about.when) < now
    ]
    return max(earlier, key=lambda other: _moment(other, about.when), default=None)


def contact_of(document: Document) -> tuple[str, str] | None:
    """Return school and day of a contact, whatever its channel: a visit held or a consultation; `None` for all else."""
    if document.get("kind") not in ("visit", "consultation") or not was_held(document):
        return None
    school = document.get("school") if document.get("kind") == "visit" else document.get("client")
    return (str(school), str(document.get("date", ""))) if school else None


def last_contacts(documents: Iterable[Document]) -> dict[str, date]:
    """Return school → day of the last contact."""
    return latest_days(filter(None, map(contact_of, documents)))


def latest_days(contacts: Iterable[tuple[str, str]]) -> dict[str, date]:
    """Return school → the latest day among pairs of school and day; days that cannot be read count for nothing."""
    last: dict[str, str] = {}
    for school, day in contacts:
        if day > last.get(school, ""):
            last[school] = day
    days = {school: day_of({"day": day}, "day") for school, day in last.items()}
    return {school: day for school, day in days.items() if day is not None}


def days_since(day: date | None, today: date) -> int | None:
    """Return the days from `day` to today, 0 for one that lies ahead; `None` where there was none."""
    return None if day is None else max((today - day).days, 0)


def long_not_visited(
    schools: Iterable[Document], contacts: Mapping[str, date], today: date, idle_days: int
) -> Sequence[Idle]:
    """Return the schools without a contact for more than `idle_days` days: longest first, those never seen at the end.

    Those never seen come last because a new team has hundreds of them: they would hide the ones that were forgotten.
    """
    found = [Idle(school, days_since(contacts.get(str(school.get("number", ""))), today)) for school in schools]
    idle = [entry for entry in found if entry.days is None or entry.days > idle_days]
    return sorted(
        idle, key=lambda entry: (entry.days is None, -(entry.days or 0), str(entry.school.get("short_name", "")))
    )
