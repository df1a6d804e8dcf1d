"""The families of records; `record_class` finds the model of a kind, `parse` reads a document."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from models.records.base import CLEAN, Document, Item, Record, UnknownRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

_MODULES: dict[str, tuple[str, str]] = {
    "school": ("school", "School"),
    "authority": ("school", "Authority"),
    "organisation": ("people", "Organisation"),
    "contact": ("people", "Contact"),
    "adviser": ("people", "Adviser"),
    "deployment": ("people", "Deployment"),
    "visit": ("visit", "Visit"),
    "consultation": ("consultation", "Consultation"),
    "assessment": ("assessment", "Assessment"),
    "training": ("training", "Training"),
    "circle": ("meeting", "Circle"),
    "meeting": ("meeting", "Meeting"),
    "case_round": ("meeting", "CaseRound"),
    "media_concept": ("plans", "MediaConcept"),
    "development_plan": ("plans", "DevelopmentPlan"),
    "programme": ("plans", "Programme"),
    "participation": ("plans", "Participation"),
    "project": ("plans", "Project"),
    "need": ("needs", "Need"),
    "recommendation": ("needs", "Recommendation"),
    "working_aid": ("needs", "WorkingAid"),
    "task": ("needs", "Task"),
    "information": ("needs", "Information"),
    "conflict": ("conflict", "Conflict"),
}
"""Kind → module and class: families are imported when a record of theirs is first used, which keeps the start short."""

KINDS = tuple(_MODULES)

CONFLICT = "conflict"
"""The one kind that nobody makes by hand: the server does, where it merges what cannot be decided."""

MADE_BY_HAND = tuple(kind for kind in KINDS if kind != CONFLICT)


@cache
def record_class(kind: str) -> type[Record]:
    """Return the model of `kind`; `UnknownRecord` for a kind from a newer version."""
    if kind not in _MODULES:
        return UnknownRecord
    module, name = _MODULES[kind]
    model: type[Record] = getattr(import_module(f"models.records.{module}"), name)
    return model


def parse(document: Mapping[str, Any]) -> Record:
    """Return the record that `document` holds; one that its model cannot read comes back as `UnknownRecord`, whole."""
    model = record_class(str(document.get("kind", "")))
    try:
        return model.model_validate(document)
    except ValidationError:
        return UnknownRecord.model_validate(document)


def is_readable(document: Mapping[str, Any]) -> bool:
    """Tell whether the model of a document's kind can read it; its texts must have been made harmless before."""
    try:
        record_class(str(document.get("kind", ""))).model_validate(document, context=CLEAN)
    except ValidationError:
        return False
    return True


__all__ = [
    "CONFLICT",
    "KINDS",
    "MADE_BY_HAND",
    "Document",
    "Item",
    "Record",
    "UnknownRecord",
    "is_readable",
    "parse",
    "record_class",
]
