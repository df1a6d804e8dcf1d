"""TasksScreen (F8): everything that is open, wherever it was agreed; done with one key."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from models.dates import show_date
from models.i18n import _
from models.rules.tasks import TASK_KINDS, OpenTask, open_tasks
from models.rules.text_index import SearchText
from models.rules.visits import day_of
from models.text import clean, fold
from models.vocabulary import vocabulary
from tui.check_off import check_off
from tui.columns import ListColumn
from tui.commands import Command
from tui.screens.list_room import Filter, ListRoom, equals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.content import Content

    from models.present import Lookup
    from models.records import Document


class TasksScreen(ListRoom):
    """Tasks and agreements, overdue first; `o` shows only one's own, `g` puts them together by school."""

    PLACE = "tasks"
    KIND = "task"
    FOLLOWS = frozenset({*TASK_KINDS, "school", "authority"})
    SORT = "due"
    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("done", "x,space", "Erledigt", "Aufgabe als erledigt abhaken"),
        Command("group", "g", "Je Schule", "Nach Schulen ordnen, oder wieder nach Datum"),
        Command("own", "o", "Meine/alle", "Nur die eigenen Aufgaben oder alle"),
    )
    HELP_TEXT = (
        "Alle offenen Aufgaben: eigene Einträge, Vereinbarungen aus Besuchen, Beratungen und Treffen, Wiedervorlagen "
        "und Protokolle, die noch nicht freigegeben sind. x oder Leer hakt ab, Strg+Z nimmt es zurück. Enter öffnet "
        "den Eintrag, aus dem die Aufgabe stammt."
    )

    def __init__(self) -> None:
        """Begin with the order by day."""
        super().__init__()
        self._open_tasks: tuple[object, dict[str, OpenTask]] = (None, {})
        self._grouped = False

    # The list

    def _tasks(self) -> dict[str, OpenTask]:
        today = self.fieldbook.clock.today()
        stand = (self.fieldbook.version, today)
        if self._open_tasks[0] != stand:
            documents = [document for kind in TASK_KINDS for document in self.fieldbook.documents(kind)]
            self._open_tasks = (stand, {task.key: task for task in open_tasks(documents, today, self.fieldbook)})
        return self._open_tasks[1]

    def documents(self) -> Sequence[Document]:
        """Return a line for each open task, known by the task's own key."""
        return [_line(task) for task in self._tasks().values()]

    def columns(self) -> Sequence[ListColumn]:
        """Return mark, day, owner, text and subject."""
        return _COLUMNS

    def filters(self) -> Iterable[Filter]:
        """Return who is to act, and what is overdue."""
        owners = {task.owner for task in self._tasks().values()}
        words = vocabulary("task_owner")
        for code in words.sorted(owners):
            yield Filter(_("Wer"), clean(words.label(code), lines=False), equals("owner", code))
        yield Filter(_("Frist"), _("überfällig"), lambda line: bool(line["overdue"]))
        yield Filter(_("Frist"), _("ohne Datum"), lambda line: not line["due"])

    def search_text(self, document: Document) -> SearchText:
        """Return text and subject."""
        return SearchText(f"{document['text']} {document['subject']}")

    def is_own(self, document: Document) -> bool:
        """Tell whether the user is to act: it was put down by the user, or by nobody known, for "ich"."""
        return document["owner"] == "ich" and document["adviser"] in ("", self.fieldbook.settings.adviser)

    def grouped(self, documents: Sequence[Document]) -> Sequence[Document | str]:
        """Return the lines under the names of their schools, those without one at the end."""
        if not self._grouped:
            return documents
        groups: dict[str, list[Document]] = {}
        for document in documents:
            groups.setdefault(str(document["subject"]), []).append(document)
        rows: list[Document | str] = []
        for name in sorted(groups, key=lambda name: (not name, fold(name))):
            rows += [name or _("ohne Schule"), *groups[name]]
        return rows

    def preview(self, document: Document) -> Content:
        """Return the record that the task comes from."""
        return super().preview(self.fieldbook.document(str(document["record"])))

    # Actions

    def current_task(self) -> OpenTask | None:
        """Return the task under the cursor."""
        document = self.current()
        return None if document is None else self._tasks().get(str(document["id"]))

    def record_of_row(self, key: str) -> str:
        """Return the record that a task comes from."""
        task = self._tasks().get(key)
        return task.record if task is not None else ""

    def open_row(self, key: str) -> None:
        """Open the record that a task comes from."""
        task = self._tasks().get(key)
        if task is not None:
            self.feldbuch.opening.record(task.record)

    def new_values(self) -> dict[str, str]:
        """Return the school of the task under the cursor."""
        task = self.current_task() if self._grouped else None
        return {"subject": task.subject_key} if task is not None and task.subject_key else {}

    def action_done(self) -> None:
        """Mark the task under the cursor as done."""
        task = self.current_task()
        if task is None:
            return
        said = _("Erledigt: {text}. Strg+Z nimmt es zurück.").format(text=task.text)
        self.saving.do(partial(check_off, self.fieldbook, task), lambda _saved: self.feldbuch.say(said))

    def action_group(self) -> None:
        """Put the tasks together by school, or order them by day again."""
        self._grouped = not self._grouped
        self.reload()

    def action_own(self) -> None:
        """Switch between own tasks and all; without a name in the settings, "ich" counts."""
        self.own_only = not self.own_only
        self.reload()


def _line(task: OpenTask) -> Document:
    return {
        "id": task.key,
        "kind": "task",
        "text": task.text,
        "due": None if task.due is None else task.due.isoformat(),
        "owner": task.owner,
        "subject": task.subject,
        "adviser": task.adviser,
        "overdue": task.overdue,
        "record": task.record,
    }


def _due(document: Document, _lookup: Lookup) -> str:
    day = day_of(document, "due")
    return "" if day is None else show_date(day)


def _owner(document: Document, _lookup: Lookup) -> str:
    return clean(vocabulary("task_owner").label(str(document["owner"])), lines=False)


_COLUMNS = (
    ListColumn("overdue", "", 1, lambda document, _lookup: "!" if document["overdue"] else "", mark="error"),
    ListColumn("due", "bis", 13, _due, lambda document, _lookup: document["due"]),
    ListColumn("text", "Aufgabe", 26, lambda document, _lookup: str(document["text"]), flex=2),
    ListColumn("owner", "wer", 11, _owner),
    ListColumn("subject", "betrifft", 22, lambda document, _lookup: str(document["subject"]), flex=1),
)
