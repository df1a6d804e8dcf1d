"""How the columns of a ministry's file become the fields of records: one rule per field, applied to whole columns.

A spreadsheet that saved the file may have taken keys for numbers; the zeros it dropped are put back with a remark.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from models.directory.names import joined
from models.i18n import _
from models.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.directory.table import Table

Columns = dict[str, "Sequence[Any]"]
"""Field → its values, one for each row."""

DISTRICTS = {"1": "duesseldorf", "3": "koeln", "5": "muenster", "7": "detmold", "9": "arnsberg"}
"""Code of a Bezirksregierung (third digit of the Gemeindeschlüssel) → its folded seat."""

_PLAIN = {
    "Kurzbezeichnung": "short_name",
    "PLZ": "postcode",
    "Ort": "place",
    "Strasse": "street",
    "E-Mail": "mail",
    "Homepage": "homepage",
}
_DIALLED = {"phone": ("Telefonvorwahl", "Telefon"), "fax": ("Faxvorwahl", "Fax")}
_COORDINATES = {"east": ("UTMRechtswert", "KoordinatenRechtswert"), "north": ("UTMHochwert", "KoordinatenHochwert")}
_MUNICIPALITY_DIGITS = 8
_PLAIN_METRES = re.compile(r"[0-9]{1,9}").fullmatch


class Remarks:
    """What was mended or passed over: each kind once, with its first line and how many lines there are."""

    def __init__(self) -> None:
        """Begin without a remark."""
        self._seen: dict[str, tuple[int, int]] = {}

    def add(self, line: int, text: str) -> None:
        """Count one case of `text` in `line`."""
        first, count = self._seen.get(text, (line, 0))
        self._seen[text] = (first, count + 1)

    def sentences(self) -> tuple[str, ...]:
        """Return one sentence for each kind of remark."""
        return tuple(
            _("Zeile {line}: {remark}").format(line=first, remark=text)
            + (_(" Ebenso in {count} weiteren Zeilen.").format(count=count - 1) if count > 1 else "")
            for text, (first, count) in self._seen.items()
        )


def address_columns(table: Table, name_parts: Sequence[str]) -> Columns:
    """Return name, address, telephone, mail as far as the file has them; the name is joined from `name_parts`."""
    found: Columns = {field: values for name, field in _PLAIN.items() if (values := table.column(name)) is not None}
    parts = [values for name in name_parts if (values := table.column(name)) is not None]
    if parts:
        found["name"] = list(map(joined, zip(*parts, strict=True)))
    for field, (area_name, number_name) in _DIALLED.items():
        numbers = table.column(number_name)
        if numbers is not None:
            areas = table.column(area_name) or [""] * len(numbers)
            found[field] = [
                f"{area} {number}" if area and number else number for area, number in zip(areas, numbers, strict=True)
            ]
    return found


def school_columns(table: Table, remarks: Remarks) -> Columns:
    """Return the fields that only the directory of schools has, district and municipality among them."""
    found: Columns = {}
    keys = _converted(table, "Gemeindeschluessel", _municipality, remarks) or []
    found["municipality_key"] = keys
    found["district"] = _districts(table, keys, remarks)
    for name, field in (("Rechtsform", "legal_form"), ("Schulbetriebsschluessel", "operating_status")):
        if (values := table.column(name)) is not None:
            found[field] = values
    for name, field, rule in (
        ("Traegernummer", "authority", _authority),
        ("Schulbetriebsdatum", "operating_since", _day),
        ("EPSG", "epsg", _epsg),
    ):
        if (values := _converted(table, name, rule, remarks)) is not None:
            found[field] = values
    for field, names in _COORDINATES.items():
        for name in names:
            if field not in found and (values := _coordinates(table, name, remarks)) is not None:
                found[field] = values
    if "east" in found:
        # Without its own column the system is unknown; the one of an earlier edition would be wrong for new numbers.
        found.setdefault("epsg", [""] * len(keys))
    return found


def forms(table: Table) -> list[str]:
    """Return the Schulform codes, two characters each."""
    return [form.upper().rjust(2, "0") if form else "" for form in table.needed("Schulform")]


def _converted(table: Table, name: str, rule: Callable[[str], tuple[Any, str]], remarks: Remarks) -> list[Any] | None:
    """Return the column converted; each distinct value is converted once, and what it is remarked on is counted."""
    values = table.column(name)
    if values is None:
        return None
    new: dict[str, Any] = {}
    noted: dict[str, str] = {}
    for value in set(values):
        new[value], remark = rule(value)
        if remark:
            noted[value] = remark
    if noted:
        for line, value in zip(table.lines, values, strict=True):
            if value in noted:
                remarks.add(line, noted[value])
    return [new[value] for value in values]


def _municipality(key: str) -> tuple[str, str]:
    if key.isascii() and key.isdigit():
        if len(key) == _MUNICIPALITY_DIGITS:
            return key, ""
        if len(key) == _MUNICIPALITY_DIGITS - 1:
            return "0" + key, _("Dem Gemeindeschlüssel fehlte die führende Null, sie wurde ergänzt.")
    return key, _("Der Gemeindeschlüssel hat nicht acht Ziffern, die Schule gehört so zu keiner Region.")


def _districts(table: Table, keys: Sequence[str], remarks: Remarks) -> list[str]:
    """Return the codes of the Bezirksregierungen, from their column where it is understood, else from the key."""
    derived = [key[2:3] if key[2:3] in DISTRICTS else "" for key in keys]
    written = _converted(table, "Bezirksregierung", _district, remarks)
    return derived if written is None else [own or other for own, other in zip(written, derived, strict=True)]


def _district(written: str) -> tuple[str, str]:
    digits = written.lstrip("0")
    if digits in DISTRICTS or not written:
        return digits, ""
    if re.fullmatch(r"600[13579]00", written):
        return written[3], ""
    folded = fold(written)
    code = next((code for code, seat in DISTRICTS.items() if seat in folded), "")
    return code, "" if code else _("Die Bezirksregierung ist unbekannt, es gilt die aus dem Gemeindeschlüssel.")


def _authority(number: str) -> tuple[str, str]:
    return (number if number.strip("0") else ""), ""


def _epsg(text: str) -> tuple[str, str]:
    return ("" if text.lower() == "null" else text), ""


def _day(text: str) -> tuple[str | None, str]:
    """Return the ISO form of a German or ISO day of any year: schools are older than 1990 and open in the future."""
    if not text:
        return None, ""
    try:
        if match := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text, re.ASCII):
            return date(int(match[3]), int(match[2]), int(match[1])).isoformat(), ""
        return date.fromisoformat(text).isoformat(), ""
    except ValueError:
        return None, _("Das Schulbetriebsdatum ist kein Datum und bleibt leer.")


def _coordinates(table: Table, name: str, remarks: Remarks) -> list[Any] | None:
    """Return a column of metres; where all are plain numbers, as they should be, without asking each."""
    values = table.column(name)
    if values and all(map(_PLAIN_METRES, values)):
        return list(map(int, values))
    return _converted(table, name, _metres, remarks)


def _metres(text: str) -> tuple[int | None, str]:
    if match := re.fullmatch(r"(\d{1,9})(?:[.,]\d+)?", text, re.ASCII):
        return int(match[1]), ""
    if not text or text.lower() == "null":
        return None, ""
    return None, _("Die Koordinaten sind keine Zahlen und bleiben leer.")
