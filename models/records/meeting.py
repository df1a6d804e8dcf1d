"""Treffen: circles (standing groups), their meetings with minutes by agenda item, and case rounds."""

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
from models.records.shared import Agreement, Decision


class Member(Item):
    """Who belongs to a circle, for which organisation, from when to when."""

    organisation: Annotated[str, Value("Organisation", width=28, weight=1)]
    person: Annotated[str, Value("Person", width=20, weight=1)] = ""
    function: Annotated[str, Choice("Funktion", vocabulary="function", width=20)] = ""
    since: Annotated[OptionalDate, Value("seit", width=10)] = None
    until: Annotated[OptionalDate, Value("bis", width=10)] = None


class StandingItem(Item):
    """An agenda item that every meeting of the circle begins with."""

    title: Annotated[str, Value("Titel", width=36, weight=1)]
    agenda_kind: Annotated[str, Choice("Art", vocabulary="agenda_kind", width=22)] = "standard"
    minutes: Annotated[int | None, Value("Minuten", minimum=0, maximum=600, width=7)] = None
    visibility: Annotated[str, Choice("Sichtbar", vocabulary="visibility", width=9)] = "alle"


class BacklogTopic(Item):
    """A topic for one of the next meetings, with the votes it has."""

    title: Annotated[str, Value("Thema", width=36, weight=1)]
    votes: Annotated[int, Value("Stimmen", minimum=0, width=7)] = 0
    asked_by: Annotated[str, Value("von", width=20)] = ""


class AgendaItem(StandingItem):
    """A point of a meeting's agenda, with its minutes."""

    speaker: Annotated[str, Value("Vortrag", width=20, weight=1)] = ""
    organisation: Annotated[str, Value("Organisation", width=20, weight=1)] = ""
    tools: Annotated[str, Value("Werkzeuge", weight=1)] = ""
    notes: Annotated[str, Text("Notizen", weight=1)] = ""
    decision: Annotated[str, Value("Beschluss", weight=1)] = ""


class Presence(Item):
    """One line of the attendance list."""

    organisation: Annotated[str, Value("Organisation", width=28, weight=1)] = ""
    person: Annotated[str, Value("Person", width=20, weight=1)] = ""
    function: Annotated[str, Choice("Funktion", vocabulary="function", width=20)] = ""
    presence: Annotated[str, Choice("Anwesenheit", vocabulary="attendance", width=12)] = "anwesend"


class Question(Item):
    """A question from the circle (#gefragtnachgehakt), carried over until it is answered."""

    text: Annotated[str, Value("Frage", width=40, weight=1)]
    asked_by: Annotated[str, Value("von", width=20)] = ""
    answer: Annotated[str, Value("Antwort", width=30, weight=1)] = ""
    carried_over: Annotated[bool, Value("aus dem letzten Treffen", short="vom letzten Mal", width=8)] = False


class Group(Item):
    """A Kleingruppe: topic, host, result."""

    topic: Annotated[str, Value("Thema", width=28, weight=1)]
    host: Annotated[str, Value("Leitung", width=20)] = ""
    result: Annotated[str, Value("Ergebnis", width=36, weight=1)] = ""


class Circle(Record):
    """A standing group that meets: Arbeitskreis, Qualitätszirkel, Regionalgruppe, Netzwerk, Runder Tisch."""

    about: ClassVar[About] = About(
        one="Kreis",
        many="Kreise",
        new="Kreis anlegen",
        title=("name",),
        when="started_on",
    )

    kind: Literal["circle"] = "circle"
    name: Annotated[str, Value("Name", width=36, weight=3)]
    circle_kind: Annotated[str, Choice("Art", vocabulary="circle_kind", width=16)] = "arbeitskreis"
    purpose: Annotated[str, Text("Zweck und Ziele", weight=1)] = ""
    region_name: Annotated[str, Value("Region", weight=1)] = ""
    stages: Annotated[TagSet, Tags("Schulstufen", vocabulary="school_stage")] = frozenset()
    school_forms: Annotated[TagSet, Tags("Schulformen", vocabulary="school_form")] = frozenset()
    coordinator: Annotated[str, Value("Koordination", weight=1)] = ""
    started_on: Annotated[OptionalDate, Value("seit", width=13)] = None
    ends_on: Annotated[OptionalDate, Value("bis", "Für Arbeitsgruppen mit einem Ende.")] = None
    per_year: Annotated[int | None, Value("Treffen im Schuljahr", short="je Jahr", minimum=1, maximum=60, width=8)] = (
        None
    )
    format: Annotated[str, Choice("Format", vocabulary="meeting_format", width=8)] = "praesenz"
    open_to_all: Annotated[bool, Value("offen für alle")] = False
    members: Annotated[list[Member], Items("Mitglieder", section="Mitglieder", weight=1)] = []
    schools: Annotated[TagSet, References("Erwartete Schulen", to="school")] = frozenset()
    hosts: Annotated[list[Member], Items("Gastgeber der Reihe nach", short="Gastgeber")] = []
    standing_agenda: Annotated[
        list[StandingItem],
        Items("Feste Tagesordnung", section="Tagesordnung", weight=1),
    ] = []
    backlog: Annotated[list[BacklogTopic], Items("Themenspeicher", weight=1)] = []


class Meeting(Record):
    """A Treffen of a circle, or a single one; its number in the school year ("4. Treffen 2026/27") is derived."""

    about: ClassVar[About] = About(
        one="Treffen",
        many="Treffen",
        new="Treffen anlegen",
        title=("title", "date"),
        when="date",
        subject="circle",
        status="status",
    )

    kind: Literal["meeting"] = "meeting"
    title: Annotated[str, Value("Titel", width=32, weight=3)]
    circle: Annotated[str, Reference("Kreis", to="circle", width=24, weight=1)] = ""
    meeting_kind: Annotated[str, Choice("Art", vocabulary="meeting_kind", width=16)] = "arbeitskreis"
    date: Annotated[
        Date,
        Value("Datum", "24.11., heute, morgen, Mo oder +14", group="when", width=13, workday=True),
    ]
    start: Annotated[OptionalTime, Value("von", group="when", width=5)] = None
    end: Annotated[OptionalTime, Value("bis", group="when")] = None
    status: Annotated[str, Choice("Status", vocabulary="meeting_status", width=12)] = "geplant"
    cancel_reason: Annotated[
        str,
        Value(
            "Absagegrund",
            when=("status", ("abgesagt",)),
            needed_when=("status", ("abgesagt",)),
        ),
    ] = ""
    format: Annotated[str, Choice("Format", vocabulary="meeting_format", width=8)] = "praesenz"
    place: Annotated[str, Value("Ort", width=20, weight=1)] = ""
    purpose: Annotated[str, Choice("Zweck", vocabulary="purpose")] = "austausch"
    host: Annotated[str, Value("Gastgeber", weight=1)] = ""
    chair: Annotated[str, Value("Leitung", weight=1)] = ""
    minutes_by: Annotated[str, Value("Protokoll", weight=1)] = ""
    adviser: Annotated[str, Reference("Medienberater*in", to="adviser")] = ""
    authority: Annotated[
        str,
        Reference(
            "Schulträger",
            "Beim Runden Tisch: dessen Matrizen stehen nebeneinander.",
            to="authority",
        ),
    ] = ""
    stages: Annotated[TagSet, Tags("Schulstufen", vocabulary="school_stage")] = frozenset()
    agenda: Annotated[list[AgendaItem], Items("Tagesordnung", section="Tagesordnung", weight=1)] = []
    attendance: Annotated[list[Presence], Items("Anwesenheit", section="Anwesenheit", weight=1)] = []
    questions: Annotated[list[Question], Items("Offene Fragen", section="Ergebnisse", weight=1)] = []
    groups: Annotated[list[Group], Items("Kleingruppen", weight=1)] = []
    decisions: Annotated[list[Decision], Items("Beschlüsse", weight=1)] = []
    agreements: Annotated[list[Agreement], Items("Aufgaben", weight=1)] = []
    needs: Annotated[TagSet, References("Bedarfe", to="need")] = frozenset()
    next_topics: Annotated[TagSet, Tags("Themen fürs nächste Mal", short="Nächstes Mal", weight=1)] = frozenset()
    case_result: Annotated[
        str,
        Text(
            "Freigegebenes Ergebnis der Fallberatung",
            "Nur ohne Namen und ohne erkennbaren Fall.",
            short="Ergebnis (frei)",
            weight=1,
        ),
    ] = ""
    invited_on: Annotated[OptionalDate, Value("Eingeladen am", section="Einladung")] = None
    invited_via: Annotated[TagSet, Tags("Eingeladen über", vocabulary="invitation_channel")] = frozenset()
    recipients: Annotated[
        str, Value("Verteiler", "Funktion und Region genügen, zum Beispiel DiB aller Grundschulen.")
    ] = ""
    invitation: Annotated[str, Text("Einladungstext")] = ""
    working_groups: Annotated[TagSet, References("Arbeitsgruppen", to="circle")] = frozenset()
    materials: Annotated[TagSet, References("Material", to="working_aid")] = frozenset()
    minutes_state: Annotated[str, Choice("Protokoll", vocabulary="document_state")] = "entwurf"

    def rules(self) -> Iterator[tuple[str, str]]:
        """Yield what contradicts itself in the times."""
        if self.start and self.end and self.end <= self.start:
            yield "end", _("Das Ende liegt nicht nach dem Beginn.")


class CaseRound(Record):
    """A Kollegiale Fallberatung: its content never leaves the device, only the meeting's released result does."""

    about: ClassVar[About] = About(
        one="Fallrunde",
        many="Fallrunden",
        new="Fallrunde anlegen",
        title=("meeting", "date"),
        when="date",
        subject="meeting",
        on_device_only=True,
    )

    kind: Literal["case_round"] = "case_round"
    confidentiality: Annotated[str, Choice("Vertraulichkeit", derived=True, vocabulary="confidentiality")] = "privat"
    meeting: Annotated[str, Reference("Treffen", to="meeting", width=30)]
    date: Annotated[Date, Value("Datum", width=13)]
    roles: Annotated[
        str,
        Value("Rollen", "Fallgeber, Moderation, Beratende, Protokoll – nur Funktionen."),
    ] = ""
    phases: Annotated[str, Text("Phasen")] = ""
    content: Annotated[str, Text("Inhalt", "Bleibt auf diesem Gerät.", private=True)] = ""
    released_summary: Annotated[str, Text("Zur Freigabe", "Ohne Namen, ohne erkennbaren Fall.")] = ""
