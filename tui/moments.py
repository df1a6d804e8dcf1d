"""Moments: an instant of the sync as people write it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from models.dates import show_date, show_time
from models.i18n import _

if TYPE_CHECKING:
    from models.clock import Clock


def moment_text(at: str, clock: Clock) -> str:
    """Return an instant (ISO 8601) as "Di 24.11.2026, 09:12 Uhr" in the local zone; empty where it is none."""
    try:
        moment = clock.local(dt.datetime.fromisoformat(at))
    except ValueError:
        return ""
    return _("{date}, {time} Uhr").format(date=show_date(moment.date()), time=show_time(moment.time()))


def day_of(at: str, clock: Clock) -> dt.date | None:
    """Return the local day of an instant (ISO 8601), `None` where it is none."""
    try:
        return clock.local(dt.datetime.fromisoformat(at)).date()
    except ValueError:
        return None
