"""Keys: by what the store finds records without reading them. One function a question that is asked often or at the start."""

from __future__ import annotations

from bisect import bisect_left
from functools import cache
from typing import TYPE_CHECKING

from models.fields import Reference
from models.records import record_class
from models.rules.agenda import agenda_keys
from models.rules.tasks import asks
from models.rules.visits import contact_of
from models.store.indexes import IndexSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from models.records import Document

VERSION = 1
"""To be raised whenever one of the functions below, or a rule that it asks, answers differently."""


def equal(kind: str, field: str, value: str) -> str:
    """Return the text under which the index `equal` has the records of a kind whose field has a value."""
    return f"{kind} {field} {value}"


@cache
def indexed_fields(kind: str) -> frozenset[str]:
    """Return the fields by whose values the records of a kind are found: references, the official number, and the day."""
    model = record_class(kind)
    references = {name for name, field in model.kinds().items() if isinstance(field, Reference)}
    return frozenset(references | {model.about.key, model.about.when} - {""})


def _live(document: Document) -> bool:
    return not document.get("deleted_at")


def _kind(document: Document) -> Iterable[str]:
    return (str(document.get("kind", "")),) if _live(document) else ()


def _equal(document: Document) -> Iterable[str]:
    if not _live(document):
        return
    kind = str(document.get("kind", ""))
    for field in indexed_fields(kind):
        value = document.get(field)
        if isinstance(value, str):
            yield equal(kind, field, value)


def _open(document: Document) -> Iterable[str]:
    return ("",) if _live(document) and asks(document) else ()


def _contact(document: Document) -> Iterable[str]:
    contact = contact_of(document) if _live(document) else None
    return (" ".join(contact),) if contact else ()


def last_of_each(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each school's last contact, as school and day, from all texts of the index `contact`, which are sorted."""
    at = 0
    while at < len(texts):
        school, blank, _day = texts[at].rpartition(" ")
        # Of one school there are hundreds: the last one is looked up, not walked to.
        at = bisect_left(texts, school + chr(ord(blank) + 1), at)
        yield school, texts[at - 1].rpartition(" ")[2]


def _day(document: Document) -> Iterable[str]:
    return agenda_keys(document) if _live(document) else ()


RECORD_INDEXES = IndexSpec(
    VERSION,
    {"kind": _kind, "open": _open, "contact": _contact, "day": _day, "equal": _equal},
    late=frozenset({"equal"}),
)
