"""Edited: what was typed over an older state of a record, saved onto the record as it is now; what meets is kept on both sides.

The sync may bring a colleague's edits while a form is open. What the person saw is therefore part of what they save.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.outbox import stays_here
from models.records import UnknownRecord, parse, record_class

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from models.fieldbook import Fieldbook
    from models.records import Document, Record


def with_edits(
    fieldbook: Fieldbook, record_id: str, values: Document, seen: Document
) -> tuple[Record, Mapping[str, Any]]:
    """Return a stored record with `values` in it, which a person entered over the state `seen`; `None` empties a field.

    With it comes what `Fieldbook.save` is to know: from what those fields were edited that somebody else has edited too. Called
    where nothing else is saved meanwhile.
    """
    stored = fieldbook.document(record_id)
    record = parse(stored)
    names = _with_groups(str(stored["kind"]), values)
    moved = any(_filled(stored.get(name)) != _filled(seen.get(name)) for name in names)
    if moved and fieldbook.base(record_id) is not None and not stays_here(stored):
        from models.jsonl import without_private  # noqa: PLC0415 - only what others have edited meanwhile is merged
        from sync.rebase import rebased  # noqa: PLC0415

        old = {name: seen.get(name) for name in names}
        base, theirs = (without_private(document) or {} for document in (_put(stored, old), stored))
        taken = rebased(base, theirs, _put(stored, old | values))
        merged = parse(taken.document or stored)
        if not isinstance(merged, UnknownRecord) and not merged.problems():
            return merged, taken.seen
    return record.changed(**values), {}


def seen_of(document: Document, names: Collection[str]) -> Document:
    """Return what a draft keeps of the record that it edits in the fields `names`: what a person saw there."""
    wanted = _with_groups(str(document.get("kind", "")), names)
    return {name: document.get(name) for name in sorted(wanted)}


def _with_groups(kind: str, names: Collection[str]) -> set[str]:
    """Return `names` and the fields that are edited as one with them."""
    kinds = record_class(kind).kinds()
    groups = {kinds[name].group for name in names if name in kinds} - {""}
    return {*names, *(name for name, field in kinds.items() if field.group in groups)}


def _put(document: Document, values: Document) -> Document:
    kept = {name: value for name, value in document.items() if name not in values}
    return kept | {name: value for name, value in values.items() if _filled(value) is not None}


def _filled(value: Any) -> Any:
    """Return a value, `None` for one that says as little as none at all."""
    return None if value in ("", [], {}) else value
