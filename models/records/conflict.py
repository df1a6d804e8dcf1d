"""Konflikt: two different edits of one thing. The server writes it where it merged; a person decides, and nothing is lost."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from models.fields import Choice, Reference, Text, Value
from models.records.base import About, Record

OPEN, RESOLVED = "offen", "geloest"

ANY_RECORD = (
    "visit consultation assessment training meeting circle contact task need recommendation working_aid information "
    "media_concept development_plan programme participation project deployment adviser school authority organisation"
)
"""All kinds that travel; those with official numbers last, as looking for one of these reads all of its kind."""


class Conflict(Record):
    """What could not be decided: the value that stands in the record, and the one that was put aside.

    `path` leads to the place in the record: a field or a group of fields, then an entry's id or a key, and so on. These
    and the values are whatever the server wrote, of a newer version too. Nobody makes a conflict by hand, and only its
    `status` ever changes, so that two persons who decide at the same time never make another one of it.
    """

    about: ClassVar[About] = About(one="Konflikt", many="Konflikte", new="", title=("record",), status="status")

    kind: Literal["conflict"] = "conflict"
    record: Annotated[str, Reference("Eintrag", derived=True, to=ANY_RECORD, may_be_gone=True, width=40)]
    record_kind: Annotated[str, Value("Satzart des Eintrags", derived=True)] = ""
    record_rev: Annotated[int, Value("Revision des Eintrags", derived=True)] = 0
    path: Annotated[Any, Text("Stelle", derived=True)] = None
    rule: Annotated[str, Choice("Was sich traf", derived=True, vocabulary="conflict_rule", width=24)] = "value"
    status: Annotated[str, Choice("Status", derived=True, vocabulary="conflict_status", width=10)] = OPEN
    base: Annotated[Any, Text("Davor", derived=True)] = None
    kept: Annotated[Any, Text("Es gilt", derived=True)] = None
    other: Annotated[Any, Text("Andere Fassung", derived=True)] = None
    other_by: Annotated[str, Value("Andere Fassung von", derived=True)] = ""
