"""Exchange: all documents as the one JSON file of stock TinyDB, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from models.errors import ImportRefused
from models.i18n import _
from models.store.messages import store_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from models.store.storage import JournalStorage

KEYS = "_keys"
"""The table that keeps keys which stock TinyDB has no place for, as it reads each one as a number. Its name is reserved."""


def database_lines(tables: Mapping[str, Mapping[str, bytes]]) -> Iterator[bytes]:
    """Yield the file of stock TinyDB with these encoded documents by table and key, one document a line.

    Keys that are no numbers become 1, 2, 3 …, and a table of its own keeps them, so that `read_database` finds them again.
    """
    kept: dict[str, bytes] = {}
    start = b"{"
    for name, table in tables.items():
        numbered = all(key.isdecimal() and str(int(key)) == key for key in table)
        if not numbered:
            kept[str(len(kept) + 1)] = orjson.dumps({"table": name, "keys": list(table)})
        keys: Iterable[str] = table if numbered else map(str, range(1, len(table) + 1))
        yield start + _table(name, zip(keys, table.values(), strict=True))
        start = b",\n"
    if kept:
        yield start + _table(KEYS, kept.items())
        start = b""
    yield b"{}\n" if start == b"{" else b"}\n"


def _table(name: str, rows: Iterable[tuple[str, bytes]]) -> bytes:
    lines = b",\n".join(orjson.dumps(key) + b":" + document for key, document in rows)
    return orjson.dumps(name) + b":{" + (b"\n" + lines + b"\n" if lines else b"") + b"}"


def read_database(content: bytes) -> dict[str, dict[str, Any]]:
    """Return the documents of a file of stock TinyDB by table and key; raises `ValueError` where it is none."""
    tables = orjson.loads(content) if content.strip() else {}
    if not isinstance(tables, dict):
        raise ValueError("no tables")  # noqa: TRY004 - all that is wrong with a file is one kind of error
    if not all(
        isinstance(table, dict) and all(isinstance(one, dict) for one in table.values()) for table in tables.values()
    ):
        raise ValueError("no tables of documents")
    for kept in tables.pop(KEYS, {}).values():
        name, keys = kept.get("table"), kept.get("keys")
        if not (isinstance(name, str) and isinstance(keys, list) and all(isinstance(key, str) for key in keys)):
            raise ValueError("no keys of a table")
        # Who changed the file with stock TinyDB may have taken documents away or put new ones in.
        numbered = {str(number): key for number, key in enumerate(keys, 1)}
        tables[name] = {numbered.get(key, key): document for key, document in tables.get(name, {}).items()}
    return tables


def export_json(journal: JournalStorage, path: Path) -> None:
    """Write all documents into a file that stock TinyDB opens; it is there whole or as it was. Raises `StoreError`."""
    _last, content = journal.state()
    try:
        journal.files.create(path, database_lines(content.tables))
    except OSError as error:
        raise store_error(error, path.parent) from error


def import_json(journal: JournalStorage, path: Path) -> None:
    """Make the documents those of a file of stock TinyDB, in one commit; raises `ImportRefused` and `StoreError`."""
    try:
        tables = read_database(journal.files.read(path))
    except (OSError, ValueError) as error:
        raise ImportRefused(
            _("{path} lässt sich nicht als TinyDB-Datei lesen. Nichts wurde verändert.").format(path=path)
        ) from error
    journal.write(tables)
