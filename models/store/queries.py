"""Queries: which documents a TinyDB query can match at all, as far as indexes and the encoded text say.

TinyDB keeps what a query asks for in its hash value, a tuple such as `("==", ("school",), "900001")`; a query that cannot be
read this way is answered by looking at every document. The answer is always a superset: each document is still asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from models.store.indexes import Indexes


def candidates(query: Any, table: str, documents: Mapping[str, bytes], indexes: Indexes) -> Iterable[str]:
    """Return the ids of the documents that `query` may match, in the order of the table."""
    wanted = list(_equalities(getattr(query, "_hash", None)))
    groups: list[set[str]] = []
    needles: list[bytes] = []
    for path, value in wanted:
        name = indexes.by_field(table, path[0]) if len(path) == 1 else None
        if name is not None:
            groups.append(set(indexes.find(table, name, value)))
        else:
            needles.append(orjson.dumps(path[-1]) + b":" + orjson.dumps(value))
    if not wanted:
        return list(documents)
    items: Iterable[tuple[str, bytes]] = list(documents.items())
    if groups:
        found = set.intersection(*groups)
        if len(found) == 1 and not needles:
            return found & documents.keys()
        items = [item for item in items if item[0] in found]
    for needle in needles:
        items = [item for item in items if needle in item[1]]
    return [key for key, _document in items]


def _equalities(asked: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (path, text) for all that every match must be equal to."""
    match asked:
        case ("==", tuple() as path, str() as value) if path and all(isinstance(part, str) for part in path):
            yield path, value
        case ("and", frozenset() as parts):
            for part in parts:
                yield from _equalities(part)
        case _:
            return
