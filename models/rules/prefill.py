"""Prefill: what a new record begins with, so that nobody types what the fieldbook knows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from models.records import record_class
from models.records.base import new_id
from models.rules.visits import day_of, previous_of, visit_number

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from models.fieldbook import Fieldbook
    from models.records import Document

TASK_DAYS = 7
"""Days after which a new task is due unless something else is said."""

_MINUTES_STEP = 5

_BEGINS_TODAY = frozenset({"date", "noted_on"})

_MEETING_KINDS = {"netzwerk": "netzwerktreffen", "schulverbund": "netzwerktreffen"}
"""Kind of circle → kind of its meetings, where these are not called the same."""

_OWN_TO_ONE_VISIT = frozenset(
    {
        *("id", "rev", "base_rev", "state", "created_by", "created_at", "updated_by", "updated_at", "device"),
        *("deleted_at", "delete_reason", "date", "start", "end", "status", "cancel_reason", "moved_to", "occasion"),
        *("goal", "notes_pedagogy", "notes_technology", "notes_management", "agreements", "needs", "recommendations"),
        *("assessment", "next_contact_on", "duration", "attachments", "adviser", "client_role", "concern", "situation"),
        *("content", "outcome", "referred_to", "follow_up_on", "visit", "feedback", "private_note"),
    }
)
"""What a continued visit does not take over: results, and what belongs to one day."""


def prefilled(kind: str, values: Document, fieldbook: Fieldbook) -> Document:
    """Return the values with which a new record of `kind` begins; what `values` says always holds."""
    filled: Document = {}
    about = record_class(kind).about
    fields = record_class(kind).kinds()
    today = fieldbook.clock.today()
    if about.when in _BEGINS_TODAY:
        filled[about.when] = today.isoformat()
    if "adviser" in fields and kind != "deployment" and fieldbook.settings.adviser:
        filled["adviser"] = fieldbook.settings.adviser
    filled |= {name: value for name, value in values.items() if value is not None}
    special = _SPECIAL.get(kind)
    return {**filled, **special(filled, fieldbook), **values} if special is not None else filled


def continued(document: Document, fieldbook: Fieldbook) -> Document:
    """Return the values of a new record that goes on from an earlier one: its people and topics, no results, today.

    What is found again ("Besuch fortschreiben") is to be looked at and changed; the earlier record stays as it is.
    """
    kind = str(document.get("kind", ""))
    kept = {name: value for name, value in document.items() if name not in _OWN_TO_ONE_VISIT and name != "kind"}
    for name, value in kept.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            kept[name] = _with_new_ids(value)
    return prefilled(kind, kept, fieldbook)


def _with_new_ids(entries: list[Document]) -> list[Document]:
    return [{**entry, "id": new_id()} for entry in entries]


def _now(fieldbook: Fieldbook) -> str:
    now = fieldbook.clock.local(fieldbook.clock.now())
    return f"{now.hour:02d}:{now.minute - now.minute % _MINUTES_STEP:02d}"


def _starts_now(filled: Document, fieldbook: Fieldbook) -> Document:
    """Return the time of a record made on its own day; what is planned for another day has no known time."""
    today = filled.get("date") == fieldbook.clock.today().isoformat()
    return {"start": _now(fieldbook)} if today and filled.get("status") != "geplant" else {}


def _visit(filled: Document, fieldbook: Fieldbook) -> Document:
    today = fieldbook.clock.today()
    day = day_of(filled, "date")
    status = "geplant" if day is not None and day > today else filled.get("status", "durchgefuehrt")
    new: Document = {"status": status, **_starts_now({**filled, "status": status}, fieldbook)}
    school = filled.get("school")
    if not school:
        return new
    earlier = fieldbook.where("visit", school=str(school))
    first = visit_number(earlier, {"id": "", "date": filled.get("date", ""), "start": new.get("start", "")}) == 1
    new["occasion"] = "erstbesuch" if first else "folgebesuch"
    new["attendees"] = [
        {"id": new_id(), "function": contact["function"], "name": contact.get("name", "")}
        for contact in _contacts(str(school), fieldbook)
    ]
    return new


def _contacts(school: str, fieldbook: Fieldbook) -> list[Document]:
    """Return the contacts of a school: those in its own record, then contact records that are still valid."""
    document = fieldbook.by_key("school", school) or {}
    today = fieldbook.clock.today()
    own = [entry for entry in document.get("contacts") or [] if isinstance(entry, dict) and entry.get("function")]
    records = [
        contact
        for contact in fieldbook.where("contact", organisation=school)
        if contact.get("function") and (day_of(contact, "valid_to") or today) >= today
    ]
    seen: set[tuple[str, str]] = set()
    found: list[Document] = []
    for contact in own + records:
        person = (contact["function"], contact.get("name", ""))
        if person not in seen:
            seen.add(person)
            found.append(contact)
    return found


def _consultation(filled: Document, fieldbook: Fieldbook) -> Document:
    client = str(filled.get("client") or "")
    new = _starts_now(filled, fieldbook)
    for kind, client_type in (("school", "schule"), ("authority", "schultraeger")):
        if client and fieldbook.by_key(kind, client) is not None:
            return {**new, "client_type": client_type}
    return new


def _assessment(filled: Document, fieldbook: Fieldbook) -> Document:
    from models.catalogue import catalogue_for  # noqa: PLC0415 - only an assessment needs the catalogues

    subject = str(filled.get("subject") or "")
    subject_type = str(filled.get("subject_type") or "school")
    if subject and fieldbook.by_key("school", subject) is None and fieldbook.by_key("authority", subject) is not None:
        subject_type = "authority"
    catalogue = catalogue_for(subject_type)
    return {"subject_type": subject_type, "catalogue": catalogue.id, "catalogue_version": catalogue.version}


def _task(filled: Document, fieldbook: Fieldbook) -> Document:
    del filled
    return {"due": (fieldbook.clock.today() + timedelta(days=TASK_DAYS)).isoformat()}


def _training(filled: Document, fieldbook: Fieldbook) -> Document:
    del filled, fieldbook
    return {"status": "geplant"}


def _meeting(filled: Document, fieldbook: Fieldbook) -> Document:
    circle = fieldbook.by_key("circle", str(filled.get("circle") or ""))
    if circle is None:
        return {}
    meetings = fieldbook.where("meeting", circle=str(circle["id"]))
    last = previous_of(meetings, {"kind": "meeting", "circle": circle["id"]}) or {}
    day = day_of(filled, "date") or fieldbook.clock.today()
    kind = str(circle.get("circle_kind") or "arbeitskreis")
    new: Document = {
        "title": str(circle.get("name", "")),
        "meeting_kind": _MEETING_KINDS.get(kind, kind),
        "format": circle.get("format", "praesenz"),
        "agenda": _with_new_ids(circle.get("standing_agenda") or []),
        "questions": _carried_over(last),
        "attendance": _expected(circle, day),
        "host": next_host(circle, meetings),
    }
    new["stages"] = circle.get("stages")
    if circle.get("coordinator"):
        new["chair"] = circle["coordinator"]
    return {name: value for name, value in new.items() if value}


def _carried_over(last: Document) -> list[Document]:
    """Return the questions of the last meeting that nobody has answered yet."""
    questions = [entry for entry in last.get("questions") or [] if entry.get("text") and not entry.get("answer")]
    return [{**entry, "id": new_id(), "carried_over": True} for entry in questions]


def _expected(circle: Document, day: date) -> list[Document]:
    """Return an attendance line for each member of the circle on that day."""
    return [
        {
            "id": new_id(),
            **{name: member[name] for name in ("organisation", "person", "function") if member.get(name)},
            "presence": "anwesend",
        }
        for member in circle.get("members") or []
        if (day_of(member, "since") or day) <= day <= (day_of(member, "until") or day)
    ]


def next_host(circle: Document, meetings: list[Document]) -> str:
    """Return the organisation whose turn it is: the one after the host of the last meeting, held or planned."""
    hosts = [str(host["organisation"]) for host in circle.get("hosts") or [] if host.get("organisation")]
    if not hosts:
        return ""
    past = sorted((m for m in meetings if m.get("host") in hosts and m.get("status") != "abgesagt"), key=_day)
    return hosts[(hosts.index(past[-1]["host"]) + 1) % len(hosts)] if past else hosts[0]


def _day(document: Document) -> str:
    return str(document.get("date", ""))


_SPECIAL: dict[str, Callable[[Document, Fieldbook], Document]] = {
    "visit": _visit,
    "consultation": _consultation,
    "assessment": _assessment,
    "training": _training,
    "task": _task,
    "meeting": _meeting,
}
