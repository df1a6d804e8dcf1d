"""Queries: which documents a TinyDB query can match at all, as far as indexes and the encoded text say.

TinyDB keeps what a query asks for in its hash value, a tuple such as `("==", ("school",), "900001")`; a query that cannot be
read this way is answered by looking at every document. The answer is always a superset: each document is still asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from tinydb.queries import QueryInstance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from models.store.indexes import Indexes


def candidates(query: Any, table: str, documents: Mapping[str, bytes], indexes: Indexes) -> Iterable[str]:
    """Return the ids of the documents that `query` may match, in the order of the table."""
    asked: list[tuple[str, str]] = []
    needles: list[bytes] = []
    for path, value in _equalities(query._hash) if isinstance(query, QueryInstance) else ():  # noqa: SLF001 - the one place
        name = indexes.by_field(table, path[0]) if len(path) == 1 else None
        if name is not None:
            asked.append((name, value))
        elif (needle := _needle(path[-1], value)) is not None:
            needles.append(needle)
    if asked:
        found = indexes.find_all(table, asked)
        for needle in needles:
            found = [key for key in found if needle in documents.get(key, b"")]
        return found
    if not needles:
        return list(documents)
    with indexes.lock:
        # Twice as fast as items(); another thread's commit between the two would shift one against the other.
        ids, encoded = list(documents), list(documents.values())
    first, *others = needles
    return (
        key
        for key, document in zip(ids, encoded, strict=True)
        if first in document and all(needle in document for needle in others)
    )


def _needle(name: str, value: str) -> bytes | None:
    """Return how a field with this text stands in an encoded document, `None` where it cannot."""
    try:
        return orjson.dumps(name) + b":" + orjson.dumps(value)
    except orjson.JSONEncodeError:
        return None


def _equalities(asked: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (path, text) for all that every match must be equal to; a text that compares in its own way says nothing."""
    match asked:
        case ("==", tuple() as path, str() as value) if path and all(isinstance(part, str) for part in path):
            if type(value).__eq__ is str.__eq__:
                yield path, str.__str__(value)
        case ("and", frozenset() as parts):
            for part in parts:
                yield from _equalities(part)
        case _:
            return
