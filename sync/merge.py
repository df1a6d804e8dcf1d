"""The three-way merge of a record, by the declared kind of each field. Pure; the server and every client use this one.

`theirs` is what was committed first and stays where both sides say something different; the other value goes into a
conflict, so that no value which anyone typed is ever lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from models.fields import Items, Kind, Value
from models.records import record_class
from sync.words import merge_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.records import Document

VERSION = 1
"""Raised when the same three records would merge differently: server and client must agree."""

STAMPS = ("updated_at", "updated_by", "device")
_UNMERGED = frozenset({"id", "kind", "rev", *STAMPS})
DELETION = ("deleted_at", "delete_reason")


class Absent:
    """The value of a field that a record does not have, which differs from every value that it could have."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()


class Conflict(NamedTuple):
    """Two different edits of one thing. `path` leads to it: a field or a group, then an entry's id or key, and so on.

    `kept` is the committed value that stays, `other` the one that was put aside, `base` what both began with; `None` stands
    for what is not there. `rule` says what met: "value", "text", "order", "removed" (an entry changed here and removed
    there: it stays) or "deleted" (a record changed here and deleted there: it stays).
    """

    path: tuple[str, ...]
    rule: str
    base: Any
    kept: Any
    other: Any


@dataclass(frozen=True, slots=True)
class Merged:
    """A record in which both sides' edits stand, and what could not be decided."""

    record: Document
    conflicts: tuple[Conflict, ...] = ()


_VALUE = Value("")


def fields_of(kind: str) -> Mapping[str, Kind]:
    """Return the declared fields of a kind of record; none for a kind of a newer version, whose fields merge as values."""
    return record_class(kind).kinds()


def merge(base: Document, mine: Document, theirs: Document, fields: Mapping[str, Kind]) -> Merged:
    """Return `mine` and `theirs`, both made from `base`, as one record. `base` is empty where both sides created it."""
    if theirs is base:
        # Nearly every edit: nobody else changed the record.
        return Merged({name: mine[name] for name in mine if name not in _UNMERGED} | _envelope(base, mine, theirs))
    merging = _Merging()
    deleted_mine, deleted_theirs = (bool(side.get("deleted_at")) for side in (mine, theirs))
    if deleted_mine != deleted_theirs and not base.get("deleted_at"):
        gone, edited = (mine, theirs) if deleted_mine else (theirs, mine)
        without = {name: value for name, value in gone.items() if name not in DELETION}
        if changed(base, edited):
            # Whoever deleted did not know of the edit: it wins, and both are told.
            sides = (without, theirs) if deleted_mine else (mine, without)
            merged = merging.document(base, *sides, fields, ())
            said = {name: gone[name] for name in (*DELETION, *STAMPS) if name in gone}
            merging.conflict(("deleted_at",), "deleted", None, None, said)
            return merging.merged(merged)
    return merging.merged(merging.document(base, mine, theirs, fields, ()))


def changed(base: Document, document: Document) -> list[str]:
    """Return the names of the fields in which a document differs from what it was made from, stamps left out; sorted."""
    names = (base.keys() | document.keys()) - _UNMERGED
    return sorted(name for name in names if not same(base.get(name, ABSENT), document.get(name, ABSENT)))


def same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are the same: 1, 1.0 and true are not."""
    if one is ABSENT or other is ABSENT:
        return one is other
    return canonical(one) == canonical(other)


def canonical(value: Any) -> bytes:
    """Return a JSON value as the bytes that all equal values have."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


class _Merging:
    """One merge: collects the conflicts while it walks through the record."""

    def __init__(self) -> None:
        self.conflicts: list[Conflict] = []

    def merged(self, record: Document) -> Merged:
        """Return the result; conflicts come in the order of their paths, whatever the order of the fields."""
        return Merged(record, tuple(sorted(self.conflicts, key=lambda conflict: conflict.path)))

    def conflict(self, path: tuple[str, ...], rule: str, base: Any, kept: Any, other: Any) -> None:
        self.conflicts.append(Conflict(path, rule, *(None if v is ABSENT else v for v in (base, kept, other))))

    def document(
        self, base: Document, mine: Document, theirs: Document, fields: Mapping[str, Kind], path: tuple[str, ...]
    ) -> Document:
        """Merge records, or the entries of a list, field by field."""
        merged: Document = {} if path else _envelope(base, mine, theirs)
        sides = (base, mine, theirs)
        names = [*theirs, *(name for name in mine if name not in theirs)]
        for label, group in _groups(names, fields, top=not path).items():
            if len(group) == 1 and group[0] == label:
                before, here, there = (side.get(label, ABSENT) for side in sides)
                value = self.value(before, here, there, fields.get(label, _VALUE), (*path, label))
                if value is not ABSENT:
                    merged[label] = value
            else:
                before, here, there = ({name: side[name] for name in group if name in side} for side in sides)
                merged |= self.value(before, here, there, _VALUE, (*path, label))
        return merged

    def value(self, base: Any, mine: Any, theirs: Any, kind: Kind, path: tuple[str, ...]) -> Any:
        """Merge one value by its kind: where only one side changed it, that side's."""
        if same(mine, theirs) or same(mine, base):
            return theirs
        if same(theirs, base):
            return mine
        if path == ("schema_version",) and type(mine) is int and type(theirs) is int:
            # What the newer version wrote stands in the record now; an older one must not judge it.
            return max(mine, theirs)
        rule = _RULES.get(kind.merge)
        if rule is not None:
            known, values = rule
            if all(value is ABSENT or known(value) for value in (base, mine, theirs)):
                return values(self, base, mine, theirs, kind, path)
        self.conflict(path, "value", base, theirs, mine)
        return theirs

    def text(self, base: Any, mine: Any, theirs: Any, _kind: Kind, path: tuple[str, ...]) -> Any:
        """Merge long texts on words."""
        merged = merge_text(*("" if text is ABSENT else text for text in (base, mine, theirs)))
        if merged.overlaps:
            self.conflict(path, "text", base, merged.text, merged.other)
        return merged.text or ABSENT

    def tags(self, base: Any, mine: Any, theirs: Any, _kind: Kind, _path: tuple[str, ...]) -> Any:
        """Merge sets: what anyone added is there, what anyone removed is not."""
        before, here, there = (
            {canonical(tag): tag for tag in side or ()} for side in map(_present, (base, mine, theirs))
        )
        kept = {**before, **here, **there}
        gone = (before.keys() - here.keys()) | (before.keys() - there.keys())
        found = sorted(tag for tag in kept if tag not in gone)
        return [kept[tag] for tag in found] or ABSENT

    def items(self, base: Any, mine: Any, theirs: Any, kind: Kind, path: tuple[str, ...]) -> Any:
        """Merge lists of entries by their ids; their order is a value of its own."""
        before, here, there = (
            {item["id"]: item for item in side or ()} for side in map(_present, (base, mine, theirs))
        )
        fields = kind.model.kinds() if isinstance(kind, Items) else {}

        def both(base: Any, mine: Any, theirs: Any, path: tuple[str, ...]) -> Any:
            return self.document({} if base is ABSENT else base, mine, theirs, fields, path)

        merged = self._entries(before, here, there, path, both)
        order = self._order(list(before), list(here), list(there), path)
        return [merged[key] for key in order if key in merged] or ABSENT

    def map(self, base: Any, mine: Any, theirs: Any, _kind: Kind, path: tuple[str, ...]) -> Any:
        """Merge mappings key by key."""
        before, here, there = (dict(side or {}) for side in map(_present, (base, mine, theirs)))

        def both(base: Any, mine: Any, theirs: Any, path: tuple[str, ...]) -> Any:
            return self.value(base, mine, theirs, _VALUE, path)

        merged = self._entries(before, here, there, path, both)
        return dict(sorted(merged.items())) or ABSENT

    def _entries(
        self,
        base: Mapping[str, Any],
        mine: Mapping[str, Any],
        theirs: Mapping[str, Any],
        path: tuple[str, ...],
        both: Callable[..., Any],
    ) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for key in sorted(base.keys() | mine.keys() | theirs.keys()):
            before, here, there = (side.get(key, ABSENT) for side in (base, mine, theirs))
            inside = (*path, key)
            if here is not ABSENT and there is not ABSENT:
                merged[key] = both(before, here, there, inside)
            elif before is ABSENT:
                merged[key] = here if there is ABSENT else there
            else:
                left = here if there is ABSENT else there
                if left is not ABSENT and not same(left, before):
                    # Changed on one side, removed on the other: it stays, and both are told.
                    self.conflict(inside, "removed", before, left, None)
                    merged[key] = left
        return merged

    def _order(self, base: list[str], mine: list[str], theirs: list[str], path: tuple[str, ...]) -> list[str]:
        """Return the order of all entries: that of the side which moved some, new ones behind the entry they came after."""
        common = set(mine) & set(theirs)
        here, there, before = ([key for key in side if key in common] for side in (mine, theirs, base))
        if here == there:
            # Which side is which must not matter where both added something at one place.
            first, second = sorted((mine, theirs))
        elif there == before:
            first, second = mine, theirs
        else:
            first, second = theirs, mine
            if here != before:
                self.conflict((*path, "order"), "order", base, theirs, mine)
        order = list(first)
        for position, key in enumerate(second):
            if key not in order:
                order.insert(order.index(second[position - 1]) + 1 if position else 0, key)
        return order


def _are_items(value: Any) -> bool:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        return False
    ids = [item.get("id") for item in value]
    return all(isinstance(key, str) and key for key in ids) and len(set(ids)) == len(ids)


_RULES: Final[Mapping[str, tuple[Callable[[Any], bool], Callable[..., Any]]]] = {
    "text": (lambda value: isinstance(value, str), _Merging.text),
    "tags": (lambda value: isinstance(value, list), _Merging.tags),
    "items": (_are_items, _Merging.items),
    "map": (lambda value: isinstance(value, dict), _Merging.map),
}
"""Merge rule → which values it can merge, and how. What a newer version made of a field merges as a value."""


def _present(side: Any) -> Any:
    return None if side is ABSENT else side


def _envelope(base: Document, mine: Document, theirs: Document) -> Document:
    """Return what names a record, and who changed it last; of two who did, the later one by the clocks of their devices."""
    stamps = [{name: side[name] for name in STAMPS if name in side} for side in (base, mine, theirs)]
    before, here, there = stamps
    latest = there if same(here, before) else here if same(there, before) else max(here, there, key=canonical)
    named = {name: side[name] for side in (mine, theirs) for name in ("id", "kind") if name in side}
    revs = [side["rev"] for side in (mine, theirs) if "rev" in side]
    return named | ({"rev": max(revs)} if revs else {}) | latest


def _groups(names: Iterable[str], fields: Mapping[str, Kind], *, top: bool) -> dict[str, list[str]]:
    """Return label → the fields that merge as one: a declared group, the deletion, or a single field."""
    groups: dict[str, list[str]] = {}
    for name in names:
        if top and name in _UNMERGED:
            continue
        declared = fields[name].group if name in fields else ""
        label = DELETION[0] if top and name in DELETION else declared or name
        groups.setdefault(label, []).append(name)
    return groups
