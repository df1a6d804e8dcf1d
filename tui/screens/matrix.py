"""MatrixScreen: one assessment against its catalogue, one key per criterion."""

from __future__ import annotations

import datetime as dt
import re
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from models.catalogue import catalogue_of
from models.dates import show_date
from models.i18n import _
from models.present import name_of, present, title_of
from models.records import record_class
from models.records.needs import Task
from models.rules.assessment import earlier_assessment, proposed_tasks
from models.rules.visits import day_of
from tui.commands import Command, read_by_widget
from tui.draft_timer import DraftTimer
from tui.edited import seen_of, with_edits
from tui.screens.room import Room
from tui.widgets.matrix import MatrixWidget, ReasonWanted, Refused
from tui.widgets.matrix_text import MatrixNotes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult

    from models.fieldbook import Fieldbook
    from models.records import Document

DRAFT_DELAY = 0.2
"""Seconds after the last key at which the ratings are written as a draft."""

_TARGET = re.compile(r"\s*([1-4])\s*(?:(?:bis|,)?\s*(\d{1,2})[/.](\d{4}))?\s*")
_FOCUS_MOST = 3

Notes = dict[str, Any]


class MatrixScreen(Room):
    """Rates one assessment. Each rating is kept at once; leaving stores the record."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        read_by_widget("1–4", "Stufe", "Stufe setzen; 4 nur, wo das Zielbild mehr verlangt als Stufe 3"),
        read_by_widget("0", "ohne", "Kriterium mit Grund nicht bewerten"),
        read_by_widget(
            "↓↑", "Kriterium", "Kriterium wechseln; Bild↑ und Bild↓ gehen zum nächsten Abschnitt", footer=False
        ),
        read_by_widget("Rück", "leeren", "Bewertung leeren", footer=False),
        Command("finish", "ctrl+d", "Fertig", "Abschließen und Aufgaben vorschlagen", holds=True),
        Command("comment", "k", "Kommentar", "Eigene Kommentierung des Abschnitts"),
        Command("comment_criterion", "c", "Zum Kriterium", "Kommentar zum Kriterium", footer=False),
        Command("target", "t", "Ziel", "Zielstufe und Termin des Kriteriums"),
        Command("evidence", "i", "Beleg", "Beleg zum Kriterium", footer=False),
        Command("choose_focus", "s", "Schwerpunkt", "Kriterium als Schwerpunkt wählen (zwei oder drei)"),
        Command("overview", "g", "Überblick", "Stufen je Abschnitt, Veränderung und was noch offen ist", footer=False),
        Command("compare", "v", "Vergleich", "Alle Bestandsaufnahmen dieser Stelle nebeneinander", holds=True),
        Command("undo_rating", "u", "Rückgängig", "Letzte Bewertung zurücknehmen", footer=False),
        Command("edit", "e", "Angaben", "Datum, Art und Beteiligte bearbeiten", footer=False, holds=True),
        Command("save", "ctrl+s", "Speichern", footer=False),
        Command("back", "escape", "Zurück", "Speichern und zurück", footer=False, holds=True),
    )
    HELP_TEXT = (
        "Die Ziffern 1 bis 3 setzen die Stufe, danach kommt von selbst das nächste Kriterium; 4 ist „Zielbild erreicht“, "
        "wo das Zielbild mehr verlangt als Stufe 3; 0 lässt ein Kriterium mit Grund aus, Rück leert es. "
        "k schreibt die eigene Kommentierung des Abschnitts, c einen Kommentar zum Kriterium (Zeichen ¶), t das Ziel, s wählt Schwerpunkte, g zeigt den Überblick. Strg+D schließt ab und "
        "schlägt zu den Schwerpunkten Aufgaben vor."
    )
    FIRST_FOCUS = "MatrixWidget"

    def __init__(self, record_id: str) -> None:
        """Rate the assessment with this id."""
        super().__init__()
        self.record_id = record_id
        self._drafts = DraftTimer(self, self.keep_draft, DRAFT_DELAY)
        self._notes: Notes = {}
        self._seen: Document = {}
        """The assessment as it was when the person began; changed only where it is saved."""

    @property
    def document(self) -> Document:
        """The assessment as it is stored."""
        return self.fieldbook.document(self.record_id)

    @property
    def matrix(self) -> MatrixWidget:
        """The matrix."""
        return self.query_one(MatrixWidget)

    def content(self) -> ComposeResult:
        """Yield the matrix, going on with what a crash left behind."""
        document = self.document
        kept = self.fieldbook.draft(self.record_id) or {}
        draft = kept.get("values", {})
        self._notes = {name: draft.get(name, document.get(name)) or {} for name in _NOTES}
        self._notes["focus"] = list(draft.get("focus", document.get("focus", ())))
        ratings = draft.get("ratings", document.get("ratings")) or {}
        self._seen = {**seen_of(document, {"ratings", "status", "state", *self._notes}), **kept.get("seen", {})}
        yield MatrixWidget(catalogue_of(document), ratings, notes=self._beside(), locked=self._locked())

    def _locked(self) -> str:
        if self.document.get("state") == "freigegeben":
            return _("Diese Bestandsaufnahme ist freigegeben und wird nicht mehr geändert.")
        return ""

    def _earlier(self) -> Document:
        document = self.document
        others = self.fieldbook.where("assessment", subject=str(document.get("subject", "")))
        return dict(earlier_assessment(document, others) or {})

    def _beside(self) -> MatrixNotes:
        earlier = self._earlier()
        day = day_of(earlier, "date")
        return MatrixNotes(
            previous=earlier.get("ratings") or {},
            previous_day=show_date(day) if day else "",
            targets=self._notes["targets"],
            evidence=self._notes["evidence"],
            comments=self._notes["comments"],
            criterion_comments=self._notes["criterion_comments"],
            focus=tuple(self._notes["focus"]),
        )

    def heading(self) -> str:
        """Return catalogue, subject, mode and progress."""
        document = self.document
        mode = present(record_class("assessment").kinds()["mode"], document.get("mode"), self.fieldbook)
        state = self.matrix.state if self.is_mounted and self.query(MatrixWidget) else None
        done = str(state.progress) if state else ""
        title = catalogue_of(document).title
        subject = name_of("school authority", str(document.get("subject", "")), self.fieldbook)
        return " · ".join(filter(None, (title, subject, mode, done)))

    # Rating

    def on_rated(self) -> None:
        """Keep each answer."""
        self._touch()

    def on_reason_wanted(self, event: ReasonWanted) -> None:
        """Ask why a criterion is left out."""

        def answer(reason: str) -> None:
            self.matrix.leave_out(event.criterion_id, reason or _("ohne Angabe"))
            self._touch()

        self.feldbuch.opening.ask_text(_("Warum wird dieses Kriterium nicht bewertet?"), answer)

    def on_refused(self, event: Refused) -> None:
        """Say why a key had no effect."""
        self.feldbuch.say(event.text)

    def on_completed(self) -> None:
        """Say what comes next."""
        self.feldbuch.say(_("Alle Kriterien haben eine Antwort. s wählt Schwerpunkte, Strg+D schließt ab."))

    def _touch(self) -> None:
        self._drafts.touch()
        self.refresh_lines()

    def _values(self) -> Document:
        ratings = {key: dict(entry) for key, entry in self.matrix.state.ratings.items()}
        return {"ratings": ratings, **self._notes}

    def keep_draft(self) -> None:
        """Write the ratings as a draft: a small file, whatever the size of the fieldbook."""
        self._drafts.cancel()
        title = title_of(self.document, self.fieldbook)
        self.saving.do(
            partial(_keep, self.fieldbook, self.record_id, self._values(), title, self._seen),
            replaces=f"draft {self.record_id}",
        )

    def leaving(self) -> None:
        """Store the record as the program ends."""
        self._store(lambda: None)

    def _store(self, then: Callable[[], None], **extra: Any) -> None:
        self._drafts.cancel()
        values = self._values()

        self.saving.do(
            partial(_store, self.fieldbook, self.record_id, {**values, **extra}, self._seen),
            lambda _nothing: then(),
            failed=self._drafts.touch,
        )

    def _store_all(self, then: Callable[[], None], **extra: Any) -> None:
        """Store, and call `then` once nothing is left that was rated while the disk kept everybody waiting."""
        sent = self._values()

        def stored() -> None:
            if self._drafts.closed or not self.is_active:
                return
            if self._values() == sent:
                then()
            else:
                self._store_all(then, **extra)

        self._store(stored, **extra)

    # Commands

    def action_undo_rating(self) -> None:
        """Take the last rating back."""
        if self.matrix.undo_rating():
            self._touch()

    def action_comment(self) -> None:
        """Write the comment of the section."""
        criterion = self.matrix.state.criterion
        catalogue = self.matrix.state.catalogue
        section = catalogue.section_of(criterion.id) if criterion else None
        if section is None:
            return

        def answer(text: str) -> None:
            self._note("comments", section.id, text)

        question = _("Eigene Kommentierung: {section}").format(section=section.heading)
        self.feldbuch.opening.ask_long_text(question, answer, str(self._notes["comments"].get(section.id, "")))

    def action_comment_criterion(self) -> None:
        """Write the comment on the criterion."""
        criterion = self.matrix.state.criterion
        if criterion is None:
            return

        def answer(text: str) -> None:
            self._note("criterion_comments", criterion.id, text)

        known = str(self._notes["criterion_comments"].get(criterion.id, ""))
        self.feldbuch.opening.ask_long_text(
            _("Kommentar: {criterion}").format(criterion=criterion.title), answer, known
        )

    def action_evidence(self) -> None:
        """Note the evidence for the criterion."""
        criterion = self.matrix.state.criterion
        if criterion is not None:
            known = str(self._notes["evidence"].get(criterion.id, ""))
            question = _("Beleg: {criterion}").format(criterion=criterion.title)
            self.feldbuch.opening.ask_text(question, lambda text: self._note("evidence", criterion.id, text), known)

    def action_target(self) -> None:
        """Set the level to be reached and by when."""
        criterion = self.matrix.state.criterion
        if criterion is None:
            return
        target = self._notes["targets"].get(criterion.id) or {}
        known = show_target(target)

        def answer(text: str) -> None:
            read = read_target(text, criterion.top)
            if read is None:
                self.feldbuch.say(
                    _("Ein Ziel sieht so aus: 3 07/2027 (Stufe, Monat). Nichts wurde geändert."), problem=True
                )
            else:
                self._note("targets", criterion.id, read)

        question = _("Ziel für {criterion}: Stufe und Monat, zum Beispiel 3 07/2027").format(criterion=criterion.title)
        self.feldbuch.opening.ask_text(question, answer, known)

    def _note(self, field: str, key: str, value: Any) -> None:
        notes = {**self._notes[field], key: value}
        self._notes[field] = {name: entry for name, entry in notes.items() if entry}
        self.matrix.show_notes(self._beside())
        self._touch()

    def action_choose_focus(self) -> None:
        """Choose the criterion as a focus, or take that back."""
        criterion = self.matrix.state.criterion
        if criterion is None:
            return
        focus = list(self._notes["focus"])
        if criterion.id in focus:
            focus.remove(criterion.id)
        elif len(focus) >= _FOCUS_MOST:
            self.feldbuch.say(_("Drei Schwerpunkte sind gewählt. Weniger ist mehr: bitte erst einen abwählen."))
            return
        else:
            focus.append(criterion.id)
        self._notes["focus"] = focus
        self.matrix.show_notes(self._beside())
        self._touch()

    def action_overview(self) -> None:
        """Show levels and change by section, and go to the criterion that is chosen there."""
        beside, state = self._beside(), self.matrix.state
        subject = name_of("school authority", str(self.document.get("subject", "")), self.fieldbook)
        self.feldbuch.opening.overview(
            self.matrix.go_to, subject, state.catalogue, state.ratings, beside.previous, beside.previous_day
        )

    def action_compare(self) -> None:
        """Compare all assessments of this subject."""
        self._store_all(lambda: self.feldbuch.opening.over_time(str(self.document.get("subject", ""))))

    def action_edit(self) -> None:
        """Edit date, mode and people in the form."""
        self._store_all(lambda: self.feldbuch.opening.form(self.document))

    def action_save(self) -> None:
        """Store the assessment."""
        said = _("Gespeichert: {progress} bewertet.").format(progress=self.matrix.state.progress)
        self._store(lambda: self.feldbuch.say(said))

    def action_finish(self) -> None:
        """Finish the assessment, after a question where something is open."""
        progress = self.matrix.state.progress
        if progress.complete:
            self._finish()
            return
        question = _("{count} Kriterien sind noch offen. Trotzdem abschließen?").format(
            count=progress.total - progress.done
        )
        self.feldbuch.opening.ask(question, lambda sure: self._finish() if sure else None)

    def _finish(self) -> None:
        self._store_all(self._propose, status="abgeschlossen", state="abgeschlossen")

    def _propose(self) -> None:
        steps = self._tasks()
        if not steps:
            self.feldbuch.say(_("Abgeschlossen. Ohne Schwerpunkte werden keine Aufgaben vorgeschlagen."))
            self._leave()
            return
        lines = "\n".join(f"· {task.text}" for task in steps)
        question = _("Abgeschlossen. Diese Aufgaben anlegen?\n\n{lines}").format(lines=lines)
        self.feldbuch.opening.ask(question, lambda yes: self._finished(steps if yes else ()))

    def _tasks(self) -> list[Task]:
        state = self.matrix.state
        subject = str(self.document.get("subject", ""))
        known = {task.get("text") for task in self.fieldbook.where("task", subject=subject)}
        proposals = proposed_tasks(state.catalogue, state.ratings, self._notes["focus"], self._notes["targets"])
        return [
            Task(
                text=proposal.text,
                subject=subject,
                origin=self.record_id,
                due=dt.date.fromisoformat(f"{proposal.due}-01") if proposal.due else None,
                adviser=self.fieldbook.settings.adviser,
            )
            for proposal in proposals
            if proposal.text not in known
        ]

    def _finished(self, tasks: Iterable[Task]) -> None:
        self.saving.do(partial(_save_tasks, self.fieldbook, list(tasks)), lambda _nothing: self._leave())
        self.feldbuch.hold_keys()

    def action_back(self) -> None:
        """Store and leave."""
        self._store_all(self._leave)

    def _leave(self) -> None:
        if self.is_active and not self._drafts.closed:
            self._drafts.close()
            self.dismiss(None)


def _keep(fieldbook: Fieldbook, record_id: str, values: Document, title: str, saw: Document) -> None:
    others = (fieldbook.draft(record_id) or {}).get("values", {})
    seen = {name: saw[name] for name in values} if fieldbook.base(record_id) is not None else {}
    fieldbook.save_draft(record_id, "assessment", {**others, **values}, title, seen=seen)


def _store(fieldbook: Fieldbook, record_id: str, values: Document, saw: Document) -> None:
    record, seen = with_edits(fieldbook, record_id, values, saw)
    fieldbook.save(record, seen=seen)
    # What was just saved is what the next edits are made from.
    saw |= values
    fieldbook.drop_draft(record_id, values.keys())


def _save_tasks(fieldbook: Fieldbook, tasks: Iterable[Task]) -> None:
    with fieldbook.batch(_("Aufgaben aus der Bestandsaufnahme")):
        for task in tasks:
            fieldbook.save(task)


_NOTES = ("comments", "criterion_comments", "targets", "evidence")


def read_target(text: str, top: int) -> dict[str, Any] | None:
    """Return the target that a person means by "3 07/2027" or "3"; empty for no target, `None` where it cannot be read."""
    if not text.strip():
        return {}
    match = _TARGET.fullmatch(text)
    if match is None or int(match[1]) > top or (match[2] and not 1 <= int(match[2]) <= 12):
        return None
    due = f"{match[3]}-{int(match[2]):02}" if match[2] else ""
    return {"level": int(match[1]), **({"due": due} if due else {})}


def show_target(target: Document) -> str:
    """Return a target as people write it."""
    due = str(target.get("due") or "")
    return f"{target.get('level', '')} {due[5:7]}/{due[:4]}".strip(" /") if target else ""
