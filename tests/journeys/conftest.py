"""A small fieldbook of one person in Kreis Gütersloh: three schools, an earlier visit, a circle that has met once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.fieldbook import Fieldbook
from tests.journeys.people import add

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.clock import FixedClock


@pytest.fixture
def fieldbook(tmp_path: Path, clock: FixedClock) -> Iterator[Fieldbook]:
    """Open the fieldbook with what its owner has in it already."""
    with Fieldbook.open(tmp_path / "feldbuch", clock=clock) as opened:
        fill(opened)
        yield opened


def fill(fieldbook: Fieldbook) -> None:
    """Put in the person, the schools, one visit and one circle."""
    me = add(fieldbook, "adviser", name="Kim Beispiel")
    settings = {"adviser": me.id, "started": "allein", "region": "05754"}
    fieldbook.save_settings(fieldbook.settings.model_copy(update=settings))
    add(fieldbook, "authority", number="10100", name="Stadt Gütersloh", place="Gütersloh")
    contacts = [{"function": "schulleitung", "name": "Frau Sommer"}, {"function": "dib", "name": "Herr Berg"}]
    schools = (
        {"number": "100001", "short_name": "GS Altstadt", "place": "Gütersloh", "contacts": contacts},
        {"number": "100002", "short_name": "Gymnasium Nord", "place": "Verl"},
        {"number": "100003", "short_name": "Realschule Mitte", "place": "Rietberg"},
    )
    for school in schools:
        add(fieldbook, "school", authority="10100", **school)
    add(
        fieldbook,
        "visit",
        school="100001",
        date="2026-05-12",
        start="09:30",
        topics=["medienkonzept"],
        notes_pedagogy="Entwurf begonnen, Steuergruppe neu.",
        media_concept_status="in_entwicklung",
        travel=20,
    )
    circle = add(
        fieldbook,
        "circle",
        name="Qualitätszirkel Grundschule",
        circle_kind="qualitaetszirkel",
        members=[
            {"organisation": "GS Altstadt", "person": "Anna Sommer"},
            {"organisation": "GS Bach", "person": "Ben Berg"},
            {"organisation": "GS Dorf", "person": "Clara Dorn"},
        ],
        hosts=[{"organisation": "GS Altstadt"}, {"organisation": "GS Bach"}],
        standing_agenda=[
            {"title": "Informationsbörse", "minutes": 15},
            {"title": "Schwerpunktthema", "minutes": 60},
        ],
    )
    add(
        fieldbook,
        "meeting",
        title="Qualitätszirkel Grundschule",
        circle=circle.id,
        date="2026-09-15",
        status="durchgefuehrt",
        minutes_state="freigegeben",
        host="GS Altstadt",
        questions=[{"text": "Wer leiht Adapter aus?"}, {"text": "Wann ist der Elternabend?", "answer": "im März"}],
    )
