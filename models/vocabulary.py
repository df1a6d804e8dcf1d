"""Vocabularies: the closed lists of the work, with German labels and signs, loaded from fixtures/vocabularies.toml."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

from models.i18n import _
from models.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


@dataclass(frozen=True)
class Vocabulary:
    """One closed list: code → label, in the order in which it is offered."""

    name: str
    labels: Mapping[str, str]
    signs: Mapping[str, str] = field(default_factory=dict[str, str])

    def __iter__(self) -> Iterator[str]:
        return iter(self.labels)

    def __contains__(self, code: object) -> bool:
        return code in self.labels

    def __len__(self) -> int:
        return len(self.labels)

    def label(self, code: str) -> str:
        """Return the label of `code`; a code from a newer version is shown as it is."""
        text = self.labels.get(code)
        return code if text is None else _(text)

    def sign(self, code: str) -> str:
        """Return the short sign that lists show for `code`; empty where it has none."""
        return self.signs.get(code, "")

    def sorted(self, codes: Iterable[str]) -> list[str]:
        """Return `codes` in the order of the list, unknown ones last by name."""
        order = self._order
        return sorted(codes, key=lambda code: (order.get(code, len(order)), code))

    @cached_property
    def _order(self) -> dict[str, int]:
        return {code: number for number, code in enumerate(self.labels)}

    def find(self, text: str) -> list[str]:
        """Return the codes that a person may mean by `text`: an exact code or label alone, else labels that contain it."""
        wanted = fold(text.strip())
        exact = [code for code in self.labels if wanted in (fold(code), fold(self.label(code)))]
        if exact:
            return exact[:1]
        starting = [code for code in self.labels if fold(self.label(code)).startswith(wanted)]
        return starting or [code for code in self.labels if wanted in fold(self.label(code))]


@cache
def _all() -> Mapping[str, Vocabulary]:
    import tomllib  # noqa: PLC0415 - only a program that shows labels pays for the parser

    raw = tomllib.loads(files("fixtures").joinpath("vocabularies.toml").read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            name: Vocabulary(
                name,
                {code: entry if isinstance(entry, str) else entry[0] for code, entry in members.items()},
                {code: entry[1] for code, entry in members.items() if not isinstance(entry, str)},
            )
            for name, members in raw.items()
        }
    )


def vocabulary(name: str) -> Vocabulary:
    """Return the vocabulary `name`; raises `KeyError` for a name that the program does not ship."""
    return _all()[name]


def vocabularies() -> Mapping[str, Vocabulary]:
    """Return all vocabularies by name."""
    return _all()
