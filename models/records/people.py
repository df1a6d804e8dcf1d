"""Organisations, contacts, and the advisers with their deployment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from models.fields import Choice, Reference, References, Tags, Text, Value
from models.i18n import _
from models.records.base import About, OptionalDate, Record, TagSet


class Organisation(Record):
    """A body that is neither school nor Schulträger: Schulaufsicht, ZfsL, Medienzentrum, partner."""

    about: ClassVar[About] = About(
        one="Organisation",
        many="Organisationen",
        new="Organisation anlegen",
        title=("name",),
        subject="number",
    )

    kind: Literal["organisation"] = "organisation"
    number: Annotated[str, Value("Nummer", width=6, weight=3)] = ""
    name: Annotated[str, Value("Name", width=40, weight=3)]
    short_name: Annotated[str, Value("Kurzname", weight=2)] = ""
    organisation_type: Annotated[str, Choice("Art", vocabulary="organisation_type", width=18)] = "sonstige"
    street: Annotated[str, Value("Straße")] = ""
    postcode: Annotated[str, Value("PLZ")] = ""
    place: Annotated[str, Value("Ort", width=16, weight=2)] = ""
    phone: Annotated[str, Value("Telefon")] = ""
    fax: Annotated[str, Value("Fax")] = ""
    mail: Annotated[str, Value("E-Mail", weight=1)] = ""
    homepage: Annotated[str, Value("Homepage")] = ""
    municipality_key: Annotated[str, Value("Gemeindeschlüssel", derived=True)] = ""
    in_directory: Annotated[bool, Value("im Verzeichnis", derived=True)] = False
    directory_date: Annotated[OptionalDate, Value("Stand des Verzeichnisses", derived=True)] = None
    offer: Annotated[str, Text("Angebot", weight=1)] = ""
    notes: Annotated[str, Text("Notizen", weight=1)] = ""


class Contact(Record):
    """A person in a function at a school or organisation; official contact data only."""

    about: ClassVar[About] = About(
        one="Kontakt",
        many="Kontakte",
        new="Kontakt anlegen",
        title=("function", "organisation"),
        subject="organisation",
    )

    kind: Literal["contact"] = "contact"
    organisation: Annotated[
        str,
        Reference(
            "Schule oder Organisation",
            short="Stelle",
            to="school authority organisation",
            width=28,
            weight=2,
        ),
    ]
    function: Annotated[str, Choice("Funktion", vocabulary="function", width=24)]
    name: Annotated[str, Value("Name", width=20, weight=2)] = ""
    mail: Annotated[str, Value("E-Mail", width=24, weight=1)] = ""
    phone: Annotated[str, Value("Telefon", width=14)] = ""
    consent_on: Annotated[OptionalDate, Value("Einwilligung am")] = None
    valid_to: Annotated[OptionalDate, Value("gültig bis")] = None


class Adviser(Record):
    """A Medienberater*in: authority, appointment (two years, extendable) and release hours."""

    about: ClassVar[About] = About(
        one="Medienberater*in",
        many="Medienberater*innen",
        new="Medienberater*in anlegen",
        title=("name",),
    )

    kind: Literal["adviser"] = "adviser"
    name: Annotated[str, Value("Name", width=24, weight=3)]
    initials: Annotated[str, Value("Kürzel", width=6, weight=2)] = ""
    mail: Annotated[str, Value("E-Mail", width=24)] = ""
    phone: Annotated[str, Value("Telefon")] = ""
    district: Annotated[str, Choice("Bezirksregierung", vocabulary="district", width=20)] = ""
    home_school: Annotated[str, Reference("Stammschule", to="school")] = ""
    appointed_from: Annotated[OptionalDate, Value("bestellt ab")] = None
    appointed_to: Annotated[OptionalDate, Value("bestellt bis")] = None
    release_hours: Annotated[int | None, Value("Anrechnungsstunden", minimum=0, maximum=28)] = None
    topics: Annotated[TagSet, Tags("Themen", vocabulary="topic")] = frozenset()
    qualified_on: Annotated[OptionalDate, Value("qualifiziert am")] = None
    status: Annotated[str, Choice("Status", vocabulary="adviser_status", width=12)] = "bestellt"

    def rules(self) -> Iterator[tuple[str, str]]:
        """Yield a message where the appointment ends before it begins."""
        if self.appointed_from and self.appointed_to and self.appointed_to < self.appointed_from:
            yield "appointed_to", _("Das Ende liegt vor dem Beginn.")


class Deployment(Record):
    """An Einsatz: which adviser serves which region, schools and topics, with which share, from when to when."""

    about: ClassVar[About] = About(
        one="Einsatz",
        many="Einsätze",
        new="Einsatz anlegen",
        title=("adviser", "area"),
        when="since",
        subject="adviser",
    )

    kind: Literal["deployment"] = "deployment"
    adviser: Annotated[str, Reference("Medienberater*in", to="adviser", width=24, weight=1)]
    area: Annotated[str, Value("Region", width=24, weight=1)] = ""
    schools: Annotated[TagSet, References("Schulen", to="school")] = frozenset()
    topics: Annotated[TagSet, Tags("Themen", vocabulary="topic")] = frozenset()
    share: Annotated[int | None, Value("Anteil", unit="Std.", minimum=0, maximum=40, width=6)] = None
    since: Annotated[OptionalDate, Value("von", width=13)] = None
    until: Annotated[OptionalDate, Value("bis", width=13)] = None
    handover_to: Annotated[str, Reference("Übergabe an", to="adviser")] = ""

    def rules(self) -> Iterator[tuple[str, str]]:
        """Yield a message where the deployment ends before it begins."""
        if self.since and self.until and self.until < self.since:
            yield "until", _("Das Ende liegt vor dem Beginn.")
