"""Finishing: the command `done`, which lists what is open and ticks it off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.dates import show_date
from models.errors import NotFound, UsageError
from models.i18n import _
from models.naming import SHORTEST_PREFIX, SHOWN_CANDIDATES, find_record, short_length
from models.present import full_title, title_of
from models.rules.tasks import TASK_KINDS, OpenTask, open_tasks
from models.text import clean
from models.vocabulary import vocabulary
from tui.check_off import check_off
from tui.cli.output import out, table, width

if TYPE_CHECKING:
    from models.fieldbook import Fieldbook

_HEADS = (("bis", 13), ("Wer", 10), ("Aufgabe", 40), ("betrifft", 28))


def list_open(fieldbook: Fieldbook) -> int:
    """Print all that is open with the ids by which it is ticked off, overdue first."""
    tasks = _open(fieldbook)
    if not tasks:
        out(_("Nichts ist offen."))
        return 0
    identified = short_length({task.id for task in tasks})
    owners = vocabulary("task_owner")
    rows = (
        [
            task.id[:identified],
            "" if task.due is None else show_date(task.due),
            owners.label(task.owner),
            task.text,
            task.subject,
        ]
        for task in tasks
    )
    for line in table([(_("Kennung"), identified), *((_(name), wide) for name, wide in _HEADS)], rows, width()):
        out(line)
    return 0


def finish(fieldbook: Fieldbook, name: str) -> int:
    """Tick off what `name` names: a task, or what is open in a record; raises `NotFound`, `UsageError`."""
    task = _find(_open(fieldbook), name.strip())
    if task is None:
        return _nothing_open(fieldbook, name)
    check_off(fieldbook, task)
    out(_("Erledigt: {title}").format(title=task.text))
    return 0


def _open(fieldbook: Fieldbook) -> list[OpenTask]:
    documents = (document for kind in TASK_KINDS for document in fieldbook.documents(kind))
    return open_tasks(documents, fieldbook.clock.today(), fieldbook)


def _find(tasks: list[OpenTask], wanted: str) -> OpenTask | None:
    found = [task for task in tasks if task.id == wanted]
    if not found and len(wanted) >= SHORTEST_PREFIX:
        found = [task for task in tasks if task.id.startswith(wanted.lower())]
    if len(found) > 1:
        raise NotFound(
            _("„{text}“ passt zu {count} offenen Aufgaben. Bitte mehr Zeichen angeben: {candidates}").format(
                text=clean(wanted, lines=False),
                count=len(found),
                candidates="; ".join(f"{task.id} {task.text}" for task in found[:SHOWN_CANDIDATES]),
            )
        )
    return found[0] if found else None


def _nothing_open(fieldbook: Fieldbook, name: str) -> int:
    document = find_record(fieldbook, name)
    if document.get("kind") == "task" and document.get("done_on") and not document.get("deleted_at"):
        out(_("War schon erledigt: {title}").format(title=title_of(document, fieldbook)))
        return 0
    raise UsageError(
        _("{title}: Darin ist unter dieser Kennung nichts offen. „feldbuch done“ nennt, was offen ist.").format(
            title=full_title(document, fieldbook)
        )
    )
