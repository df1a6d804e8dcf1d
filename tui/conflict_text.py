"""Conflict text: the two versions of a conflict as screens show them, with the words that differ between signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.i18n import _
from models.present import title_of
from models.resolving import KEPT, OTHER, side_text
from models.rules.conflict_places import place_text
from models.rules.word_diff import differing
from models.vocabulary import vocabulary
from sync.account import Contact
from sync.exchange import Exchange
from tui.moments import moment_text
from tui.show import assemble

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.content import Content

    from models.fieldbook import Fieldbook
    from models.records import Document
    from models.rules.word_diff import Part

BEGIN, END = "«", "»"
"""Stand around words that the other version does not have: a colour alone is lost on many screens."""


def marked_side(conflict: Document, side: str, fieldbook: Fieldbook) -> Content:
    """Return what one side says, "kept" or "other"; what the other side does not say is marked."""
    kept, other = differing(side_text(conflict, KEPT, fieldbook), side_text(conflict, OTHER, fieldbook))
    return _marked(kept if side == KEPT else other)


def _marked(parts: Iterable[Part]) -> Content:
    pieces: list[tuple[str, str]] = []
    for part in parts:
        words = part.text.strip()
        if not part.differs or not words:
            pieces.append((part.text, ""))
            continue
        before, after = part.text[: part.text.index(words[0])], part.text[len(part.text.rstrip()) :]
        pieces += [(before, ""), (f"{BEGIN}{words}{END}", "bold $warning"), (after, "")]
    return assemble(*pieces)


def met_text(conflict: Document) -> str:
    """Return the place of a conflict and what met there: "Notizen · dieselbe Textstelle"."""
    rule = str(conflict.get("rule", ""))
    return " · ".join(filter(None, (place_text(conflict), vocabulary("conflict_rule").label(rule) if rule else "")))


def person_text(user: str, fieldbook: Fieldbook) -> str:
    """Return who is meant by the name in a record's stamps: this account, a known person, or somebody of the team."""
    contact = Contact.of(fieldbook)
    if user and user == contact.user:
        return _("{name} (dieser Zugang)").format(name=contact.name)
    adviser = fieldbook.by_key("adviser", user) if user else None
    return title_of(adviser, fieldbook) if adviser is not None else _("jemand im Team")


def other_text(conflict: Document, fieldbook: Fieldbook) -> str:
    """Return whose version was put aside, and when, on a line each: "von Anna Ast", "Di 24.11.2026, 09:12 Uhr"."""
    who = _("von {name}").format(name=person_text(str(conflict.get("other_by", "")), fieldbook))
    when = moment_text(str(conflict.get("created_at", "")), fieldbook.clock)
    return f"{who}\n{when}"


def decided_elsewhere(conflict: Document, fieldbook: Fieldbook) -> bool:
    """Tell whether the last change of a conflict came from another device than this one."""
    own = {fieldbook.settings.device, Exchange(fieldbook).standing.device}
    return str(conflict.get("device", "")) not in own
