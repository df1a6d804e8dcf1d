"""Agenda: the appointments of some days, from visits, consultations, trainings and meetings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from models.i18n import _
from models.present import name_of, title_of
from models.records import record_class
from models.rules.visits import day_of, visit_number
from models.text import clean
from models.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from models.present import Lookup
    from models.records import Document

CALLED_OFF = frozenset({"abgesagt", "verschoben"})
APPOINTMENT_KINDS = ("visit", "consultation", "training", "meeting")
SESSIONS = "sessions"


@dataclass(frozen=True, slots=True)
class Appointment:
    """One line of the agenda: day, "09:30" (empty for the whole day), what it is, with whom, and a remark."""

    day: date
    time: str
    label: str
    title: str
    detail: str
    record: str


def appointments(
    documents: Iterable[Document],
    first: date,
    last: date,
    lookup: Lookup,
    visits_at: Callable[[str], Iterable[Document]] | None = None,
) -> list[Appointment]:
    """Return the appointments from `first` to `last` by day and time, those of a whole day first.

    With `visits_at`, which returns all visits at a school, a visit says which one it is there ("3. Besuch").
    What was called off or moved is none. A consultation is one if it has a time; others were only written down.
    """
    # ISO days compare as text: nearly all documents are sorted out here without reading their dates.
    begin, end = first.isoformat(), last.isoformat()
    found: list[Appointment] = []
    for document in documents:
        if not agenda_keys(document):
            continue
        if document.get("kind") == "training":
            found += _sessions(document, first, last)
        elif begin <= str(document.get("date", "")) <= end:
            found += _of(document, lookup, visits_at or _nowhere)
    return sorted(found, key=lambda entry: (entry.day, entry.time, entry.label, entry.title))


def agenda_keys(document: Document) -> tuple[str, ...]:
    """Return the day on whose page a document may stand, or `SESSIONS` for a training, whose parts have days of their own."""
    if document.get("kind") not in APPOINTMENT_KINDS or document.get("status") in CALLED_OFF:
        return ()
    return (SESSIONS,) if document.get("kind") == "training" else (str(document.get("date", "")),)


def _of(document: Document, lookup: Lookup, visits_at: Callable[[str], Iterable[Document]]) -> Iterator[Appointment]:
    kind = str(document.get("kind", ""))
    day = day_of(document, "date")
    if day is None or (kind == "consultation" and not document.get("start")):
        return
    title, detail = title_of(document, lookup), ""
    if kind == "visit":
        school = str(document.get("school", ""))
        title = name_of("school", school, lookup)
        detail = " · ".join(filter(None, (_number(document, visits_at(school)), _topics(document))))
    elif kind == "consultation":
        title = name_of("school authority organisation", str(document.get("client", "")), lookup)
        detail = _topics(document)
    elif kind == "meeting":
        title, detail = clean(str(document.get("title", "")), lines=False), str(document.get("place", ""))
    one = _(record_class(kind).about.one)
    yield Appointment(day, _time(document), one, title, clean(detail, lines=False), str(document["id"]))


def _nowhere(_school: str) -> Iterable[Document]:
    return ()


def _number(visit: Document, visits: Iterable[Document]) -> str:
    visits = list(visits)
    return _("{number}. Besuch").format(number=visit_number(visits, visit)) if visits else ""


def _sessions(training: Document, first: date, last: date) -> Iterator[Appointment]:
    """Yield a line per day of each part; a training without parts counts with its own day."""
    begins, ends = first.isoformat(), last.isoformat()
    for part in training.get("sessions") or [training]:
        begun = str(part.get("date", ""))
        if begun > ends or max(begun, str(part.get("until") or "")) < begins:
            continue
        begin = day_of(part, "date")
        if begin is None:
            continue
        day, end = max(begin, first), min(day_of(part, "until") or begin, last)
        while day <= end:
            yield _session(training, part, day)
            day += timedelta(days=1)


def _session(training: Document, part: Document, day: date) -> Appointment:
    label = _(record_class("training").about.one)
    if part is not training and (code := str(part.get("session_kind", ""))) not in ("", "fortbildung"):
        label = vocabulary("session_kind").label(code)
    title = clean(str(training.get("title", "")), lines=False)
    return Appointment(day, _time(part), label, title, _places(training), str(training["id"]))


def _places(training: Document) -> str:
    capacity = training.get("capacity")
    if not capacity:
        return ""
    counts = (entry for entry in training.get("counts") or [] if isinstance(entry, dict))
    registered = sum(int(entry.get("registered") or 0) for entry in counts)
    return _("{count} von {total} Plätzen").format(count=registered, total=capacity)


def _topics(document: Document) -> str:
    words = vocabulary("topic")
    return ", ".join(clean(words.label(str(code)), lines=False) for code in document.get("topics") or [])


def _time(document: Document) -> str:
    return str(document.get("start") or "")[:5]
