"""Finder: search as you type over the records of some kinds, kept between searches and caught up after each commit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from models.i18n import _
from models.present import present, search_text, title_of
from models.records import record_class
from models.rules.text_index import Hit
from tui.live_index import LiveIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.fieldbook import Changed, Fieldbook
    from models.present import Lookup
    from models.records import Document

NAMING = frozenset({"school", "authority", "organisation", "adviser", "circle", "programme"})
"""Kinds whose names stand in the texts of other records: when one changes, all texts are made anew."""


class Found(NamedTuple):
    """One option of a search: what others refer to it by, its title, what is said beside it, and its id."""

    key: str
    title: str
    beside: str
    record_id: str


class Finder:
    """Finds records of given kinds in one fieldbook: one index a kind, kept from search to search."""

    def __init__(self, fieldbook: Fieldbook) -> None:
        """Search in `fieldbook`; `follow` has to be told of its commits."""
        self._fieldbook = fieldbook
        self._indexes: dict[str, LiveIndex] = {}

    @property
    def lookup(self) -> Lookup:
        """Where keys are named."""
        return self._fieldbook

    def ready(self, kinds: Sequence[str]) -> bool:
        """Tell whether a search among `kinds` answers at once."""
        return all(self._index(kind).ready() for kind in kinds)

    async def prepare(self, kinds: Sequence[str]) -> None:
        """Make `kinds` findable, giving way to keys and drawing again and again."""
        for kind in kinds:
            await self._index(kind).prepare(self._fieldbook.version, partial(self._fieldbook.documents, kind))

    def _index(self, kind: str) -> LiveIndex:
        if kind not in self._indexes:
            self._indexes[kind] = LiveIndex(lambda document: search_text(document, self._fieldbook))
        return self._indexes[kind]

    def follow(self, change: Changed) -> None:
        """Make texts anew where names that stand in them may have changed."""
        if change.kinds & NAMING:
            for index in self._indexes.values():
                index.forget()

    def search(self, kinds: Sequence[str], query: str, limit: int = 200) -> list[Found]:
        """Return at most `limit` records for `query`, best first; what is not ready is made ready now.

        Records that are found equally well stand kind by kind.
        """
        version, hits = self._fieldbook.version, list[Hit]()
        for kind in kinds:
            hits += self._index(kind).best(version, partial(self._fieldbook.documents, kind), query, limit)
        hits.sort(key=lambda hit: -hit.score)
        return [self._found(self._fieldbook.document(hit.key), several=len(kinds) > 1) for hit in hits[:limit]]

    def _found(self, document: Document, *, several: bool) -> Found:
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
