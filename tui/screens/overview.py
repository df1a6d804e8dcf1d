"""OverviewScreen: one assessment by section: how many criteria stand at which level, what moved, what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from models.i18n import _
from models.rules.assessment import Change, changes_in, distribution
from models.text import cells, clean
from tui.commands import Command, read_by_widget
from tui.screens.room import Room
from tui.show import assemble
from tui.widgets.rows import Cell, Marked, Rows
from tui.widgets.table import Column, RowOpened, VirtualTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.content import Content

    from models.catalogue import Catalogue, Criterion
    from models.rules.assessment import Distribution, Ratings

OPEN, LEFT_OUT = "○", "0"
_TOTAL = "total"

Line = tuple[str, list[Cell]]
"""A row: the criterion that it leads to, and its cells."""


class OverviewScreen(Room):
    """Where one assessment stands; the answer of this screen is the criterion to go to, if any."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        read_by_widget("Enter", "Zum Kriterium", "Zum Kriterium, oder zum ersten offenen des Abschnitts"),
        Command("back", "escape,g", "Zurück"),
    )
    HELP_TEXT = (
        "Je Abschnitt steht für jedes Kriterium eine Ziffer: die Stufe, 0 für nicht bewertet, ○ ohne Antwort. Daneben "
        "die Anzahlen, und was sich seit der letzten Bestandsaufnahme dieser Stelle bewegt hat. Eine Gesamtnote gibt "
        "es nicht. Unten steht, was noch keine Antwort hat; Enter geht dorthin."
    )
    FIRST_FOCUS = "VirtualTable"
    DEFAULT_CSS = """
    OverviewScreen .legend { height: auto; padding: 0 1; color: $text-muted; margin: 0 0 1 0; }
    """

    def __init__(
        self, title: str, catalogue: Catalogue, ratings: Ratings, earlier: Ratings, earlier_day: str = ""
    ) -> None:
        """Show `ratings` beside those of the `earlier` assessment; `earlier_day` is empty where there is none."""
        super().__init__()
        self._title = title
        self._catalogue = catalogue
        self._ratings = ratings
        self._earlier = earlier
        self._earlier_day = earlier_day
        self._parts = distribution(catalogue, ratings)

    def heading(self) -> str:
        """Return whose assessment it is."""
        return _("Überblick · {title}").format(title=self._title)

    def content(self) -> ComposeResult:
        """Yield the legend and the table."""
        yield Static(self._legend(), markup=False, classes="legend")
        yield VirtualTable(self._columns(), empty_text=_("Dieser Katalog hat keine Kriterien."))

    def on_mount(self) -> None:
        """Fill the table."""
        super().on_mount()
        missing = [self._catalogue.criterion(each) for part in self._parts for each in part.open]
        rows: list[Line | str] = [(f"section {part.section.id}", self._section(part)) for part in self._parts]
        if rows:
            rows.append((_TOTAL, self._total()))
            rows.append(_("OHNE ANTWORT ({count})").format(count=len(missing)) if missing else _("ALLES BEANTWORTET"))
            rows += [(criterion.id, self._open(criterion)) for criterion in missing if criterion is not None]
        source = Rows(rows, key=lambda line: line[0], cells=lambda line: line[1])
        self.query_one(VirtualTable).set_source(source)

    # What stands in it

    def _levels(self) -> list[int]:
        return sorted({level for part in self._parts for level in part.by_level})

    def _legend(self) -> Content:
        names = [f"{level} {self._catalogue.level_name(level)}" for level in self._levels()]
        names += [f"{LEFT_OUT} {_('nicht bewertet')}", f"{OPEN} {_('ohne Antwort')}"]
        since = [_("Es ist die erste Bestandsaufnahme dieser Stelle.")]
        if self._earlier_day:
            since = [f"{change.sign} {change.label}" for change in Change]
            since[0] = _("Seit {day}: {first}").format(day=self._earlier_day, first=since[0])
        room = self.app.size.width - 2
        return assemble("\n".join([*_lines(names, room), *_lines(since, room)]))

    def _columns(self) -> list[Column]:
        counts = [*(str(level) for level in self._levels()), LEFT_OUT, OPEN]
        signs = [change.sign for change in Change] if self._earlier_day else []
        widest = max((len(part.section.criteria) for part in self._parts), default=0)
        return [
            Column("section", _("Abschnitt"), 26, flex=1, minimum=12),
            Column("levels", _("Stufen"), max(widest * 2 - 1, 6), minimum=6),
            *(Column(f"count {sign}", sign, 2, align="right") for sign in counts),
            *(Column(f"change {sign}", sign, 2, align="right") for sign in signs),
        ]

    def _section(self, part: Distribution) -> list[Cell]:
        signs = [str(level) for level, ids in part.by_level.items() for _each in ids]
        signs += [LEFT_OUT] * len(part.not_assessed) + [OPEN] * len(part.open)
        counts = [*map(part.count, self._levels()), len(part.not_assessed), len(part.open)]
        moved = changes_in(part.section, self._ratings, self._earlier)
        return [clean(part.section.title, lines=False), " ".join(signs), *self._numbers(counts, moved)]

    def _total(self) -> list[Cell]:
        counts = [sum(part.count(level) for part in self._parts) for level in self._levels()]
        counts += [sum(len(part.not_assessed) for part in self._parts), sum(len(part.open) for part in self._parts)]
        numbers = self._numbers(counts, changes_in(self._catalogue, self._ratings, self._earlier))
        return [Marked(_("Zusammen"), "bold"), "", *(Marked(str(number), "bold") for number in numbers)]

    def _numbers(self, counts: list[int], moved: Mapping[Change, int]) -> list[str]:
        numbers = [*counts, *(moved[change] for change in Change if self._earlier_day)]
        return [str(number) if number else "·" for number in numbers]

    def _open(self, criterion: Criterion) -> list[Cell]:
        return [clean(criterion.title, lines=False), OPEN, *[""] * (len(self._columns()) - 2)]

    # Where it leads

    def on_row_opened(self, event: RowOpened) -> None:
        """Go back to the matrix, to what the row is about."""
        part = next((part for part in self._parts if event.key == f"section {part.section.id}"), None)
        if part is not None:
            self.dismiss(next(iter(part.open), part.section.criteria[0].id))
        elif event.key != _TOTAL:
            self.dismiss(event.key)


def _lines(parts: list[str], room: int) -> list[str]:
    """Return the parts on as few lines of `room` cells as they need, none of them broken."""
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]}   {part}" if lines[-1] else part
        if cells(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines
