"""Parked: what is here only of a record that left the scope. It waits, as it was left, until the record comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.jsonl import without_private

if TYPE_CHECKING:
    from models.fieldbook import Fieldbook
    from models.records import Document


def parked_of(book: Fieldbook, record_id: str, team: str, *, under_way: bool = False) -> Document | None:
    """Return what is to be kept of a record that leaves with its `team`, `None` where the server has all of it.

    Kept are edits that wait and what never travels: private fields, private records. `under_way` says that it may be on
    the server though nothing was answered yet.
    """
    document, entry, base = book.peek(record_id), book.outbox().get(record_id), book.base(record_id)
    if document is None:
        return None
    if entry is None and not under_way and without_private(document) == document:
        return None
    kept: Document = {"team": team, "document": document}
    if base is not None:
        kept["base"] = base
    if entry is not None and entry.get("seen"):
        kept["seen"] = entry["seen"]
    return kept
