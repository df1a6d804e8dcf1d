"""FormScreen: the form of any record. Nothing typed into it is lost: drafts while typing, one key to save."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from models.forms import Form
from models.i18n import _
from models.present import title_of
from models.records import Record, record_class
from models.rules.planning import finished
from models.rules.visits import previous_of, visit_number
from tui.commands import Command
from tui.draft_timer import DraftTimer
from tui.edited import seen_of, with_edits
from tui.screens.room import Room, left_text
from tui.widgets.fields.body import FormBody

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from textual.app import ComposeResult

    from models.fieldbook import Fieldbook
    from models.records import Document

DRAFT_DELAY = 0.5
"""Seconds without a key after which a draft is written."""


class FormScreen(Room):
    """Edits one record, stored or new; dismisses with its id once it is saved, with `None` when it is left."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("save", "ctrl+s", "Speichern", holds=True),
        Command(
            "finish",
            "ctrl+d",
            "Abschließen",
            "Speichern und abschließen; Geplantes gilt dann als durchgeführt",
            holds=True,
        ),
        Command("take_previous", "ctrl+l", "Wie zuletzt", "Wert vom letzten Mal übernehmen"),
        Command("need", "ctrl+b", "Bedarf", "Bedarf notieren", footer=False),
        Command("task", "ctrl+k", "Aufgabe", "Aufgabe anlegen", footer=False),
        Command("discard", "ctrl+u", "Entwurf verwerfen", "Entwurf verwerfen und verlassen", footer=False),
        Command("delete", "ctrl+y", "Löschen", "Eintrag löschen", footer=False),
        Command("app.focus_previous", "up", "voriges Feld", footer=False, palette=False),
        Command("app.focus_next", "down", "nächstes Feld", footer=False, palette=False),
        Command("section(1)", "pagedown", "nächster Abschnitt", footer=False, priority=True, palette=False),
        Command("section(-1)", "pageup", "voriger Abschnitt", footer=False, priority=True, palette=False),
        Command("back", "escape", "Zurück", "Zurück; der Entwurf bleibt", holds=True),
    )
    HELP_TEXT = (
        "Tab, Enter und Pfeile gehen von Feld zu Feld, Bild↓ zum nächsten Abschnitt. Daten wie 24.11., heute, Mo oder +14; Zeiten wie 930. "
        "In Auswahlfeldern springen Buchstaben, Pfeile blättern, Enter zeigt alles. Rechts steht der Wert vom "
        "letzten Mal, Strg+L übernimmt ihn. Was getippt ist, bleibt als Entwurf, bis gespeichert oder verworfen wird."
    )
    TAKES_TEXT = True

    def __init__(self, document: Document, *, new: bool = False) -> None:
        """Edit `document`, going on with its draft where there is one; a new record's document holds its prefilled values."""
        super().__init__()
        self._document = document
        self.record_id = str(document["id"])
        self._new = new
        self._going = False
        self._next: Callable[[], None] | None = None
        self._result: tuple[str | None] | None = None
        self._saved_at = ""
        self._refused = ""
        self._seen: Document = {}
        self._drafts = DraftTimer(self, self.keep_draft, DRAFT_DELAY)

    def content(self) -> ComposeResult:
        """Yield the form's rows."""
        fieldbook = self.fieldbook
        kind = str(self._document["kind"])
        draft = fieldbook.draft(self._document["id"])
        stored = self._stored()
        self._new = stored is None
        self.form = Form(record_class(kind), stored or self._document, fieldbook.clock.today())
        if draft is not None:
            # The record may have changed since the draft was begun.
            self._seen = draft.get("seen", {})
            for name, entered in draft["values"].items():
                self.form.set(name, entered)
        self.body = FormBody(self.form, fieldbook, self._previous())
        yield self.body

    def _stored(self) -> Document | None:
        return self.fieldbook.by_key(str(self._document["kind"]), self._document["id"])

    def _previous(self) -> Document | None:
        subject = {name: str(key) for name, key in self._subject().items() if key}
        if not subject:
            return None
        kind = str(self._document["kind"])
        return previous_of(self.fieldbook.where(kind, **subject), {**self.form.document, **subject, "kind": kind})

    def _subject(self) -> Document:
        about = self.form.model.about if issubclass(self.form.model, Record) else Record.about
        return {about.subject: self.form.get(about.subject)} if about.subject in self.form.model.kinds() else {}

    def first_widget(self) -> Widget | None:
        """Return the first field that has to be filled in; where none has, the day, in a stored record the first."""
        rows = [row for row in self.body.rows() if row.display]
        required = self.form.model.model_fields
        wanted = (row for row in rows if required[row.field].is_required() and not self.form.get(row.field))
        when = self.form.model.about.when if self._new and issubclass(self.form.model, Record) else ""
        row = next(wanted, None) or next((row for row in rows if row.field == when), rows[0])
        return row.query("*").first(Widget)

    # Drafts

    @on(FormBody.Touched)
    def _touched(self) -> None:
        self._refused = ""
        self._drafts.touch()

    @on(Input.Submitted)
    def _line_done(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next()

    @on(FormBody.Left)
    def _field_left(self) -> None:
        if self._drafts.pending:
            self.keep_draft()
        self.refresh_lines()

    def keep_draft(self, *, left: bool = False) -> None:
        """Write what is typed as the draft of this record; an unchanged form has none."""
        if self._drafts.closed or self._going:
            return
        self._drafts.cancel()
        self.body.collect()
        record_id, kind = self._document["id"], str(self._document["kind"])
        if self.form.edits:
            values = {**self._prefilled(), **self.form.edits}
            travels = self.fieldbook.base(record_id) is not None
            seen = seen_of(self._saw(), self.form.edits) if travels else {}
            write = partial(self.fieldbook.save_draft, record_id, kind, values, self._title(), left=left, seen=seen)
            self.saving.do(write, lambda _nothing: self._kept(self.time_now()), replaces=f"draft {record_id}")
        elif self.saving.busy or self.fieldbook.draft(record_id) is not None:
            drop = partial(self.fieldbook.drop_draft, record_id)
            self.saving.do(drop, lambda _nothing: self._kept(""), replaces=f"draft {record_id}")
        self.refresh_lines()

    def _kept(self, time: str) -> None:
        self._saved_at = time
        self.refresh_lines()

    def leaving(self) -> None:
        """Keep the draft as one that was left on purpose."""
        self.keep_draft(left=True)

    def _saw(self) -> Document:
        """Return the record as it was when the person began to edit it."""
        return {**self.form.document, "kind": self._document["kind"], **self._seen}

    def _prefilled(self) -> dict[str, Any]:
        if not self._new:
            return {}
        return {name: self.form.get(name) for name, _kind in self.form.fields() if name in self.form.document}

    def _title(self) -> str:
        values = {**self.form.document}
        for name, entered in self.form.edits.items():
            if not self.form.problem(name):
                values[name] = entered
        return title_of({**values, "kind": self._document["kind"]}, self.fieldbook)

    def heading(self) -> str:
        """Return kind, title and the state of the draft."""
        about = record_class(str(self._document["kind"])).about
        if not self.is_mounted or not hasattr(self, "form"):
            return _(about.one)
        state = _("Entwurf gespeichert {time}").format(time=self._saved_at) if self._saved_at else ""
        title = self._title()
        named = title if title != _(about.one) else ""
        if self._refused:
            return " · ".join(filter(None, (_(about.one), named, self._refused)))
        return " · ".join(filter(None, (_(about.one), named, self._number(), _("neu") if self._new else "", state)))

    def _number(self) -> str:
        school = str(self.form.get("school") or "") if self._document["kind"] == "visit" else ""
        if not school:
            return ""
        day = "" if self.form.problem("date") else str(self.form.result_of("date") or "")
        visit = {**self.form.document, "kind": "visit", "school": school, "date": day}
        return _("{number}. Besuch").format(number=visit_number(self.fieldbook.where("visit", school=school), visit))

    # Commands

    def action_save(self) -> None:
        """Save the record; where something is missing, say what and keep the draft."""
        self._save()

    def action_finish(self) -> None:
        """Save the record as finished."""
        self._save(finish=True)

    def _save(self, *, finish: bool = False) -> None:
        if self._waits_for(self.action_finish if finish else self.action_save):
            return
        self.keep_draft()
        record, problems = self.form.read()
        if record is None:
            self.body.show_problems(problems)
            # In the title, not as a message above it: that would cover the field which is to be mended.
            what = _("1 Angabe") if len(problems) == 1 else _("{count} Angaben").format(count=len(problems))
            self._refused = _("noch nicht gespeichert: {what}").format(what=what)
            self.refresh_lines()
            return
        today = self.fieldbook.clock.today() if finish else None
        edits = dict(self.form.edits)
        self._go(
            partial(_store, self.fieldbook, cast("Record", record), edits, self._saw(), today),
            lambda saved: self._saved(saved, edits),
        )

    def _saved(self, saved: Record, edits: Document) -> None:
        self.feldbuch.say(_("Gespeichert: {title}").format(title=title_of(saved.document(), self.fieldbook)))
        then = self._ended()
        if not self.is_attached:
            return
        self._new, self._seen = False, {}
        self.body.follow(saved.document(), edits)
        if self.form.edits:
            # It was written on while the disk kept everybody waiting: that is the next draft.
            self.keep_draft()
        elif then not in (self.action_finish, self.action_delete):
            self._leave(saved.id)
            return
        if then is not None:
            then()

    # What the disk is waited for: one thing at a time, and what is asked for meanwhile comes after it.

    def _go(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        self._going = True
        self.saving.do(work, then, failed=self._not_done)
        self.feldbuch.hold_keys()

    def _waits_for(self, command: Callable[[], None]) -> bool:
        if self._going:
            self._next = command
        return self._going or self._drafts.closed

    def _ended(self) -> Callable[[], None] | None:
        then, self._next, self._going = self._next, None, False
        return then

    def _not_done(self) -> None:
        self._ended()
        if self.is_attached:
            self._drafts.touch()

    def _leave(self, result: str | None) -> None:
        self._drafts.close()
        self._result = (result,)
        self._close()

    def _close(self) -> None:
        # Another place may have been opened meanwhile, or a dialog: only what lies uppermost can be closed.
        if self._result is not None and self.is_active:
            self.dismiss(*self._result)

    def record_left(self) -> None:
        """Close a form in which nothing is typed; else it stays, and what is typed with it."""
        self.body.collect()
        if not self.form.edits and not self._going:
            self._leave(None)
        self.feldbuch.say(left_text())

    def on_screen_resume(self) -> None:
        """Close what was saved or given up while something else lay above."""
        self._close()

    def action_back(self) -> None:
        """Leave the form once its draft is written; it stays."""
        if self._waits_for(self.action_back):
            return
        self.keep_draft(left=True)
        self.saving.settle(self._left)

    def _left(self) -> None:
        if self._going or self._drafts.closed or not self.is_active:
            return
        if self._drafts.pending:
            self.action_back()
            return
        if self.form.edits:
            self.feldbuch.say(_("Der Entwurf ist gesichert und steht auf der Seite Heute."))
        self._leave(None)

    def action_discard(self) -> None:
        """Throw the draft away, after a question, and leave."""
        if not self._waits_for(self.action_discard):
            self.feldbuch.opening.ask(_("Was hier getippt wurde, verwerfen?"), self._discarded)

    def _discarded(self, sure: bool) -> None:  # noqa: FBT001 - the answer of a question
        if sure and not self._waits_for(self.action_discard):
            self._go(partial(self.fieldbook.drop_draft, self._document["id"]), self._gone)

    def _gone(self, _nothing: None) -> None:
        self._ended()
        self._leave(None)

    def action_delete(self) -> None:
        """Delete the record, after a question; Strg+Z takes it back."""
        if self._waits_for(self.action_delete):
            return
        if self._stored() is None:
            self.action_discard()
        else:
            question = _("{title} löschen? Strg+Z nimmt es zurück.").format(title=self._title())
            self.feldbuch.opening.ask(question, self._deleted)

    def _deleted(self, sure: bool) -> None:  # noqa: FBT001 - the answer of a question
        if sure and not self._waits_for(self.action_delete):
            self._go(partial(_delete, self.fieldbook, self._document["id"]), self._deletion_done)

    def _deletion_done(self, _nothing: None) -> None:
        self.feldbuch.say(_("Gelöscht. Strg+Z nimmt es zurück."))
        self._gone(None)

    async def action_section(self, by: int) -> None:
        """Go to the next section of the form, or back."""
        await self.body.go_to_section(by)

    def action_take_previous(self) -> None:
        """Put the last time's value into the field in use."""
        if not self.body.take_previous():
            self.feldbuch.say(_("Zu diesem Feld gibt es keinen früheren Wert."))

    def action_need(self) -> None:
        """Note a need that came up here."""
        self._capture("need", source=self._document["id"])

    def action_task(self) -> None:
        """Note a task that came up here."""
        self._capture("task", origin=self._document["id"])

    def _capture(self, kind: str, **values: Any) -> None:
        self.keep_draft()
        subject = next(iter(self._subject().values()), "")
        self.feldbuch.opening.new(kind, None, subject=subject, **values)


def _store(fieldbook: Fieldbook, record: Record, edits: Document, saw: Document, finished_on: date | None) -> Record:
    """Save `record` with what follows from it; it is finished where `finished_on` says when. Runs where all is written."""
    from models.rules.consequences import consequences  # noqa: PLC0415 - only saving needs the rule

    stored = fieldbook.by_key(record.kind, record.id)
    seen: Mapping[str, Any] = {}
    if stored is not None:
        # Only what was edited here goes onto the record as it is now: it may have changed meanwhile.
        result = record.document()
        record, seen = with_edits(fieldbook, record.id, {name: result.get(name) for name in edits}, saw)
    if finished_on is not None:
        record = record.changed(**finished(record.document(), finished_on))
    with fieldbook.batch(_(record.about.one)):
        saved = fieldbook.save(record, seen=seen)
        for other in consequences(record, stored, fieldbook):
            fieldbook.save(other)
    fieldbook.drop_draft(record.id)
    return saved


def _delete(fieldbook: Fieldbook, record_id: str) -> None:
    fieldbook.drop_draft(record_id)
    fieldbook.delete(record_id)
