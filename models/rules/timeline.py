"""Everything about one school, authority or circle, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from models.records import KINDS, record_class

if TYPE_CHECKING:
    from models.records import Document

_NO_EVENTS = frozenset({"school", "authority", "organisation", "contact", "task", "need", "deployment"})
"""Kinds that belong to a school but did not happen on a day."""


class Records(Protocol):
    """Where records are looked up."""

    def where(self, kind: str, **equals: str) -> list[Document]:
        """Return the documents of a kind whose fields have these values."""
        ...

    def documents(self, kind: str) -> list[Document]:
        """Return all documents of a kind."""
        ...


def day_of(document: Document) -> str:
    """Return the ISO day on which a record's matter happened, empty where it has none."""
    return str(document.get(record_class(str(document.get("kind", ""))).about.when, ""))


def timeline(records: Records, key: str) -> list[Document]:
    """Return the events that belong to the school, authority or circle `key`, newest first."""
    events: list[Document] = []
    for kind in KINDS:
        subject = record_class(kind).about.subject
        if subject and kind not in _NO_EVENTS:
            events += records.where(kind, **{subject: key})
    events += [training for training in records.documents("training") if key in training_schools(training)]
    events += records.where("meeting", authority=key)
    return sorted(events, key=lambda document: (day_of(document), str(document.get("start", ""))), reverse=True)


def training_schools(training: Document) -> set[str]:
    """Return the Schulnummern that a training names: in its head counts and in its sessions."""
    rows = [*training.get("counts", ()), *training.get("sessions", ())]
    return {str(row["school"]) for row in rows if row.get("school")}
