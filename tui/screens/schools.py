"""SchoolsScreen (F3): all schools, with the days since the last contact, open tasks and the last assessment."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from models.i18n import _
from models.rules.contacts import Overview, overview
from tui.columns import ListColumn
from tui.commands import Command
from tui.screens.list_room import Filter, ListRoom, equals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from models.records import Document


class SchoolsScreen(ListRoom):
    """The schools of the region; `n` begins a visit at the one under the cursor."""

    KIND = "school"
    PLACE: ClassVar[str] = "schools"
    SORT = "short_name"
    FOLLOWS: ClassVar[frozenset[str]] = frozenset({"school", "visit", "consultation", "assessment", "task", "meeting"})
    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("new", "n", "Besuch", "Besuch an dieser Schule anlegen"),
        Command("new_school", "plus", "Schule anlegen", footer=False),
    )
    HELP_TEXT = (
        "Alle Schulen der Region. Unter „Kontakt“ stehen die Tage seit dem letzten Besuch oder der letzten Beratung. "
        "/ sucht schon während des Tippens, f grenzt ein, s sortiert, n beginnt einen Besuch, Enter zeigt die Schule."
    )
    _overview: tuple[int, Overview] | None = None

    def overview(self) -> Overview:
        """Return contacts, tasks and assessments by school, computed anew after a change."""
        version = self.fieldbook.version
        if self._overview is None or self._overview[0] != version:
            self._overview = (version, overview(self.fieldbook, self.fieldbook.clock.today()))
        return self._overview[1]

    def columns(self) -> Sequence[ListColumn]:
        """Return the declared columns with the derived ones behind the name."""
        number, name, *others = super().columns()
        seen = self.overview()
        return (
            number,
            name,
            _counted("contact", _("Kontakt"), 8, seen.days_since, _("{count} T."), descending=True),
            _counted("tasks", _("Aufg."), 5, seen.open_tasks, "{count}", descending=True),
            *others,
            ListColumn(
                "assessed",
                _("Matrix"),
                8,
                lambda school, _lookup: _month(seen.last_assessment.get(str(school.get("number")), "")),
                lambda school, _lookup: seen.last_assessment.get(str(school.get("number"))),
                descending=True,
            ),
        )

    def filters(self) -> Iterable[Filter]:
        """Return form, municipality, authority and "long not visited"."""
        yield from self._not_since()
        yield from super().filters()
        yield from self._by("place", _("Ort"), lambda text: text)
        yield from self._by("authority", _("Schulträger"), self._authority_name)
        yield Filter(_("Verzeichnis"), _("nicht mehr im Verzeichnis"), _gone)

    def _not_since(self) -> Iterator[Filter]:
        days = self.overview().days_since
        for limit in (90, 180, 365):
            yield Filter(
                _("Kontakt"),
                _("länger als {days} Tage her oder nie").format(days=limit),
                _not_seen(days, limit),
            )

    def _by(self, field: str, group: str, named: Callable[[str], str]) -> Iterator[Filter]:
        for value in sorted({str(school[field]) for school in self.documents() if school.get(field)}, key=named):
            yield Filter(group, named(value), equals(field, value))

    def _authority_name(self, number: str) -> str:
        authority = self.fieldbook.by_key("authority", number)
        return str(authority["name"]) if authority else number

    def is_own(self, document: Document) -> bool:
        """Tell whether the school is one of the user's deployment."""
        me = self.fieldbook.settings.adviser
        return any(document["number"] in d.get("schools", ()) for d in self.fieldbook.where("deployment", adviser=me))

    def action_new(self) -> None:
        """Begin a visit at the school under the cursor."""
        school = self.current()
        values = {"school": str(school["number"])} if school else {}
        self.feldbuch.opening.new("visit", **values)

    def action_new_school(self) -> None:
        """Add a school that the directory does not have."""
        self.feldbuch.opening.new("school")


def _counted(name: str, label: str, width: int, counts: dict[str, int], form: str, *, descending: bool) -> ListColumn:
    def text(school: Document, _lookup: object) -> str:
        count = counts.get(str(school.get("number")))
        return "–" if count is None else form.format(count=count)

    return ListColumn(
        name,
        label,
        width,
        text,
        lambda school, _lookup: counts.get(str(school.get("number"))),
        descending=descending,
        right=True,
    )


def _month(day: str) -> str:
    return f"{day[5:7]}/{day[:4]}" if day else ""


def _gone(school: Document) -> bool:
    return bool(school.get("directory_date")) and not school.get("in_directory")


def _not_seen(days_since: dict[str, int], limit: int) -> Callable[[Document], bool]:
    return lambda school: days_since.get(str(school.get("number")), limit + 1) > limit
