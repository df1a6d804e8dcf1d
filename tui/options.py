"""Options: what a picker offers for a query: a fixed list, or the records of some kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from models.present import name_of
from models.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.finder import Finder


class Option(NamedTuple):
    """One line of a picker: its key, its text, and what is said beside it."""

    key: str
    text: str
    beside: str = ""


class Options(Protocol):
    """Offers options for a query."""

    def search(self, query: str) -> list[Option]:
        """Return the options for `query`, best first."""
        ...

    def named(self, key: str) -> Option:
        """Return the option of a key that was picked before."""
        ...

    def ready(self) -> bool:
        """Tell whether `search` answers at once."""
        ...

    async def prepare(self) -> None:
        """Make `search` answer at once, giving way to keys and drawing."""
        ...


class FixedOptions:
    """A fixed list of options."""

    def __init__(self, options: Sequence[tuple[str, str]]) -> None:
        """Offer `options` as (key, text)."""
        self._options = [Option(key, text) for key, text in options]

    def search(self, query: str) -> list[Option]:
        """Return the options that contain all words of `query`; those that begin with it come first."""
        words = fold(query).split()
        found = [option for option in self._options if all(word in fold(option.text) for word in words)]
        return sorted(found, key=lambda option: not fold(option.text).startswith(" ".join(words))) if words else found

    def named(self, key: str) -> Option:
        """Return the option with this key."""
        return next((option for option in self._options if option.key == key), Option(key, key))

    def ready(self) -> bool:
        """Return that a fixed list is always ready."""
        return True

    async def prepare(self) -> None:
        """Do nothing: a fixed list is always ready."""


class RecordOptions:
    """The records of some kinds."""

    def __init__(self, finder: Finder, kinds: Sequence[str]) -> None:
        """Offer what `finder` finds among `kinds`."""
        self._finder = finder
        self._kinds = kinds

    def search(self, query: str) -> list[Option]:
        """Return the best records for `query`; none as long as they are not ready."""
        if not self.ready():
            return []
        return [Option(found.key, found.title, found.beside) for found in self._finder.search(self._kinds, query)]

    def named(self, key: str) -> Option:
        """Return the option of one record."""
        return Option(key, name_of(" ".join(self._kinds), key, self._finder.lookup))

    def ready(self) -> bool:
        """Tell whether all kinds can be searched at once."""
        return self._finder.ready(self._kinds)

    async def prepare(self) -> None:
        """Make all kinds searchable."""
        await self._finder.prepare(self._kinds)
