"""Trainings: head counts, the grid of practice days, and a new run of an old training."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from models.school_calendar import unusual_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.records import Document


def attended(training: Document) -> int:
    """Return how many people took part, over all schools."""
    return sum(int(row.get("attended") or 0) for row in training.get("counts", ()))


def practice_grid(schools: Sequence[str], after: dt.date, *, weeks: int) -> Iterator[dict[str, Any]]:
    """Yield practice days 9:00–13:00 for each school in each of `weeks` weeks, one school a day, working days only.

    The weeks begin with the Monday after `after`; in every week the schools take turns from Tuesday on, as in the DZLB
    project (3 schools, 3 weeks, one day each). More than four schools begin on Monday.
    """
    monday = after + dt.timedelta(days=7 - after.weekday())
    for week in range(weeks):
        days = _working_days(monday + dt.timedelta(weeks=week), from_tuesday=len(schools) <= 4)
        for school, day in zip(schools, days, strict=False):
            yield {
                "session_kind": "praxistag",
                "date": day.isoformat(),
                "start": "09:00",
                "end": "13:00",
                "school": school,
            }


def _working_days(monday: dt.date, *, from_tuesday: bool) -> Iterator[dt.date]:
    for number in range(1 if from_tuesday else 0, 5):
        day = monday + dt.timedelta(days=number)
        if unusual_day(day) is None:
            yield day


_OF_ONE_RUN = frozenset(
    {
        "id", "kind", "rev", "state", "created_by", "created_at", "updated_by", "updated_at", "device", "status",
        "date", "sessions", "counts", "interests", "evaluation", "evaluation_count", "evaluation_mean", "cancel_reason",
        "reference_no", "previous_run", "schema_version",
    }
)  # fmt: skip
"""Fields that belong to one run and do not go into the next."""


def next_run(training: Document) -> dict[str, Any]:
    """Return the values of a new run: everything but dates, numbers and results; schools that showed interest are kept."""
    kept = {name: value for name, value in training.items() if name not in _OF_ONE_RUN}
    waiting = [row for row in training.get("interests", ()) if row.get("status", "offen") == "offen"]
    return {**kept, **({"interests": waiting} if waiting else {}), "previous_run": training["id"], "status": "geplant"}
