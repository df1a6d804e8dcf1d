"""The lines of today's page: appointments, what is due, drafts, schools long not visited; computed once per change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from models.dates import show_days, show_long, show_short
from models.forms import Form
from models.i18n import _
from models.present import title_of
from models.records import record_class
from models.rules.agenda import SESSIONS, Appointment, appointments
from models.rules.keys import last_of_each
from models.rules.tasks import OpenTask, open_tasks
from models.rules.visits import Idle, latest_days, long_not_visited
from models.text import clean
from models.vocabulary import vocabulary
from tui.widgets.columns import Column
from tui.widgets.rows import Marked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.fieldbook import Fieldbook
    from models.records import Document
    from tui.widgets.rows import Cell

COLUMNS = (
    Column("sign", "", 1),
    Column("when", "", 6),
    Column("what", "", 12),
    Column("title", "", 24, flex=2),
    Column("detail", "", 22, flex=1),
)
MOST_OVERDUE = 8
MOST_DUE = 12
MOST_IDLE = 15
"""How many lines of each section stand on the page; the rest is one key away."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page. `opens` says what Enter does: open a record, a draft, or a place of the app; or nothing."""

    key: str
    sign: str = ""
    when: str = ""
    what: str = ""
    title: str = ""
    detail: str = ""
    opens: str = "record"
    record: str = ""
    task: OpenTask | None = None

    @property
    def cells(self) -> tuple[Cell, ...]:
        """What the columns say."""
        sign = Marked(self.sign, "error" if self.sign == "!" else "accent") if self.sign else ""
        return sign, self.when, Marked(self.what, "muted"), self.title, Marked(self.detail, "muted")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the page is computed from; true for one version of the fieldbook and one day."""

    appointments: list[Appointment]
    tasks: list[OpenTask]
    idle: Sequence[Idle]
    schools: int


def facts(fieldbook: Fieldbook, today: date, days: int) -> Facts:
    """Collect the appointments of `days` days from today, the open tasks, and the schools long not visited."""
    pages = [SESSIONS, *((today + timedelta(days=number)).isoformat() for number in range(days))]
    dated = (document for page in pages for document in fieldbook.having("day", page))
    asking = fieldbook.having("open", "")
    schools = fieldbook.documents("school")
    last = today + timedelta(days=days - 1)
    contacts = latest_days(last_of_each(fieldbook.texts("contact")))
    return Facts(
        appointments(dated, today, last, fieldbook, lambda school: fieldbook.where("visit", school=school)),
        open_tasks(asking, today, fieldbook),
        long_not_visited(schools, contacts, today, fieldbook.settings.idle_days),
        len(schools),
    )


def lines(found: Facts, drafts: Sequence[Line], today: date, days: int, idle_days: int) -> list[Line | str]:
    """Return the page: each section under its heading; a section without lines is left out, appointments never."""
    page: list[Line | str] = list(_agenda(found.appointments, today, days))
    page += _section(_("FÄLLIG"), list(_due(found.tasks, today, today + timedelta(days=days - 1))))
    page += _section(_("ENTWÜRFE"), drafts)
    count = _("{count} von {total}").format(count=len(found.idle), total=found.schools)
    heading = _("LANGE NICHT BESUCHT (mehr als {days} Tage) · {count}").format(days=idle_days, count=count)
    page += _section(heading, list(_idle(found.idle)))
    return page


def _section(heading: str, content: Sequence[Line]) -> list[Line | str]:
    return [heading, *content] if content else []


def _agenda(found: Sequence[Appointment], today: date, days: int) -> Iterator[Line | str]:
    for number in range(days):
        day = today + timedelta(days=number)
        of_day = [appointment for appointment in found if appointment.day == day]
        if number == 0:
            yield _("TERMINE")
            if not of_day:
                yield Line("none today", title=_("Heute steht nichts an."), opens="nothing")
        elif of_day:
            name = _("MORGEN") if number == 1 else show_long(day).split(",")[0].upper()
            yield f"{name} · {show_short(day)}"
        for count, entry in enumerate(of_day):
            yield Line(
                f"appointment {day} {count} {entry.record}",
                when=entry.time,
                what=entry.label,
                title=entry.title,
                detail=entry.detail,
                record=entry.record,
            )


def _due(tasks: Sequence[OpenTask], today: date, until: date) -> Iterator[Line]:
    """Yield what is overdue (the latest ones, as older ones were seen before) and what is due in the days shown."""
    overdue = [task for task in tasks if task.overdue]
    due = [task for task in tasks if task.due is not None and today <= task.due <= until]
    yield from map(_task_line, overdue[-MOST_OVERDUE:])
    if len(overdue) > MOST_OVERDUE:
        yield _more("overdue", _("{count} weitere überfällig"), len(overdue) - MOST_OVERDUE, "tasks", "F8")
    yield from map(_task_line, due[:MOST_DUE])
    if len(due) > MOST_DUE:
        yield _more("due", _("{count} weitere fällig"), len(due) - MOST_DUE, "tasks", "F8")


def _task_line(task: OpenTask) -> Line:
    return Line(
        f"task {task.key}",
        sign="!" if task.overdue else "",
        when="" if task.due is None else show_short(task.due),
        what=clean(vocabulary("task_owner").label(task.owner), lines=False),
        title=task.text,
        detail=task.subject,
        record=task.record,
        task=task,
    )


def _idle(idle: Sequence[Idle]) -> Iterator[Line]:
    for entry in idle[:MOST_IDLE]:
        school = entry.school
        name, place = (clean(str(school.get(field, "")), lines=False) for field in ("short_name", "place"))
        days = _("noch nie") if entry.days is None else show_days(entry.days)
        yield Line(
            f"idle {school['id']}",
            what=_("Schule"),
            title=name if place in name else ", ".join(filter(None, (name, place))),
            detail=days,
            record=str(school["id"]),
        )
    if len(idle) > MOST_IDLE:
        yield _more("idle", _("{count} weitere Schulen"), len(idle) - MOST_IDLE, "schools", "F3")


def _more(key: str, text: str, count: int, place: str, function_key: str) -> Line:
    said = text.format(count=count)
    return Line(f"more {key}", title=f"… {said} ({function_key})", opens="place", record=place)


def draft_lines(fieldbook: Fieldbook, today: date) -> list[Line]:
    """Return a line for each form that was begun and not saved, with the number of fields that must still be mended."""
    return [_draft_line(draft, fieldbook, today) for draft in fieldbook.drafts()]


def _draft_line(draft: Document, fieldbook: Fieldbook, today: date) -> Line:
    kind = str(draft["kind"])
    model = record_class(kind)
    stored = fieldbook.by_key(kind, str(draft["id"])) or {"id": draft["id"], "kind": kind}
    form = Form(model, stored, today)
    for name, entered in draft["values"].items():
        if name in model.kinds():
            form.set(name, entered)
    missing = len(form.read()[1])
    if not missing:
        detail = _("vollständig, nicht gespeichert")
    else:
        detail = _("1 Angabe fehlt") if missing == 1 else _("{count} Angaben fehlen").format(count=missing)
    return Line(
        f"draft {draft['id']}",
        sign="~",
        what=_(model.about.one),
        title=clean(str(draft.get("title") or title_of(stored, fieldbook)), lines=False),
        detail=detail,
        opens="draft",
        record=str(draft["id"]),
    )
