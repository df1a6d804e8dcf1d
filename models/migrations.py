"""Migrations: what turns a document of an earlier version into one of this version, while it is read.

A step is a pure function from a document of a kind and version to one of the next version. Nothing is rewritten: a document
is stored in its new form when somebody saves it. A kind that gets a step raises its `schema_now`, and the schema its number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from models.store.indexes import IndexSpec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.records import Document

Step = Callable[["Document"], "Document"]


@dataclass(frozen=True)
class Schema:
    """The form of the records: its number, and the steps to it by the kind and version that each begins with."""

    number: int = 1
    steps: Mapping[tuple[str, int], Step] = field(default_factory=dict[tuple[str, int], Step])

    def upgraded(self, document: Document) -> Document:
        """Return a document in its present form; one that a step cannot read stays as it is."""
        version = document.get("schema_version", 1)
        while (step := self.steps.get((str(document.get("kind", "")), version))) is not None:
            try:
                document = {**step(document), "schema_version": version + 1}
            except (ValueError, TypeError, LookupError, AttributeError):
                break
            version += 1
        return document

    def indexes(self, spec: IndexSpec) -> IndexSpec:
        """Return indexes that find documents of earlier versions by what they say in their present form."""
        if not self.steps:
            return spec
        keys = {name: self._on_upgraded(function) for name, function in spec.keys.items()}
        # Another schema means other keys, whatever the version of the indexes themselves.
        return IndexSpec(spec.version + 1000 * self.number, keys, spec.late)

    def _on_upgraded(self, function: Callable[[Any], Iterable[str]]) -> Callable[[Any], Iterable[str]]:
        return lambda document: function(self.upgraded(document))


SCHEMA = Schema()
"""The schema of this program."""
