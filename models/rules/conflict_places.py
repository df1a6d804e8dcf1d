"""Places in a record that conflicts lead to: what they are called, and the record with the other value put there.

Source: the paths of `sync.merge`, which names a field or a group of fields, then an entry's id or a key, and so on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from models.errors import NotFound
from models.fields import Items, Kind, Table
from models.i18n import _
from models.records import record_class
from models.vocabulary import vocabularies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.records import Document

DELETED, ORDER, REMOVED = "deleted", "order", "removed"
"""Rules whose two sides are not two values of one field."""


class Place(NamedTuple):
    """Where a path leads. `fields` are those that merge as one; `entry` is an id or a key in the only field, if any.

    `kinds` are the declared fields among which `fields` stand; `within` are the lists and entries around them, outermost
    first. A place inside something of a newer version has no declared kinds.
    """

    fields: tuple[str, ...]
    kinds: Mapping[str, Kind]
    entry: str = ""
    within: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> Kind | None:
        """The declared kind of the only field; `None` for a group, and where this version knows none."""
        return self.kinds.get(self.fields[0]) if len(self.fields) == 1 else None


def path_of(conflict: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the path of a conflict; empty where what stands there is none."""
    path = conflict.get("path")
    return tuple(path) if isinstance(path, list) and all(isinstance(step, str) for step in path) else ()


def place_of(conflict: Mapping[str, Any]) -> Place | None:
    """Return where a conflict's path leads, `None` where it leads nowhere."""
    path = path_of(conflict)
    kinds = record_class(str(conflict.get("record_kind", ""))).kinds()
    return _place(path, kinds, ()) if path else None


def _place(path: Sequence[str], kinds: Mapping[str, Kind], within: tuple[tuple[str, str], ...]) -> Place:
    label, *rest = path
    group = tuple(name for name, kind in kinds.items() if kind.group == label)
    if not rest:
        return Place(group or (label,), kinds, "", within)
    if len(rest) == 1:
        return Place((label,), kinds, rest[0], within)
    kind = kinds.get(label)
    inner = kind.model.kinds() if isinstance(kind, Items) else {}
    return _place(rest[1:], inner, (*within, (label, rest[0])))


def place_text(conflict: Mapping[str, Any]) -> str:
    """Return what the place of a conflict is called: "Notizen", "Datum, von, bis", "Vereinbarungen, bis"."""
    if conflict.get("rule") == DELETED:
        return _("Löschung")
    place = place_of(conflict)
    if place is None:
        return ""
    outer: Mapping[str, Kind] = record_class(str(conflict.get("record_kind", ""))).kinds()
    words: list[str] = []
    for name, _entry in place.within:
        words.append(_label(name, outer))
        kind = outer.get(name)
        outer = kind.model.kinds() if isinstance(kind, Items) else {}
    words += [_label(name, place.kinds) for name in place.fields]
    if conflict.get("rule") == ORDER:
        words.append(_("Reihenfolge"))
    elif place.entry and isinstance(place.kind, Table):
        words.append(_key_text(place.kind, place.entry))
    return ", ".join(words)


def _label(name: str, kinds: Mapping[str, Kind]) -> str:
    return _(kinds[name].label) if name in kinds else name


def _key_text(kind: Table, key: str) -> str:
    words = vocabularies().get(kind.keys)
    return words.label(key) if words is not None else key


def value_at(document: Document, conflict: Mapping[str, Any]) -> Any:
    """Return what stands in a record at the place of a conflict now, as a side of it would say; `None` for nothing."""
    place = place_of(conflict)
    if place is None or conflict.get("rule") == DELETED:
        return None
    for name, key in place.within:
        try:
            document = entry_in(document, name, key)
        except NotFound:
            return None
    first = place.kinds.get(place.fields[0])
    if len(place.fields) > 1 or (first is not None and first.group):
        return {name: document[name] for name in place.fields if name in document} or None
    value = document.get(place.fields[0])
    if not place.entry:
        return value
    if isinstance(value, dict):
        return value.get(place.entry)
    entries = [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
    if conflict.get("rule") == ORDER:
        return [entry.get("id") for entry in entries]
    return next((entry for entry in entries if entry.get("id") == place.entry), None)


def with_other(document: Document, conflict: Mapping[str, Any]) -> Document:
    """Return a record with the value that was put aside in its place, whatever stands there now.

    Raises `NotFound` where the entry of a list is gone in which the place was. Deletions are the fieldbook's to do.
    """
    place, value = place_of(conflict), conflict.get("other")
    if place is None:
        return document
    return _within(document, place, place.within, value, ordered=conflict.get("rule") == ORDER)


def with_value(document: Document, place: Place, value: Any) -> Document:
    """Return a record with `value` in a place; `None` empties it. Raises `NotFound` as `with_other`."""
    return _within(document, place, place.within, value, ordered=False)


def _within(
    document: Document, place: Place, within: Sequence[tuple[str, str]], value: Any, *, ordered: bool
) -> Document:
    if within:
        (name, key), *deeper = within
        changed = _within(entry_in(document, name, key), place, deeper, value, ordered=ordered)
        return {**document, name: [changed if entry.get("id") == key else entry for entry in document[name]]}
    if len(place.fields) > 1 or (value is None and not place.entry):
        rest = {name: kept for name, kept in document.items() if name not in place.fields}
        return rest | (value if isinstance(value, dict) else {})
    (name,) = place.fields
    if not place.entry:
        if _is_group(place, value):
            return {**{key: kept for key, kept in document.items() if key != name}, **value}
        return {**document, name: value}
    if ordered:
        return {**document, name: _ordered(document.get(name), value)}
    return _with_entry(document, name, place.entry, value)


def _is_group(place: Place, value: Any) -> bool:
    kind = place.kind
    return kind is not None and bool(kind.group) and isinstance(value, dict)


def entry_in(document: Document, name: str, key: str) -> Document:
    """Return the entry of a list in a record by its id; raises `NotFound`."""
    found = document.get(name)
    for entry in found if isinstance(found, list) else ():
        if isinstance(entry, dict) and entry.get("id") == key:
            return entry
    raise NotFound(
        _("Die Zeile, um die es geht, gibt es in diesem Eintrag nicht mehr. „kept“ schließt den Konflikt ab.")
    )


def _with_entry(document: Document, name: str, key: str, value: Any) -> Document:
    whole = document.get(name)
    if isinstance(whole, list) or (isinstance(value, dict) and value.get("id") == key and not whole):
        entries = list(whole or ())
        at = next((n for n, entry in enumerate(entries) if isinstance(entry, dict) and entry.get("id") == key), None)
        if at is not None:
            entries[at : at + 1] = [] if value is None else [value]
        elif value is not None:
            entries.append(value)
        filled: Any = entries
    else:
        members = dict(whole) if isinstance(whole, dict) else {}
        members.pop(key, None)
        filled = dict(sorted((members | ({} if value is None else {key: value})).items()))
    rest = {field: kept for field, kept in document.items() if field != name}
    return {**document, name: filled} if filled else rest


def _ordered(entries: Any, order: Any) -> Any:
    """Return entries in the order of their ids; those that it does not name keep their place behind the one before them."""
    if not isinstance(entries, list) or not isinstance(order, list):
        return entries
    ranks = {key: number for number, key in enumerate(order) if isinstance(key, str)}
    ranked: list[tuple[int, int, Any]] = []
    rank = -1
    for number, entry in enumerate(entries):
        rank = ranks.get(str(entry.get("id")), rank) if isinstance(entry, dict) else rank
        ranked.append((rank, number, entry))
    return [entry for _rank, _number, entry in sorted(ranked, key=lambda one: one[:2])]
