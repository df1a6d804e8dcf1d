"""Sync state: what the status line says of the sync, in a few words, and what a person is told at its end.

What waits is counted in the fieldbook, whatever the last sync said: only that the server was away is known from it.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from models.dates import show_short, show_time
from models.i18n import _
from models.records import CONFLICT
from sync.account import Contact
from tui.sync_progress import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.clock import Clock
    from models.fieldbook import Fieldbook
    from sync.engine import Report
    from tui.syncing import Syncing


def sync_parts(fieldbook: Fieldbook, syncing: Syncing) -> tuple[str, ...]:
    """Return the parts of the status line: "offline", "3 offen", "1 Konflikt", "1 abgelehnt"."""
    return tuple(_parts(fieldbook, syncing)) if syncing.connected else (_("ohne Server"),)


def _parts(fieldbook: Fieldbook, syncing: Syncing) -> Iterator[str]:
    pending, rejected, sure = syncing.waiting
    if syncing.running:
        yield _("überträgt …")
    elif syncing.trouble:
        yield syncing.trouble
    if pending:
        yield _("{count} offen").format(count=number(pending))
    elif not rejected and not syncing.running:
        yield _all_sent(Contact.of(fieldbook).at, fieldbook.clock) if sure else _("Abgleich steht aus")
    conflicts = open_conflicts_in(fieldbook)
    if conflicts:
        yield _("1 Konflikt") if conflicts == 1 else _("{count} Konflikte").format(count=number(conflicts))
    if rejected:
        yield _("{count} abgelehnt").format(count=number(rejected))


def _all_sent(at: str, clock: Clock) -> str:
    """Return that the server has everything, with when it last said so: the time of today, else the day."""
    moment = clock.local(dt.datetime.fromisoformat(at))
    when = show_time(moment.time()) if moment.date() == clock.today() else show_short(moment.date())
    return _("alles übertragen {when}").format(when=when)


def open_conflicts_in(fieldbook: Fieldbook) -> int:
    """Return how many conflicts nobody decided yet."""
    conflicts = fieldbook.documents(CONFLICT)
    if not conflicts:
        return 0
    from models.resolving import is_open  # noqa: PLC0415 - most days there is none

    return sum(map(is_open, conflicts))


def report_text(report: Report) -> str:
    """Return what to tell of a sync that went well."""
    told = [
        (report.sent, _("{count} gesendet")),
        (report.received, _("{count} geholt")),
        (report.conflicts, _("{count} mit Konflikt")),
        (report.rejected, _("{count} abgelehnt")),
    ]
    parts = [text.format(count=number(count)) for count, text in told if count]
    return _("Abgeglichen: {what}.").format(what=", ".join(parts)) if parts else _("Abgeglichen: nichts Neues.")
