"""Open tasks: tasks of their own, agreements in other records, follow-ups, and minutes that wait for their release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from models.i18n import _
from models.present import name_of, title_of
from models.records import record_class
from models.rules.visits import day_of, was_held
from models.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from models.present import Lookup
    from models.records import Document, Record

TASK_KINDS = ("task", "visit", "consultation", "meeting")
"""The kinds of records in which open tasks stand."""

FOLLOW_UP = "follow_up_on"
MINUTES = "minutes_state"

_SUBJECTS = "school authority organisation circle"


@dataclass(frozen=True, slots=True)
class OpenTask:
    """Something to do.

    `item` is the id of the agreement in `record`, or the field that asks for it; `None` where the record is a task.
    `due` is `None` where nothing was said. `subject_key` is what `subject`, its name, is referred to by.
    """

    text: str
    due: date | None
    owner: str
    subject: str
    subject_key: str
    record: str
    item: str | None
    adviser: str
    overdue: bool

    @property
    def key(self) -> str:
        """What identifies it among all open tasks."""
        return f"{self.record} {self.item or ''}"

    @property
    def id(self) -> str:
        """The id that a person names it by: an agreement's own, for all else that of its record."""
        return self.record if self.item in (None, "", FOLLOW_UP, MINUTES) else str(self.item)


def open_tasks(documents: Iterable[Document], today: date, lookup: Lookup) -> list[OpenTask]:
    """Return what is open: overdue first, then by day, then what has none."""
    names = _Names(lookup)
    found: list[OpenTask] = []
    for document in documents:
        if asks(document):
            found += _tasks_in(document, today, names)
    return sorted(found, key=_order)


def asks(document: Document) -> bool:
    """Tell whether anything in a document is open."""
    kind = document.get("kind")
    if kind == "task":
        return not document.get("done_on")
    if kind not in TASK_KINDS:
        return False
    return (
        any(map(_is_open, document.get("agreements") or ()))
        or (kind == "consultation" and bool(document.get(FOLLOW_UP)))
        or (kind == "meeting" and _minutes_wait(document))
    )


def _is_open(entry: Any) -> bool:
    return isinstance(entry, dict) and bool(entry.get("text")) and not entry.get("done_on")


def _minutes_wait(meeting: Document) -> bool:
    return was_held(meeting) and meeting.get(MINUTES, "entwurf") == "entwurf"


class _Names:
    """A lookup that remembers the names of subjects: many tasks are about the same schools."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._known: dict[str, str] = {}

    def by_key(self, kind: str, key: str) -> Document | None:
        """Return a document of the lookup."""
        return self._lookup.by_key(kind, key)

    def subject(self, key: str) -> str:
        """Return the name of a subject."""
        name = self._known.get(key)
        if name is None:
            name = self._known[key] = name_of(_SUBJECTS, key, self._lookup) if key else ""
        return name


def _order(task: OpenTask) -> tuple[date, str, str]:
    return task.due or date.max, task.text, task.key


def _tasks_in(document: Document, today: date, names: _Names) -> Iterator[OpenTask]:
    kind = str(document.get("kind", ""))
    if kind == "task":
        if not document.get("done_on"):
            yield _task(document, document, None, today, names)
        return
    for entry in document.get("agreements") or []:
        if _is_open(entry):
            yield _task(document, entry, str(entry.get("id", "")), today, names)
    if kind == "consultation" and document.get(FOLLOW_UP):
        text = _("Wiedervorlage: {title}").format(title=names.subject(_subject(document)))
        yield _task(document, {"text": text, "due": document[FOLLOW_UP]}, FOLLOW_UP, today, names)
    if kind == "meeting" and _minutes_wait(document):
        text = _("Protokoll freigeben: {title}").format(title=title_of(document, names))
        yield _task(document, {"text": text, "due": document.get("date")}, MINUTES, today, names)


def _task(document: Document, entry: Document, item: str | None, today: date, names: _Names) -> OpenTask:
    subject = _subject(document)
    due = day_of(entry, "due")
    return OpenTask(
        text=clean(str(entry.get("text", "")), lines=False),
        due=due,
        owner=str(entry.get("owner") or "ich"),
        subject=names.subject(subject),
        subject_key=subject,
        record=str(document["id"]),
        item=item,
        adviser=str(document.get("adviser") or document.get("created_by") or ""),
        overdue=due is not None and due < today,
    )


def _subject(document: Document) -> str:
    field = record_class(str(document.get("kind", ""))).about.subject
    return str(document.get(field) or "")


def done(record: Record, item: str | None, today: date) -> Record:
    """Return a copy of `record` in which one open task is done today.

    `item` is `OpenTask.item`. A follow-up is taken out, minutes are released; an item that is gone changes nothing.
    """
    if item is None:
        return record.changed(done_on=today.isoformat())
    if item == FOLLOW_UP:
        return record.changed(follow_up_on=None)
    if item == MINUTES:
        return record.changed(minutes_state="freigegeben")
    agreements: list[dict[str, Any]] = record.document().get("agreements", [])
    return record.changed(
        agreements=[{**entry, "done_on": today.isoformat()} if entry["id"] == item else entry for entry in agreements]
    )
