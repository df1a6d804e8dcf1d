"""Comparisons of Bestandsaufnahmen: schools of one authority side by side, one school over time; a table of levels."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from models.catalogue import catalogue_of
from models.dates import show_date
from models.rules.assessment import level_of, reason_of
from models.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from models.catalogue import Catalogue, Criterion, Section
    from models.rules.assessment import Ratings

NOT_ASSESSED = 0
"""Stands in a comparison where a criterion was left out on purpose; None where nobody said anything."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """One row to compare: `key` is the id of the assessment, or the school's number where it has none yet."""

    key: str
    label: str
    catalogue: Catalogue | None
    ratings: Ratings


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One subject or day: its levels in the order of the comparison's criteria."""

    key: str
    label: str
    levels: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rows of levels below the union of the criteria of all catalogues that occur."""

    criteria: tuple[Criterion, ...]
    sections: tuple[Section, ...]
    rows: tuple[ComparedRow, ...]

    def counts(self, column: int) -> dict[int | None, int]:
        """Return how many rows stand at which level in one column; 0 is left out, None is open."""
        return dict(Counter(row.levels[column] for row in self.rows))


def comparison(subjects: Sequence[Assessed]) -> Comparison:
    """Return the table of levels of `subjects`, rows in their order, criteria matched by id.

    Newer catalogues decide order and titles; criteria that only an older one has stand at the end.
    """
    catalogues = [each.catalogue for each in subjects if each.catalogue]
    columns: dict[str, tuple[Criterion, Section]] = {}
    for catalogue in sorted(catalogues, key=lambda each: (each.known, each.age), reverse=True):
        for section in catalogue.sections:
            for criterion in section.criteria:
                columns.setdefault(criterion.id, (criterion, section))
    rows = tuple(
        ComparedRow(each.key, each.label, tuple(_cell(each.ratings, column) for column in columns)) for each in subjects
    )
    criteria, sections = tuple(pair[0] for pair in columns.values()), tuple(pair[1] for pair in columns.values())
    return Comparison(criteria, sections, rows)


def _cell(ratings: Ratings, criterion_id: str) -> int | None:
    level = level_of(ratings, criterion_id)
    if level is None and reason_of(ratings, criterion_id) is not None:
        return NOT_ASSESSED
    return level


def compare_schools(schools: Iterable[Mapping[str, Any]], assessments: Iterable[Mapping[str, Any]]) -> Comparison:
    """Return the last assessment of each school document, by name; schools without one are there with an empty row.

    For the Runder Tisch of one authority, pass its schools and their live assessments.
    """
    last: dict[str, Mapping[str, Any]] = {}
    for each in sorted(assessments, key=_moment):
        last[str(each.get("subject") or "")] = each
    rows: list[Assessed] = []
    for school in schools:
        number = str(school.get("number") or "")
        name = str(school.get("short_name") or school.get("name") or number)
        rows.append(_assessed(last[number], name) if number in last else Assessed(number, name, None, {}))
    return comparison(sorted(rows, key=lambda row: (fold(row.label), row.key)))


def compare_over_time(assessments: Iterable[Mapping[str, Any]]) -> Comparison:
    """Return the assessments of one subject, oldest first, each row named by its date."""
    return comparison([_assessed(each, _day(each.get("date"))) for each in sorted(assessments, key=_moment)])


def _assessed(document: Mapping[str, Any], label: str) -> Assessed:
    return Assessed(str(document.get("id") or ""), label, catalogue_of(document), document.get("ratings") or {})


def _day(value: object) -> str:
    try:
        return show_date(date.fromisoformat(str(value)))
    except ValueError:
        return str(value or "")


def _moment(document: Mapping[str, Any]) -> tuple[str, str]:
    return str(document.get("date") or ""), str(document.get("created_at") or "")
