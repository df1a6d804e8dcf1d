"""TrainingsScreen (F6): trainings with state, places and head counts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from models.i18n import _
from models.records.base import new_id
from models.rules.trainings import attended, next_run, practice_grid
from models.rules.visits import day_of
from models.school_calendar import SchoolYear
from tui.columns import ListColumn
from tui.commands import Command
from tui.screens.list_room import Filter, ListRoom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from models.records import Document


class TrainingsScreen(ListRoom):
    """All trainings, newest first."""

    KIND = "training"
    PLACE: ClassVar[str] = "trainings"
    SORT = "-date"
    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("new", "n", "Neu", "Fortbildung anlegen"),
        Command("count", "t", "Teilnahme", "Teilnahme je Schule eintragen"),
        Command("grid", "g", "Praxistage", "Praxistage vorschlagen: je Schule und Woche ein Tag", footer=False),
        Command("again", "w", "Wiederholen", "Als neuen Durchgang anlegen", footer=False),
    )
    HELP_TEXT = (
        "Fortbildungen mit Stand, Plätzen und Teilnahme. t trägt die Zahlen je Schule ein, g schlägt Praxistage vor "
        "(je Schule und Woche ein Tag), w legt einen neuen Durchgang an."
    )

    def columns(self) -> Sequence[ListColumn]:
        """Return the declared columns with the number of people who took part; the hour gives its cells to the title."""
        declared = {column.name: column for column in super().columns()}
        declared.pop("start")
        first = [declared.pop("date"), declared.pop("title"), declared.pop("status")]
        return (
            *first,
            ListColumn(
                "attended",
                _("Teiln."),
                6,
                lambda t, _lookup: str(attended(t) or ""),
                lambda t, _l: attended(t),
                right=True,
            ),
            *declared.values(),
        )

    def filters(self) -> Iterable[Filter]:
        """Return the school years, then the declared choices."""
        days = (day_of(training, "date") for training in self.documents())
        for year in sorted({SchoolYear.of(day) for day in days if day}, reverse=True):
            yield Filter(_("Schuljahr"), str(year), _in_year(year))
        yield from super().filters()

    def action_count(self) -> None:
        """Type head counts down a column."""
        training = self.current()
        if training is not None:
            self.feldbuch.opening.head_counts(training["id"])

    def action_again(self) -> None:
        """Begin a new run of the training under the cursor."""
        training = self.current()
        if training is not None:
            self.feldbuch.opening.new("training", None, **next_run(training))

    def action_grid(self) -> None:
        """Propose practice days for the schools that are picked."""
        training = self.current()
        if training is None:
            return

        def picked(schools: list[str]) -> None:
            if schools:
                self._propose(training, schools)

        chosen = sorted({str(row["school"]) for row in training.get("counts", ()) if row.get("school")})
        self.feldbuch.opening.pick_records(_("Schulen für die Praxistage"), "school", picked, chosen=chosen)

    def _propose(self, training: Document, schools: list[str]) -> None:
        first = day_of(training, "date") or self.fieldbook.clock.today()
        days: list[dict[str, Any]] = [{"id": new_id(), **day} for day in practice_grid(schools, first, weeks=3)]
        draft = {"sessions": [*training.get("sessions", ()), *days]}
        title = str(training.get("title", ""))

        def show(_nothing: None) -> None:
            self.feldbuch.opening.form(training)
            self.feldbuch.say(_("{count} Praxistage vorgeschlagen. Strg+S übernimmt sie.").format(count=len(days)))

        save = partial(self.fieldbook.save_draft, training["id"], "training", draft, title, left=True)
        self.saving.do(save, show)


def _year(training: Document) -> SchoolYear | None:
    day = day_of(training, "date")
    return SchoolYear.of(day) if day else None


def _in_year(year: SchoolYear) -> Callable[[Document], bool]:
    return lambda training: _year(training) == year
