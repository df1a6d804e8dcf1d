"""What saving one record makes of others: a next contact becomes a planned visit, a moved visit its new date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.records.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.fieldbook import Fieldbook
    from models.records import Document, Record


def consequences(record: Record, before: Document | None, fieldbook: Fieldbook) -> Iterator[Record]:
    """Yield the records that come with saving `record`, which was `before`; each is made once only."""
    if isinstance(record, Visit):
        yield from _planned(record, before or {}, fieldbook)


def _planned(visit: Visit, before: Document, fieldbook: Fieldbook) -> Iterator[Visit]:
    for name, day in (("next_contact_on", visit.next_contact_on), ("moved_to", visit.moved_to)):
        if day is None or before.get(name) == day.isoformat():
            continue
        known = fieldbook.where("visit", school=visit.school, date=day.isoformat())
        if any(other["status"] == "geplant" for other in known):
            continue
        yield Visit(
            school=visit.school,
            date=day,
            status="geplant",
            format=visit.format,
            occasion=visit.occasion if name == "moved_to" else "folgebesuch",
            topics=visit.topics,
            adviser=visit.adviser,
            goal=visit.goal if name == "moved_to" else "",
        )
