"""MinutesScreen: a meeting's agenda at the left, the minutes of one point at the right, attendance below."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from models.forms import Form
from models.i18n import _
from models.present import title_of
from models.records.base import new_id
from models.records.meeting import AgendaItem, Meeting
from models.rules.meetings import attendance_counts, meeting_labels
from models.vocabulary import vocabulary
from tui.commands import Command
from tui.draft_timer import DraftTimer
from tui.edited import seen_of, with_edits
from tui.screens.room import Room
from tui.show import shown
from tui.widgets.fields.editor import Edited
from tui.widgets.fields.line import LineField, TextField
from tui.widgets.rows import Rows
from tui.widgets.table import Column, RowHighlighted, RowOpened, VirtualTable

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from models.fieldbook import Changed, Fieldbook
    from models.records import Document

DRAFT_DELAY = 0.5
"""Seconds without a key after which a draft is written."""

AGENDA = "agenda"
"""The field of a meeting that the minutes are written into."""


class MinutesScreen(Room):
    """Minutes by agenda item. Enter goes into the notes of a point, Esc back to the agenda."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("save", "ctrl+s", "Speichern", holds=True),
        Command("add_point", "n", "Punkt", "Punkt zur Tagesordnung hinzufügen"),
        Command("attendance", "w", "Anwesenheit", "Anwesenheit eintragen"),
        Command("task", "a", "Aufgabe", "Aufgabe dieses Treffens anlegen"),
        Command("need", "b", "Bedarf", "Bedarf notieren", footer=False),
        Command("case_round", "x", "Fallrunde", "Fallrunde anlegen (bleibt auf diesem Gerät)", footer=False),
        Command("release", "r", "Freigeben", "Protokoll freigeben", footer=False),
        Command("edit", "e", "Angaben", "Alle Angaben zum Treffen bearbeiten", footer=False, holds=True),
        Command("remove_point", "delete", "Punkt entfernen", footer=False),
        Command("back", "escape", "Zurück", holds=True),
    )
    HELP_TEXT = (
        "Links die Tagesordnung, rechts das Protokoll des Punktes. Enter schreibt, Esc geht zur Tagesordnung zurück. "
        "w trägt die Anwesenheit ein, a eine Aufgabe, b einen Bedarf. Eine Fallrunde (x) bleibt auf diesem Gerät; nur "
        "ihr freigegebenes, namenloses Ergebnis gehört ins Protokoll."
    )
    FIRST_FOCUS = "VirtualTable"
    DEFAULT_CSS = """
    MinutesScreen .minutes { height: 1fr; }
    MinutesScreen VirtualTable { width: 34; height: 1fr; }
    MinutesScreen .point { width: 1fr; height: 1fr; padding: 0 1; border-left: vkey $panel; }
    MinutesScreen .point-title { color: $primary; text-style: bold; height: auto; max-height: 2; }
    MinutesScreen TextField { height: 1fr; max-height: 100%; }
    MinutesScreen .label { color: $text-muted; }
    MinutesScreen #attendance { height: auto; max-height: 3; padding: 0 1; color: $text-muted; }
    MinutesScreen.-wide VirtualTable { width: 44; }
    """

    def __init__(self, record_id: str) -> None:
        """Show the meeting with this id."""
        super().__init__()
        self.record_id = record_id
        self._point = 0
        self._drafts = DraftTimer(self, self.keep_draft, DRAFT_DELAY)
        self._saved_at = ""
        self._going = 0
        self._seen: Document = {}
        """The meeting as it was when the person began; changed only where it is saved."""

    def content(self) -> ComposeResult:
        """Yield agenda, point and attendance."""
        meeting = self.fieldbook.document(self.record_id)
        self.form = Form(Meeting, meeting, self.fieldbook.clock.today())
        typed = self._typed_elsewhere()
        self._seen = {**self.form.document, **_seen(self.fieldbook, self.record_id)}
        if AGENDA in typed:
            self.form.set(AGENDA, typed[AGENDA])
        with Horizontal(classes="minutes"):
            yield VirtualTable(empty_text=_("Noch keine Tagesordnung.\nn fügt einen Punkt hinzu."))
            with Vertical(classes="point"):
                yield Static("", markup=False, classes="point-title")
                yield TextField("notes", "")
                yield Static(shown(_("Beschluss")), classes="label")
                yield LineField("decision", "")
        yield Static("", markup=False, id="attendance")

    def heading(self) -> str:
        """Return title, number in the school year and the state of the draft."""
        meeting = self.fieldbook.document(self.record_id)
        circle = str(meeting.get("circle", ""))
        number = meeting_labels(self.fieldbook.where("meeting", circle=circle)).get(self.record_id) if circle else None
        state = vocabulary("document_state").label(str(meeting.get("minutes_state", "entwurf")))
        draft = _("gesichert {time}").format(time=self._saved_at) if self._saved_at else ""
        protocol = _("Protokoll: {state}").format(state=state)
        return " · ".join(filter(None, (title_of(meeting, self.fieldbook), number, protocol, draft)))

    @property
    def agenda(self) -> list[dict[str, Any]]:
        """The agenda as it stands in the form."""
        return list(self.form.get(AGENDA) or [])

    def on_mount(self) -> None:
        """Show the first point."""
        super().on_mount()
        self._show_agenda()

    def on_screen_suspend(self) -> None:
        """Keep what is typed before another screen lies above."""
        self.keep_draft()

    def on_screen_resume(self) -> None:
        """Catch up with what other screens saved for this meeting, and with what its form left of the draft."""
        super().on_screen_resume()
        # What was typed before is a draft by now, or on its way to the disk.
        self._collect()
        self.saving.settle(partial(self._catch_up, dict(self.form.edits)))

    def _catch_up(self, before: Document) -> None:
        if self._drafts.closed or not self.is_attached:
            return
        self._collect()
        if self._drafts.pending or self.form.edits != before:
            # It was written on meanwhile, and the draft of that comes after what was waited for.
            self._take_over(self.form.edits)
        else:
            typed = self._typed_elsewhere()
            self._take_over({AGENDA: typed[AGENDA]} if AGENDA in typed else {})

    def records_changed(self, change: Changed) -> None:
        """Follow a commit to this meeting without touching what is being typed."""
        super().records_changed(change)
        if self.record_id in change.ids and self.app.screen is self:
            self._take_over(self.form.edits)

    def _take_over(self, edits: Document) -> None:
        self.form = Form(Meeting, self.fieldbook.document(self.record_id), self.fieldbook.clock.today())
        for name, entered in edits.items():
            self.form.set(name, entered)
        self._show_agenda()

    def _show_agenda(self) -> None:
        self._show_points()
        self._show_point()
        self._show_people()

    def _show_points(self) -> None:
        columns = [Column("number", "", 2, align="right"), Column("title", "", 20, flex=1), Column("minutes", "", 5)]
        rows = Rows(list(enumerate(self.agenda, 1)), key=lambda pair: str(pair[1]["id"]), cells=_point_cells)
        self.query_one(VirtualTable).set_source(rows, columns)

    def _show_people(self) -> None:
        counts = attendance_counts(self.form.document)
        words = vocabulary("attendance")
        parts = [f"{words.label(code)} {counts[code]}" for code in words if counts.get(code)]
        lines = [" · ".join(parts) or _("Anwesenheit noch nicht eingetragen")]
        questions = [str(q.get("text", "")) for q in self.form.document.get("questions", ()) if not q.get("answer")]
        if questions:
            lines.append(_("Offene Fragen: {texts}").format(texts=" · ".join(questions)))
        self.query_one("#attendance", Static).update(shown("\n".join(lines)))

    def _show_point(self) -> None:
        agenda = self.agenda
        point = agenda[self._point] if self._point < len(agenda) else {}
        title = f"{self._point + 1} {point.get('title', '')}" if point else ""
        kind = vocabulary("agenda_kind").label(str(point.get("agenda_kind", "standard"))) if point else ""
        self.query_one(".point-title", Static).update(shown(" · ".join(filter(None, (title, kind)))))
        for field in (self.query_one(TextField), self.query_one("LineField", LineField)):
            if field.entered() != str(point.get(field.field) or ""):
                field.enter(point.get(field.field))
            field.disabled = not point

    def on_row_highlighted(self, event: RowHighlighted) -> None:
        """Show the point under the cursor."""
        event.stop()
        if event.index is not None and event.index != self._point:
            self._collect()
            self._point = event.index
            self._show_points()
            self._show_point()

    def on_row_opened(self, event: RowOpened) -> None:
        """Write into the point."""
        event.stop()
        self.query_one(TextField).focus()

    # Typing

    def _collect(self) -> None:
        agenda = self.agenda
        if self._point >= len(agenda):
            return
        entered = {f.field: f.entered() for f in (self.query_one(TextField), self.query_one(LineField))}
        point = agenda[self._point]
        agenda[self._point] = {**point, **{n: t for n, t in entered.items() if t or point.get(n)}}
        self.form.set(AGENDA, agenda)

    @on(Edited)
    def _edited(self, event: Edited) -> None:
        event.stop()
        self._collect()
        self._drafts.touch()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.query_one(VirtualTable).focus()

    def keep_draft(self, *, left: bool = False) -> None:
        """Write what is typed as the draft of this meeting."""
        if self._drafts.closed or self._going:
            return
        self._drafts.cancel()
        self._collect()
        if self.form.edits:
            title = title_of(self.form.document, self.fieldbook)
            self.saving.do(
                partial(_keep, self.fieldbook, self.record_id, dict(self.form.edits), title, left=left, saw=self._seen),
                lambda _nothing: self._kept(self.time_now()),
                replaces=f"draft {self.record_id}",
            )

    def _kept(self, time: str) -> None:
        self._saved_at = time
        self.refresh_lines()

    def _typed_elsewhere(self) -> Document:
        return _typed(self.fieldbook, self.record_id)

    def leaving(self) -> None:
        """Keep the draft as one that was left on purpose."""
        self.keep_draft(left=True)

    # Commands

    def action_save(self) -> None:
        """Save the minutes."""
        self._save(_("Protokoll gespeichert."))

    def _save(self, said: str, **extra: Any) -> None:
        self._collect()
        result = self.form.result()
        edited = {name: result.get(name) for name in self.form.edits}
        sent = dict(self.form.edits)
        self._going += 1
        self.saving.do(
            partial(_store, self.fieldbook, self.record_id, {**edited, **extra}, self._seen),
            lambda _nothing: self._saved(said, sent),
            failed=self._not_saved,
        )

    def _saved(self, said: str, sent: Document) -> None:
        self._going -= 1
        self.feldbuch.say(said)
        if not self.is_attached:
            return
        self._collect()
        self.form.follow(self.fieldbook.document(self.record_id), sent)
        if not self._going:
            self._seen = dict(self.form.document)
        self._show_agenda()
        self._kept("")
        if self.form.edits:
            # It was written on while the disk kept everybody waiting: that is the next draft.
            self._drafts.touch()

    def _not_saved(self) -> None:
        self._going -= 1
        if self.is_attached:
            self._drafts.touch()

    def action_add_point(self) -> None:
        """Add a point at the end of the agenda."""
        title = _("Punkt der Tagesordnung")
        self.feldbuch.opening.item(title, AgendaItem, {"id": new_id()}, self._add_point)

    def _add_point(self, entry: dict[str, Any]) -> None:
        self._collect()
        self.form.set(AGENDA, [*self.agenda, entry])
        self._point = len(self.agenda) - 1
        self._show_agenda()
        self._save(_("Punkt hinzugefügt."))
        self.query_one(VirtualTable).move_to_key(entry["id"])

    def action_remove_point(self) -> None:
        """Take the point under the cursor out of the agenda; Strg+Z takes it back."""
        agenda = self.agenda
        if self._point < len(agenda):
            self._collect()
            self.form.set(AGENDA, [point for number, point in enumerate(self.agenda) if number != self._point])
            self._point = max(self._point - 1, 0)
            self._show_agenda()
            self._save(_("Punkt entfernt. Strg+Z nimmt es zurück."))

    def action_attendance(self) -> None:
        """Open the attendance list."""
        self.feldbuch.opening.attendance(self.record_id)

    def action_task(self) -> None:
        """Note a task of this meeting."""
        circle = str(self.form.document.get("circle", ""))
        self.feldbuch.opening.new("task", None, origin=self.record_id, subject=circle)

    def action_need(self) -> None:
        """Note a need that came up here."""
        circle = str(self.form.document.get("circle", ""))
        self.feldbuch.opening.new("need", None, source=self.record_id, subject=circle)

    def action_case_round(self) -> None:
        """Begin a case round, which stays on this device."""
        self.feldbuch.opening.new("case_round", None, meeting=self.record_id)

    def action_release(self) -> None:
        """Release the minutes."""
        self._save(_("Protokoll freigegeben."), minutes_state="freigegeben", status="durchgefuehrt")

    def action_edit(self) -> None:
        """Edit everything about the meeting in its form."""
        self.keep_draft()
        self.feldbuch.opening.form(self.fieldbook.document(self.record_id))

    def action_back(self) -> None:
        """Go from the notes to the agenda; from there leave, keeping the draft."""
        table = self.query_one(VirtualTable)
        if self.focused is not table:
            self._collect()
            self._show_points()
            table.focus()
            return
        self.keep_draft(left=True)
        self.saving.settle(self._left)

    def _left(self) -> None:
        if self._drafts.closed or not self.is_active:
            return
        if self._drafts.pending:
            self.action_back()
            return
        if self.form.edits:
            self.feldbuch.say(_("Das Protokoll ist als Entwurf gesichert."))
        self._drafts.close()
        super().action_back()


def _typed(fieldbook: Fieldbook, record_id: str) -> Document:
    return dict((fieldbook.draft(record_id) or {}).get("values", {}))


def _seen(fieldbook: Fieldbook, record_id: str) -> Document:
    return dict((fieldbook.draft(record_id) or {}).get("seen", {}))


def _keep(fieldbook: Fieldbook, record_id: str, edits: Document, title: str, *, left: bool, saw: Document) -> None:
    # The draft may also hold what was typed into the meeting's form: it stays there until it is saved there.
    values = {**_typed(fieldbook, record_id), **edits}
    travels = fieldbook.base(record_id) is not None
    seen = {**seen_of(saw, edits), **_seen(fieldbook, record_id)} if travels else {}
    fieldbook.save_draft(record_id, "meeting", values, title, left=left, seen=seen)


def _store(fieldbook: Fieldbook, record_id: str, values: Document, saw: Document) -> None:
    record, seen = with_edits(fieldbook, record_id, values, saw)
    fieldbook.save(record, seen=seen)
    # What was just saved is what the next edits are made from.
    saw |= values
    fieldbook.drop_draft(record_id, {AGENDA})


def _point_cells(numbered: tuple[int, Document]) -> tuple[str, str, str]:
    number, point = numbered
    minutes = point.get("minutes")
    sign = "✓" if point.get("notes") or point.get("decision") else ""
    return str(number), f"{sign} {point.get('title', '')}".strip(), f"{minutes}′" if minutes else ""
