"""How values and records read for people: derived from the field kinds, for screens, exports, search and messages."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from models.dates import show_date
from models.fields import (
    Choice,
    Items,
    Kind,
    Reference,
    References,
    Table,
    Tags,
    Value,
    is_empty,
)
from models.i18n import _
from models.records import CONFLICT, record_class
from models.rules.conflict_places import place_text
from models.rules.text_index import SearchText
from models.text import clean
from models.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from models.records import Document, Record


class Lookup(Protocol):
    """What is needed to name a referenced record."""

    def by_key(self, kind: str, key: str) -> Document | None:
        """Return the live document of `kind` with the natural key or id `key`."""
        ...


_SHAPES: Mapping[type[Kind], Any] = {
    Tags: (list, frozenset),
    References: (list, frozenset),
    Items: list,
    Table: dict,
}
"""What the values of a kind have to be to be walked through."""


def present(kind: Kind, value: Any, lookup: Lookup) -> str:
    """Return `value` (JSON form or Python form) of a field of `kind` as one German text."""
    if is_empty(value):
        return ""
    if not isinstance(value, _SHAPES.get(type(kind), object)):
        # A file may hold what no version wrote: it is shown as it is rather than breaking a list.
        return _plain(value)
    match kind:
        case Reference():
            return name_of(kind.to, str(value), lookup)
        case References():
            return ", ".join(name_of(kind.to, str(key), lookup) for key in sorted(value))
        case Choice():
            return vocabulary(kind.vocabulary).label(str(value))
        case Tags():
            return ", ".join(_tag_labels(kind, value))
        case Items():
            return "; ".join(filter(None, (item_text(entry, kind, lookup) for entry in value)))
        case Table():
            return "; ".join(_table_texts(kind, value))
        case Value(unit=unit):
            return _plain(value) + (f" {unit}" if unit else "")
        case _:
            return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("ja") if value else _("nein")
    if isinstance(value, dt.date):
        return show_date(value)
    if isinstance(value, dt.time):
        return value.isoformat("minutes")
    if isinstance(value, str):
        return _date_or_text(value)
    if isinstance(value, float):
        return f"{value:g}".replace(".", ",")
    if isinstance(value, dict):
        return ", ".join(_entry_part(name, member) for name, member in value.items() if not is_empty(member))
    if isinstance(value, list):
        return ", ".join(_plain(member) for member in value)
    return "" if value is None else str(value)


_ENTRY_WORDS = {"level": "Stufe", "due": "bis", "not_assessed": "nicht bewertet"}
"""What the parts of a rating or a target are called; those of newer versions are called what they are called there."""


def _entry_part(name: str, value: Any) -> str:
    return f"{_(_ENTRY_WORDS.get(name, name))} {_plain(value)}"


_ISO_DATE_LENGTH = 10


def _date_or_text(value: str) -> str:
    if len(value) == _ISO_DATE_LENGTH and value[4] == "-" == value[7]:
        try:
            return show_date(dt.date.fromisoformat(value))
        except ValueError:
            return value
    return value


def _tag_labels(kind: Tags, value: Iterable[str]) -> list[str]:
    if not kind.vocabulary:
        return sorted(value)
    words = vocabulary(kind.vocabulary)
    return [words.label(code) for code in words.sorted(value)]


def _table_texts(kind: Table, value: Mapping[str, Any]) -> Iterable[str]:
    for key, entry in value.items():
        label = vocabulary(kind.keys).label(key) if kind.keys and _is_vocabulary(kind.keys) else key
        text = vocabulary(kind.values).label(str(entry)) if kind.values else _plain(entry)
        yield f"{label}: {text}"


def _is_vocabulary(name: str) -> bool:
    return name not in ("criterion", "section")


def item_text(entry: Mapping[str, Any], kind: Items, lookup: Lookup) -> str:
    """Return a list entry (JSON form) as one line: its filled-in fields; yes/no only where it differs from the usual."""
    model = kind.model
    kinds = model.kinds()
    parts: list[str] = []
    for name in (*(name for name in kinds if name in entry), *(name for name in entry if name not in kinds)):
        value, field = entry[name], kinds.get(name)
        if name == "id" or is_empty(value) or (field is not None and field.derived):
            continue
        if isinstance(value, bool):
            if field is not None and value != model.model_fields[name].default:
                parts.append(_(field.label) if value else _("nicht {label}").format(label=_(field.label)))
        else:
            parts.append(present(field, value, lookup) if field is not None else _plain(value))
    return ", ".join(filter(None, parts))


def name_of(kinds: str, key: str, lookup: Lookup) -> str:
    """Return the name of the record `key` of one of `kinds` (separated by blanks); the key itself where it is unknown."""
    for kind in kinds.split():
        document = lookup.by_key(kind, key)
        if document is not None:
            return title_of(document, lookup)
    return clean(key, lines=False)


def title_of(document: Mapping[str, Any], lookup: Lookup) -> str:
    """Return the title of a record: the fields that its kind declares as title, in words."""
    model = record_class(str(document.get("kind", "")))
    if document.get("kind") == CONFLICT:
        return _conflict_title(document, lookup)
    kinds = model.kinds()
    parts = (
        present(kinds[name], document.get(name), lookup) if name in kinds else str(document.get(name, ""))
        for name in model.about.title
    )
    return ", ".join(filter(None, parts)) or _(model.about.one)


def _conflict_title(conflict: Mapping[str, Any], lookup: Lookup) -> str:
    """Return which record and which place of it a conflict is about: "Besuch GS Altstadt, Di 24.11.2026: Notizen"."""
    kind, key = str(conflict.get("record_kind", "")), str(conflict.get("record", ""))
    # What is said to be about itself would have no end.
    name = clean(key, lines=False) if kind == CONFLICT else name_of(kind, key, lookup)
    named = f"{_(record_class(kind).about.one)} {name}"
    place = place_text(conflict)
    return clean(f"{named}: {place}" if place else named, lines=False)


def full_title(document: Mapping[str, Any], lookup: Lookup) -> str:
    """Return the title with the kind in front: "Besuch GS Altstadt, Mo 23.11.2026"."""
    return f"{_(record_class(str(document.get('kind', ''))).about.one)} {title_of(document, lookup)}"


WEIGHTY = 2
"""Weight from which on a field names its record in the search; titles and references to what has a place always do."""


def search_text(document: Mapping[str, Any], lookup: Lookup) -> SearchText:
    """Return what a record is found by: the values of all fields that carry a weight, apart those that name it."""
    weighty, rest = _searched(record_class(str(document.get("kind", ""))))
    return SearchText(
        " ".join(text for name, kind in weighty if (text := _naming(kind, document.get(name), lookup))),
        " ".join(text for name, kind in rest if (text := present(kind, document.get(name), lookup))),
    )


def _naming(kind: Kind, value: Any, lookup: Lookup) -> str:
    """Return what `value` is called; a referenced record, a school for one, also by its number, long name and place."""
    match kind, value:
        case Reference(), str() if value:
            target = next(filter(None, (lookup.by_key(one, value) for one in kind.to.split())), None)
            if target is None:
                return clean(value, lines=False)
            fields = _searched(record_class(str(target.get("kind", "")))).weighty
            own = (
                present(field, target.get(name), lookup) for name, field in fields if not isinstance(field, Reference)
            )
            return " ".join((title_of(target, lookup), *filter(None, own)))
    return present(kind, value, lookup)


class _Searched(NamedTuple):
    weighty: tuple[tuple[str, Kind], ...]
    rest: tuple[tuple[str, Kind], ...]


@cache
def _searched(model: type[Record]) -> _Searched:
    """Return the fields that are searched: those that name a record, and the others."""
    searched = [(name, kind) for name, kind in model.kinds().items() if kind.weight]
    names = {name for name, kind in searched if kind.weight >= WEIGHTY or name in model.about.title or _has_place(kind)}
    return _Searched(
        tuple(pair for pair in searched if pair[0] in names), tuple(pair for pair in searched if pair[0] not in names)
    )


def _has_place(kind: Kind) -> bool:
    return isinstance(kind, Reference) and any("place" in record_class(one).kinds() for one in kind.to.split())
