"""Recovery: what the bytes of a store's files hold, and whether what is missing was ever acknowledged. Pure."""

from __future__ import annotations

import re
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import orjson

from models.errors import WrongKey
from models.store.lines import (
    CLEAR,
    CLOSE,
    DELETE,
    DROP,
    END,
    PUT,
    PUTS,
    Entry,
    Header,
    Op,
    decode,
    encode,
    header_line,
    line,
    payload_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.store.codec import Codec

_LINE_START = re.compile(rb"[0-9a-f]{8} ")


@dataclass
class Content:
    """The documents of all tables as they are encoded, their keys, and what must outlive them.

    `next_ids` holds, per table, the smallest whole number that was never used as an id.
    """

    tables: dict[str, dict[str, bytes]] = field(default_factory=dict[str, dict[str, bytes]])
    keys: dict[str, dict[str, bytes]] = field(default_factory=dict[str, dict[str, bytes]])
    next_ids: dict[str, int] = field(default_factory=dict[str, int])

    def apply(self, op: Op) -> None:
        """Do what one line says."""
        if op.op == PUT:
            self.tables.setdefault(op.table, {})[op.id] = op.document
            if op.keys:
                self.keys.setdefault(op.table, {})[op.id] = op.keys
            elif op.table in self.keys:
                self.keys[op.table].pop(op.id, None)
            if op.id.isdecimal() and int(op.id) >= self.next_ids.get(op.table, 1):
                self.next_ids[op.table] = int(op.id) + 1
        elif op.op == DELETE:
            self.tables.get(op.table, {}).pop(op.id, None)
            self.keys.get(op.table, {}).pop(op.id, None)
        elif op.op in (CLEAR, DROP):
            self.keys.pop(op.table, None)
            self.tables.pop(op.table, None)
            if op.op == CLEAR:
                self.tables[op.table] = {}

    def ops(self) -> Iterator[Op]:
        """Yield what makes this content out of nothing."""
        for name, table in self.tables.items():
            keys = self.keys.get(name, {})
            if not table:
                yield Op(CLEAR, name)
            for key, document in table.items():
                yield Op(PUT, name, key, document, keys.get(key, b""))

    def copy(self) -> Content:
        """Return a copy that later commits do not change."""
        return Content(
            {name: dict(table) for name, table in self.tables.items()},
            {name: dict(keys) for name, keys in self.keys.items()},
            dict(self.next_ids),
        )


@dataclass
class Journal:
    """What a journal holds: its commits, the bytes and the end of the last whole one, and whether it was closed.

    `later` says that behind the damage stands a commit that was acknowledged after the damaged one, or a whole line that
    the key does not open: it was not written where it stands.
    """

    header: Header
    commits: list[list[Op]]
    last: int
    good_end: int
    closed: bool
    last_commit: bytes
    tail: bytes
    later: bool


def read_journal(data: bytes, header: Header, start: int, codec: Codec) -> Journal:
    """Read a journal from `start` on. Whatever is wrong with it is in the answer, never in a document."""
    file_id = bytes.fromhex(header["id"])
    expected, position, good_start, good_end = header["first"], start, start, start
    commits: list[list[Op]] = []
    current: list[Op] = []
    closed = False
    while (end := data.find(b"\n", position)) >= 0:
        payload = payload_of(data[position:end])
        entry = _entry(codec, file_id, position, payload) if payload is not None else None
        if entry is None or (entry.commit, entry.k) != (expected, len(current) + 1) or entry.k > entry.n:
            break
        current.append(entry.op)
        position = end + 1
        if entry.k == entry.n:
            closed = entry.op.op == CLOSE
            commits.append(current)
            current, good_start, good_end, expected = [], good_end, position, expected + 1
    tail = data[good_end:]
    later = any(found is None or found.commit > expected for found in _fragments(tail, good_end, file_id, codec))
    last_commit = data[good_start:good_end]
    return Journal(header, commits, expected - 1, good_end, closed and not tail, last_commit, tail, later)


def opens(data: bytes, start: int, header: Header, codec: Codec) -> bool | None:
    """Tell whether the key opens any line of a file that may be damaged; `None` where no line is whole."""
    file_id = bytes.fromhex(header["id"])
    found = None
    for offset, payload in _whole(data[start:], start):
        try:
            codec.open(file_id, offset, payload)
        except WrongKey:
            found = False
        else:
            return True
    return found


def _entry(codec: Codec, file_id: bytes, offset: int, payload: bytes) -> Entry | None:
    """Return what a whole line says, `None` where the key does not open it there or it is no entry."""
    try:
        return decode(codec.open(file_id, offset, payload))
    except WrongKey:
        return None


def _whole(tail: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    """Yield place and payload of each line that stands whole in damaged bytes, also where a line's end before it is gone."""
    for match in _LINE_START.finditer(tail):
        end = tail.find(b"\n", match.start())
        payload = payload_of(tail[match.start() : end if end >= 0 else len(tail)])
        if payload is not None:
            yield offset + match.start(), payload


def _fragments(tail: bytes, offset: int, file_id: bytes, codec: Codec) -> Iterator[Entry | None]:
    """Yield what each whole line in damaged bytes says, `None` for one that the key does not open."""
    for place, payload in _whole(tail, offset):
        try:
            entry = decode(codec.open(file_id, place, payload))
        except WrongKey:
            yield None
        else:
            if entry is not None:
                yield entry


def snapshot_lines(header: Header, content: Content, codec: Codec) -> Iterator[bytes]:
    """Yield the lines of a snapshot; the last one holds the checksum of all before it."""
    first = header_line(header)
    crc, offset, file_id = zlib.crc32(first), len(first), bytes.fromhex(header["id"])
    yield first
    total = 1 + sum(max(len(table), 1) for table in content.tables.values())
    block: list[bytes] = []
    for k, op in enumerate(content.ops(), 1):
        block.append(encode(header["first"], k, total, op))
        if len(block) >= codec.block or k == total - 1:
            written = line(codec.seal(file_id, offset, b"\n".join(block)))
            crc, offset = zlib.crc32(written, crc), offset + len(written)
            block = []
            yield written
    end = Op(END, "", document=orjson.dumps({"crc": crc, "next_ids": content.next_ids}))
    yield line(codec.seal(file_id, offset, encode(header["first"], total, total, end)))


def read_snapshot(data: bytes, header: Header, start: int, codec: Codec) -> Content | None:
    """Return the content of a snapshot, `None` where it is damaged or cut, or the key does not open it."""
    file_id = bytes.fromhex(header["id"])
    if not data.endswith(b"\n"):
        return None
    last = data.rfind(b"\n", 0, len(data) - 1) + 1
    if last < start:
        return None
    payload = payload_of(data[last:-1])
    end = _entry(codec, file_id, last, payload) if payload is not None else None
    if end is None or end.op.op != END or end.k != end.n:
        return None
    facts: dict[str, Any] = orjson.loads(end.op.document)
    if zlib.crc32(memoryview(data)[:last]) != facts["crc"]:
        return None
    # One checksum for all vouches for the lines, so each is not checked by itself.
    if codec.block > 1:
        try:
            data = b"\n".join(_unsealed(data, start, last, file_id, codec))
        except WrongKey:
            return None
        start, last = 0, len(data)
    content = _puts(data, start, last, end.n - 1) or _entries(data[start:last])
    content.next_ids = dict(facts["next_ids"])
    return content


def _unsealed(data: bytes, start: int, end: int, file_id: bytes, codec: Codec) -> Iterator[bytes]:
    while start < end:
        stop = data.index(b"\n", start)
        yield codec.open(file_id, start, data[start + 9 : stop])
        start = stop + 1


def _puts(data: bytes, start: int, end: int, count: int) -> Content | None:
    """Return the content of lines that are all puts whose names need no unescaping; `None` where they are not `count`."""
    found = PUTS.findall(data, start, end)
    if len(found) != count:
        return None
    content = Content()
    for name, run in groupby(found, itemgetter(0)):
        table = name.decode()
        _names, ids, packed, documents = zip(*run, strict=True)
        known = list(map(bytes.decode, ids))
        content.tables.setdefault(table, {}).update(zip(known, documents, strict=True))
        content.keys.setdefault(table, {}).update(pair for pair in zip(known, packed, strict=True) if pair[1])
    return content


def _entries(data: bytes) -> Content:
    content = Content()
    for text in data.split(b"\n"):
        entry = decode(text[text.index(b"[") :]) if text else None
        if entry is not None:
            content.apply(entry.op)
    return content


def salvage(data: bytes, start: int, header: Header, codec: Codec) -> tuple[list[Entry], int]:
    """Return every entry of a damaged file that is whole, in order, and how many pieces are not."""
    file_id = bytes.fromhex(header["id"])
    entries: list[Entry] = []
    lost = 0
    position = start
    while position < len(data):
        end = data.find(b"\n", position)
        end = len(data) if end < 0 else end
        payload = payload_of(data[position:end])
        texts: list[bytes] = []
        with suppress(WrongKey):
            texts = codec.open(file_id, position, payload).split(b"\n") if payload is not None else []
        found = [entry for text in texts if (entry := decode(text)) is not None]
        if not found:
            found = [entry for entry in _fragments(data[position:end], position, file_id, codec) if entry is not None]
            lost += 1
        entries += found
        position = end + 1
    return entries, lost
