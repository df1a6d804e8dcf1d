"""SubjectPage: everything about one school, authority or circle: head, what is open, what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import VerticalScroll
from textual.widgets import Static

from models.dates import show_date
from models.i18n import _
from models.present import present, title_of
from models.records import record_class
from models.rules.timeline import day_of, timeline
from models.rules.visits import day_of as read_day, visit_numbers
from models.text import cells
from tui.commands import Command
from tui.screens.room import Room
from tui.show import assemble
from tui.widgets.rows import Rows
from tui.widgets.table import Column, RowOpened, VirtualTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult
    from textual.content import Content

    from models.fieldbook import Changed, Fieldbook
    from models.records import Document

BETWEEN = "   "
"""Stands between two facts on one line."""

Line = tuple[str, str, str, str]
"""A row of the page: the record's id, its day, its kind, and what it says."""


class SubjectPage(Room):
    """What the pages of schools, authorities and circles have in common."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("new_task", "a", "Aufgabe", "Aufgabe anlegen"),
        Command("new_need", "b", "Bedarf", "Bedarf notieren", footer=False),
        Command("edit", "e", "Bearbeiten", "Angaben bearbeiten"),
        Command("back", "escape", "Zurück"),
    )
    FIRST_FOCUS = "VirtualTable"
    ROWS_ARE_RECORDS = True
    DEFAULT_CSS = """
    SubjectPage .page { height: 1fr; layout: vertical; }
    SubjectPage .page-head { height: auto; max-height: 9; padding: 0 1; }
    SubjectPage.-wide .page-head { max-height: 16; }
    SubjectPage VirtualTable { height: 1fr; }
    """

    def __init__(self, record_id: str) -> None:
        """Show the school or authority with this id."""
        super().__init__()
        self.record_id = record_id

    @property
    def document(self) -> Document:
        """The school or authority as it is now."""
        return self.fieldbook.document(self.record_id)

    @property
    def subject_key(self) -> str:
        """What other records refer to it by: its official number, else its id."""
        document = self.document
        return str(document.get(record_class(str(document["kind"])).about.key) or document["id"])

    def content(self) -> ComposeResult:
        """Yield head and table."""
        with VerticalScroll(classes="page-head", can_focus=False):
            yield Static("", markup=False, id="head")
        yield VirtualTable(empty_text=_("Hier ist noch nichts geschehen."))

    def heading(self) -> str:
        """Return kind and name."""
        about = record_class(str(self.document["kind"])).about
        return f"{_(about.one)} · {title_of(self.document, self.fieldbook)}"

    def on_mount(self) -> None:
        """Fill the page."""
        super().on_mount()
        self.show_page()

    def on_screen_resume(self) -> None:
        """Catch up with what was saved meanwhile."""
        super().on_screen_resume()
        self.show_page()

    def records_changed(self, change: Changed) -> None:
        """Follow every commit: anything may concern this page."""
        super().records_changed(change)
        self.show_page()

    def show_page(self) -> None:
        """Compute head and rows anew."""
        self.query_one("#head", Static).update(self.head())
        columns = [Column("day", "", 13), Column("kind", "", 18), Column("text", "", 30, flex=1)]
        sections = [(_("OFFEN"), self.open_lines()), *self.more_sections(), (_("VERLAUF"), self.event_lines())]
        rows: list[Line | str] = []
        for title, lines in sections:
            rows += [title, *lines] if lines else []
        self.query_one(VirtualTable).set_source(
            Rows(rows, key=lambda line: line[0], cells=lambda line: line[1:]), columns
        )

    def head(self) -> Content:
        """Return the facts about it, as many on a line as fit; what is not known is left out."""
        room = self.app.size.width - 3
        parts: list[tuple[str, str]] = []
        used = 0
        for label, text in self.facts():
            if not text:
                continue
            width = cells(f"{label}: {text}")
            if used:
                fits = used + len(BETWEEN) + width <= room
                parts.append((BETWEEN if fits else "\n", ""))
                used = used + len(BETWEEN) if fits else 0
            parts += [(f"{label}: ", "$text-muted"), (text, "")]
            used += width
        return assemble(*parts)

    def facts(self) -> Iterator[tuple[str, str]]:
        """Yield label and text of what stands in the head."""
        return iter(())

    def more_sections(self) -> list[tuple[str, list[Line]]]:
        """Return sections of its own between what is open and the time line."""
        return []

    def said(self, document: Document, *names: str) -> Iterator[tuple[str, str]]:
        """Yield label and text of some fields of a document."""
        kinds = record_class(str(document["kind"])).kinds()
        for name in names:
            yield _(kinds[name].label), present(kinds[name], document.get(name), self.fieldbook)

    def open_lines(self) -> list[Line]:
        """Return the open tasks, agreements and needs."""
        book = self.fieldbook
        found: list[Line] = []
        for task in book.where("task", subject=self.subject_key):
            if not task.get("done_on"):
                found.append((task["id"], shown_day(str(task.get("due", ""))), _("Aufgabe"), str(task.get("text", ""))))
        for need in book.where("need", subject=self.subject_key):
            if need.get("status") not in ("erfuellt", "zurueckgestellt"):
                found.append(
                    (need["id"], shown_day(str(need.get("noted_on", ""))), _("Bedarf"), str(need.get("text", "")))
                )
        for event in timeline(book, self.subject_key):
            for entry in event.get("agreements", ()):
                if not entry.get("done_on"):
                    due = shown_day(str(entry.get("due") or ""))
                    found.append((event["id"], due, _("Vereinbarung"), str(entry.get("text", ""))))
        return found

    def event_lines(self) -> list[Line]:
        """Return the time line, newest first."""
        numbers = visit_numbers(self.fieldbook.where("visit", school=self.subject_key))
        return [
            (
                event["id"],
                shown_day(day_of(event)),
                _(record_class(str(event["kind"])).about.one),
                event_text(event, self.fieldbook, numbers.get(event["id"])),
            )
            for event in timeline(self.fieldbook, self.subject_key)
        ]

    def on_row_opened(self, event: RowOpened) -> None:
        """Open what stands in a row."""
        if event.key:
            self.feldbuch.opening.record(event.key)

    def action_new_task(self) -> None:
        """Note a task that concerns it."""
        self.feldbuch.opening.new("task", subject=self.subject_key)

    def action_new_need(self) -> None:
        """Note a need that it has."""
        self.feldbuch.opening.new("need", subject=self.subject_key)

    def action_edit(self) -> None:
        """Edit what the team knows of it."""
        self.feldbuch.opening.form(self.document)


def event_text(event: Document, fieldbook: Fieldbook, number: int | None) -> str:
    """Return what the time line says of an event: its number, state and topics, or its title."""
    model = record_class(str(event["kind"]))
    kinds = model.kinds()
    parts = [_("{number}. Besuch").format(number=number)] if number else []
    status = model.about.status
    if status and not number:
        parts.append(present(kinds[status], event.get(status), fieldbook))
    if "topics" in kinds and event.get("topics"):
        parts.append(present(kinds["topics"], event["topics"], fieldbook))
    if "title" in event:
        parts.insert(0, str(event["title"]))
    for name in ("version", "programme"):
        if name in kinds and event.get(name):
            parts.append(present(kinds[name], event[name], fieldbook))
    return " · ".join(filter(None, parts))


def shown_day(iso: str) -> str:
    """Return an ISO day as people write it, empty where it is none."""
    day = read_day({"day": iso}, "day")
    return show_date(day) if day else ""
