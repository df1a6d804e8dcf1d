"""Fortbildung: a training with its parts (Fortbildung, Praxistag, Werkschau, online)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from models.fields import Choice, Items, Reference, References, Tags, Text, Value
from models.i18n import _
from models.records.base import (
    About,
    Date,
    Item,
    OptionalDate,
    OptionalTime,
    Record,
    TagSet,
)
from models.records.shared import HeadCount


class Session(Item):
    """A Teil of a training; an exhibition has a date range."""

    session_kind: Annotated[str, Choice("Art", vocabulary="session_kind", width=12)] = "fortbildung"
    date: Annotated[Date, Value("Datum", width=13)]
    until: Annotated[OptionalDate, Value("bis (Datum)", width=13)] = None
    start: Annotated[OptionalTime, Value("von", width=5)] = None
    end: Annotated[OptionalTime, Value("bis", width=5)] = None
    school: Annotated[str, Reference("Schule", to="school", width=24)] = ""
    place: Annotated[str, Value("Ort", width=20, weight=1)] = ""

    def rules(self) -> Iterator[tuple[str, str]]:
        """Yield what contradicts itself in the session's dates and times."""
        if self.until and self.until < self.date:
            yield "until", _("Das Ende liegt vor dem Beginn.")
        if self.start and self.end and not self.until and self.end <= self.start:
            yield "end", _("Das Ende liegt nicht nach dem Beginn.")


class Trainer(Item):
    """Someone who leads a training; may come from outside."""

    name: Annotated[str, Value("Name", width=24, weight=1)]
    organisation: Annotated[str, Value("Organisation", width=24, weight=1)] = ""


class Device(Item):
    """A device that is trained on, with the money that paid for it."""

    name: Annotated[str, Value("Gerät", width=24, weight=1)]
    model: Annotated[str, Value("Modell", width=20)] = ""
    funding: Annotated[str, Value("Finanzierung", width=16)] = ""


class Interest(Item):
    """A school that wants to take part: "Bei Interesse melden"."""

    school: Annotated[str, Reference("Schule", to="school", width=28)]
    contact: Annotated[str, Value("Kontakt", width=20, weight=1)] = ""
    date: Annotated[OptionalDate, Value("gemeldet am", width=13)] = None
    status: Annotated[str, Choice("Stand", vocabulary="interest_status", width=10)] = "offen"


class Training(Record):
    """A Fortbildung. Head counts per school suffice; there are no lists of names (BASS 20-22 Nr. 8)."""

    about: ClassVar[About] = About(
        one="Fortbildung",
        many="Fortbildungen",
        new="Fortbildung anlegen",
        title=("title",),
        when="date",
        status="status",
    )

    kind: Literal["training"] = "training"
    title: Annotated[str, Value("Titel", width=32, weight=3)]
    date: Annotated[Date, Value("Erster Tag", "24.11., heute, morgen, Mo oder +14", width=13, workday=True)]
    start: Annotated[OptionalTime, Value("von", width=5)] = None
    end: Annotated[OptionalTime, Value("bis")] = None
    status: Annotated[str, Choice("Status", vocabulary="training_status", width=16)] = "geplant"
    cancel_reason: Annotated[
        str,
        Value(
            "Absagegrund",
            when=("status", ("abgesagt",)),
            needed_when=("status", ("abgesagt",)),
        ),
    ] = ""
    training_kind: Annotated[str, Choice("Art", vocabulary="training_kind", width=14)] = "schulextern"
    line: Annotated[str, Choice("Linie", vocabulary="training_line", width=14)] = "mit_medien"
    format: Annotated[str, Choice("Format", vocabulary="training_format", width=8)] = "praesenz"
    level: Annotated[str, Choice("Ebene", vocabulary="level", width=8)] = "kreis"
    reference_no: Annotated[str, Value("Nummer", weight=1)] = ""
    place: Annotated[str, Value("Ort", weight=1)] = ""
    adviser: Annotated[str, Reference("Verantwortlich", to="adviser")] = ""
    organiser: Annotated[str, Value("Veranstalter", weight=1)] = ""
    partners: Annotated[TagSet, Tags("Partner", weight=1)] = frozenset()
    trainers: Annotated[list[Trainer], Items("Durchführende", weight=1)] = []
    sessions: Annotated[list[Session], Items("Teile", section="Teile", weight=1)] = []
    target_groups: Annotated[TagSet, Tags("Zielgruppen", section="Inhalt", vocabulary="target_group")] = frozenset()
    school_forms: Annotated[TagSet, Tags("Schulformen", vocabulary="school_form")] = frozenset()
    subjects: Annotated[TagSet, Tags("Fächer")] = frozenset()
    topics: Annotated[TagSet, Tags("Themen", vocabulary="topic", weight=2)] = frozenset()
    goals: Annotated[str, Text("Ziele", weight=1)] = ""
    contents: Annotated[str, Text("Inhalte", weight=1)] = ""
    mkr_areas: Annotated[TagSet, Tags("Kompetenzbereiche (MKR)", short="MKR-Bereiche", vocabulary="mkr_area")] = (
        frozenset()
    )
    devices: Annotated[list[Device], Items("Geräte", weight=1)] = []
    tools: Annotated[TagSet, Tags("Werkzeuge", weight=1)] = frozenset()
    capacity: Annotated[
        int | None,
        Value("Plätze", section="Teilnahme", minimum=0, maximum=9999, width=6),
    ] = None
    counts: Annotated[list[HeadCount], Items("Teilnahme je Schule")] = []
    interests: Annotated[list[Interest], Items("Interesse", weight=1)] = []
    certificate: Annotated[str, Choice("Bescheinigung", vocabulary="certificate")] = ""
    evaluation_count: Annotated[int | None, Value("Rückmeldungen", section="Auswertung", minimum=0)] = None
    evaluation_mean: Annotated[float | None, Value("Mittelwert (1–5)", minimum=1, maximum=5)] = None
    evaluation: Annotated[str, Text("Auswertung", weight=1)] = ""
    preparation: Annotated[int | None, Value("Vorbereitung", unit="min", minimum=0)] = None
    follow_up: Annotated[int | None, Value("Nachbereitung", unit="min", minimum=0)] = None
    budget_source: Annotated[str, Value("Mittel")] = ""
    cost: Annotated[int | None, Value("Kosten", unit="€", minimum=0)] = None
    materials: Annotated[TagSet, References("Material", to="working_aid")] = frozenset()
    previous_run: Annotated[str, Reference("Wiederholung von", to="training")] = ""

    def rules(self) -> Iterator[tuple[str, str]]:
        """Yield what contradicts itself in times and numbers."""
        if self.start and self.end and self.end <= self.start:
            yield "end", _("Das Ende liegt nicht nach dem Beginn.")
        if self.evaluation_mean is not None and not self.evaluation_count:
            yield (
                "evaluation_count",
                _("Zum Mittelwert gehört die Zahl der Rückmeldungen."),
            )
