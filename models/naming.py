"""Naming: which kind, field or record a person means by what they type."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from models.errors import NotFound, UsageError
from models.i18n import _
from models.present import full_title
from models.records import KINDS, record_class
from models.text import clean, fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.fieldbook import Fieldbook
    from models.records import Document
    from models.records.base import Cleaned

SHORTEST_PREFIX = 4
SHOWN_CANDIDATES = 6


def find_kind(text: str, also: Iterable[str] = ()) -> str:
    """Return the kind that `text` names: its identifier or German word, singular, plural or the beginning of one.

    `also` are kinds from newer versions that the fieldbook holds. Raises `UsageError` naming all kinds.
    """
    wanted = fold(text.strip())
    if text in (*KINDS, *also):
        return text
    exact = [kind for kind in KINDS if wanted in _kind_words(kind)]
    found = exact or [
        kind
        for kind in KINDS
        if len(wanted) >= SHORTEST_PREFIX and any(word.startswith(wanted) for word in _kind_words(kind))
    ]
    if len(found) == 1:
        return found[0]
    raise UsageError(
        _("„{text}“ ist keine Satzart. Es gibt: {kinds}.").format(
            text=clean(text, lines=False),
            kinds=", ".join(_(record_class(kind).about.one) for kind in KINDS),
        )
    )


def _kind_words(kind: str) -> tuple[str, ...]:
    about = record_class(kind).about
    plural = kind[:-1] + "ies" if kind.endswith("y") else kind + "s"
    return (kind, plural, fold(_(about.one)), fold(_(about.many)))


def find_field(model: type[Cleaned], text: str) -> str:
    """Return the field that a person fills in and means by `text`: identifier or German label; raises `UsageError`."""
    fields = {name: kind for name, kind in model.kinds().items() if not kind.derived}
    wanted = text.strip().lstrip("-")
    if wanted.replace("-", "_") in fields:
        return wanted.replace("-", "_")
    plain = fold(wanted).replace("-", " ").replace("_", " ")
    found = [name for name, kind in fields.items() if fold(_(kind.label)).replace("-", " ") == plain]
    if found:
        return found[0]
    raise UsageError(
        _("Eine Angabe „{text}“ gibt es hier nicht. Möglich sind: {names}.").format(
            text=clean(wanted, lines=False),
            names=", ".join("--" + name.replace("_", "-") for name in fields),
        )
    )


def find_record(fieldbook: Fieldbook, text: str) -> Document:
    """Return the document that `text` names: id, official number, or the beginning of exactly one id.

    Deleted ones are found by id too. Raises `NotFound`, also where `text` fits several records.
    """
    wanted = text.strip()
    numbered = [
        document
        for kind in KINDS
        if record_class(kind).about.key and (document := fieldbook.by_key(kind, wanted)) is not None
    ]
    if len(numbered) == 1:
        return numbered[0]
    found = numbered or _with_prefix(fieldbook, wanted)
    if len(found) == 1:
        return found[0]
    shown = clean(text, lines=False)
    if not found:
        raise NotFound(_("Kein Eintrag hat die Kennung oder Nummer „{text}“.").format(text=shown))
    candidates = "; ".join(
        f"{document['id']} {full_title(document, fieldbook)}" for document in found[:SHOWN_CANDIDATES]
    )
    raise NotFound(
        _("„{text}“ passt zu {count} Einträgen. Bitte mehr Zeichen angeben: {candidates}").format(
            text=shown, count=len(found), candidates=candidates
        )
    )


def _with_prefix(fieldbook: Fieldbook, wanted: str) -> list[Document]:
    beginning: list[Document] = []
    for document in fieldbook.everything():
        if document["id"] == wanted:
            return [document]
        if len(wanted) >= SHORTEST_PREFIX and document["id"].startswith(wanted.lower()):
            beginning.append(document)
    return beginning


def short_length(ids: Iterable[str], least: int = 6) -> int:
    """Return how many characters of an id tell all `ids` apart, at least `least`."""
    needed = least
    for before, after in pairwise(sorted(ids)):
        if before[:needed] == after[:needed]:
            common = next(
                (place for place, (a, b) in enumerate(zip(before, after, strict=False)) if a != b),
                min(len(before), len(after)),
            )
            needed = max(needed, common + 1)
    return needed
