"""The check of a whole scope: a number and a xor that two sides share exactly if they have the same records."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sync.protocol import Check

if TYPE_CHECKING:
    from collections.abc import Iterable

NOTHING = "0" * 64


def fold(folded: str, record_id: str, rev: int) -> str:
    """Put a record's revision into the xor, or take it out again."""
    digest = hashlib.sha256(f"{record_id} {rev}".encode()).digest()
    return f"{int(folded, 16) ^ int.from_bytes(digest, 'big'):064x}"


def check_of(revisions: Iterable[tuple[str, int]]) -> Check:
    """Return the check of records given by id and revision, in any order."""
    count, folded = 0, NOTHING
    for record_id, rev in revisions:
        count, folded = count + 1, fold(folded, record_id, rev)
    return Check(count=count, xor=folded)
