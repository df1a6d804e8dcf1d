"""The guard over removals: a server that takes away much of what is here must be believed by a person first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.fieldbook import Fieldbook
    from sync.protocol import Page

FEW = 50
SHARE = 0.2
"""What may go without a question: 50 records, or a fifth of all."""


def too_many(count: int, held: int) -> bool:
    """Tell whether `count` of `held` records may not go without a question."""
    return count > FEW and count > held * SHARE


def removed_by(book: Fieldbook, page: Page) -> int:
    """Return how many records that are here would be deleted by a page, or leave with their scope."""
    gone = {out.record for out in page.out} | {one["id"] for one in page.records if one.get("deleted_at")}
    here = (book.peek(record_id) for record_id in gone)
    return sum(document is not None and not document.get("deleted_at") for document in here)


def held_by(book: Fieldbook) -> int:
    """Return how many records are here."""
    return sum(book.counts().values())
