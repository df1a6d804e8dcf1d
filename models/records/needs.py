"""Bedarf → Empfehlung → Arbeitshilfe, the tasks that come of them, and short information items."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from models.fields import Choice, Reference, References, Tags, Text, Value
from models.records.base import About, Date, OptionalDate, Record, TagSet


class Need(Record):
    """A Bedarf, noted wherever it came up, with its source."""

    about: ClassVar[About] = About(
        one="Bedarf",
        many="Bedarfe",
        new="Bedarf notieren",
        title=("text",),
        when="noted_on",
        subject="subject",
        status="status",
    )

    kind: Literal["need"] = "need"
    text: Annotated[str, Value("Bedarf", width=36, weight=3)]
    subject: Annotated[
        str,
        Reference("bei", to="school authority organisation circle", width=24, weight=1),
    ] = ""
    topic: Annotated[str, Choice("Thema", vocabulary="topic", width=20)] = ""
    urgency: Annotated[str, Choice("Dringlichkeit", short="dringend", vocabulary="urgency", width=8)] = "mittel"
    status: Annotated[str, Choice("Status", vocabulary="need_status", width=12)] = "offen"
    noted_on: Annotated[OptionalDate, Value("notiert am", width=13)] = None
    source: Annotated[str, Reference("Quelle", to="visit consultation meeting training assessment")] = ""
    recommendations: Annotated[TagSet, References("Empfehlungen", to="recommendation")] = frozenset()
    notes: Annotated[str, Text("Beschreibung", weight=1)] = ""


class Recommendation(Record):
    """An Empfehlung that answers needs."""

    about: ClassVar[About] = About(
        one="Empfehlung",
        many="Empfehlungen",
        new="Empfehlung anlegen",
        title=("text",),
        when="date",
    )

    kind: Literal["recommendation"] = "recommendation"
    text: Annotated[str, Value("Empfehlung", width=40, weight=3)]
    date: Annotated[OptionalDate, Value("Datum", width=13)] = None
    needs: Annotated[TagSet, References("Bedarfe", to="need")] = frozenset()
    addressed_to: Annotated[str, Value("gerichtet an", width=24, weight=1)] = ""
    status: Annotated[str, Choice("Status", vocabulary="recommendation_status", width=14)] = "entwurf"
    working_aids: Annotated[TagSet, References("Arbeitshilfen", to="working_aid")] = frozenset()
    notes: Annotated[str, Text("Begründung", weight=1)] = ""


class WorkingAid(Record):
    """An Arbeitshilfe or other material in the Ordner, with version and validity."""

    about: ClassVar[About] = About(
        one="Arbeitshilfe",
        many="Ordner",
        new="Arbeitshilfe anlegen",
        title=("title",),
        when="valid_from",
    )

    kind: Literal["working_aid"] = "working_aid"
    title: Annotated[str, Value("Titel", width=36, weight=3)]
    aid_kind: Annotated[str, Choice("Art", vocabulary="working_aid_kind", width=14)] = "arbeitshilfe"
    version: Annotated[str, Value("Fassung", width=8)] = ""
    authors: Annotated[str, Value("Verfasst von", weight=1)] = ""
    location: Annotated[str, Value("Ort oder Link", width=24, weight=1)] = ""
    binder_section: Annotated[str, Value("Fach im Ordner", width=16, weight=1)] = ""
    valid_from: Annotated[OptionalDate, Value("gültig ab", width=13)] = None
    replaced_by: Annotated[str, Reference("ersetzt durch", to="working_aid")] = ""
    recommendations: Annotated[TagSet, References("aus Empfehlungen", to="recommendation")] = frozenset()
    notes: Annotated[str, Text("Notizen", weight=1)] = ""


class Task(Record):
    """An Aufgabe of its own; agreements in visits, consultations and meetings are shown beside these."""

    about: ClassVar[About] = About(
        one="Aufgabe",
        many="Aufgaben",
        new="Aufgabe anlegen",
        title=("text",),
        when="due",
        subject="subject",
    )

    kind: Literal["task"] = "task"
    text: Annotated[str, Value("Aufgabe", width=40, weight=3)]
    due: Annotated[OptionalDate, Value("bis", "24.11., morgen, Mo oder +14", width=13, workday=True)] = None
    owner: Annotated[str, Choice("Wer", vocabulary="task_owner", width=10)] = "ich"
    adviser: Annotated[str, Reference("Medienberater*in", to="adviser")] = ""
    subject: Annotated[
        str,
        Reference("betrifft", to="school authority organisation circle", width=24, weight=1),
    ] = ""
    done_on: Annotated[OptionalDate, Value("erledigt am", width=13)] = None
    origin: Annotated[str, Reference("aus", to="visit consultation meeting training assessment need")] = ""
    notes: Annotated[str, Text("Notizen", weight=1)] = ""


class Information(Record):
    """A short information for schools, to be used again in a digest."""

    about: ClassVar[About] = About(
        one="Information",
        many="Informationen",
        new="Information anlegen",
        title=("title",),
        when="date",
    )

    kind: Literal["information"] = "information"
    title: Annotated[str, Value("Titel", width=40, weight=3)]
    date: Annotated[Date, Value("Datum", width=13)]
    text: Annotated[str, Text("Text", weight=1)] = ""
    topics: Annotated[TagSet, Tags("Themen", vocabulary="topic")] = frozenset()
    link: Annotated[str, Value("Link")] = ""
    valid_until: Annotated[OptionalDate, Value("aktuell bis")] = None
