"""Finder: search as you type over the records of some kinds, kept between searches and up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from models.i18n import _
from models.present import present, search_text, title_of
from models.records import record_class
from models.rules.text_index import TextIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.fieldbook import Fieldbook
    from models.present import Lookup
    from models.records import Document


class Found(NamedTuple):
    """One option of a search: what others refer to it by, its title, what is said beside it, and its id."""

    key: str
    title: str
    beside: str
    record_id: str


class Finder:
    """Finds records of given kinds in one fieldbook; the index is built at the first search and again after a change."""

    def __init__(self, fieldbook: Fieldbook) -> None:
        """Search in `fieldbook`."""
        self._fieldbook = fieldbook
        self._built: dict[tuple[str, ...], tuple[int, list[Document], TextIndex]] = {}

    @property
    def lookup(self) -> Lookup:
        """Where keys are named."""
        return self._fieldbook

    def search(self, kinds: Sequence[str], query: str, limit: int = 200) -> list[Found]:
        """Return the best `limit` records for `query`; without a query the first ones by title."""
        documents, index = self._index(tuple(kinds))
        return [self._found(documents[number], len(kinds) > 1) for number in index.search(query)[:limit]]

    def _index(self, kinds: tuple[str, ...]) -> tuple[list[Document], TextIndex]:
        built = self._built.get(kinds)
        if built is None or built[0] != self._fieldbook.version:
            documents = [document for kind in kinds for document in self._fieldbook.documents(kind)]
            texts = [(document["id"], search_text(document, self._fieldbook)) for document in documents]
            built = self._built[kinds] = (self._fieldbook.version, documents, TextIndex(texts))
        return built[1], built[2]

    def _found(self, document: Document, several: bool) -> Found:  # noqa: FBT001 - says whether the kind is named
        model = record_class(str(document["kind"]))
        about = model.about
        kinds = model.kinds()
        beside = [_(about.one)] if several else []
        beside += [
            text
            for name in (about.key, "school_form", "place", about.when)
            if name
            and name in kinds
            and name not in about.title
            and (text := present(kinds[name], document.get(name), self._fieldbook))
        ]
        key = str(document.get(about.key, "")) if about.key else document["id"]
        return Found(key, title_of(document, self._fieldbook), " · ".join(beside), document["id"])
