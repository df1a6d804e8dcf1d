"""Indexes: which documents have a given text, by functions of the document whose results lie beside it on the disk.

So an opened store finds documents without decoding a single one; an index is built when it is first asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from models.store.lines import Op
    from models.store.recovery import Content

Group = dict[str, None]
"""Ids in the order in which their documents came."""

_NOTHING: Group = {}


@dataclass(frozen=True)
class IndexSpec:
    """The indexes of one table: name → the texts that a document is found by. A change of meaning asks for a new `version`."""

    version: int
    keys: Mapping[str, Callable[[Any], Iterable[str]]]


@dataclass(frozen=True)
class ByField:
    """An index of the documents by one of their fields, where that is a text."""

    field: str

    def __call__(self, document: Mapping[str, Any]) -> Iterable[str]:
        """Return the text of the field."""
        value = document.get(self.field)
        return (value,) if isinstance(value, str) else ()


@dataclass
class _TableIndexes:
    spec: IndexSpec
    marks: dict[str, str]
    built: dict[str, dict[str, Group]] = field(default_factory=dict[str, dict[str, Group]])


class Indexes:
    """All indexes of one store. The packed keys of a document begin each text with the mark of its index."""

    def __init__(self, specs: Mapping[str, IndexSpec]) -> None:
        """Keep the indexes of `specs`, by table."""
        self._tables = {
            table: _TableIndexes(spec, {name: chr(48 + number) for number, name in enumerate(spec.keys)})
            for table, spec in specs.items()
        }
        parts = (f"{table}:{spec.version}:{','.join(spec.keys)}" for table, spec in sorted(specs.items()))
        self.version = " ".join(parts)
        """What the keys on the disk mean; others are made anew."""
        self.lock = RLock()
        """Held while documents and keys change together."""
        self._content: Content | None = None
        self._stale: set[str] = set()

    def take_over(self, content: Content, *, stale: bool) -> None:
        """Index `content` from now on; `stale` says that its keys were made by other functions."""
        self._content = content
        self._stale = set(self._tables) if stale else set()
        for table in self._tables.values():
            table.built.clear()

    def packed(self, table: str, document: Any) -> bytes:
        """Return the keys of a document as they stand in its line; empty for a table without indexes."""
        known = self._tables.get(table)
        if known is None:
            return b""
        return orjson.dumps(
            [known.marks[name] + text for name, keys in known.spec.keys.items() for text in keys(document)]
        )

    def find(self, table: str, name: str, text: str) -> list[str]:
        """Return the ids of the documents that an index has under `text`."""
        with self.lock:
            return list(self._built(table, name).get(text, _NOTHING))

    def texts(self, table: str, name: str) -> dict[str, int]:
        """Return text → number of documents of a whole index."""
        with self.lock:
            return {text: len(group) for text, group in self._built(table, name).items()}

    def has(self, table: str, name: str) -> bool:
        """Tell whether a table has an index of this name."""
        return table in self._tables and name in self._tables[table].marks

    def by_field(self, table: str, path: str) -> str | None:
        """Return the name of the index by a field, where there is one."""
        known = self._tables.get(table)
        named = known.spec.keys.items() if known else ()
        return next((name for name, keys in named if isinstance(keys, ByField) and keys.field == path), None)

    def apply(self, op: Op) -> None:
        """Follow one change; called before the content itself changes."""
        known = self._tables.get(op.table)
        if known is None:
            return
        if not op.id:
            known.built.clear()
            return
        if not known.built or self._content is None:
            return
        before = self._content.keys.get(op.table, {}).get(op.id, b"")
        if before == op.keys:
            return
        for name, groups in known.built.items():
            for text in _unpack(before, known.marks[name]):
                group = groups.get(text)
                if group is not None:
                    group.pop(op.id, None)
                    if not group:
                        del groups[text]
            for text in _unpack(op.keys, known.marks[name]):
                groups.setdefault(text, {})[op.id] = None

    def _built(self, table: str, name: str) -> dict[str, Group]:
        known = self._tables[table]
        groups = known.built.get(name)
        if groups is None:
            groups = known.built[name] = self._build(table, known.marks[name])
        return groups

    def _build(self, table: str, mark: str) -> dict[str, Group]:
        content = self._content
        if content is None:
            return {}
        if table in self._stale:
            content.keys[table] = {
                key: self.packed(table, orjson.loads(document))
                for key, document in list(content.tables.get(table, {}).items())
            }
            self._stale.discard(table)
        groups: dict[bytes, Group] = {}
        find = re.compile(_TEXT % re.escape(mark.encode())).findall
        for key, packed in list(content.keys.get(table, {}).items()):
            for text in find(packed):
                group = groups.get(text)
                if group is None:
                    groups[text] = {key: None}
                else:
                    group[key] = None
        return {_text(text): group for text, group in groups.items()}


_TEXT = rb'(?<=[\[,])"%b((?:[^"\\]|\\.)*)"'
"""A text of one index among the packed keys. A quotation mark inside a text is escaped, so none other stands there."""


def _text(encoded: bytes) -> str:
    return str(orjson.loads(b'"' + encoded + b'"')) if b"\\" in encoded else encoded.decode()


def _unpack(packed: bytes, mark: str) -> list[str]:
    return [text[1:] for text in orjson.loads(packed) if text[0] == mark] if packed else []
