"""Indexes: which documents have a given text, by functions of the document whose results lie beside it on the disk.

So an opened store finds documents without decoding a single one; an index is built when it is first asked for.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from models.store.lines import Op
    from models.store.recovery import Content
    from models.store.saved_indexes import Rows, Saved

GIVE_WAY = 64
"""Documents after which other threads get their turn."""

Group = str | dict[str, None]
"""The only id that has a text, or several in the order in which their documents came: most texts have one."""

Groups = dict[str, Group]


@dataclass(frozen=True)
class IndexSpec:
    """The indexes of one table: name → the texts that a document is found by. A change of meaning asks for a new `version`.

    Those that are `late` stand behind the others and are built one by one when they are asked for; the others, in one go.
    """

    version: int
    keys: Mapping[str, Callable[[Any], Iterable[str]]]
    late: frozenset[str] = frozenset()


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
    built: dict[str, Groups] = field(default_factory=dict[str, "Groups"])
    mixed: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """Index and text of each group that an older document joined: it stands behind younger ones."""


class Indexes:
    """All indexes of one store. The packed keys of a document begin each text with the mark of its index."""

    def __init__(self, specs: Mapping[str, IndexSpec]) -> None:
        """Keep the indexes of `specs`, by table."""
        self._tables = {
            table: _TableIndexes(spec, {name: chr(48 + number) for number, name in enumerate(_in_order(spec))})
            for table, spec in specs.items()
        }
        parts = (f"{table}:{spec.version}:{','.join(spec.keys)}" for table, spec in sorted(specs.items()))
        self.version = " ".join(parts)
        """What the keys on the disk mean; others are made anew."""
        self.lock = RLock()
        """Held while documents and keys change together."""
        self._content: Content | None = None
        self._saved: Saved | None = None
        self._stale: set[str] = set()

    def take_over(self, content: Content, *, stale: bool, saved: Saved | None = None) -> None:
        """Index `content` from now on; `stale` says that its keys were made by other functions, `saved` has its indexes."""
        self._content = content
        self._saved = None if stale else saved
        self._stale = set(self._tables) if stale else set()
        for table in self._tables.values():
            table.built.clear()
            table.mixed.clear()

    def packed(self, table: str, document: Any) -> bytes:
        """Return the keys of a document as they stand in its line; empty for a table without indexes."""
        known = self._tables.get(table)
        if known is None:
            return b""
        return orjson.dumps(
            [mark + text for name, mark in known.marks.items() for text in known.spec.keys[name](document)]
        )

    def find(self, table: str, name: str, text: str) -> list[str]:
        """Return the ids of the documents that an index has under `text`."""
        with self.lock:
            return list(_ids(self._built(table, name).get(text)))

    def find_all(self, table: str, wanted: Sequence[tuple[str, str]]) -> list[str]:
        """Return the ids of the documents that all of `wanted`, pairs of index and text, have, in the order of the table."""
        with self.lock:
            groups = {each: _ids(self._built(table, each[0]).get(each[1])) for each in wanted}
            fewest = min(groups, key=lambda each: len(groups[each]))
            ids = list(self._in_table_order(table, *fewest))
            for each, group in groups.items():
                if each != fewest:
                    ids = [key for key in ids if key in group]
            return ids

    def texts(self, table: str, name: str) -> list[str]:
        """Return all texts of an index, sorted."""
        with self.lock:
            return sorted(self._built(table, name))

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
            known.mixed.clear()
        if self._content is None:
            return
        before = self._content.keys.get(op.table, {}).get(op.id, b"")
        if self._saved is not None:
            self._saved.follow(op, before)
        if before == op.keys or not op.id:
            return
        for name, groups in known.built.items():
            joined = _change(groups, known.marks[name], op.id, before, op.keys)
            if before:
                known.mixed.update((name, text) for text in joined)

    def _built(self, table: str, name: str) -> Groups:
        known = self._tables[table]
        if name not in known.built:
            saved = self._from_saved(table, name)
            if saved is not None:
                known.built[name] = saved
                return saved
            names = (
                [name] if name in known.spec.late else [other for other in known.marks if other not in known.spec.late]
            )
            known.built |= self._build(table, {known.marks[other]: other for other in names})
        return known.built[name]

    def _from_saved(self, table: str, name: str) -> Groups | None:
        groups = self._saved.groups(table, name) if self._saved is not None else None
        if groups is None or self._saved is None:
            return None
        mark = self._tables[table].marks[name]
        for key, before, after in self._saved.later.get(table, ()):
            joined = _change(groups, mark, key, before, after)
            if before:
                self._tables[table].mixed.update((name, text) for text in joined)
        return groups

    def _in_table_order(self, table: str, name: str, text: str) -> Collection[str]:
        known, groups = self._tables[table], self._built(table, name)
        group = groups.get(text)
        if (name, text) in known.mixed and isinstance(group, dict) and self._content is not None:
            # Once for a changed text: the next query finds the group in order.
            group = groups[text] = {key: None for key in self._content.tables.get(table, {}) if key in group}
            known.mixed.discard((name, text))
        return _ids(group)

    def rows(self, content: Content) -> dict[tuple[str, str], Rows]:
        """Return all indexes of `content` as they are saved beside its snapshot, giving way to other threads."""
        rows: dict[tuple[str, str], Rows] = {}
        for table, known in self._tables.items():
            by_mark: dict[str, Rows] = {mark: rows.setdefault((table, name), {}) for name, mark in known.marks.items()}
            keys = content.keys.get(table, {})
            for row, key in enumerate(content.tables.get(table, {})):
                if row % GIVE_WAY == 0:
                    time.sleep(0)
                for text in orjson.loads(keys.get(key) or b"[]"):
                    texts, found = by_mark[text[0]], text[1:]
                    group = texts.get(found)
                    if group is None:
                        texts[found] = row
                    elif isinstance(group, int):
                        texts[found] = [group, row]
                    else:
                        group.append(row)
        return rows

    def _build(self, table: str, wanted: Mapping[str, str]) -> dict[str, Groups]:
        """Return the indexes whose marks are the keys of `wanted`, by name."""
        built: dict[str, Groups] = {name: {} for name in wanted.values()}
        content = self._content
        if content is None:
            return built
        if table in self._stale:
            content.keys[table] = {
                key: self.packed(table, orjson.loads(document))
                for key, document in list(content.tables.get(table, {}).items())
            }
            self._stale.discard(table)
        by_mark = {mark: built[name] for mark, name in wanted.items()}
        last = max(by_mark)
        # Written out, because this runs for every document of a table.
        for key, packed in list(content.keys.get(table, {}).items()):
            for text in orjson.loads(packed):
                if text[0] > last:
                    break
                groups = by_mark.get(text[0])
                if groups is not None:
                    found = text[1:]
                    group = groups.get(found)
                    if group is None:
                        groups[found] = key
                    elif group.__class__ is dict:
                        group[key] = None
                    else:
                        _put(groups, found, key)
        return built


def _in_order(spec: IndexSpec) -> list[str]:
    return sorted(spec.keys, key=lambda name: name in spec.late)


def _ids(group: Group | None) -> Collection[str]:
    return () if group is None else (group,) if isinstance(group, str) else group


def _change(groups: Groups, mark: str, key: str, before: bytes, after: bytes) -> set[str]:
    """Follow one document and return the groups that it joined; in those that it had before it keeps its place."""
    had, has = _unpack(before, mark), _unpack(after, mark)
    for text in had - has:
        _drop(groups, text, key)
    for text in has - had:
        _put(groups, text, key)
    return has - had


def _put(groups: Groups, text: str, key: str) -> None:
    group = groups.get(text)
    if group is None:
        groups[text] = key
    elif isinstance(group, dict):
        group[key] = None
    elif group != key:
        groups[text] = {group: None, key: None}


def _drop(groups: Groups, text: str, key: str) -> None:
    group = groups.get(text)
    if isinstance(group, dict):
        group.pop(key, None)
        if not group:
            del groups[text]
    elif group == key:
        del groups[text]


def _unpack(packed: bytes, mark: str) -> set[str]:
    return {text[1:] for text in orjson.loads(packed) if text[0] == mark} if packed else set()
