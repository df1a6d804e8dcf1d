"""Beratung: a consultation, with or without a visit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from models.fields import Choice, Items, Reference, Tags, Text, Value
from models.i18n import _
from models.records.base import About, Date, OptionalDate, OptionalTime, Record, TagSet
from models.records.shared import Agreement


class Consultation(Record):
    """A Beratung of a school, an authority or another body; several of one process share a case."""

    about: ClassVar[About] = About(
        one="Beratung",
        many="Beratungen",
        new="Beratung anlegen",
        title=("client", "date"),
        when="date",
        subject="client",
        status="outcome",
    )

    kind: Literal["consultation"] = "consultation"
    client: Annotated[
        str,
        Reference("Ratsuchende Stelle", to="school authority organisation", width=28, weight=2),
    ]
    client_type: Annotated[str, Choice("Art der Stelle", vocabulary="client_type")] = "schule"
    client_role: Annotated[str, Choice("Funktion", vocabulary="function", width=16, previous=True)] = ""
    date: Annotated[Date, Value("Datum", "24.11., heute, morgen, Mo oder +14", width=13, workday=True)]
    start: Annotated[OptionalTime, Value("um", width=5)] = None
    duration: Annotated[int | None, Value("Dauer", unit="min", minimum=0, maximum=1440)] = None
    channel: Annotated[str, Choice("Kanal", vocabulary="channel", width=10, previous=True)] = "telefon"
    phase: Annotated[str, Choice("Phase", vocabulary="phase", width=14, previous=True)] = ""
    adviser: Annotated[str, Reference("Medienberater*in", to="adviser", width=14)] = ""
    occasion: Annotated[str, Choice("Anlass", vocabulary="occasion")] = ""
    areas: Annotated[TagSet, Tags("Handlungsfelder", vocabulary="area")] = frozenset()
    topics: Annotated[TagSet, Tags("Themen", vocabulary="topic", previous=True, width=20, weight=2)]
    concern: Annotated[str, Text("Anliegen", section="Inhalt", weight=1)] = ""
    situation: Annotated[str, Text("Ausgangslage", previous=True, weight=1)] = ""
    goals: Annotated[str, Text("Ziele und Auftrag", previous=True, weight=1)] = ""
    content: Annotated[str, Text("Beratungsinhalt", previous=True, weight=1)] = ""
    outcome: Annotated[str, Choice("Ergebnis", section="Ergebnis", vocabulary="outcome", width=12)] = "offen"
    referred_to: Annotated[
        str,
        Value(
            "weitervermittelt an",
            when=("outcome", ("weitervermittelt",)),
            needed_when=("outcome", ("weitervermittelt",)),
            weight=1,
        ),
    ] = ""
    agreements: Annotated[list[Agreement], Items("Vereinbart", weight=1)] = []
    follow_up_on: Annotated[OptionalDate, Value("Wiedervorlage")] = None
    case: Annotated[
        str,
        Value("Vorgang", "Gleiches Stichwort fasst mehrere Kontakte zusammen.", weight=1),
    ] = ""
    visit: Annotated[str, Reference("gehört zum Besuch", to="visit")] = ""
    feedback: Annotated[int | None, Value("Rückmeldung (1–5)", minimum=1, maximum=5)] = None
    private_note: Annotated[str, Text("Vertrauliche Notiz", "Bleibt auf diesem Gerät.", private=True)] = ""

    def rules(self) -> Iterator[tuple[str, str]]:
        """Yield a message where the follow-up lies before the consultation."""
        if self.follow_up_on and self.follow_up_on < self.date:
            yield "follow_up_on", _("Die Wiedervorlage liegt vor der Beratung.")
