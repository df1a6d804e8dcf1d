"""LiveIndex: search as you type over a set of documents that changes: caught up in slices, so that no key waits for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from models.rules.text_index import TextIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from models.records import Document
    from models.rules.text_index import Hit, SearchText

SLICE = 64
"""Documents that are made ready before the screen gets its turn: about 10 ms."""


class LiveIndex:
    """Finds documents by their texts. A document that is the same object as before keeps its text; only others cost."""

    def __init__(self, text: Callable[[Document], SearchText]) -> None:
        """Find documents by what `text` returns for them."""
        self._text = text
        self._index = TextIndex()
        self._known: dict[str, Document] = {}
        self._version: object = None
        self._catching_up: tuple[object, Iterator[None]] | None = None

    def forget(self) -> None:
        """Make all texts anew: names that stand in them may have changed."""
        self._index = TextIndex()
        self._known.clear()
        self._version = self._catching_up = None

    def ready(self) -> bool:
        """Tell whether a search answers at once: everything was made ready before, and only changes are to be caught up."""
        return self._version is not None

    async def prepare(self, version: object, documents: Callable[[], Sequence[Document]]) -> None:
        """Make the documents of `version` searchable, giving way to keys and drawing again and again."""
        for _slice in self._slices(version, documents):
            await asyncio.sleep(0)

    def matching(self, version: object, documents: Callable[[], Sequence[Document]], query: str) -> list[str]:
        """Return the ids of all that a query finds; what is not ready is made ready now."""
        self._hurry(version, documents)
        return self._index.matching(query)

    def best(self, version: object, documents: Callable[[], Sequence[Document]], query: str, limit: int) -> list[Hit]:
        """Return at most `limit` of what a query finds, best first; what is not ready is made ready now."""
        self._hurry(version, documents)
        return self._index.best(query, limit)

    def _hurry(self, version: object, documents: Callable[[], Sequence[Document]]) -> None:
        for _slice in self._slices(version, documents):
            pass

    def _slices(self, version: object, documents: Callable[[], Sequence[Document]]) -> Iterator[None]:
        """Catch up with `version`, a slice at each step; two who ask for the same version share the work."""
        if self._version == version:
            return
        if self._catching_up is None or self._catching_up[0] != version:
            self._catching_up = (version, self._catch_up(version, documents()))
        yield from self._shared(version)

    def _shared(self, version: object) -> Iterator[None]:
        while self._catching_up is not None and self._catching_up[0] == version:
            if next(self._catching_up[1], _DONE) is _DONE:
                return
            yield

    def _catch_up(self, version: object, documents: Sequence[Document]) -> Iterator[None]:
        known, index = self._known, self._index
        changed = [document for document in documents if known.get(document["id"]) is not document]
        for start in range(0, len(changed), SLICE):
            some = changed[start : start + SLICE]
            index.set((document["id"], self._text(document)) for document in some)
            known |= {document["id"]: document for document in some}
            yield
        if len(known) > len(documents):
            here = {document["id"] for document in documents}
            for key in [key for key in known if key not in here]:
                index.remove(key)
                del known[key]
        self._version, self._catching_up = version, None


_DONE = object()
