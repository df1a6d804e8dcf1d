"""Small directory files for tests: rows as mappings, written as the ministry writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COLUMNS_2021 = [
    "Schulnummer",
    "Schulform",
    "Schulbezeichnung_1",
    "Schulbezeichnung_2",
    "Schulbezeichnung_3",
    "Kurzbezeichnung",
    "PLZ",
    "Ort",
    "Strasse",
    "Telefonvorwahl",
    "Telefon",
    "Faxvorwahl",
    "Fax",
    "E-Mail",
    "Homepage",
    "Rechtsform",
    "Traegernummer",
    "Gemeindeschluessel",
    "Schulbetriebsschluessel",
    "Schulbetriebsdatum",
    "EPSG",
    "UTMRechtswert",
    "UTMHochwert",
]
COLUMNS_2026 = [*COLUMNS_2021[:6], "Bezirksregierung", *COLUMNS_2021[6:]]
COLUMNS_2016 = [
    {"UTMRechtswert": "KoordinatenRechtswert", "UTMHochwert": "KoordinatenHochwert"}.get(name, name)
    for name in COLUMNS_2021
    if name != "EPSG"
]
COLUMNS_AUTHORITIES = [
    "Traegernummer",
    "Traegerbezeichnung_1",
    "Traegerbezeichnung_2",
    "Traegerbezeichnung_3",
    "Kurzbezeichnung",
    "PLZ",
    "Ort",
    "Strasse",
    "Telefonvorwahl",
    "Telefon",
    "Faxvorwahl",
    "Fax",
]

SCHOOL = {
    "Schulnummer": "123456",
    "Schulform": "02",
    "Schulbezeichnung_1": "Viktoria-Schule, Städt. Gemeinschafts-",
    "Schulbezeichnung_2": "grundschule Musterstadt",
    "Schulbezeichnung_3": "- Primarstufe -",
    "Kurzbezeichnung": "Musterstadt, GG Viktoria",
    "PLZ": "33330",
    "Ort": "Musterstadt",
    "Strasse": "Ahornallee 46",
    "Telefonvorwahl": "05241",
    "Telefon": "505",
    "Faxvorwahl": "05241",
    "Fax": "",
    "E-Mail": "123456@schule.nrw.de",
    "Homepage": "",
    "Rechtsform": "1",
    "Traegernummer": "10100",
    "Gemeindeschluessel": "05754008",
    "Schulbetriebsschluessel": "1",
    "Schulbetriebsdatum": "01.01.1974",
    "EPSG": "EPSG:25832",
    "UTMRechtswert": "458182",
    "UTMHochwert": "5753130",
}


def school(number: str = "123456", **changed: str) -> dict[str, str]:
    """Return a school's row; the name of a changed column is written with `_` for `-`."""
    return {
        **SCHOOL,
        "Schulnummer": number,
        **{name.replace("E_Mail", "E-Mail"): text for name, text in changed.items()},
    }


def written(
    rows: Iterable[Mapping[str, str]],
    columns: Iterable[str] = COLUMNS_2021,
    *,
    sep_line: bool = True,
    last_column_empty: bool = True,
    end: str = "\n",
) -> str:
    """Return the text of a file: header without quotes, every value quoted, inner quotes doubled."""
    names = list(columns)
    lines = ["sep=;"] if sep_line else []
    lines.append(";".join(names) + (";" if last_column_empty else ""))
    lines.extend(";".join('"' + row.get(name, "").replace('"', '""') + '"' for name in names) for row in rows)
    return end.join(lines) + end
