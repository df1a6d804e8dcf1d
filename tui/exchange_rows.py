"""Exchange rows: what of a fieldbook waits for the server, what it refused and what is parked, a line each."""

from __future__ import annotations

from heapq import nsmallest
from typing import TYPE_CHECKING, NamedTuple

from models.i18n import _
from models.present import full_title
from models.records import record_class
from sync.account import Contact
from sync.exchange import PARKED, Exchange
from sync.messages import refusal_text
from tui.sync_marks import REFUSED_SIGN, WAITS_SIGN
from tui.sync_progress import number
from tui.widgets.rows import Marked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.fieldbook import Fieldbook
    from models.records import Document
    from tui.widgets.rows import Cell

REFUSED, WAITS, PARKED_HERE = "refused", "waits", "parked"

MOST = 500
"""Lines of one heading; of more there is no sense in reading each."""


class Entry(NamedTuple):
    """One line: of which heading, and which record; `reason` is the server's code for what it refused."""

    heading: str
    record: str
    reason: str = ""

    @property
    def key(self) -> str:
        """What a table knows it by: a record may be parked and here again at once."""
        return f"{self.heading} {self.record}"


def exchange_rows(fieldbook: Fieldbook) -> list[Entry | str]:
    """Return the lines with their headings: refused ones first, as somebody has to look at these."""
    refusals = Exchange(fieldbook).refusals()
    parked = fieldbook.meta(PARKED)
    waiting = [(int(entry["n"]), key) for key, entry in fieldbook.outbox().items() if key not in refusals]
    groups = (
        (_("Abgelehnt"), len(refusals), [Entry(REFUSED, key, reason) for key, reason in refusals.items()]),
        (_("Wartet"), len(waiting), [Entry(WAITS, key) for _n, key in nsmallest(MOST, waiting)]),
        (_("Zurückgelegt"), len(parked), [Entry(PARKED_HERE, key) for key in parked]),
    )
    hints = {_("Abgelehnt"): _(" · Enter ändert, g gibt auf, x schreibt in eine Datei")}
    rows: list[Entry | str] = []
    for name, count, entries in groups:
        if entries:
            shown = entries[:MOST]
            more = _(" · die ersten {count}").format(count=number(len(shown))) if len(shown) < count else ""
            rows += [f"{name} ({number(count)}){more}{hints.get(name, '')}", *shown]
    return rows


def document_of(entry: Entry, fieldbook: Fieldbook) -> Document | None:
    """Return what a line is about: of what is parked, how it was left."""
    if entry.heading == PARKED_HERE:
        document: Document | None = fieldbook.meta(PARKED).get(entry.record, {}).get("document")
        return document
    return fieldbook.peek(entry.record)


def cells(entry: Entry, fieldbook: Fieldbook) -> Sequence[Cell]:
    """Return sign, title, and what is about to happen with it, or why it does not."""
    document = document_of(entry, fieldbook)
    title = full_title(document, fieldbook) if document is not None else entry.record
    match entry.heading:
        case "refused":
            return Marked(REFUSED_SIGN, "error"), title, Marked(refusal_text(entry.reason), "error")
        case "parked":
            return Marked("=", "muted"), title, team_text(entry, fieldbook)
    return WAITS_SIGN, title, _change_text(fieldbook.outbox().get(entry.record, {}))


def team_text(entry: Entry, fieldbook: Fieldbook) -> str:
    """Return of which team a parked record was."""
    team = str(fieldbook.meta(PARKED).get(entry.record, {}).get("team", ""))
    name = next((scope["name"] for scope in Contact.of(fieldbook).scopes if scope.get("team") == team), "")
    return _("Team {name}").format(name=name) if name else _("früheres Team")


def _change_text(entry: Mapping[str, Document]) -> str:
    if entry.get("delete"):
        return _("gelöscht")
    if "fields" not in entry:
        return _("neu")
    kinds = record_class(str(entry.get("kind", ""))).kinds()
    labels = [_(kinds[name].label) if name in kinds else name for name in entry["fields"]]
    return _("geändert: {fields}").format(fields=", ".join(labels))
