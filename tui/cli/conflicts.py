"""Conflicts: the commands `conflicts` and `resolve`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.i18n import _
from models.naming import short_length
from models.present import full_title, title_of
from models.resolving import KEPT, OTHER, changed_since, find_conflict, is_open, open_conflicts, resolve, side_text
from models.rules.conflict_places import place_text
from models.text import clean
from models.vocabulary import vocabulary
from tui.cli.output import out, out_json

if TYPE_CHECKING:
    from models.fieldbook import Fieldbook
    from models.records import Document

WORDS = {"kept": KEPT, "behalten": KEPT, "other": OTHER, "andere": OTHER}
"""What may be answered → which side is meant."""


def list_conflicts(fieldbook: Fieldbook, *, as_json: bool) -> int:
    """Print the conflicts that nobody decided yet, with both sides and the ids by which they are decided."""
    conflicts = open_conflicts(fieldbook)
    if as_json:
        out_json([{**conflict, "title": title_of(conflict, fieldbook)} for conflict in conflicts])
        return 0
    if not conflicts:
        out(_("Kein Konflikt ist offen."))
        return 0
    identified = short_length(document["id"] for document in fieldbook.documents("conflict"))
    for conflict in conflicts:
        out(f"{conflict['id'][:identified]}  {title_of(conflict, fieldbook)}")
        print_sides(conflict, fieldbook)
    out()
    out(
        _(
            "„feldbuch resolve KENNUNG kept“ lässt es, wie es gilt; „… other“ nimmt die andere Fassung; „… WERT“ setzt einen "
            "eigenen Wert."
        )
    )
    return 0


def print_sides(conflict: Document, fieldbook: Fieldbook) -> None:
    """Print what a conflict is about: what met, both sides, and what stands in the record where that is another by now."""
    rule = str(conflict.get("rule", ""))
    sides = [
        (_("Was sich traf"), vocabulary("conflict_rule").label(rule) if rule else ""),
        (_("Davor"), side_text(conflict, "base", fieldbook) if conflict.get("base") is not None else ""),
        (_("Es gilt"), side_text(conflict, KEPT, fieldbook)),
        (_("Andere Fassung"), side_text(conflict, OTHER, fieldbook)),
        (_("Inzwischen"), changed_since(conflict, fieldbook) or ""),
    ]
    for label, text in sides:
        if text:
            _print_text(label, text)


def _print_text(label: str, text: str) -> None:
    lines = clean(text).split("\n")
    if len(lines) == 1:
        out(f"    {label}: {text}")
        return
    out(f"    {label}:")
    for line in lines:
        out(f"      {line}")


def decide(fieldbook: Fieldbook, name: str, answer: str) -> int:
    """Decide one conflict; raises `NotFound`, `UsageError`, `InvalidRecord`."""
    conflict = find_conflict(fieldbook, name)
    title = title_of(conflict, fieldbook)
    if not is_open(conflict):
        out(_("War schon gelöst: {title}").format(title=title))
        return 0
    saved = resolve(fieldbook, conflict, WORDS.get(answer.strip().lower(), answer))
    out(_("Gelöst: {title}").format(title=title))
    if saved is None:
        text = changed_since(conflict, fieldbook) or side_text(conflict, KEPT, fieldbook)
        out(_("Es bleibt: {text}").format(text=clean(text, lines=False)))
    elif saved.deleted_at:
        out(_("Gelöscht: {title}").format(title=full_title(saved.document(), fieldbook)))
    else:
        out(_("Geändert: {place}").format(place=place_text(conflict)))
    return 0
