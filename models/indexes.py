"""In-memory indexes over live documents: by kind, by official number, by the subject a record belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.records import record_class

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from models.records import Document

Group = dict[str, "Document"]


class Indexes:
    """Finds documents; deleted ones are in none of its answers. Built in one pass, kept up at each commit."""

    def __init__(self, documents: Iterable[Document]) -> None:
        """Build the indexes; the ones by field are built when they are first asked for."""
        self._kinds: dict[str, Group] = {}
        self._fields: dict[tuple[str, str], dict[str, Group]] = {}
        for document in documents:
            if not document.get("deleted_at"):
                self._kinds.setdefault(document.get("kind", ""), {})[document["id"]] = document

    def of_kind(self, kind: str) -> list[Document]:
        """Return the documents of a kind."""
        return list(self._kinds.get(kind, {}).values())

    def counts(self) -> dict[str, int]:
        """Return kind → number of documents."""
        return {kind: len(group) for kind, group in sorted(self._kinds.items()) if group}

    def by_key(self, kind: str, key: str) -> Document | None:
        """Return the document of `kind` with this natural key or id."""
        found = self._kinds.get(kind, {}).get(key)
        number = record_class(kind).about.key
        if found is not None or not number:
            return found
        return next(iter(self._field(kind, number).get(key, {}).values()), None)

    def where(self, kind: str, equals: Mapping[str, str]) -> list[Document]:
        """Return the documents of a kind whose fields have these values."""
        groups = [self._field(kind, name).get(value, {}) for name, value in equals.items()]
        if not groups:
            return self.of_kind(kind)
        smallest = min(groups, key=len)
        return [document for key, document in smallest.items() if all(key in group for group in groups)]

    def _field(self, kind: str, name: str) -> dict[str, Group]:
        index = self._fields.get((kind, name))
        if index is None:
            index = self._fields[kind, name] = {}
            for document in self._kinds.get(kind, {}).values():
                index.setdefault(str(document.get(name, "")), {})[document["id"]] = document
        return index

    def replace(self, before: Sequence[Document | None], after: Sequence[Document | None]) -> None:
        """Take out the documents of `before` and put in those of `after`."""
        for document in before:
            if document is not None:
                self._drop(document)
        for document in after:
            if document is not None and not document.get("deleted_at"):
                self._put(document)

    def _drop(self, document: Document) -> None:
        kind = document.get("kind", "")
        self._kinds.get(kind, {}).pop(document["id"], None)
        for (of_kind, name), index in self._fields.items():
            if of_kind == kind:
                index.get(str(document.get(name, "")), {}).pop(document["id"], None)

    def _put(self, document: Document) -> None:
        kind = document.get("kind", "")
        self._kinds.setdefault(kind, {})[document["id"]] = document
        for (of_kind, name), index in self._fields.items():
            if of_kind == kind:
                index.setdefault(str(document.get(name, "")), {})[document["id"]] = document
