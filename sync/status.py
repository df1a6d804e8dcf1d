"""How the sync of a fieldbook stands, from what lies in it: never from the last attempt, and without asking anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sync.account import Account, Contact
from sync.exchange import Exchange

if TYPE_CHECKING:
    from models.fieldbook import Fieldbook


class Status(NamedTuple):
    """How things stand, from what lies here. Counts are of records; `parked` are those that left with edits of their own."""

    account: Account | None
    contact: Contact
    pending: int
    rejected: dict[str, str]
    parked: int


def status_of(fieldbook: Fieldbook) -> Status:
    """Return how the sync of a fieldbook stands; asks nobody."""
    exchange = Exchange(fieldbook)
    rejected = exchange.refusals()
    return Status(
        Account.of(fieldbook),
        Contact.of(fieldbook),
        exchange.waiting() - len(rejected),
        rejected,
        exchange.parked(),
    )
