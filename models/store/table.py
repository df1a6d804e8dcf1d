"""JournalTable: a TinyDB table that touches only the documents which a call is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, cast

import orjson
from tinydb.table import Document, Table

from models.store.lines import CLEAR, DELETE, Op
from models.store.queries import candidates

if TYPE_CHECKING:
    from tinydb.queries import QueryLike

    from models.store.storage import JournalStorage


class JournalTable(Table):
    """A table on a `JournalStorage`. Documents that it returns are fresh copies; ids are never used again."""

    _following = 1
    """The smallest id that this table has not given away; it can be ahead of what is stored."""

    @property
    def journal(self) -> JournalStorage:
        """The storage below."""
        return cast("JournalStorage", self._storage)

    # Reading

    def get(  # type: ignore[override]
        self, cond: QueryLike | None = None, doc_id: Any = None, doc_ids: list[Any] | None = None
    ) -> Document | list[Document] | None:
        """Return one document by query or id, or those of `doc_ids`; `None` where there is none."""
        stored = self.journal.table(self.name)
        if doc_id is not None:
            document = stored.get(str(doc_id))
            return None if document is None else self.document_class(orjson.loads(document), doc_id)
        if doc_ids is not None:
            wanted = {str(key) for key in doc_ids}
            return [self._document(key, stored[key]) for key in list(stored) if key in wanted]
        if cond is None:
            raise RuntimeError("You have to pass either cond or doc_id or doc_ids")
        return next(self._matching(cond), None)

    def search(self, cond: QueryLike) -> list[Document]:
        """Return all documents that a query matches."""
        return list(self._matching(cond))

    def contains(self, cond: QueryLike | None = None, doc_id: Any = None) -> bool:
        """Tell whether there is a document with this id, or one that a query matches."""
        if doc_id is not None:
            return str(doc_id) in self.journal.table(self.name)
        if cond is not None:
            return next(self._matching(cond), None) is not None
        raise RuntimeError("You have to pass either cond or doc_id")

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.journal.table(self.name))

    def _matching(self, cond: QueryLike) -> Iterator[Document]:
        stored = self.journal.table(self.name)
        for key in candidates(cond, self.name, stored, self.journal.indexes):
            encoded = stored.get(key)
            if encoded is not None and cond(document := orjson.loads(encoded)):
                yield self.document_class(document, self.document_id_class(key))

    def _document(self, key: str, encoded: bytes) -> Document:
        return self.document_class(orjson.loads(encoded), self.document_id_class(key))

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        # A copy: who iterates may remove documents that are still to come.
        return cast("dict[str, Mapping[str, Any]]", _Decoded(dict(self.journal.table(self.name))))

    # Writing

    def update(self, fields: Any, cond: QueryLike | None = None, doc_ids: Any = None) -> list[int]:
        """Change the documents of `doc_ids`, or those that a query matches, or all; returns their ids."""
        if doc_ids is None and cond is not None:
            doc_ids = [document.doc_id for document in self._matching(cond)]
        return super().update(fields, None, doc_ids)

    def remove(self, cond: QueryLike | None = None, doc_ids: Any = None) -> list[int]:
        """Remove the documents of `doc_ids`, or those that a query matches; returns their ids."""
        if doc_ids is None and cond is not None:
            doc_ids = [document.doc_id for document in self._matching(cond)]
        return super().remove(None, doc_ids)

    def _update_table(self, updater: Any) -> None:
        edit = _Edit(self.journal.table(self.name), self.document_id_class, self._given)
        updater(edit)
        self.journal.commit(list(edit.ops(self.journal, self.name)))

    def _get_next_id(self) -> Any:
        following = max(self._following, self.journal.content.next_ids.get(self.name, 1))
        self._following = following + 1
        return following

    def _given(self, key: Any) -> None:
        if isinstance(key, int):
            self._following = max(self._following, key + 1)


class _Decoded(Mapping[str, Mapping[str, Any]]):
    """Encoded documents seen as documents: each is decoded when it is asked for."""

    def __init__(self, encoded: Mapping[str, bytes]) -> None:
        self._encoded = encoded

    def __getitem__(self, key: str) -> Mapping[str, Any]:
        document: Mapping[str, Any] = orjson.loads(self._encoded[key])
        return document

    def __iter__(self) -> Iterator[str]:
        return iter(self._encoded)

    def __len__(self) -> int:
        return len(self._encoded)


class _Edit(MutableMapping[Any, Any]):
    """A table while it is changed: remembers which documents were handed out, set and taken away."""

    def __init__(self, encoded: Mapping[str, bytes], id_class: Any, given: Callable[[Any], None]) -> None:
        self._encoded = encoded
        self._id = id_class
        self._given = given
        self._touched: dict[Any, Any] = {}
        self._gone: dict[Any, None] = {}
        self._cleared = False

    def __getitem__(self, key: Any) -> Any:
        if key in self._touched:
            return self._touched[key]
        if not self._is_stored(key):
            raise KeyError(key)
        self._touched[key] = orjson.loads(self._encoded[str(key)])
        return self._touched[key]

    def __setitem__(self, key: Any, document: Any) -> None:
        self._given(key)
        self._touched[key] = document

    def __delitem__(self, key: Any) -> None:
        if key not in self:
            raise KeyError(key)
        self._touched.pop(key, None)
        self._gone[key] = None

    def __contains__(self, key: object) -> bool:
        return key in self._touched or self._is_stored(key)

    def __iter__(self) -> Iterator[Any]:
        stored = [] if self._cleared else [self._id(key) for key in list(self._encoded)]
        yield from (key for key in stored if key not in self._gone)
        known = set(stored).difference(self._gone)
        yield from (key for key in list(self._touched) if key not in known)

    def __len__(self) -> int:
        return sum(1 for _key in self)

    def _is_stored(self, key: Any) -> bool:
        if self._cleared or key in self._gone or (text := str(key)) not in self._encoded:
            return False
        return bool(self._id(text) == key)

    def clear(self) -> None:
        """Take away everything at once."""
        self._touched.clear()
        self._gone.clear()
        self._cleared = True

    def ops(self, journal: JournalStorage, table: str) -> Iterator[Op]:
        """Yield what makes the stored table equal to this one."""
        if self._cleared or table not in journal.content.tables:
            yield Op(CLEAR, table)
        for key in self._gone:
            if str(key) in self._encoded:
                yield Op(DELETE, table, str(key))
        for key, document in self._touched.items():
            op = journal.put(table, str(key), document)
            if self._cleared or key in self._gone or self._encoded.get(str(key)) != op.document:
                yield op
