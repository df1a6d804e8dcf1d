"""ListIndex: the search index of one list, made ready in small slices so that no key ever waits for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from models.rules.text_index import TextIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.records import Document

SLICE = 100
"""Documents whose texts are made before the screen gets its turn: about 4 ms."""


class ListIndex:
    """Finds the documents of a list by their texts; texts are kept until their document changes."""

    def __init__(self, text: Callable[[Document], str]) -> None:
        """Find documents by what `text` returns for them."""
        self._text = text
        self._texts: dict[str, tuple[Document, str]] = {}
        self._index: tuple[int, TextIndex] | None = None

    def forget(self) -> None:
        """Make all texts anew: names that stand in them may have changed."""
        self._texts.clear()

    def find(self, version: int, documents: Sequence[Document], query: str) -> set[str]:
        """Return the ids of the documents that a query finds; what is not ready yet is made ready now."""
        if self._index is None or self._index[0] != version:
            self._build(version, documents)
        return set() if self._index is None else set(self._index[1].find_keys(query, limit=None))

    async def prepare(self, version: int, documents: Sequence[Document]) -> None:
        """Make the index of this version ready, giving way to keys and drawing again and again."""
        if self._index is not None and self._index[0] == version:
            return
        for start in range(0, len(documents), SLICE):
            for document in documents[start : start + SLICE]:
                self._text_of(document)
            await asyncio.sleep(0)
        self._build(version, documents)

    def _build(self, version: int, documents: Sequence[Document]) -> None:
        self._index = version, TextIndex([(str(document["id"]), self._text_of(document)) for document in documents])

    def _text_of(self, document: Document) -> str:
        known = self._texts.get(document["id"])
        if known is None or known[0] is not document:
            known = self._texts[document["id"]] = (document, self._text(document))
        return known[1]
