"""The directory's files as documents: schools, the bodies of the Schulaufsicht, and Schulträger.

Columns are found by name, so that editions with more, fewer or moved columns read alike. A column that is missing
leaves its field out of the documents; an empty value is there as "" (None for dates and numbers) and empties the field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

from models.directory.authorities import derived_authorities, enriched
from models.directory.columns import Remarks, address_columns, forms, school_columns
from models.directory.table import Problems, read_table
from models.errors import ImportRefused
from models.i18n import _
from models.text import clean, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from models.directory.columns import Columns
    from models.records.base import Document

REQUIRED = ("Schulnummer", "Schulform", "Kurzbezeichnung", "PLZ", "Ort", "Gemeindeschluessel")
AUTHORITIES_REQUIRED = ("Traegernummer", "Traegerbezeichnung_1")

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes; the real file has 1.7 million."""

SUPERVISION = "0A"
"""Schulform of the Schulaufsicht: ministry, Bezirksregierungen, Schulämter. Source: the ministry's key list."""

ZFSL_FORMS = frozenset(str(code) for code in range(50, 59))
"""Schulformen of the Zentren für schulpraktische Lehrerausbildung and their seminars, which are no schools."""

_NAME_PARTS = ("Schulbezeichnung_1", "Schulbezeichnung_2", "Schulbezeichnung_3")
_AUTHORITY_NAME_PARTS = ("Traegerbezeichnung_1", "Traegerbezeichnung_2", "Traegerbezeichnung_3")
_NUMBER_DIGITS = 6
_SCHOOL_ONLY = frozenset(
    {
        "school_form",
        "district",
        "legal_form",
        "operating_status",
        "authority",
        "operating_since",
        "epsg",
        "east",
        "north",
    }
)


@dataclass(frozen=True)
class Directory:
    """What a directory file says. `edition` is its day where it is known; `warnings` are remarks for the user.

    The documents hold directory fields only. `official` are the numbers of the authorities whose names come from the
    Schulträger file; all other names are guesses.
    """

    edition: date | None
    schools: list[Document]
    organisations: list[Document]
    authorities: list[Document]
    warnings: tuple[str, ...] = ()
    official: frozenset[str] = frozenset()

    def with_authorities(self, official: dict[str, Document]) -> Directory:
        """Return this directory with the names and addresses that `read_authorities` found."""
        authorities, found = enriched(self.authorities, official)
        return replace(self, authorities=authorities, official=found)


def read_directory(
    path: Path | str,
    progress: Callable[[int, int], None] | None = None,
    edition: date | None = None,
) -> Directory:
    """Return what the file schuldaten.csv at `path` says; `progress` hears of bytes done and bytes in all.

    The file does not tell its own day: it is `edition`, else a date in the file's name ("schuldaten_2021-09-01.csv").
    Raises ImportRefused, with the lines, where anything in it cannot be relied on; nothing is read halfway.
    """
    return parse_directory(_bytes(path), progress, edition or _edition_in(Path(path).name))


def read_authorities(path: Path | str) -> dict[str, Document]:
    """Return number → fields of the Schulträger in the companion file key_traeger.csv. Raises ImportRefused."""
    return parse_authorities(_bytes(path))


def _bytes(path: Path | str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ImportRefused(
            _("Die Datei „{name}“ ist nicht lesbar. Nichts wurde übernommen. Bitte Namen und Rechte prüfen.").format(
                name=cut(clean(Path(path).name, lines=False), 60)
            )
        ) from error
    if len(data) > LARGEST_FILE:
        raise ImportRefused(_("Die Datei ist größer als 64 MB und kein Schulverzeichnis. Nichts wurde übernommen."))
    return data


def _edition_in(name: str) -> date | None:
    match = re.search(r"(?<!\d)(20\d\d)[-_.]?(\d\d)(?:[-_.]?(\d\d))?(?!\d)", name, re.ASCII)
    if not match:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3] or 1))
    except ValueError:
        return None


def parse_directory(
    data: bytes,
    progress: Callable[[int, int], None] | None = None,
    edition: date | None = None,
) -> Directory:
    """Return what the bytes of schuldaten.csv say; see `read_directory`."""
    problems = Problems()
    table = read_table(data, REQUIRED, problems, progress)
    numbers = table.needed("Schulnummer")
    _check(table.lines, numbers, _school_number_problem, problems)
    problems.refuse()
    remarks = Remarks()
    columns: Columns = {"number": numbers, "in_directory": [True] * len(numbers)}
    if edition:
        columns["directory_date"] = [edition.isoformat()] * len(numbers)
    columns["school_form"] = forms(table)
    columns |= address_columns(table, _NAME_PARTS) | school_columns(table, remarks)
    schools: list[Document] = []
    organisations: list[Document] = []
    for line, document in zip(table.lines, _documents(columns, "school"), strict=True):
        if not document["short_name"]:
            document["short_name"] = document.get("name") or document["number"]
            remarks.add(line, _("Die Kurzbezeichnung fehlt, der amtliche Name steht dafür."))
        form = document["school_form"]
        if form == SUPERVISION or form in ZFSL_FORMS:
            organisations.append(_organisation(document, form))
        else:
            schools.append(document)
    authorities = derived_authorities(schools)
    if edition:
        for authority in authorities:
            authority["directory_date"] = edition.isoformat()
    return Directory(edition, schools, organisations, authorities, remarks.sentences())


def _documents(columns: Columns, kind: str) -> Iterator[Document]:
    names = ("kind", *columns)
    for values in zip(repeat(kind), *columns.values(), strict=False):
        yield dict(zip(names, values, strict=False))


def _organisation(document: Document, form: str) -> Document:
    """Return a row that is no school as organisation: the ministry is 600000, Bezirksregierungen 600100 to 600900."""
    number: str = document["number"]
    if form in ZFSL_FORMS:
        organisation_type = "zfsl"
    elif number == "600000":
        organisation_type = "ministerium"
    else:
        organisation_type = "bezirksregierung" if re.fullmatch(r"600[1-9]00", number) else "schulamt"
    return {
        **{name: value for name, value in document.items() if name not in _SCHOOL_ONLY},
        "kind": "organisation",
        "name": document.get("name") or document["short_name"],
        "organisation_type": organisation_type,
    }


def _check(lines: Sequence[int], numbers: Sequence[str], wrong: Callable[[str], str], problems: Problems) -> None:
    """Note each number that is `wrong` or stands in the file twice."""
    first: dict[str, int] = {}
    for line, number in zip(lines, numbers, strict=True):
        if problem := wrong(number):
            problems.add(line, problem)
        elif first.setdefault(number, line) != line:
            problems.add(
                line,
                _("Die Nummer {number} steht schon in Zeile {line}.").format(number=number, line=first[number]),
            )


def _school_number_problem(number: str) -> str:
    if len(number) == _NUMBER_DIGITS and number.isascii() and number.isdigit():
        return ""
    return _("Die Schulnummer „{number}“ hat nicht sechs Ziffern.").format(number=cut(number, 20))


def _authority_number_problem(number: str) -> str:
    if number.isascii() and number.isdigit():
        return ""
    return _("Die Trägernummer „{number}“ ist keine Zahl.").format(number=cut(number, 20))


def parse_authorities(data: bytes) -> dict[str, Document]:
    """Return number → fields of the Schulträger in the bytes of key_traeger.csv; see `read_authorities`."""
    problems = Problems()
    table = read_table(data, AUTHORITIES_REQUIRED, problems)
    numbers = table.needed("Traegernummer")
    _check(table.lines, numbers, _authority_number_problem, problems)
    problems.refuse()
    columns: Columns = {"number": numbers} | address_columns(table, _AUTHORITY_NAME_PARTS)
    columns.pop("homepage", None)
    found: dict[str, Document] = {}
    for document in _documents(columns, "authority"):
        name = document["name"] or document.get("short_name", "")
        if name:
            found[document["number"]] = {**document, "name": name}
    return found
