"""The live documents of a fieldbook, found by kind, by official number and by their fields. Read from the store when asked for."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING

from models.records import record_class
from models.rules.keys import equal, indexed_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from models.records import Document
    from models.store import Store

RECORDS = "records"

Group = dict[str, "Document"]


class Indexes:
    """Finds documents; deleted ones are in none of its answers. Kinds that were asked for once are kept up at each commit."""

    def __init__(self, store: Store) -> None:
        """Find the records of `store`."""
        self._store = store
        self._kinds: dict[str, Group] = {}
        self._numbers: dict[str, Group] = {}
        # A commit of another thread between reading and keeping would be missing in what is kept for ever.
        self._lock = RLock()

    def having(self, index: str, text: str) -> list[Document]:
        """Return the documents that an index of the store has under `text`."""
        return self._read(self._store.find(RECORDS, index, text))

    def of_kind(self, kind: str) -> list[Document]:
        """Return the documents of a kind."""
        group = self._kinds.get(kind)
        if group is None:
            with self._lock:
                group = {document["id"]: document for document in self.having("kind", kind)}
                self._kinds[kind] = group
        return list(group.values())

    def counts(self) -> dict[str, int]:
        """Return kind → number of documents."""
        return {kind: len(self._store.find(RECORDS, "kind", kind)) for kind in self._store.texts(RECORDS, "kind")}

    def by_key(self, kind: str, key: str) -> Document | None:
        """Return the document of `kind` with this natural key or id."""
        found = self._store.table(RECORDS).get(key)
        if found is not None and found.get("kind") == kind and not found.get("deleted_at"):
            return found
        return self._numbered(kind).get(key)

    def _numbered(self, kind: str) -> Group:
        """Return official number → document of a kind that has one. There are few of these, and their names are asked for."""
        numbered = self._numbers.get(kind)
        if numbered is None:
            number = record_class(kind).about.key
            with self._lock:
                numbered = {}
                for document in self.of_kind(kind) if number else ():
                    numbered.setdefault(str(document.get(number, "")), document)
                self._numbers[kind] = numbered
        return numbered

    def where(self, kind: str, equals: Mapping[str, str]) -> list[Document]:
        """Return the documents of a kind whose fields have these values."""
        known = indexed_fields(kind)
        # What is empty stands in no index.
        indexed = {name: value for name, value in equals.items() if name in known and value}
        found = self._common(equal(kind, *item) for item in indexed.items()) if indexed else self.of_kind(kind)
        others = equals.items() - indexed.items()
        return [d for d in found if all(str(d.get(name, "")) == value for name, value in others)]

    def _common(self, texts: Iterable[str]) -> list[Document]:
        keys, *others = sorted((self._store.find(RECORDS, "equal", text) for text in texts), key=len)
        sets = [set(other) for other in others]
        return self._read(key for key in keys if all(key in other for other in sets))

    def _read(self, keys: Iterable[str]) -> list[Document]:
        records = self._store.table(RECORDS)
        return [document for key in keys if (document := records.get(key)) is not None]

    def replace(self, before: Sequence[Document | None], after: Sequence[Document | None]) -> None:
        """Take out the documents of `before` and put in those of `after`."""
        with self._lock:
            for document in (*before, *after):
                if document is not None:
                    self._numbers.pop(str(document.get("kind", "")), None)
            for document in before:
                if document is not None:
                    self._kinds.get(str(document.get("kind", "")), {}).pop(document["id"], None)
            for document in after:
                if document is not None and not document.get("deleted_at"):
                    group = self._kinds.get(str(document.get("kind", "")))
                    if group is not None:
                        group[document["id"]] = document
