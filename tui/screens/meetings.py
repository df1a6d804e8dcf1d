"""MeetingsScreen (F7): meetings of all circles, newest first; the circles themselves are one key away."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from models.i18n import _
from models.rules.meetings import attendance_counts, meeting_labels
from tui.columns import ListColumn
from tui.commands import Command
from tui.screens.list_room import ListRoom

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.records import Document


class MeetingsScreen(ListRoom):
    """All meetings; Enter opens the minutes."""

    KIND = "meeting"
    PLACE: ClassVar[str] = "meetings"
    SORT = "-date"
    FOLLOWS: ClassVar[frozenset[str]] = frozenset({"meeting", "circle"})
    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("new", "n", "Treffen", "Treffen anlegen"),
        Command("circles", "k", "Kreise", "Arbeitskreise, Qualitätszirkel und andere Kreise zeigen"),
        Command("new_circle", "plus", "Kreis anlegen", footer=False),
    )
    HELP_TEXT = (
        "Alle Treffen. Enter öffnet das Protokoll, n legt ein Treffen an, k zeigt die Kreise. Vom Kreis aus angelegt, "
        "bringt ein Treffen Tagesordnung, Mitglieder und offene Fragen mit."
    )

    def columns(self) -> Sequence[ListColumn]:
        """Return the declared columns with number in the year and attendance."""
        labels: dict[str, str] = {}
        for circle in self.fieldbook.documents("circle"):
            labels |= meeting_labels(self.fieldbook.where("meeting", circle=circle["id"]))
        declared = {column.name: column for column in super().columns()}
        first = [declared.pop("date"), declared.pop("title")]
        return (
            *first,
            ListColumn("number", _("Nummer"), 19, lambda meeting, _lookup: labels.get(meeting["id"], "")),
            ListColumn("present", _("Anw."), 5, lambda meeting, _lookup: _present(meeting), right=True),
            *declared.values(),
        )

    def action_circles(self) -> None:
        """Show the circles."""
        self.feldbuch.opening.circles()

    def action_new_circle(self) -> None:
        """Add a circle."""
        self.feldbuch.opening.new("circle")


def _present(meeting: Document) -> str:
    counts = attendance_counts(meeting)
    return str(counts.get("anwesend", 0) + counts.get("gast", 0)) if counts else ""
