"""Health of a fieldbook: what in its documents cannot be read or leads nowhere. Source: what `feldbuch doctor` says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from models.fields import Items, Kind, Reference, References, Table
from models.i18n import _
from models.records import KINDS, UnknownRecord, parse, record_class
from models.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from models.records import Document
    from models.records.base import Cleaned


@dataclass
class Health:
    """What was found: `problems` are wrong, `notes` are unusual but allowed; both are German sentences."""

    counts: dict[str, int] = field(default_factory=dict[str, int])
    deleted: int = 0
    problems: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])


def examine(documents: Iterable[Document], outbox: Iterable[str] = ()) -> Health:
    """Return the health of all `documents`, deleted ones included; `outbox` are the record ids that wait to be sent."""
    everything = list(documents)
    health = Health()
    live = [document for document in everything if not document.get("deleted_at")]
    health.deleted = len(everything) - len(live)
    health.counts = dict(sorted(Counter(str(document.get("kind", "")) for document in live).items()))
    known, gone = _keys(live), _keys(everything)
    for document in live:
        model = record_class(str(document.get("kind", "")))
        if document.get("kind") not in KINDS:
            health.notes.append(
                _("{where}: Satzart einer neueren Version, bleibt erhalten.").format(where=_where(document))
            )
        elif isinstance(record := parse(document), UnknownRecord):
            health.problems.append(_("{where}: lässt sich nicht lesen.").format(where=_where(document)))
        else:
            for text in record.problems().values():
                health.problems.append(f"{_where(document)}: {text}")
            _check_references(document, model, known, gone, health)
    ids = {document["id"] for document in everything}
    for record_id in outbox:
        if record_id not in ids:
            health.problems.append(
                _("Im Ausgang wartet {id}, einen solchen Eintrag gibt es nicht.").format(
                    id=clean(record_id, lines=False)
                )
            )
    return health


def _keys(documents: Iterable[Document]) -> dict[str, set[str]]:
    keys: dict[str, set[str]] = {}
    for document in documents:
        kind = str(document.get("kind", ""))
        of_kind = keys.setdefault(kind, set())
        of_kind.add(document["id"])
        number = record_class(kind).about.key
        if number and document.get(number):
            of_kind.add(str(document[number]))
    return keys


def _check_references(
    document: Document,
    model: type[Cleaned],
    known: Mapping[str, set[str]],
    gone: Mapping[str, set[str]],
    health: Health,
) -> None:
    for kind, to, key in references(document, model):
        if any(key in known.get(name, ()) for name in to.split()):
            continue
        line = _("{where}: {label} verweist auf {key}").format(
            where=_where(document), label=_(kind.label), key=clean(key, lines=False)
        )
        if any(key in gone.get(name, ()) for name in to.split()):
            health.notes.append(_("{line}; das ist gelöscht.").format(line=line))
        elif isinstance(kind, Reference) and kind.may_be_gone:
            health.notes.append(_("{line}; das gibt es hier nicht.").format(line=line))
        else:
            health.problems.append(_("{line}; das gibt es hier nicht.").format(line=line))


def references(values: Mapping[str, Any], model: type[Cleaned]) -> Iterator[tuple[Kind, str, str]]:
    """Yield (field kind, kinds referred to, key) for each reference in `values` (JSON form), list entries included."""
    for name, kind in model.kinds().items():
        value = values.get(name)
        if not value:
            continue
        match kind:
            case Reference():
                yield kind, kind.to, str(value)
            case References():
                for key in value:
                    yield kind, kind.to, str(key)
            case Table(keys=keys) if keys.startswith("to:"):
                for key in value:
                    yield kind, keys.removeprefix("to:"), str(key)
            case Items(model=entry_model):
                for entry in value:
                    yield from references(entry, entry_model)
            case _:
                pass


def _where(document: Document) -> str:
    one = _(record_class(str(document.get("kind", ""))).about.one)
    return f"{one} {clean(str(document['id']), lines=False)}"
