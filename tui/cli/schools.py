"""Schools: the command that takes over the official school directory, after showing what it would change."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from models.directory.diff import KINDS, Difference, compare
from models.directory.reader import read_authorities, read_directory
from models.directory.region import find_region
from models.directory.report import details, summary
from models.i18n import _
from models.records import parse
from tui.cli.dialogue import ask_yes
from tui.cli.guard import NOT_APPLIED
from tui.cli.output import complain, is_terminal, out

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from models.fieldbook import Fieldbook
    from models.records import Document

SHOWN_DETAILS = 20


def import_schools(fieldbook: Fieldbook, file: Path, *, region: str | None, traeger: Path | None, yes: bool) -> int:
    """Compare the directory in `file` with the fieldbook, show the difference, and apply it after a yes.

    Without `region` the one of the settings holds; `traeger` names the Schulträger. Returns 3 where nobody could be
    asked, and for a suspicious file although `yes` was given; raises `ImportRefused` for a file that cannot be relied on, `UsageError` for a region that does not exist.
    """
    key = fieldbook.settings.region if region is None else _key(region)
    directory = read_directory(file.expanduser(), progress())
    if traeger is not None:
        directory = directory.with_authorities(read_authorities(traeger.expanduser()))
    difference = compare(directory, _current(fieldbook), key)
    for line in summary(difference):
        out(line)
    if not difference:
        return 0
    for line in details(difference, SHOWN_DETAILS):
        out(line)
    if difference.suspicious and (yes or not is_terminal()):
        complain(
            _(
                "Nichts wurde übernommen. {doubts} Wenn die Datei stimmt: den Befehl ohne --yes in einem Terminal"
                " wiederholen und zustimmen."
            ).format(doubts=" ".join(difference.doubts))
        )
        return NOT_APPLIED
    if not yes:
        if not is_terminal():
            complain(_("Nichts wurde übernommen: Ohne Terminal kann niemand zustimmen. --yes übernimmt ohne Frage."))
            return NOT_APPLIED
        if not ask_yes(_question(difference)):
            out(_("Nichts wurde übernommen."))
            return 0
    out(_("{count} Einträge übernommen.").format(count=apply(fieldbook, difference)))
    _remember_region(fieldbook, key)
    return 0


def _question(difference: Difference) -> str:
    if difference.suspicious:
        return _("{doubts} Trotzdem übernehmen?").format(doubts=" ".join(difference.doubts))
    return _("Übernehmen?")


def _key(region: str) -> str:
    return find_region(region).key if region.strip() else ""


def _current(fieldbook: Fieldbook) -> list[Document]:
    return [document for kind in KINDS for document in fieldbook.documents(kind)]


def apply(fieldbook: Fieldbook, difference: Difference) -> int:
    """Save what the difference changes in one commit and return how many records that are."""
    records = [parse(document) for document in difference.documents(_current(fieldbook))]
    with fieldbook.batch(_("Schulverzeichnis")):
        for record in records:
            fieldbook.save(record)
    return len(records)


def _remember_region(fieldbook: Fieldbook, key: str) -> None:
    settings = fieldbook.settings
    if key and not settings.region:
        fieldbook.save_settings(settings.model_copy(update={"region": key}))


def progress() -> Callable[[int, int], None] | None:
    """Return what shows on a terminal how far the reading is; nothing where standard error goes elsewhere."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, size: int) -> None:
        end = "\n" if done >= size else ""
        text = _("Lesen: {percent} %").format(percent=100 * done // max(size, 1))
        sys.stderr.write(f"\r{text}{end}")
        sys.stderr.flush()

    return show
