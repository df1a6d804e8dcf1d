"""Media concepts, development plans, programmes schools take part in, and projects with steps."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from models.fields import Choice, Items, Reference, References, Text, Value
from models.records.base import About, Item, OptionalDate, Record, TagSet


class MediaConcept(Record):
    """A school's Medienkonzept in one version."""

    about: ClassVar[About] = About(
        one="Medienkonzept",
        many="Medienkonzepte",
        new="Medienkonzept anlegen",
        title=("school", "version"),
        when="decided_on",
        subject="school",
    )

    kind: Literal["media_concept"] = "media_concept"
    school: Annotated[str, Reference("Schule", to="school", width=28, weight=2)]
    version: Annotated[str, Value("Fassung", width=12, weight=1)] = ""
    status: Annotated[str, Choice("Stand", vocabulary="concept_status", width=14)] = "in_entwicklung"
    decided_by: Annotated[str, Value("Beschlossen durch")] = ""
    decided_on: Annotated[OptionalDate, Value("am", width=13)] = None
    valid_until: Annotated[OptionalDate, Value("gültig bis", width=13)] = None
    location: Annotated[str, Value("Ablageort", weight=1)] = ""
    notes: Annotated[str, Text("Notizen", weight=1)] = ""


class DevelopmentPlan(Record):
    """A Medienentwicklungsplan (MEP) of an authority."""

    about: ClassVar[About] = About(
        one="Medienentwicklungsplan",
        many="Medienentwicklungspläne",
        new="Medienentwicklungsplan anlegen",
        title=("authority", "version"),
        when="decided_on",
        subject="authority",
    )

    kind: Literal["development_plan"] = "development_plan"
    authority: Annotated[str, Reference("Schulträger", to="authority", width=28, weight=2)]
    version: Annotated[str, Value("Fassung", width=12, weight=1)] = ""
    status: Annotated[str, Choice("Stand", vocabulary="plan_status", width=16)] = "in_arbeit"
    decided_by: Annotated[str, Value("Beschlossen durch")] = ""
    decided_on: Annotated[OptionalDate, Value("am", width=13)] = None
    valid_until: Annotated[OptionalDate, Value("gültig bis", width=13)] = None
    location: Annotated[str, Value("Ablageort", weight=1)] = ""
    notes: Annotated[str, Text("Notizen", weight=1)] = ""


class Programme(Record):
    """A programme that schools can join, such as Medienscouts NRW or Internet-ABC."""

    about: ClassVar[About] = About(one="Programm", many="Programme", new="Programm anlegen", title=("name",))

    kind: Literal["programme"] = "programme"
    name: Annotated[str, Value("Name", width=32, weight=3)]
    provider: Annotated[str, Value("Anbieter", width=24, weight=1)] = ""
    description: Annotated[str, Text("Beschreibung", weight=1)] = ""
    homepage: Annotated[str, Value("Homepage")] = ""


class Participation(Record):
    """A school's part in a programme in one school year."""

    about: ClassVar[About] = About(
        one="Teilnahme",
        many="Teilnahmen",
        new="Teilnahme anlegen",
        title=("programme", "school"),
        when="since",
        subject="school",
    )

    kind: Literal["participation"] = "participation"
    school: Annotated[str, Reference("Schule", to="school", width=28, weight=2)]
    programme: Annotated[str, Reference("Programm", to="programme", width=24, weight=2)]
    status: Annotated[str, Choice("Stand", vocabulary="participation_status", width=12)] = "angemeldet"
    since: Annotated[OptionalDate, Value("seit", width=13)] = None
    until: Annotated[OptionalDate, Value("bis")] = None
    notes: Annotated[str, Text("Notizen", weight=1)] = ""


class Step(Item):
    """A step of a project."""

    title: Annotated[str, Value("Schritt", width=36, weight=1)]
    due: Annotated[OptionalDate, Value("bis", width=13)] = None
    done_on: Annotated[OptionalDate, Value("erledigt am", width=13)] = None


class ProjectPart(Item):
    """A school's part in a project: it may enter at any time."""

    school: Annotated[str, Reference("Schule", to="school", width=28)]
    entered_on: Annotated[OptionalDate, Value("dabei seit", width=13)] = None
    step: Annotated[str, Value("aktueller Schritt", width=24)] = ""


class Project(Record):
    """A project with steps and the schools in it."""

    about: ClassVar[About] = About(
        one="Projekt",
        many="Projekte",
        new="Projekt anlegen",
        title=("name",),
        when="since",
    )

    kind: Literal["project"] = "project"
    name: Annotated[str, Value("Name", width=32, weight=3)]
    description: Annotated[str, Text("Beschreibung", weight=1)] = ""
    since: Annotated[OptionalDate, Value("seit", width=13)] = None
    until: Annotated[OptionalDate, Value("bis")] = None
    partners: Annotated[TagSet, References("Partner", to="organisation")] = frozenset()
    steps: Annotated[list[Step], Items("Schritte", weight=1)] = []
    participants: Annotated[list[ProjectPart], Items("Schulen im Projekt")] = []
