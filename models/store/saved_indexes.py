"""Saved indexes: the indexes of a snapshot in a file beside it, so that an opened store need not build them.

Only a copy of what the snapshot says: a file that is missing, damaged or of another snapshot is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from models.errors import WrongKey
from models.store.lines import header_line, line, payload_of, read_header

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from models.store.codec import Codec
    from models.store.files import Files
    from models.store.lines import Header, Op

INDEX = "index"

MOST_LATER = 20_000
"""Changes behind a snapshot after which building an index costs no more than bringing a saved one up to date."""

Rows = dict[str, int | list[int]]
"""Text → the rows of the documents that have it; a row is a document's place among those of its table in the snapshot."""


@dataclass
class Saved:
    """The saved indexes of an opened store.

    `order` has the ids of each indexed table in the order of the snapshot; `later` what the journals changed since, as id,
    keys before and keys after; tables in `void` were emptied since.
    """

    path: Path
    snapshot: str
    files: Files
    codec: Codec
    order: dict[str, list[str]]
    later: dict[str, list[tuple[str, bytes, bytes]]] = field(
        default_factory=dict[str, "list[tuple[str, bytes, bytes]]"]
    )
    void: set[str] = field(default_factory=set[str])
    _read: dict[tuple[str, str], bytes] | None = None

    def follow(self, op: Op, before: bytes) -> None:
        """Note a change behind the snapshot, of a document whose keys were `before`."""
        if not op.id:
            self.void.add(op.table)
        elif before != op.keys and op.table in self.order:
            changes = self.later.setdefault(op.table, [])
            changes.append((op.id, before, op.keys))
            if len(changes) > MOST_LATER:
                self.void.add(op.table)

    def groups(self, table: str, name: str) -> dict[str, str | dict[str, None]] | None:
        """Return text → id or ids of an index as the snapshot had it, `None` where it must be built."""
        if table in self.void or table not in self.order:
            return None
        if self._read is None:
            self._read = self._lines()
        payload = self._read.pop((table, name), None)
        if payload is None:
            return None
        order = self.order[table]
        rows: Rows = orjson.loads(payload)[2]
        return {
            text: order[row] if isinstance(row, int) else dict.fromkeys([order[one] for one in row])
            for text, row in rows.items()
        }

    def _lines(self) -> dict[tuple[str, str], bytes]:
        try:
            data = self.files.read(self.path)
            found = read_header(data)
            if found is None or found[0]["id"] == "" or found[0]["of"] != self.snapshot:
                return {}
            return {(table, name): text for table, name, text in _payloads(data, *found, self.codec)}
        except (OSError, KeyError, ValueError, WrongKey):
            return {}


def _payloads(data: bytes, header: Header, start: int, codec: Codec) -> Iterator[tuple[str, str, bytes]]:
    while start < len(data):
        end = data.index(b"\n", start)
        payload = payload_of(data[start:end])
        if payload is None:
            raise ValueError("damaged")
        text = codec.open(bytes.fromhex(header["id"]), start, payload)
        # The names stand first, so that an index nobody asks for is not decoded.
        table, name = orjson.loads(bytes(text[: text.index(b",{")]) + b"]")
        yield table, name, bytes(text)
        start = end + 1


def saved_lines(header: Header, rows: Mapping[tuple[str, str], Rows], codec: Codec) -> Iterator[bytes]:
    """Yield the lines of a file with the indexes `rows`, by table and name."""
    first = header_line(header)
    offset, file_id = len(first), bytes.fromhex(header["id"])
    yield first
    for (table, name), texts in rows.items():
        said: list[Any] = [table, name, texts]
        written = line(codec.seal(file_id, offset, orjson.dumps(said)))
        offset += len(written)
        yield written
