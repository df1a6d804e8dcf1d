"""Doctor: the command that checks a fieldbook and counts what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.i18n import _
from models.rules.health import examine
from models.text import clean
from tui.cli.care import print_counts
from tui.cli.output import out

if TYPE_CHECKING:
    from pathlib import Path

    from models.fieldbook import Fieldbook

SHOWN = 50


def examine_fieldbook(fieldbook: Fieldbook, directory: Path) -> int:
    """Print the state of the fieldbook; returns 1 where something in it is wrong."""
    health = examine(fieldbook.everything(), fieldbook.outbox())
    out(_("Speicherort: {path}").format(path=directory))
    out(_("Größe: {size} kB").format(size=-(-fieldbook.size() // 1000)))
    print_counts(health.counts)
    out(_("Gelöscht: {count}").format(count=health.deleted))
    out(_("Entwürfe: {count}").format(count=len(fieldbook.drafts())))
    out(_("Noch nicht abgeglichen: {count}").format(count=len(fieldbook.outbox())))
    _print_some(_("Hinweis"), health.notes)
    _print_some(_("Fehler"), health.problems)
    out(_("Alles in Ordnung.") if not health.problems else _("{count} Fehler.").format(count=len(health.problems)))
    return 1 if health.problems else 0


def _print_some(what: str, lines: list[str]) -> None:
    for line in lines[:SHOWN]:
        out(f"{what}: {clean(line, lines=False)}")
    if len(lines) > SHOWN:
        out(_("{what}: und {count} weitere").format(what=what, count=len(lines) - SHOWN))
