"""TodayScreen (F2): what is on today and tomorrow, what is due, what was begun, and who has long not been visited."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from models.dates import parse_date, show_date, show_long
from models.errors import FeldbuchError
from models.i18n import _
from models.present import title_of
from models.records import record_class
from models.records.visit import Visit
from models.rules.planning import PLANNED, cancelled, moved
from models.school_calendar import school_year
from tui.check_off import check_off
from tui.commands import Command
from tui.screens.room import Room
from tui.today_rows import COLUMNS, Facts, Line, draft_lines, facts, lines
from tui.widgets.rows import Rows
from tui.widgets.table import RowOpened, VirtualTable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from textual.app import ComposeResult

    from models.fieldbook import Changed, Fieldbook
    from models.records import Document, Record

NEW_KINDS = (
    *("visit", "consultation", "assessment", "training", "meeting", "task", "need"),
    *("recommendation", "working_aid", "information", "circle", "contact"),
)
"""What `n` offers, the daily things first."""

SHORT_VIEW, LONG_VIEW = 2, 7
"""Days that are shown: today and tomorrow, or a week."""


class TodayScreen(Room):
    """The first page of the day."""

    PLACE = "today"
    ROWS_ARE_RECORDS = True
    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("new", "n", "Neu", "Neu: Besuch, Beratung, Bestandsaufnahme, Fortbildung, Treffen, Aufgabe …"),
        Command("open", "enter", "Öffnen", "Öffnen, woran der Cursor steht"),
        Command("done", "x,space", "Erledigt", "Aufgabe als erledigt abhaken"),
        Command("horizon", "f", "Woche", "Die ganze Woche zeigen, oder nur heute und morgen"),
        Command("move", "m", "Verschieben", "Geplanten Besuch verschieben"),
        Command("call_off", "c", "Absagen", "Geplanten Besuch mit Grund absagen"),
        Command("palette", "slash", "Suchen", "Jede Aktion und jeden Eintrag finden", palette=False),
        Command("need", "b", "Bedarf", "Bedarf notieren", footer=False),
        Command("task", "a", "Aufgabe", "Aufgabe anlegen", footer=False),
    )
    HELP_TEXT = (
        "Heute und morgen auf einen Blick: Termine, was fällig ist, begonnene Einträge, und Schulen, die lange nicht "
        "besucht wurden. Enter öffnet, x hakt eine Aufgabe ab (Strg+Z nimmt es zurück), f zeigt die ganze Woche. "
        "Ein geplanter Besuch lässt sich mit m verschieben und mit c absagen."
    )
    FIRST_FOCUS = "VirtualTable"
    DEFAULT_CSS = """
    TodayScreen VirtualTable { height: 1fr; }
    """
    FOLLOWS: ClassVar[frozenset[str]] = frozenset({"visit", "consultation", "training", "meeting", "task", "school"})

    def __init__(self) -> None:
        """Begin with today and tomorrow."""
        super().__init__()
        self._days = SHORT_VIEW
        self._facts: tuple[object, Facts] | None = None
        self._page: list[Line | str] = []

    def content(self) -> ComposeResult:
        """Yield the page's table."""
        yield VirtualTable()

    def on_mount(self) -> None:
        """Show the page."""
        self.reload()

    def on_screen_resume(self) -> None:
        """Show what happened meanwhile; drafts come and go without a commit, and the day may have changed."""
        self.reload()

    def records_changed(self, change: Changed) -> None:
        """Follow a commit; nothing is computed while another screen lies above."""
        if self.is_current and change.kinds & self.FOLLOWS:
            self.reload()
        super().records_changed(change)

    def heading(self) -> str:
        """Return the day and its school year."""
        today = self.fieldbook.clock.today()
        return f"{show_long(today)} · {_('Schuljahr {year}').format(year=school_year(today))}"

    def reload(self) -> None:
        """Show the page as it is now; records are looked through again only after a change."""
        today = self.fieldbook.clock.today()
        idle_days = self.fieldbook.settings.idle_days
        stand = (self.fieldbook.version, today, self._days, idle_days)
        if self._facts is None or self._facts[0] != stand:
            self._facts = (stand, facts(self.fieldbook, today, self._days))
        found = self._facts[1]
        self._page = lines(found, draft_lines(self.fieldbook, today), today, self._days, idle_days)
        rows = Rows(self._page, key=lambda line: line.key, cells=lambda line: line.cells)
        self.table.set_source(rows, COLUMNS)
        self.refresh_lines()

    @property
    def table(self) -> VirtualTable:
        """The page's table."""
        return self.query_one(VirtualTable)

    def lines(self) -> list[Line]:
        """Return the lines of the page without its headings."""
        return [line for line in self._page if not isinstance(line, str)]

    def record_of_row(self, key: str) -> str:
        """Return the record that a line is about."""
        return next((line.record for line in self.lines() if line.key == key and line.opens == "record"), "")

    def current(self) -> Line | None:
        """Return the line under the cursor."""
        row = self.table.cursor_index
        line = self._page[row] if row is not None and 0 <= row < len(self._page) else ""
        return None if isinstance(line, str) else line

    # Opening and new records

    def on_row_opened(self, message: RowOpened) -> None:
        """Open a line with Enter or a click."""
        self._open(next(line for line in self.lines() if line.key == message.key))

    def action_open(self) -> None:
        """Open the line under the cursor."""
        line = self.current()
        if line is not None:
            self._open(line)

    def _open(self, line: Line) -> None:
        if line.opens == "record":
            self.feldbuch.opening.record(line.record)
        elif line.opens == "draft":
            draft = self.fieldbook.draft(line.record)
            if draft is not None:
                self.feldbuch.opening.draft(draft)
        elif line.opens == "place":
            self.feldbuch.action_place(line.record)

    def action_new(self) -> None:
        """Choose what to begin."""
        options = [(kind, _(record_class(kind).about.new)) for kind in NEW_KINDS]
        self.feldbuch.opening.pick(_("Neu"), options, self._begin)

    def _begin(self, kind: str) -> None:
        about = record_class(kind).about
        subject, key = self._subject()
        fits = about.subject and subject in ("school", "") and kind in ("visit", "consultation", "assessment", "task")
        self.feldbuch.opening.new(kind, **({about.subject: key} if fits and key else {}))

    def _subject(self) -> tuple[str, str]:
        """Return kind and key of what the line under the cursor is about; empty where that is nothing."""
        line = self.current()
        if line is None or line.opens != "record" or not line.record:
            return "", ""
        document = self.fieldbook.document(line.record)
        key = str(document.get(record_class(str(document["kind"])).about.subject) or "")
        kinds = ("school", "authority", "organisation", "circle")
        return next(((kind, key) for kind in kinds if key and self.fieldbook.by_key(kind, key)), ("", ""))

    def action_need(self) -> None:
        """Note a need that belongs to the line under the cursor."""
        self._begin_beside("need", "source")

    def action_task(self) -> None:
        """Begin a task that belongs to the line under the cursor."""
        self._begin_beside("task", "origin")

    def _begin_beside(self, kind: str, origin: str) -> None:
        line, (_kind, key) = self.current(), self._subject()
        values = {"subject": key} if key else {}
        if line is not None and line.opens == "record" and line.record:
            document = self.fieldbook.document(line.record)
            if document["kind"] in ("visit", "consultation", "meeting", "training"):
                values[origin] = line.record
        self.feldbuch.opening.new(kind, **values)

    # What is done with a line

    def action_horizon(self) -> None:
        """Switch between two days and a week."""
        self._days = SHORT_VIEW if self._days == LONG_VIEW else LONG_VIEW
        self.reload()

    def action_palette(self) -> None:
        """Find any action and any record."""
        self.feldbuch.opening.palette()

    def action_done(self) -> None:
        """Mark the task under the cursor as done."""
        line = self.current()
        if line is None or line.task is None:
            self.feldbuch.say(_("Abhaken lässt sich, was unter FÄLLIG steht."))
            return
        said = _("Erledigt: {text}. Strg+Z nimmt es zurück.").format(text=line.task.text)
        self.saving.do(partial(check_off, self.fieldbook, line.task), lambda _saved: self.feldbuch.say(said))

    def action_move(self) -> None:
        """Move the planned visit under the cursor to another day."""
        visit = self._planned_visit()
        if visit is None:
            return
        question = _("Neuer Termin für {title} (24.11., Mo oder +14)").format(title=self._title(visit.document()))

        def move(answer: str) -> None:
            day = parse_date(answer, self.fieldbook.clock.today())
            said = _("Verschoben auf {day}.").format(day=show_date(day))
            self.saving.do(partial(_move, self.fieldbook, visit.id, day), lambda _nothing: self.feldbuch.say(said))

        self.feldbuch.opening.ask_text(question, self._guarded(move))

    def action_call_off(self) -> None:
        """Call off the planned visit under the cursor."""
        visit = self._planned_visit()
        if visit is None:
            return
        question = _("Warum wird {title} abgesagt?").format(title=self._title(visit.document()))

        def call_off(answer: str) -> None:
            said = _("Abgesagt. Strg+Z nimmt es zurück.")
            self.saving.do(partial(_call_off, self.fieldbook, visit.id, answer), lambda _saved: self.feldbuch.say(said))

        self.feldbuch.opening.ask_text(question, self._guarded(call_off))

    def _guarded(self, deed: Callable[[str], None]) -> Callable[[str], None]:
        def run(answer: str) -> None:
            try:
                deed(answer)
            except FeldbuchError as error:
                self.feldbuch.say(str(error), problem=True)

        return run

    def _planned_visit(self) -> Visit | None:
        line = self.current()
        if line is not None and line.opens == "record" and line.record and line.task is None:
            record = self.fieldbook.get(line.record)
            if isinstance(record, Visit) and record.status == PLANNED:
                return record
        self.feldbuch.say(_("Hier steht kein geplanter Besuch."))
        return None

    def _title(self, document: Document) -> str:
        return title_of(document, self.fieldbook)


def _move(fieldbook: Fieldbook, visit_id: str, day: date) -> None:
    """Save that a visit is moved. It is read only now: it may just have been moved or called off."""
    old, new = moved(cast("Visit", fieldbook.get(visit_id)), day)
    with fieldbook.batch(_("Besuch verschoben")):
        fieldbook.save(old)
        fieldbook.save(new)


def _call_off(fieldbook: Fieldbook, visit_id: str, reason: str) -> Record:
    return fieldbook.save(cancelled(cast("Visit", fieldbook.get(visit_id)), reason))
