"""The places of the app: each function key's screen, declared once for tab line, modes, palette and help."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.screens.room import Room


@dataclass(frozen=True, slots=True)
class Place:
    """A screen that a function key opens; its module is imported when it is first opened."""

    name: str
    key: str
    short: str
    label: str
    module: str
    screen: str
    kinds: tuple[str, ...] = ()

    def open(self) -> Room:
        """Return a new screen of this place."""
        screen: Room = getattr(import_module(f"tui.screens.{self.module}"), self.screen)()
        return screen


PLACES = (
    Place("today", "f2", "Heute", "Heute", "today", "TodayScreen"),
    Place("schools", "f3", "Schulen", "Schulen", "schools", "SchoolsScreen", ("school",)),
    Place("visits", "f4", "Besuche", "Besuche und Beratungen", "visits", "VisitsScreen", ("visit", "consultation")),
    Place("matrix", "f5", "Matrix", "Bestandsaufnahmen", "assessments", "AssessmentsScreen", ("assessment",)),
    Place("trainings", "f6", "Fortb.", "Fortbildungen", "trainings", "TrainingsScreen", ("training",)),
    Place("meetings", "f7", "Treffen", "Treffen und Kreise", "meetings", "MeetingsScreen", ("meeting",)),
    Place("tasks", "f8", "Aufg.", "Aufgaben", "tasks", "TasksScreen", ("task",)),
    Place("more", "f9", "Mehr", "Alle anderen Einträge", "more", "MoreScreen"),
)
