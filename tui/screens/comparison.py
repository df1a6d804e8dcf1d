"""Comparisons of assessments: the schools of one authority side by side, and one subject over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from models.i18n import _
from models.present import name_of
from models.rules.comparison import Comparison, compare_over_time, compare_schools
from tui.commands import Command
from tui.screens.room import Room
from tui.widgets.heatmap import CellOpened, HeatMap

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from models.fieldbook import Changed


class HeatMapScreen(Room):
    """A heat map with digits; Enter opens the assessment of a row."""

    KEYS: ClassVar[tuple[Command, ...]] = (Command("back", "escape", "Zurück"),)
    HELP_TEXT = (
        "Jede Zeile eine Bestandsaufnahme, jede Spalte ein Kriterium. Ziffern sind Stufen, – ist nicht bewertet. "
        "Die Pfeile gehen durch die Zellen, unten steht das Kriterium im Wortlaut, Enter öffnet."
    )
    FIRST_FOCUS = "HeatMap"

    def comparison(self) -> Comparison:
        """Return what is compared."""
        raise AssertionError

    def content(self) -> ComposeResult:
        """Yield the heat map."""
        yield HeatMap(self.comparison())

    def records_changed(self, change: Changed) -> None:
        """Follow new ratings."""
        super().records_changed(change)
        self.query_one(HeatMap).show(self.comparison())

    def on_cell_opened(self, event: CellOpened) -> None:
        """Open the assessment of a row; a school without one opens itself."""
        book = self.fieldbook
        if book.by_key("assessment", event.row_key):
            self.feldbuch.opening.record(event.row_key)
        elif school := book.by_key("school", event.row_key):
            self.feldbuch.opening.record(school["id"])


class ComparisonScreen(HeatMapScreen):
    """The last assessments of all schools of one authority."""

    def __init__(self, authority: str) -> None:
        """Compare the schools of the authority with this number."""
        super().__init__()
        self._authority = authority

    def heading(self) -> str:
        """Return whose schools are compared."""
        return _("Vergleich · Schulen von {name}").format(name=name_of("authority", self._authority, self.fieldbook))

    def comparison(self) -> Comparison:
        """Return one row per school."""
        schools = self.fieldbook.where("school", authority=self._authority)
        numbers = {str(school["number"]) for school in schools}
        return compare_schools(schools, [a for a in self.fieldbook.documents("assessment") if a["subject"] in numbers])


class OverTimeScreen(HeatMapScreen):
    """All assessments of one school or authority, oldest first."""

    def __init__(self, subject: str) -> None:
        """Compare the assessments of the school or authority with this number."""
        super().__init__()
        self._subject = subject

    def heading(self) -> str:
        """Return whose assessments are compared."""
        return _("Vergleich · {name}").format(name=name_of("school authority", self._subject, self.fieldbook))

    def comparison(self) -> Comparison:
        """Return one row per assessment."""
        return compare_over_time(self.fieldbook.where("assessment", subject=self._subject))
