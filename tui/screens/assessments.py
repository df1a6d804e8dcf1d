"""AssessmentsScreen (F5): assessments of schools and authorities, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from models.catalogue import catalogue_of
from models.i18n import _
from models.rules.assessment import progress
from tui.columns import ListColumn
from tui.commands import Command
from tui.screens.list_room import ListRoom

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.records import Document


class AssessmentsScreen(ListRoom):
    """All assessments; Enter goes on rating."""

    KIND = "assessment"
    PLACE: ClassVar[str] = "matrix"
    SORT = "-date"
    FOLLOWS: ClassVar[frozenset[str]] = frozenset({"assessment", "school", "authority"})
    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("new", "n", "Neu", "Bestandsaufnahme beginnen"),
        Command("compare", "v", "Vergleich", "Alle Bestandsaufnahmen derselben Stelle nebeneinander"),
    )
    HELP_TEXT = (
        "Bestandsaufnahmen von Schulen und Schulträgern. n beginnt eine, Enter bewertet weiter, v zeigt alle derselben "
        "Stelle nebeneinander. Es gibt keine Gesamtnote: verglichen wird Kriterium für Kriterium."
    )

    def columns(self) -> Sequence[ListColumn]:
        """Return the declared columns with how far each is."""
        return (
            *super().columns(),
            ListColumn("progress", _("bewertet"), 10, lambda document, _lookup: _progress(document), right=True),
        )

    def action_new(self) -> None:
        """Begin an assessment and go on to its matrix."""
        self.feldbuch.opening.new("assessment", self._rate)

    def _rate(self, record_id: str | None) -> None:
        if record_id is not None:
            self.feldbuch.opening.record(record_id)

    def action_compare(self) -> None:
        """Compare the assessments of the subject under the cursor over time."""
        document = self.current()
        if document is not None:
            self.feldbuch.opening.over_time(str(document.get("subject", "")))


def _progress(document: Document) -> str:
    return str(progress(catalogue_of(document), document.get("ratings") or {}))
