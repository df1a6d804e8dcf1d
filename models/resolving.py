"""Resolving: the conflicts of a fieldbook in words, and a person's decision, which is one commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.answers import enter, read_table_value
from models.errors import InvalidRecord, NotFound, UsageError
from models.fields import Items, References, Table, Text, Value
from models.forms import Form
from models.i18n import _
from models.naming import SHORTEST_PREFIX, SHOWN_CANDIDATES
from models.present import full_title, item_text, present, title_of
from models.records import CONFLICT, parse, record_class
from models.records.conflict import RESOLVED
from models.rules.conflict_places import (
    DELETED,
    ORDER,
    REMOVED,
    Place,
    entry_in,
    place_of,
    place_text,
    value_at,
    with_other,
    with_value,
)
from models.text import clean

if TYPE_CHECKING:
    from models.fieldbook import Fieldbook
    from models.present import Lookup
    from models.records import Document, Record

KEPT, OTHER, NOW = "kept", "other", "now"

NOTHING = "–"
"""What stands for a side on which there is nothing."""


def open_conflicts(fieldbook: Fieldbook) -> list[Document]:
    """Return the conflicts that nobody decided yet, oldest first."""
    found = [conflict for conflict in fieldbook.documents(CONFLICT) if is_open(conflict)]
    return sorted(found, key=lambda conflict: (str(conflict.get("created_at", "")), conflict["id"]))


def is_open(conflict: Document) -> bool:
    """Tell whether nobody decided a conflict yet."""
    return conflict.get("status") != RESOLVED and not conflict.get("deleted_at")


def find_conflict(fieldbook: Fieldbook, text: str) -> Document:
    """Return the conflict that `text` names by its id or the beginning of exactly one; raises `NotFound`.

    A beginning counts among those that are open first: nobody decides a decided one again.
    """
    wanted = text.strip().lower()
    conflicts = fieldbook.documents(CONFLICT)
    found = [conflict for conflict in conflicts if conflict["id"] == text.strip()]
    if not found and len(wanted) >= SHORTEST_PREFIX:
        found = [conflict for conflict in conflicts if conflict["id"].startswith(wanted)]
        found = [conflict for conflict in found if is_open(conflict)] or found
    if len(found) == 1:
        return found[0]
    shown = clean(text, lines=False)
    if not found:
        raise NotFound(
            _("Kein Konflikt hat die Kennung „{text}“. „feldbuch conflicts“ nennt alle offenen.").format(text=shown)
        )
    candidates = "; ".join(f"{one['id']} {title_of(one, fieldbook)}" for one in found[:SHOWN_CANDIDATES])
    raise NotFound(
        _("„{text}“ passt zu {count} Konflikten. Bitte mehr Zeichen angeben: {candidates}").format(
            text=shown, count=len(found), candidates=candidates
        )
    )


def side_text(conflict: Document, side: str, fieldbook: Fieldbook) -> str:
    """Return what one side of a conflict says ("base", "kept" or "other"), in words."""
    value, rule = conflict.get(side), conflict.get("rule")
    if rule == DELETED:
        return _deletion_text(value) if side == OTHER else _("der Eintrag bleibt")
    if rule == REMOVED and value is None:
        return _("entfernt")
    place = place_of(conflict)
    if value is None or place is None:
        return NOTHING if value is None else present_any(value, fieldbook)
    if rule == ORDER:
        return _order_text(conflict, place, value, fieldbook)
    return _value_text(place, value, fieldbook) or NOTHING


def changed_since(conflict: Document, fieldbook: Fieldbook) -> str | None:
    """Return in words what stands in the record by now, `None` where that is still what the conflict says."""
    document = fieldbook.peek(str(conflict.get("record", "")))
    if document is None or document.get("deleted_at"):
        return _("der Eintrag ist gelöscht oder nicht mehr hier")
    if conflict.get("rule") == DELETED:
        return None
    now = side_text({**conflict, NOW: value_at(document, conflict)}, NOW, fieldbook)
    return now if now != side_text(conflict, KEPT, fieldbook) else None


def present_any(value: Any, lookup: Lookup) -> str:
    """Return a value of which this version knows nothing, in words."""
    return present(record_class(CONFLICT).kinds()[KEPT], value, lookup)


def _deletion_text(said: Any) -> str:
    reason = str(said.get("delete_reason", "")) if isinstance(said, dict) else ""
    return _("gelöscht ({reason})").format(reason=reason) if reason else _("gelöscht")


def _value_text(place: Place, value: Any, lookup: Lookup) -> str:
    kind = place.kind
    if isinstance(value, dict) and (len(place.fields) > 1 or (kind is not None and kind.group)):
        parts = ((name, value[name]) for name in (*place.fields, *value) if name in value)
        return "; ".join(_field_text(place, name, one, lookup) for name, one in dict(parts).items())
    if kind is None:
        return present_any(value, lookup)
    if place.entry and isinstance(kind, Items) and isinstance(value, dict):
        return item_text(value, kind, lookup)
    if place.entry and isinstance(kind, Table):
        return present(kind, {place.entry: value}, lookup).removeprefix(f"{place.entry}: ")
    return present(kind, value, lookup)


def _field_text(place: Place, name: str, value: Any, lookup: Lookup) -> str:
    kind = place.kinds.get(name)
    shown = present(kind, value, lookup) if kind is not None else present_any(value, lookup)
    return f"{_(kind.label) if kind is not None else name}: {shown}"


def _order_text(conflict: Document, place: Place, order: Any, fieldbook: Fieldbook) -> str:
    document = fieldbook.peek(str(conflict.get("record", ""))) or {}
    for name, key in place.within:
        document = entry_in(document, name, key)
    kind = place.kind
    named = {
        str(entry.get("id")): item_text(entry, kind, fieldbook)
        for entry in document.get(place.fields[0], ())
        if isinstance(kind, Items) and isinstance(entry, dict)
    }
    return " · ".join(named.get(str(key), NOTHING) for key in order) if isinstance(order, list) else NOTHING


def resolve(fieldbook: Fieldbook, conflict: Document, answer: str, *, typed: bool = False) -> Record | None:
    """Decide a conflict by `answer`: "kept", "other" or a value as it would be typed; returns the changed record.

    What was `typed` is a value even where it reads like the name of a side. `None` means that the record stays as it is. Raises `NotFound` where the record is gone that would have to be changed,
    `UsageError` where a value cannot be given here, `InvalidRecord` where the record would break a rule.
    """
    record_id = str(conflict.get("record", ""))
    decided = parse({**conflict, "status": RESOLVED})
    with fieldbook.batch(_("Konflikt gelöst")):
        saved: Record | None = None
        if typed or answer != KEPT:
            document = _to_change(fieldbook, record_id)
            if typed or answer != OTHER:
                saved = fieldbook.save(parse(_as_typed(fieldbook, document, conflict, answer)))
            elif conflict.get("rule") == DELETED:
                other = conflict.get(OTHER)
                fieldbook.delete(record_id, str(other.get("delete_reason", "")) if isinstance(other, dict) else "")
                saved = fieldbook.get(record_id)
            else:
                saved = fieldbook.save(parse(with_other(document, conflict)))
        fieldbook.save(decided)
    return saved


def _to_change(fieldbook: Fieldbook, record_id: str) -> Document:
    document = fieldbook.peek(record_id)
    if document is None or document.get("deleted_at"):
        raise NotFound(
            _(
                "Der Eintrag zu diesem Konflikt ist hier gelöscht oder nicht da; zu ändern ist nichts. "
                "„kept“ schließt den Konflikt ab."
            )
        )
    return document


def _as_typed(fieldbook: Fieldbook, document: Document, conflict: Document, text: str) -> Document:
    """Return a record with what was typed in the place of a conflict; raises `UsageError`, `InvalidRecord`."""
    place = _typed_place(conflict)
    if place is None:
        raise _only_sides(fieldbook, document, conflict)
    if isinstance(place.kind, Table):
        try:
            return with_value(document, place, read_table_value(place.kind, text) or None)
        except ValueError as error:
            raise InvalidRecord({place.fields[0]: f"{place_text(conflict)}: {error}"}) from error
    form = _form_around(fieldbook, document, place)
    enter(form, place.fields[0], [text], fieldbook)
    return with_value(document, place, form.result().get(place.fields[0]))


def _typed_place(conflict: Document) -> Place | None:
    """Return the place of a conflict where a value of one's own can be typed into it."""
    place = place_of(conflict)
    kind = place.kind if place is not None else None
    if place is None or kind is None or kind.group or conflict.get("rule") in (DELETED, ORDER):
        return None
    return place if not place.entry or isinstance(kind, Table) else None


def _form_around(fieldbook: Fieldbook, document: Document, place: Place) -> Form:
    around: Document = document
    inner: Any = record_class(str(document.get("kind", "")))
    for name, key in place.within:
        around = entry_in(around, name, key)
        inner = inner.kinds()[name].model
    return Form(inner, around, fieldbook.clock.today())


def value_to_edit(fieldbook: Fieldbook, conflict: Document) -> str | None:
    """Return what stands in the place of a conflict now, as one would type it; `None` where only the sides can be chosen.

    Raises `NotFound` where what would have to be changed is gone.
    """
    place = _typed_place(conflict)
    if place is None or isinstance(place.kind, Items | References):
        return None
    document = _to_change(fieldbook, str(conflict.get("record", "")))
    if isinstance(place.kind, Table):
        return side_text(conflict, KEPT, fieldbook) if place.entry and conflict.get(KEPT) is not None else None
    shown = _form_around(fieldbook, document, place).get(place.fields[0])
    kind = place.kind
    if isinstance(kind, Text | Value):
        return str(shown or "")
    return present(kind, shown, fieldbook) if kind is not None else None


def is_long_text(conflict: Document) -> bool:
    """Tell whether the place of a conflict holds text over several lines."""
    place = place_of(conflict)
    return place is not None and isinstance(place.kind, Text) and not place.entry


def _only_sides(fieldbook: Fieldbook, document: Document, conflict: Document) -> UsageError:
    return UsageError(
        _(
            "{title}, {place}: Hier geht nur „kept“ oder „other“, kein eigener Wert. Danach lässt sich der Eintrag ändern."
        ).format(title=full_title(document, fieldbook), place=place_text(conflict))
    )
