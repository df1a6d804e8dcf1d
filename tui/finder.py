"""Finder: search as you type over the records of some kinds, kept between searches and followed up commit by commit."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from models.errors import NotFound
from models.i18n import _
from models.present import present, search_text, title_of
from models.records import record_class
from models.rules.text_index import TextIndex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.fieldbook import Changed, Fieldbook
    from models.present import Lookup
    from models.records import Document

SLICE = 100
"""Records that are made findable before the screen gets its turn: about 4 ms."""

NAMING = frozenset({"school", "authority", "organisation", "adviser", "circle", "programme"})
"""Kinds whose names stand in the texts of other records: when one changes, all texts are made anew."""


class Found(NamedTuple):
    """One option of a search: what others refer to it by, its title, what is said beside it, and its id."""

    key: str
    title: str
    beside: str
    record_id: str


class Finder:
    """Finds records of given kinds in one fieldbook. One index a kind; a commit changes only the rows that it touched."""

    def __init__(self, fieldbook: Fieldbook) -> None:
        """Search in `fieldbook` and follow its commits."""
        self._fieldbook = fieldbook
        self._indexes: dict[str, TextIndex] = {}
        self._waiting: dict[str, Iterator[str]] = {}
        fieldbook.watch(self._follow)

    @property
    def lookup(self) -> Lookup:
        """Where keys are named."""
        return self._fieldbook

    def ready(self, kinds: Sequence[str]) -> bool:
        """Tell whether a search among `kinds` answers at once."""
        return all(kind in self._indexes and kind not in self._waiting for kind in kinds)

    async def prepare(self, kinds: Sequence[str]) -> None:
        """Make `kinds` findable, giving way to keys and drawing again and again."""
        for kind in kinds:
            for _slice in self._slices(kind):
                await asyncio.sleep(0)

    def _slices(self, kind: str) -> Iterator[None]:
        """Make a kind findable, a slice at each step; goes on where an earlier call stopped."""
        if kind not in self._indexes:
            self._indexes[kind] = TextIndex(())
            self._waiting[kind] = iter([document["id"] for document in self._fieldbook.documents(kind)])
        waiting, index = self._waiting.get(kind), self._indexes[kind]
        while waiting is not None and self._waiting.get(kind) is waiting:
            ids = list(islice(waiting, SLICE))
            if not ids:
                del self._waiting[kind]
            for record_id in ids:
                # Looked up anew: it may have changed or gone since the list was made.
                document = self._fieldbook.by_key(kind, record_id)
                if document is not None:
                    index.update(key=record_id, text=search_text(document, self._fieldbook))
            yield

    def _follow(self, change: Changed) -> None:
        if change.kinds & NAMING:
            self._indexes.clear()
            self._waiting.clear()
            return
        for record_id in change.ids:
            self._refresh(record_id)

    def _refresh(self, record_id: str) -> None:
        try:
            document = self._fieldbook.document(record_id)
        except NotFound:
            for index in self._indexes.values():
                index.remove(record_id)
            return
        known = self._indexes.get(str(document.get("kind", "")))
        if known is None:
            return
        if document.get("deleted_at"):
            known.remove(record_id)
        else:
            known.update(key=record_id, text=search_text(document, self._fieldbook))

    def search(self, kinds: Sequence[str], query: str, limit: int = 200) -> list[Found]:
        """Return at most `limit` records for `query`, kind by kind, best first; what is not ready is made ready now."""
        found: list[Found] = []
        for kind in kinds:
            for _slice in self._slices(kind):
                pass
            for key in self._indexes[kind].find_keys(query, limit - len(found)):
                found.append(self._found(self._fieldbook.document(key), several=len(kinds) > 1))
        return found

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
