"""Bestandsaufnahme (Matrix): the assessment of a school or authority against a versioned catalogue."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from models.fields import Choice, Items, Reference, Table, Tags, Text, Value
from models.records.base import About, Date, Record, TagSet
from models.records.shared import Attendee


class Assessment(Record):
    """A filled-in matrix. There is no overall grade: a report shows the distribution per section and the change."""

    about: ClassVar[About] = About(
        one="Bestandsaufnahme",
        many="Bestandsaufnahmen",
        new="Bestandsaufnahme beginnen",
        title=("subject", "date"),
        when="date",
        subject="subject",
        status="status",
    )

    kind: Literal["assessment"] = "assessment"
    subject: Annotated[
        str,
        Reference("Bewertete Stelle", to="school authority", width=28, weight=2),
    ]
    date: Annotated[Date, Value("Datum", "24.11., heute, morgen, Mo oder +14", width=13, workday=True)]
    subject_type: Annotated[str, Choice("Bewertet wird", vocabulary="subject_type")] = "school"
    mode: Annotated[str, Choice("Art", vocabulary="assessment_mode", width=11)] = "gemeinsam"
    status: Annotated[str, Choice("Stand", vocabulary="assessment_state", width=15)] = "entwurf"
    adviser: Annotated[str, Reference("Medienberater*in", to="adviser")] = ""
    participants: Annotated[list[Attendee], Items("Beteiligte", weight=1)] = []
    catalogue: Annotated[str, Value("Katalog", derived=True)] = "schule"
    catalogue_version: Annotated[str, Value("Katalogversion", derived=True)] = ""
    ratings: Annotated[dict[str, dict[str, Any]], Table("Bewertung", derived=True, keys="criterion")] = {}
    comments: Annotated[
        dict[str, str],
        Table("Eigene Kommentierung je Abschnitt", derived=True, keys="section", weight=1),
    ] = {}
    criterion_comments: Annotated[
        dict[str, str],
        Table("Kommentare je Kriterium", derived=True, keys="criterion", weight=1),
    ] = {}
    targets: Annotated[dict[str, dict[str, Any]], Table("Ziele", derived=True, keys="criterion")] = {}
    evidence: Annotated[dict[str, str], Table("Belege", derived=True, keys="criterion", weight=1)] = {}
    focus: Annotated[TagSet, Tags("Schwerpunkte", derived=True)] = frozenset()
    notes: Annotated[str, Text("Notizen", weight=1)] = ""
