"""Listing: the commands `list` and `show`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import orjson

from models.dates import show_date, show_time
from models.fields import Items, Kind, Text, is_empty
from models.i18n import _
from models.naming import find_kind, find_record, short_length
from models.present import full_title, item_text, present, title_of
from models.records import CONFLICT, Record, UnknownRecord, parse, record_class
from models.text import clean, fold
from tui.cli.conflicts import print_sides
from tui.cli.output import out, out_json, table, width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.fieldbook import Fieldbook
    from models.records import Document

NAME_WIDTH = 40
_SAID_ABOVE = {"conflict": frozenset({"kind", "record_kind", "path", "rule", "base", "kept", "other"})}
"""Kind → the fields of it that stand above the others in words; of all others the title says the kind."""
_MOMENTS = ("created_at", "updated_at", "deleted_at")


def list_records(fieldbook: Fieldbook, kind_name: str, *, as_json: bool, limit: int | None) -> int:
    """Print the records of a kind that are not deleted: latest first where they have a date, else by title."""
    kind = find_kind(kind_name, also=fieldbook.counts())
    documents = _ordered(kind, fieldbook)
    shown = documents if limit is None else documents[: max(limit, 0)]
    if as_json:
        out_json(shown)
        return 0
    if not documents:
        out(_("{many}: keine.").format(many=_(record_class(kind).about.many)))
        return 0
    for line in table(*_layout(kind, shown, fieldbook), width()):
        out(line)
    if len(shown) < len(documents):
        out(_("… {shown} von {count}").format(shown=len(shown), count=len(documents)))
    return 0


def _ordered(kind: str, fieldbook: Fieldbook) -> list[Document]:
    when = record_class(kind).about.when
    documents = fieldbook.documents(kind)
    if when:
        documents.sort(key=lambda document: document["id"])
        documents.sort(key=lambda document: (str(document.get(when, "")), str(document.get("start", ""))), reverse=True)
    else:
        documents.sort(key=lambda document: (fold(title_of(document, fieldbook)), document["id"]))
    return documents


def _layout(
    kind: str, documents: list[Document], fieldbook: Fieldbook
) -> tuple[list[tuple[str, int]], Iterator[list[str]]]:
    model = record_class(kind)
    columns = {name: declared for name, declared in model.kinds().items() if declared.width}
    identified = short_length(document["id"] for document in fieldbook.everything())
    heads = [(_("Kennung"), identified), *((_(declared.label), declared.width) for declared in columns.values())]
    if not columns:
        heads.append((_("Titel"), NAME_WIDTH))
    return heads, (
        [
            document["id"][:identified],
            *(present(declared, document.get(name), fieldbook) for name, declared in columns.items()),
            *([] if columns else [title_of(document, fieldbook)]),
        ]
        for document in documents
    )


def show_record(fieldbook: Fieldbook, name: str, *, as_json: bool) -> int:
    """Print all filled-in fields of one record."""
    document = find_record(fieldbook, name)
    if as_json:
        out_json(document)
        return 0
    out(clean(full_title(document, fieldbook), lines=False))
    if document.get("kind") == CONFLICT:
        print_sides(document, fieldbook)
    for line in _field_lines(document, fieldbook):
        out(line)
    return 0


def _field_lines(document: Document, fieldbook: Fieldbook) -> Iterator[str]:
    record = parse(document)
    kinds = record.kinds()
    own = [name for name, kind in kinds.items() if not kind.derived]
    said = _SAID_ABOVE.get(str(document.get("kind")), frozenset({"kind"}))
    rest = [name for name in (*kinds, *document) if name not in own and name in document]
    for name in dict.fromkeys((*own, *rest)):
        if name in said and record.about is not UnknownRecord.about:
            continue
        value = getattr(record, name, None)
        if name in document and not is_empty(value):
            yield from _value_lines(name, kinds.get(name) or Record.kinds().get(name), value, fieldbook)


def _value_lines(name: str, kind: Kind | None, value: Any, fieldbook: Fieldbook) -> Iterator[str]:
    label = _(kind.label) if kind is not None else clean(name, lines=False)
    if isinstance(kind, Items):
        yield f"{label}:"
        for entry in value:
            yield "  - " + clean(item_text(entry, kind, fieldbook), lines=False)
        return
    text = present(kind, value, fieldbook) if kind is not None else clean(_json_text(value), lines=False)
    if isinstance(kind, Text) and "\n" in text:
        yield f"{label}:"
        yield from ("  " + line for line in clean(text).split("\n"))
        return
    if name in _MOMENTS:
        text = _moment(text, fieldbook)
    yield f"{label}: {clean(text, lines=False)}"


def _moment(text: str, fieldbook: Fieldbook) -> str:
    try:
        moment = fieldbook.clock.local(dt.datetime.fromisoformat(text))
    except ValueError:
        return text
    return f"{show_date(moment.date())}, {show_time(moment.time())}"


def _json_text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
