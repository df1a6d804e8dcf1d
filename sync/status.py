"""How the sync of a fieldbook stands, from what lies in it: never from the last attempt, and without asking anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sync.account import OLD, REFUSED, STATE, Account, Contact

if TYPE_CHECKING:
    from models.fieldbook import Fieldbook


class Status(NamedTuple):
    """How things stand, from what lies here. Counts are of records; `parked` are those that left with edits of their own."""

    account: Account | None
    contact: Contact
    pending: int
    rejected: dict[str, str]
    parked: int


class Waiting(NamedTuple):
    """How many records have edits that no server has, and of how many the edits were refused.

    `sure` says that the server has all others: it was asked, and is not one that was restored and may lack some.
    """

    pending: int
    rejected: int
    sure: bool


def waiting_in(fieldbook: Fieldbook) -> Waiting:
    """Return how much waits in a fieldbook; asked at each commit, so that it reads next to nothing."""
    rejected = 0
    if fieldbook.meta(REFUSED):
        from sync.exchange import Exchange  # noqa: PLC0415 - the start of the app does without the sync

        rejected = len(Exchange(fieldbook).refusals())
    sure = bool(fieldbook.meta(STATE).get("cursor")) and not fieldbook.meta(OLD)
    return Waiting(max(len(fieldbook.outbox()) - rejected, 0), rejected, sure)


def status_of(fieldbook: Fieldbook) -> Status:
    """Return how the sync of a fieldbook stands; asks nobody."""
    from sync.exchange import Exchange  # noqa: PLC0415

    exchange = Exchange(fieldbook)
    rejected = exchange.refusals()
    return Status(
        Account.of(fieldbook),
        Contact.of(fieldbook),
        exchange.waiting() - len(rejected),
        rejected,
        exchange.parked(),
    )
