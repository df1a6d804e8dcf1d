"""What is known of a school now: the newest statement of its visits on each matter, else the school's own record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.fields import is_empty
from models.records.school import School
from models.records.visit import Visit
from models.rules.visits import was_held

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from models.records import Document

_SAID_BY_VISITS = tuple(
    name for name, kind in School.kinds().items() if not kind.derived and name in Visit.kinds() and name != "notes"
)
"""Fields that a visit may state anew about its school: those that both declare under the same name."""


def school_state(school: Document, visits: Iterable[Document]) -> dict[str, Any]:
    """Return field → value for what can change from visit to visit; fields that nobody filled in are left out."""
    held = sorted(filter(was_held, visits), key=lambda visit: str(visit.get("date", "")), reverse=True)
    return {
        name: value
        for name in _SAID_BY_VISITS
        if not is_empty(value := _newest(name, (*held, school))) and value != "unbekannt"
    }


def _newest(name: str, documents: Iterable[Mapping[str, Any]]) -> Any:
    said = (document[name] for document in documents if not is_empty(document.get(name)))
    first = next(said, None)
    if isinstance(first, dict):
        # A mapping such as the LOGINEO products is stated product by product.
        for older in said:
            first = {**older, **first}
    return first
