"""Schools and the authorities (Schulträger) that maintain them: the official directory and what advisers add."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from models.fields import Choice, Items, Reference, Table, Tags, Text, Value
from models.i18n import _
from models.records.base import About, OptionalDate, Record, TagSet
from models.records.shared import ContactPoint, Decision


class School(Record):
    """A school as the ministry's directory "Grunddaten der Schulen" lists it, and the team's own additions."""

    about: ClassVar[About] = About(
        one="Schule",
        many="Schulen",
        new="Schule anlegen",
        title=("short_name",),
        key="number",
        subject="number",
    )

    kind: Literal["school"] = "school"
    number: Annotated[
        str,
        Value("Schulnummer", "Sechs Ziffern.", short="Nummer", section="Verzeichnis", width=6, weight=3),
    ]
    short_name: Annotated[str, Value("Kurzbezeichnung", width=28, weight=3)]
    name: Annotated[str, Value("Amtlicher Name", weight=2)] = ""
    school_form: Annotated[str, Choice("Schulform", vocabulary="school_form", width=12, weight=1)] = ""
    street: Annotated[str, Value("Straße", weight=1)] = ""
    postcode: Annotated[str, Value("PLZ", weight=1)] = ""
    place: Annotated[str, Value("Ort", width=12, weight=2)] = ""
    phone: Annotated[str, Value("Telefon")] = ""
    fax: Annotated[str, Value("Fax")] = ""
    mail: Annotated[str, Value("E-Mail", weight=1)] = ""
    homepage: Annotated[str, Value("Homepage")] = ""
    legal_form: Annotated[str, Choice("Rechtsform", vocabulary="legal_form")] = ""
    authority: Annotated[str, Reference("Schulträger", to="authority", width=20)] = ""
    municipality_key: Annotated[str, Value("Gemeindeschlüssel", derived=True)] = ""
    district: Annotated[str, Choice("Bezirksregierung", vocabulary="district", derived=True)] = ""
    operating_status: Annotated[str, Choice("Schulbetrieb", vocabulary="operating_status")] = ""
    operating_since: Annotated[OptionalDate, Value("seit", derived=True)] = None
    epsg: Annotated[str, Value("Koordinatensystem", derived=True)] = ""
    east: Annotated[int | None, Value("Rechtswert", unit="m", derived=True)] = None
    north: Annotated[int | None, Value("Hochwert", unit="m", derived=True)] = None
    in_directory: Annotated[bool, Value("im Verzeichnis", derived=True)] = False
    directory_date: Annotated[OptionalDate, Value("Stand des Verzeichnisses", derived=True)] = None

    contacts: Annotated[list[ContactPoint], Items("Kontakte", section="Vor Ort", weight=1)] = []
    pupils: Annotated[int | None, Value("Schülerzahl", minimum=0, maximum=9999)] = None
    digital_officer_named: Annotated[str, Choice("DiB benannt", short="DiB", vocabulary="yes_no", width=9)] = (
        "unbekannt"
    )
    digital_officer_qualified: Annotated[str, Choice("DiB qualifiziert", vocabulary="yes_no")] = "unbekannt"
    media_concept_status: Annotated[str, Choice("Medienkonzept", vocabulary="concept_status", width=14)] = ""
    media_concept_date: Annotated[OptionalDate, Value("Medienkonzept vom")] = None
    logineo: Annotated[
        dict[str, str],
        Table("LOGINEO NRW", keys="logineo_product", values="logineo_status"),
    ] = {}
    support_first: Annotated[str, Value("First Level Support", section="Support")] = ""
    support_second: Annotated[str, Value("Second Level Support")] = ""
    support_agreed_on: Annotated[OptionalDate, Value("Support vereinbart am", short="Support seit")] = None
    next_contact_on: Annotated[OptionalDate, Value("Nächster Kontakt")] = None
    own_tags: Annotated[TagSet, Tags("Merkmale", weight=1)] = frozenset()
    notes: Annotated[str, Text("Notizen", weight=1)] = ""

    def rules(self) -> Iterator[tuple[str, str]]:
        """Yield a message where the Schulnummer is none."""
        if not (len(self.number) == 6 and self.number.isascii() and self.number.isdigit()):
            yield (
                "number",
                _("Die Schulnummer hat sechs Ziffern, hier stehen {count} Zeichen.").format(count=len(self.number)),
            )


class Authority(Record):
    """A Schulträger by its official number."""

    about: ClassVar[About] = About(
        one="Schulträger",
        many="Schulträger",
        new="Schulträger anlegen",
        title=("name",),
        key="number",
        subject="number",
    )

    kind: Literal["authority"] = "authority"
    number: Annotated[str, Value("Trägernummer", short="Nummer", section="Verzeichnis", width=6, weight=3)]
    name: Annotated[str, Value("Name", width=40, weight=3)]
    short_name: Annotated[str, Value("Kurzname", weight=2)] = ""
    authority_kind: Annotated[str, Choice("Art", vocabulary="authority_kind", width=12)] = ""
    street: Annotated[str, Value("Straße")] = ""
    postcode: Annotated[str, Value("PLZ")] = ""
    place: Annotated[str, Value("Ort", width=18, weight=2)] = ""
    phone: Annotated[str, Value("Telefon")] = ""
    fax: Annotated[str, Value("Fax")] = ""
    mail: Annotated[str, Value("E-Mail", weight=1)] = ""
    in_directory: Annotated[bool, Value("im Verzeichnis", derived=True)] = False
    directory_date: Annotated[OptionalDate, Value("Stand des Verzeichnisses", derived=True)] = None

    contacts: Annotated[list[ContactPoint], Items("Kontakte", section="Vor Ort", weight=1)] = []
    it_contact: Annotated[str, Value("IT-Ansprechstelle", weight=1)] = ""
    plan_status: Annotated[str, Choice("Medienentwicklungsplan", short="MEP", vocabulary="plan_status", width=16)] = ""
    plan_valid_until: Annotated[OptionalDate, Value("MEP gültig bis")] = None
    decisions: Annotated[list[Decision], Items("Beschlüsse")] = []
    notes: Annotated[str, Text("Notizen", weight=1)] = ""
