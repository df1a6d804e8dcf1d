"""Rebase: what becomes of a record that is edited here when the server says something new of it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.fieldbook import Taken
from models.jsonl import with_private_of, without_private
from models.migrations import SCHEMA
from sync.merge import Merged, changed, fields_of, merge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.migrations import Schema
    from models.records import Document
    from sync.protocol import Op


def rebased(base: Document, theirs: Document, whole: Document, schema: Schema = SCHEMA) -> Taken:
    """Return a record with its edits, from `base` to `whole`, on top of what the server says.

    The three are compared in their present form: what this version makes of an older one is no edit.
    """
    record_id = str(theirs["id"])
    mine = without_private(schema.upgraded(whole))
    if mine is None:
        return Taken(record_id, theirs, whole)
    before, base, now = base, schema.upgraded(base), schema.upgraded(theirs)
    if not changed(base, mine):
        return Taken(record_id, theirs, with_private_of(theirs, whole))
    # Swapped: what was typed here stays on this screen until the server has seen it.
    merged = merge(base, now, mine, fields_of(str(theirs.get("kind", ""))))
    if not changed(now, merged.record):
        # Nothing of it is open any more, so that the stamps are the server's too.
        return Taken(record_id, theirs, with_private_of(theirs, whole))
    document = {**merged.record, "rev": theirs.get("rev", 0)}
    seen = _seen(merged, base)
    if seen:
        # Under the names as well that they have with the server, which may not know the present ones yet.
        seen |= {name: [before[name]] if name in before else [] for name in changed(theirs, now)}
    return Taken(record_id, theirs, with_private_of(document, whole), seen)


def as_seen(base: Document, seen: Mapping[str, list[Any]]) -> Document:
    """Return a base as the person saw it who edited it: of some fields, an older state."""
    kept = {name: value for name, value in base.items() if name not in seen}
    return kept | {name: value[0] for name, value in seen.items() if value}


def as_sent(op: Op, base: Document | None) -> Document:
    """Return the record that an edit of `base` makes of it."""
    document = {**(without_private(base) or {} if base is not None else {}), **op.changes}
    document = {name: value for name, value in document.items() if name not in op.removed}
    return {**document, "id": op.record, "kind": op.kind}


def _seen(merged: Merged, base: Document) -> dict[str, list[Any]]:
    """Return from what the fields were edited that the server too has changed: else its values would vanish unseen."""
    fields = fields_of(str(merged.record.get("kind", "")))
    met = {conflict.path[0] for conflict in merged.conflicts}
    names = {name for name in {*merged.record, *base} if name in met or (name in fields and fields[name].group in met)}
    return {name: [base[name]] if name in base else [] for name in sorted(names | (met & {"deleted_at"}))}
