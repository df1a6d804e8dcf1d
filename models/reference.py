"""The field reference: every kind of record with its fields, as Markdown, from the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.fields import Choice, Items, Kind, Reference, References, Table, Tags, Text, Value
from models.i18n import _
from models.records import KINDS, Record, record_class
from models.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from models.records.base import Cleaned


def field_reference() -> str:
    """Return the whole reference as Markdown, ending with a line end."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Felder"
    yield ""
    yield "Erzeugt aus den Deklarationen in `models/records` mit `python -m models.reference`; nicht von Hand ändern."
    yield ""
    yield "## Jeder Eintrag"
    yield ""
    yield from _table(Record, Record.kinds())
    for kind in KINDS:
        model = record_class(kind)
        own = {name: field for name, field in model.kinds().items() if name not in Record.kinds()}
        yield ""
        yield f"## {_(model.about.one)} (`{kind}`)"
        yield ""
        if model.about.on_device_only:
            yield "Bleibt auf dem Gerät und wird nie übertragen."
            yield ""
        yield from _table(model, own)
        for name, field in own.items():
            if isinstance(field, Items):
                yield ""
                yield f"### {_(field.label)} (`{kind}.{name}`)"
                yield ""
                yield from _table(field.model, {n: f for n, f in field.model.kinds().items() if n != "id"})


def _table(model: type[Cleaned], fields: Mapping[str, Kind]) -> Iterator[str]:
    yield "| Bezeichnung | Feld | Inhalt | Pflicht | Zusammenführen |"
    yield "|---|---|---|---|---|"
    for name, field in fields.items():
        needed = "ja" if model.model_fields[name].is_required() else ""
        merge = (
            "nie übertragen"
            if field.private
            else f"{field.merge}, Gruppe {field.group}"
            if field.group
            else field.merge
        )
        yield f"| {_(field.label)} | `{name}` | {_content(field)} | {needed} | {merge} |"


def _content(field: Kind) -> str:
    match field:
        case Choice(vocabulary=name):
            return _("eines von {members}").format(members=_members(name))
        case Tags(vocabulary=name):
            return _("Menge aus {members}").format(members=_members(name)) if name else _("Menge freier Wörter")
        case Reference(to=kinds):
            return _("Verweis auf {kinds}").format(kinds=_kinds(kinds))
        case References(to=kinds):
            return _("Verweise auf {kinds}").format(kinds=_kinds(kinds))
        case Items():
            return _("Liste, siehe unten")
        case Table(keys=keys, values=values):
            return _("je {keys}: {values}").format(keys=keys, values=values or _("freier Inhalt"))
        case Text():
            return _("langer Text")
        case Value(unit=unit):
            return unit or _("Wert")
        case _:
            raise TypeError(type(field).__name__)


def _members(name: str) -> str:
    words = vocabulary(name)
    return f"`{name}` ({len(words)})"


def _kinds(kinds: str) -> str:
    return ", ".join(_(record_class(kind).about.one) for kind in kinds.split())


if __name__ == "__main__":
    import sys

    sys.stdout.write(field_reference())
