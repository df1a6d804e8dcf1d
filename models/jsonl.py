"""Records as JSON: one line each, or the file of stock TinyDB, and back, so that what was written comes back equal."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from models.errors import ImportRefused
from models.i18n import _
from models.indexes import RECORDS
from models.outbox import stays_here
from models.records import KINDS, UnknownRecord, parse, record_class
from models.store.exchange import database_lines, read_database
from models.text import clean_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from models.records import Document, Record

LONGEST_ID = 200
SHOWN_ROWS = 5


def without_private(document: Document) -> Document | None:
    """Return a document without its private fields, `None` where all of it stays on the device."""
    if stays_here(document):
        return None
    names = _private_names(document)
    return {name: value for name, value in document.items() if name not in names} if names else document


def with_private_of(document: Document, before: Mapping[str, Any] | None) -> Document:
    """Return `document` with the private fields that `before` has and a file cannot carry, so that none are lost."""
    if before is None:
        return document
    kept = {name: before[name] for name in _private_names(before) if name in before and name not in document}
    return {**document, **kept} if kept else document


def _private_names(document: Mapping[str, Any]) -> frozenset[str]:
    return _private_of(record_class(str(document.get("kind", ""))))


@cache
def _private_of(model: type[Record]) -> frozenset[str]:
    return frozenset(name for name, kind in model.kinds().items() if kind.private)


def write_lines(documents: Iterable[Document], *, private: bool = False) -> Iterator[bytes]:
    """Yield one line for each document, sorted by kind and id; private records and fields only where asked for."""
    ordered = sorted(documents, key=lambda document: (str(document.get("kind", "")), document["id"]))
    for document in ordered:
        written = document if private else without_private(document)
        if written is not None:
            yield orjson.dumps(written, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def write_database(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what `write_lines` yields as the file of stock TinyDB, in its table `records`, numbered."""
    return database_lines({RECORDS: {str(number): line.rstrip() for number, line in enumerate(lines, 1)}})


def read_records(content: bytes) -> list[Document]:
    """Return the documents of a file in one of both forms, cleaned; raises `ImportRefused` as `read_lines` does."""
    try:
        tables = read_database(content)
    except ValueError:
        tables = {}
    if RECORDS not in tables:
        return read_lines(content.splitlines())
    return read_lines(map(orjson.dumps, tables[RECORDS].values()), one=_("Datensatz"))


def read_lines(lines: Iterable[bytes], *, one: str = "") -> list[Document]:
    """Return the documents of all lines, cleaned; raises `ImportRefused` naming the rows that cannot be used.

    `one` is what a row is called, "Zeile" where nothing is said.

    Empty lines are passed over. Kinds and fields of newer versions are kept as they are.
    """
    one = one or _("Zeile")
    documents: list[Document] = []
    rows: dict[str, int] = {}
    bad: list[str] = []
    for row, line in enumerate(lines, 1):
        content = line.removeprefix(b"\xef\xbb\xbf") if row == 1 else line
        if not content.strip():
            continue
        try:
            document = _read_line(content, rows, one)
        except ValueError as error:
            bad.append(_("{one} {row}: {error}").format(one=one, row=row, error=error))
            continue
        rows[document["id"]] = row
        documents.append(document)
    if bad:
        more = _(" und {count} weitere").format(count=len(bad) - SHOWN_ROWS) if len(bad) > SHOWN_ROWS else ""
        raise ImportRefused(
            _("Nichts wurde übernommen. {rows}{more}.").format(rows="; ".join(bad[:SHOWN_ROWS]), more=more)
        )
    return documents


def _read_line(content: bytes, rows: Mapping[str, int], one: str) -> Document:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ValueError(_("kein JSON in UTF-8, vielleicht abgeschnitten")) from error
    if not isinstance(document, dict):
        raise ValueError(_("kein Datensatz"))  # noqa: TRY004 - all that is wrong with a line is one kind of error
    cleaned: Document = clean_tree(document)
    for name in ("id", "kind"):
        value = cleaned.get(name)
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_ID:
            raise ValueError(_("„{name}“ fehlt oder passt nicht").format(name=name))
    if cleaned["id"] in rows:
        raise ValueError(_("dieselbe Kennung wie in {one} {row}").format(one=one, row=rows[cleaned["id"]]))
    if _unreadable(cleaned):
        raise ValueError(
            _("die Angaben passen nicht zur Satzart {one}").format(one=_(record_class(cleaned["kind"]).about.one))
        )
    return cleaned


def _unreadable(document: Document) -> bool:
    # A tombstone may have lost its content, and a newer version may write what this one cannot read.
    kind = document["kind"]
    if kind not in KINDS or document.get("deleted_at"):
        return False
    version = document.get("schema_version", 1)
    if isinstance(version, int) and version > record_class(kind).schema_now:
        return False
    return isinstance(parse(document), UnknownRecord)
