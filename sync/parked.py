"""Parked: what is here only of a record that left the scope. It waits, as it was left, until the record comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.jsonl import without_private
from sync.protocol import digest
from sync.rebase import as_seen

if TYPE_CHECKING:
    from models.fieldbook import Fieldbook
    from models.records import Document
    from sync.protocol import Lineage


def park(parked: dict[str, Any], book: Fieldbook, record_id: str, team: str, *, unsure: bool = False) -> None:
    """Put aside what is here only of a record that leaves, or stays with its `team` when that is left.

    That are edits that wait and what never travels: private fields, private records. `unsure` says that nobody knows
    whether the server has it: it was under way, or the server was restored since.
    """
    document, entry, base = book.peek(record_id), book.outbox().get(record_id), book.base(record_id)
    if document is None or (entry is None and not unsure and without_private(document) == document):
        return
    kept: Document = {"team": team, "document": document}
    if unsure:
        kept["unsure"] = True
    if base is not None:
        kept["base"] = base
    if entry is not None and entry.get("seen"):
        kept["seen"] = entry["seen"]
    if record_id in parked:
        # Somebody began it again under the same id, as the directory of schools does.
        kept["earlier"] = parked[record_id]
    parked[record_id] = kept


def take_up(parked: dict[str, Any], record_id: str, team: str, lineage: Lineage | None) -> Document | None:
    """Return what was parked of a record that comes back and take it out, `None` where there is nothing to go on with.

    In another team it is the same record only where that has the revision as well from which it was edited: else what the
    former team has would get there as what was edited.
    """
    left: Document | None = parked.get(record_id)
    if left is None or not (left["team"] == team or _came_along(left, lineage)):
        return None
    del parked[record_id]
    if "earlier" in left:
        parked[record_id] = left["earlier"]
    return left


def base_of(left: Document, lineage: Lineage | None) -> Document:
    """Return what something parked was edited from, as the person saw it; nothing where the record did not come from that.

    Then nobody knows which side changed what, and both are kept.
    """
    base: Document = left.get("base", {})
    if lineage is not None and base and digest(base) not in lineage.digests:
        return {}
    return as_seen(base, left.get("seen", {}))


def _came_along(left: Document, lineage: Lineage | None) -> bool:
    return lineage is not None and "base" in left and digest(left["base"]) in lineage.digests


def lost_there(parked: dict[str, Any], book: Fieldbook, team: str) -> list[str]:
    """Return the ids of what should have come with the whole feed of `team` and did not: it goes there again as new."""
    return [
        key for key, left in parked.items() if left["team"] == team and left.get("unsure") and book.peek(key) is None
    ]
