"""The lines of a store's files: how an entry is written, how it is read back, and what a damaged one looks like. Pure."""

from __future__ import annotations

import re
import zlib
from typing import Any, NamedTuple, NotRequired, TypedDict

import orjson

FORMAT = 1
"""The version of the file format that this program writes."""

PUT, DELETE, CLEAR, DROP, CLOSE, END = "put", "delete", "clear", "drop", "close", "end"

_CRC_WIDTH = 9
"""Eight hexadecimal digits and a blank."""

_BODY = re.compile(
    rb'\[(\d+),(\d+),(\d+),"put","([^"\\]*)","([^"\\]*)",(?:(\[(?:"[^"\\\n]*+",?)*+\]),)?(\{[^\n]*\})\]',
)
"""A put whose names need no unescaping, which is nearly every line; all others are read as JSON."""


PUTS = re.compile(
    rb'^(?:[0-9a-f]{8} )?\[\d+,\d+,\d+,"put","([^"\\]*)","([^"\\]*)",(?:(\[(?:"[^"\\\n]*+",?)*+\]),)?(\{.*\})\]$',
    re.MULTILINE,
)
"""All puts of a snapshot at once: table, id, keys, document."""


class Op(NamedTuple):
    """One change: what is done to a table or to one document in it. `document` and `keys` are encoded JSON."""

    op: str
    table: str
    id: str = ""
    document: bytes = b""
    keys: bytes = b""


class Entry(NamedTuple):
    """One line: number `k` of the `n` lines of commit number `commit`."""

    commit: int
    k: int
    n: int
    op: Op


class Header(TypedDict):
    """The first line of a file, readable without the key.

    `reads` is the oldest format whose programs may still read the file; `first` the first commit that a journal holds,
    or the last one that a snapshot holds; `indexes` names what the keys in the lines mean; `of` is the id of the snapshot
    whose indexes a file holds.
    """

    store: str
    format: int
    reads: int
    type: str
    generation: int
    id: str
    codec: str
    first: int
    indexes: str
    of: NotRequired[str]


def encode(commit: int, k: int, n: int, op: Op) -> bytes:
    """Return the JSON of an entry."""
    table = orjson.dumps(op.table or None)
    if op.op == PUT:
        keys = op.keys + b"," if op.keys else b""
        return b'[%d,%d,%d,"put",%b,%b,%b%b]' % (commit, k, n, table, orjson.dumps(op.id), keys, op.document)
    return b'[%d,%d,%d,"%b",%b,%b,%b]' % (
        commit,
        k,
        n,
        op.op.encode(),
        table,
        orjson.dumps(op.id or None),
        op.document or b"null",
    )


def decode(body: bytes) -> Entry | None:
    """Return the entry that `encode` made, `None` for anything else."""
    match = _BODY.fullmatch(body)
    if match is not None:
        commit, k, n, table, key, keys, document = match.groups(b"")
        return Entry(int(commit), int(k), int(n), Op(PUT, table.decode(), key.decode(), document, keys))
    try:
        commit, k, n, op, table, key, *rest = orjson.loads(body)
        keys, document = rest if len(rest) == 2 else (None, *rest)
        document = b"" if document is None else orjson.dumps(document)
        packed = b"" if keys is None else orjson.dumps(keys)
        return Entry(commit, k, n, Op(op, table or "", key or "", document, packed))
    except (ValueError, TypeError):
        return None


def line(payload: bytes) -> bytes:
    """Return a payload as a line of a file."""
    return b"%08x %b\n" % (zlib.crc32(payload), payload)


def payload_of(text: bytes | memoryview) -> bytes | None:
    """Return the payload of a line without its LF, `None` where the checksum does not fit."""
    found = bytes(text)
    try:
        wanted = int(found[: _CRC_WIDTH - 1], 16)
    except ValueError:
        return None
    payload = found[_CRC_WIDTH:]
    whole = found[_CRC_WIDTH - 1 : _CRC_WIDTH] == b" " and zlib.crc32(payload) == wanted
    # int() is lenient about signs, blanks and capitals, a line is not.
    return payload if whole and found[: _CRC_WIDTH - 1] == b"%08x" % wanted else None


def header_line(header: Header) -> bytes:
    """Return the first line of a file."""
    return line(orjson.dumps(header))


def read_header(data: bytes) -> tuple[Header, int] | None:
    """Return the header of a file and where its next line begins, `None` where it is not one of a store's files."""
    end = data.find(b"\n")
    payload = payload_of(data[:end]) if end >= 0 else None
    if payload is None:
        return None
    try:
        header: Any = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(header, dict) or header.get("store") != "journal":
        return None
    return header, end + 1  # type: ignore[return-value]
