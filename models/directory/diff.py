"""What a directory file would change in the fieldbook: computed first, shown, and only then turned into documents.

Only directory fields are compared and set, whatever else a record holds stays. A record that is missing from the file
is marked as "nicht mehr im Verzeichnis" and never deleted; where it comes back, the mark goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from models.dates import show_date
from models.fields import is_empty
from models.i18n import _
from models.records.base import directory_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date

    from models.directory.reader import Directory
    from models.records.base import Document

KINDS = ("school", "organisation", "authority")

SUSPICIOUS_SHARE = 5
"""A file that drops more than one in five of a region's schools is doubted …"""
SUSPICIOUS_SCHOOLS = 50
"""… where it drops more than so many."""

_NOT_COMPARED = frozenset({"kind", "number", "directory_date"})
_GUESSED = frozenset({"name", "place", "authority_kind"})
"""Fields of an authority that are guesses as long as no Schulträger file names it; they never replace a value."""


@dataclass(frozen=True)
class Change:
    """What changes in one record: field → (value until now, new value), in JSON form."""

    kind: str
    number: str
    title: str
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Part:
    """The difference for one kind of record.

    `unchanged` are numbers; those in `confirmed` say the same as before and only get the new edition's day.
    """

    new: tuple[Document, ...] = ()
    changed: tuple[Change, ...] = ()
    gone: tuple[Change, ...] = ()
    unchanged: tuple[str, ...] = ()
    confirmed: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Tell whether anything would be saved."""
        return bool(self.new or self.changed or self.gone or self.confirmed)


@dataclass(frozen=True)
class Difference:
    """What would change, by kind of record. `doubts` are German sentences that speak against applying it."""

    region: str
    edition: date | None
    schools: Part
    organisations: Part
    authorities: Part
    doubts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def suspicious(self) -> bool:
        """Whether the file should not be applied without asking."""
        return bool(self.doubts)

    def parts(self) -> tuple[tuple[str, Part], ...]:
        """Return (kind, part) for all three kinds."""
        return tuple(zip(KINDS, (self.schools, self.organisations, self.authorities), strict=True))

    def __bool__(self) -> bool:
        """Tell whether anything would be saved."""
        return any(part for _kind, part in self.parts())

    def documents(self, current: Iterable[Document]) -> Iterator[Document]:
        """Yield the documents to save: those of `current` with the directory's fields set, then the new ones.

        `current` are the live documents as they are now; what was saved since `compare` is kept. A record that appeared
        meanwhile under a new one's number is updated instead of doubled.
        """
        known = _by_number(current)
        day = self.edition.isoformat() if self.edition else None
        for kind, part in self.parts():
            # A record that is gone keeps the day of the last edition that had it.
            for changes, dated in ((part.changed, day), (part.gone, None)):
                for change in changes:
                    if (document := known.get((kind, change.number))) is not None:
                        yield _with(document, {name: new for name, (_old, new) in change.fields.items()}, dated)
            for number in sorted(part.confirmed):
                if (document := known.get((kind, number))) is not None:
                    yield _with(document, {}, day)
            for fields in part.new:
                document = known.get((kind, fields["number"]), {"id": directory_id(kind, fields["number"])})
                yield _with(document, fields, day)


def _with(document: Document, fields: Mapping[str, Any], day: str | None) -> Document:
    """Return the document with the fields set and those that are empty now left out, as records are stored."""
    merged = {**document, **fields}
    if day:
        merged["directory_date"] = day
    return {name: value for name, value in merged.items() if not is_empty(value)}


def compare(directory: Directory, current: Iterable[Document], region: str = "") -> Difference:
    """Return what `directory` would change in the `current` live documents (any kinds; others are passed over).

    `region` is the beginning of the Gemeindeschlüssel ("05754"; empty for all): only its schools, their authorities and
    the bodies that supervise them are taken in. A school that has left the region but is in the file is updated.
    """
    known = _by_number(current)
    day = directory.edition.isoformat() if directory.edition else None
    in_region = [school for school in directory.schools if school["municipality_key"].startswith(region)]
    ours = {school.get("authority") for school in in_region}
    known_schools = [document for (kind, _number), document in known.items() if kind == "school"]
    ours_before = {
        school.get("authority")
        for school in known_schools
        if str(school.get("municipality_key", "")).startswith(region)
    }

    def school_here(document: Document) -> bool:
        return str(document.get("municipality_key", "")).startswith(region)

    def organisation_here(document: Document) -> bool:
        return _serves(document, region)

    def authority_listed(document: Document) -> bool:
        return not region or document["number"] in ours

    def authority_here(document: Document) -> bool:
        return not region or document["number"] in ours_before

    schools = _part("school", directory.schools, known, day, _Scope(school_here, school_here))
    supervision = _Scope(organisation_here, organisation_here)
    maintaining = _Scope(authority_listed, authority_here, directory.official)
    return Difference(
        region=region,
        edition=directory.edition,
        schools=schools,
        organisations=_part("organisation", directory.organisations, known, day, supervision),
        authorities=_part("authority", directory.authorities, known, day, maintaining),
        doubts=tuple(_doubts(directory, schools, [school for school in known_schools if school_here(school)])),
        warnings=directory.warnings,
    )


def _by_number(documents: Iterable[Document]) -> dict[tuple[str, str], Document]:
    """Return (kind, number) → document; of two with one number the one that is already in the directory."""
    found: dict[tuple[str, str], Document] = {}
    for document in documents:
        kind, number = document.get("kind"), document.get("number")
        if kind in KINDS and number:
            key = (str(kind), str(number))
            if key not in found or (document.get("in_directory") and not found[key].get("in_directory")):
                found[key] = document
    return found


def _serves(organisation: Document, region: str) -> bool:
    """Tell whether a body lies in the region or supervises it: its Bezirksregierung, and the ministry."""
    key = str(organisation.get("municipality_key", ""))
    match organisation.get("organisation_type"):
        case "ministerium":
            return True
        case "bezirksregierung":
            seat = region[:3]
            return key.startswith(seat)
        case _:
            return key.startswith(region)


class _Scope(NamedTuple):
    """What an import is about: `wanted` chooses from the file, `was_here` from the fieldbook.

    `official` are the numbers whose names are no guesses; None where all values are official.
    """

    wanted: Callable[[Document], bool]
    was_here: Callable[[Document], bool]
    official: frozenset[str] | None = None


def _part(
    kind: str,
    listed: Iterable[Document],
    known: Mapping[tuple[str, str], Document],
    day: str | None,
    scope: _Scope,
) -> Part:
    """Return the difference of one kind within `scope`."""
    new: list[Document] = []
    changed: list[Change] = []
    unchanged: list[str] = []
    confirmed: list[str] = []
    in_file: set[str] = set()
    for fields in listed:
        number = fields["number"]
        in_file.add(number)
        document = known.get((kind, number))
        if document is None:
            if scope.wanted(fields):
                new.append(fields)
            continue
        if not (scope.wanted(fields) or (document.get("in_directory") and scope.was_here(document))):
            continue
        guessed = _GUESSED if scope.official is not None and number not in scope.official else frozenset()
        changes = _changes(document, fields, guessed)
        if changes:
            changed.append(Change(kind, number, _title(fields), changes))
            continue
        unchanged.append(number)
        if day and document.get("directory_date") != day:
            confirmed.append(number)
    gone = [
        Change(kind, number, _title(document), {"in_directory": (True, False)})
        for (its_kind, number), document in known.items()
        if its_kind == kind and number not in in_file and document.get("in_directory") and scope.was_here(document)
    ]
    return Part(tuple(new), tuple(changed), tuple(gone), tuple(unchanged), frozenset(confirmed))


def _changes(document: Document, fields: Document, guessed: frozenset[str]) -> dict[str, tuple[Any, Any]]:
    changes: dict[str, tuple[Any, Any]] = {}
    for name, value in fields.items():
        old = document.get(name)
        if old == value or name in _NOT_COMPARED or (is_empty(old) and is_empty(value)):
            continue
        if name in guessed and not is_empty(old):
            continue
        changes[name] = (old, value)
    return changes


def _title(document: Document) -> str:
    return str(document.get("short_name") or document.get("name") or "")


def _doubts(directory: Directory, schools: Part, known: Iterable[Document]) -> Iterator[str]:
    listed = [school for school in known if school.get("in_directory")]
    gone = len(schools.gone)
    if gone > SUSPICIOUS_SCHOOLS and gone * SUSPICIOUS_SHARE > len(listed):
        yield _(
            "{gone} von {all} Schulen der Region fehlen in der Datei. Vielleicht ist sie unvollständig;"
            " bitte vor dem Übernehmen prüfen."
        ).format(gone=gone, all=len(listed))
    newest = max((str(school.get("directory_date") or "") for school in listed), default="")
    if directory.edition and newest > directory.edition.isoformat():
        yield _(
            "Die Datei ist vom {date} und damit älter als der Stand im Feldbuch; bitte vor dem Übernehmen prüfen."
        ).format(date=show_date(directory.edition))
