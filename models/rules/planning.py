"""Planned visits: calling one off, moving one to another day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import UsageError
from models.i18n import _
from models.rules.visits import day_of

if TYPE_CHECKING:
    from datetime import date

    from models.records import Document
    from models.records.visit import Visit

PLANNED = "geplant"
HELD = "durchgefuehrt"


def finished(document: Document, today: date) -> Document:
    """Return what changes in a record that is finished: what was planned for today or earlier has been held."""
    day = day_of(document, "date")
    held = document.get("status") == PLANNED and day is not None and day <= today
    return {"state": "abgeschlossen", **({"status": HELD} if held else {})}


def cancelled(visit: Visit, reason: str) -> Visit:
    """Return the visit called off with its reason (scope 4.5); raises `UsageError` where it is not planned any more."""
    _check_planned(visit)
    if not reason.strip():
        raise UsageError(_("Zu einer Absage gehört ein Grund. Der Besuch bleibt geplant."))
    return visit.changed(status="abgesagt", cancel_reason=reason.strip())


def moved(visit: Visit, new_date: date) -> tuple[Visit, Visit]:
    """Return the visit marked as moved, and the planned one on its new day.

    The old one stays, so that it can be seen how often a visit was put off. Raises `UsageError` where it is not planned
    any more, or already planned for that day.
    """
    _check_planned(visit)
    if new_date == visit.date:
        raise UsageError(_("Der Besuch ist schon an diesem Tag geplant."))
    old = visit.changed(status="verschoben", moved_to=new_date.isoformat())
    kept = {name: value for name, value in visit.document().items() if name in _KEPT}
    return old, type(visit).model_validate({**kept, "date": new_date.isoformat(), "status": PLANNED})


_KEPT = frozenset(
    {
        *("school", "start", "end", "format", "occasion", "requested_by", "adviser", "co_advisers"),
        *("attendees", "topics", "goal", "confidentiality", "labels"),
    }
)


def _check_planned(visit: Visit) -> None:
    if visit.status != PLANNED:
        raise UsageError(_("Der Besuch ist nicht mehr geplant. Nichts wurde geändert."))
