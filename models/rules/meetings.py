"""Meetings: their number in the school year ("Träff n"), attendance in numbers, who hosts next."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from models.i18n import _
from models.rules.visits import day_of
from models.school_calendar import SchoolYear

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.records import Document


def meeting_labels(meetings: Iterable[Document]) -> dict[str, str]:
    """Return id → "4. Treffen 2026/27" for the meetings of one circle that are not called off, counted by school year."""
    labels: dict[str, str] = {}
    count: Counter[str] = Counter()
    for meeting in sorted(meetings, key=lambda meeting: (str(meeting.get("date", "")), str(meeting.get("start", "")))):
        day = day_of(meeting, "date")
        if day is not None and meeting.get("status") != "abgesagt":
            year = str(SchoolYear.of(day))
            count[year] += 1
            labels[meeting["id"]] = _("{number}. Treffen {year}").format(number=count[year], year=year)
    return labels


def attendance_counts(meeting: Document) -> dict[str, int]:
    """Return presence code → number of lines in the attendance list."""
    return dict(Counter(str(line.get("presence", "anwesend")) for line in meeting.get("attendance", ())))
