"""What lists of schools show of each: days since the last contact, open tasks, the last assessment."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, Protocol

from models.rules.visits import days_since, last_contacts

if TYPE_CHECKING:
    import datetime as dt

    from models.records import Document


class Records(Protocol):
    """Where records are looked up."""

    def documents(self, kind: str) -> list[Document]:
        """Return all documents of a kind."""
        ...


class Overview(NamedTuple):
    """By Schulnummer or Trägernummer: days since the last contact, number of open tasks, ISO day of the last assessment."""

    days_since: dict[str, int]
    open_tasks: dict[str, int]
    last_assessment: dict[str, str]


def overview(records: Records, today: dt.date) -> Overview:
    """Return the overview of all schools and authorities that any record names."""
    contacts = [*records.documents("visit"), *records.documents("consultation")]
    days = {key: days_since(day, today) for key, day in last_contacts(contacts).items()}
    assessed: dict[str, str] = {}
    for assessment in records.documents("assessment"):
        subject = str(assessment.get("subject", ""))
        assessed[subject] = max(assessed.get(subject, ""), str(assessment.get("date", "")))
    return Overview(
        {key: count for key, count in days.items() if count is not None}, _open_tasks(records, contacts), assessed
    )


def _open_tasks(records: Records, contacts: list[Document]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for task in records.documents("task"):
        if task.get("subject") and not task.get("done_on"):
            counts[str(task["subject"])] += 1
    for document in contacts:
        subject = str(document.get("school") or document.get("client", ""))
        counts[subject] += sum(not agreement.get("done_on") for agreement in document.get("agreements", ()))
    return {key: count for key, count in counts.items() if count}
