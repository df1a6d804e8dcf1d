"""Schulbesuch: a visit at a school, planned or held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from models.fields import Choice, Items, Reference, References, Table, Tags, Text, Value
from models.i18n import _
from models.records.base import About, Date, OptionalDate, OptionalTime, Record, TagSet
from models.records.shared import Agreement, Attachment, Attendee


class Visit(Record):
    """A Schulbesuch; its number ("3. Besuch") is derived from the visits held at the school."""

    about: ClassVar[About] = About(
        one="Besuch",
        many="Besuche",
        new="Besuch anlegen",
        title=("school", "date"),
        when="date",
        subject="school",
        status="status",
    )

    kind: Literal["visit"] = "visit"
    school: Annotated[str, Reference("Schule", to="school", width=28, weight=2)]
    date: Annotated[
        Date,
        Value("Datum", "24.11., heute, morgen, Mo oder +14", group="when", width=13, workday=True),
    ]
    start: Annotated[OptionalTime, Value("von", group="when", width=5)] = None
    end: Annotated[OptionalTime, Value("bis", group="when")] = None
    status: Annotated[str, Choice("Status", vocabulary="visit_status", width=12)] = "durchgefuehrt"
    cancel_reason: Annotated[
        str,
        Value(
            "Absagegrund",
            when=("status", ("abgesagt",)),
            needed_when=("status", ("abgesagt",)),
        ),
    ] = ""
    moved_to: Annotated[OptionalDate, Value("Neuer Termin", when=("status", ("abgesagt", "verschoben")))] = None
    format: Annotated[str, Choice("Format", vocabulary="visit_format", width=8, previous=True)] = "vor_ort"
    occasion: Annotated[str, Choice("Anlass", vocabulary="occasion", width=12, previous=True)] = "folgebesuch"
    requested_by: Annotated[str, Choice("auf Wunsch von", vocabulary="requested_by")] = ""
    adviser: Annotated[str, Reference("Medienberater*in", to="adviser", width=14)] = ""
    co_advisers: Annotated[TagSet, References("weitere Beratende", to="adviser")] = frozenset()
    attendees: Annotated[list[Attendee], Items("Gespräch mit", previous=True, weight=1)] = []
    topics: Annotated[TagSet, Tags("Themen", vocabulary="topic", previous=True, width=20, weight=2)]
    goal: Annotated[str, Text("Ziel", weight=1)] = ""
    notes_pedagogy: Annotated[str, Text("Pädagogik", section="Beobachtungen", previous=True, weight=1)] = ""
    notes_technology: Annotated[str, Text("Technik", previous=True, weight=1)] = ""
    notes_management: Annotated[str, Text("Organisation", previous=True, weight=1)] = ""
    media_concept_status: Annotated[
        str,
        Choice(
            "Stand Medienkonzept",
            section="Stand",
            vocabulary="concept_status",
            previous=True,
        ),
    ] = ""
    media_concept_date: Annotated[OptionalDate, Value("Fassung vom", previous=True)] = None
    infra_network: Annotated[str, Value("Netz", "Nur, was sich geändert hat.", previous=True, weight=1)] = ""
    infra_wifi: Annotated[str, Value("WLAN", previous=True, weight=1)] = ""
    infra_presentation: Annotated[str, Value("Präsentationstechnik", previous=True, weight=1)] = ""
    infra_devices: Annotated[str, Value("Endgeräte", previous=True, weight=1)] = ""
    infra_platform: Annotated[str, Value("Plattform", previous=True, weight=1)] = ""
    logineo: Annotated[
        dict[str, str],
        Table(
            "LOGINEO NRW",
            keys="logineo_product",
            values="logineo_status",
            previous=True,
        ),
    ] = {}
    support_first: Annotated[str, Value("First Level Support", previous=True)] = ""
    support_second: Annotated[str, Value("Second Level Support", previous=True)] = ""
    digital_officer_named: Annotated[str, Choice("DiB benannt", vocabulary="yes_no", previous=True)] = ""
    digital_officer_qualified: Annotated[str, Choice("DiB qualifiziert", vocabulary="yes_no", previous=True)] = ""
    digital_officer_contact: Annotated[str, Value("DiB erreichbar", "Nur dienstliche Angaben.", previous=True)] = ""
    agreements: Annotated[list[Agreement], Items("Vereinbart", section="Wie es weitergeht", weight=1)] = []
    needs: Annotated[TagSet, References("Bedarfe", to="need")] = frozenset()
    recommendations: Annotated[TagSet, References("Empfehlungen", to="recommendation")] = frozenset()
    assessment: Annotated[str, Reference("Bestandsaufnahme", to="assessment")] = ""
    next_contact_on: Annotated[
        OptionalDate,
        Value("Nächster Kontakt", "Wird ein geplanter Besuch. +90 geht auch.", workday=True),
    ] = None
    duration: Annotated[
        int | None,
        Value("Dauer", section="Für den Bericht", unit="min", minimum=0, maximum=1440),
    ] = None
    travel: Annotated[
        int | None,
        Value("Fahrzeit", unit="min", minimum=0, maximum=1440, previous=True),
    ] = None
    distance: Annotated[
        int | None,
        Value("Entfernung", unit="km", minimum=0, maximum=2000, previous=True),
    ] = None
    attachments: Annotated[list[Attachment], Items("Anlagen")] = []

    def rules(self) -> Iterator[tuple[str, str]]:
        """Yield what contradicts itself in times and dates."""
        if self.start and self.end and self.end <= self.start:
            yield "end", _("Das Ende liegt nicht nach dem Beginn.")
        if self.next_contact_on and self.next_contact_on < self.date:
            yield "next_contact_on", _("Der nächste Kontakt liegt vor dem Besuch.")
