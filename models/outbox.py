"""The outbox: for each record, which fields differ from what a server last acknowledged. Values stay in the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.records import record_class

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.records import Document

OUTBOX = "outbox"

_OWN = frozenset({"id", "kind", "rev", "updated_at", "updated_by", "device"})
"""Fields of the envelope that are not edits: they name the record, or the server sets them itself."""


def changed_fields(document: Document, base: Document) -> list[str]:
    """Return the names of the fields that were edited since `base`, sorted; private ones never appear."""
    kinds = record_class(str(document.get("kind", ""))).kinds()
    return sorted(
        name
        for name in document.keys() | base.keys()
        if name not in _OWN and document.get(name) != base.get(name) and not (name in kinds and kinds[name].private)
    )


def outbox_entry(
    document: Document | None,
    base: Document | None,
    waiting: Document | None,
    number: int,
    seen: Mapping[str, Any] | None = None,
) -> Document | None:
    """Return the outbox entry of a record, `None` where nothing has to travel.

    An entry names the record; `fields` are the ones edited since the acknowledged `base` of revision `base_rev`, and
    without a base all of them; `delete` says that the record is gone. The values stand in the record itself. `number`
    orders the outbox; a record that is `waiting` keeps its place. `seen` has, for fields that were edited before the base
    came, what they were edited from: `[value]`, or nothing in it where there was none; without it a record keeps its own. Records that are private, or of a kind that
    stays on the device, never enter the outbox.
    """
    if document is None or stays_here(document):
        return None
    # A record that no server knows travels whole: naming its fields would make the outbox a third of all data.
    edited: Document = {}
    if base is not None:
        edited = {"fields": changed_fields(document, base), "base_rev": base.get("rev", 0)}
        if not edited["fields"]:
            return None
        known = (waiting or {}).get("seen", {}) if seen is None else seen
        still = {name: value for name, value in known.items() if name in edited["fields"]}
        edited |= {"seen": still} if still else {}
    gone: Document = {"delete": True} if document.get("deleted_at") else {}
    return {
        "record": document["id"],
        "kind": document.get("kind", ""),
        "n": waiting["n"] if waiting else number,
        **edited,
        **gone,
    }


def stays_here(document: Document) -> bool:
    """Tell whether a record never leaves this device: it is private, or of a kind that is."""
    about = record_class(str(document.get("kind", ""))).about
    return about.on_device_only or document.get("confidentiality") == "privat"
