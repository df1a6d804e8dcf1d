"""Bestandsaufnahmen: progress, distribution, change and next steps, computed from a catalogue and its ratings.

There is no overall grade: the rules answer how far each section is and what moved since the last time.
Source: records design 2.6, after SELFIE's "progress, not excellence".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from models.catalogue import MOST_LEVELS
from models.i18n import _

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from models.catalogue import Catalogue, Criterion, Section

    Ratings = Mapping[str, Mapping[str, Any]]
    """Criterion id → {"level": 1-4} or {"level": None, "not_assessed": reason}; no entry while it is open."""


def level_of(ratings: Ratings, criterion_id: str) -> int | None:
    """Return the level (1-4) given to a criterion; None while it is open, not assessed, or holds no usable level."""
    return _level(ratings.get(criterion_id))


def _level(entry: object) -> int | None:
    level = entry.get("level") if isinstance(entry, Mapping) else None
    return level if isinstance(level, int) and level is not True and 1 <= level <= MOST_LEVELS else None


def reason_of(ratings: Ratings, criterion_id: str) -> str | None:
    """Return why a criterion was left out (perhaps an empty text); None where it was not left out."""
    entry = ratings.get(criterion_id)
    if not isinstance(entry, Mapping) or _level(entry) is not None or "not_assessed" not in entry:
        return None
    return str(entry["not_assessed"] or "")


def is_answered(ratings: Ratings, criterion_id: str) -> bool:
    """Tell whether a criterion has a level or was left out on purpose."""
    return level_of(ratings, criterion_id) is not None or reason_of(ratings, criterion_id) is not None


@dataclass(frozen=True, slots=True)
class Progress:
    """How many criteria have an answer; leaving one out with a reason is an answer."""

    rated: int
    not_assessed: int
    total: int

    @property
    def done(self) -> int:
        """Criteria that have an answer."""
        return self.rated + self.not_assessed

    @property
    def complete(self) -> bool:
        """Whether every criterion has an answer; nothing is complete where there is nothing to rate."""
        return 0 < self.total == self.done

    def __str__(self) -> str:
        return _("{done} von {total}").format(done=self.done, total=self.total)


def progress(part: Catalogue | Section, ratings: Ratings) -> Progress:
    """Return how far the rating of a catalogue or of one of its sections is."""
    rated = sum(level_of(ratings, criterion.id) is not None for criterion in part.criteria)
    left_out = sum(reason_of(ratings, criterion.id) is not None for criterion in part.criteria)
    return Progress(rated, left_out, len(part.criteria))


@dataclass(frozen=True, slots=True)
class Distribution:
    """Which criteria of a section stand at which level; the numbers are the lengths, so each can be opened."""

    section: Section
    by_level: Mapping[int, tuple[str, ...]]
    not_assessed: tuple[str, ...]
    open: tuple[str, ...]

    def count(self, level: int) -> int:
        """Return how many criteria stand at `level`."""
        return len(self.by_level.get(level, ()))


def distribution(catalogue: Catalogue, ratings: Ratings) -> tuple[Distribution, ...]:
    """Return the distribution of every section that has criteria; each criterion is counted exactly once."""
    return tuple(_distribution(section, ratings) for section in catalogue.sections if section.criteria)


def _distribution(section: Section, ratings: Ratings) -> Distribution:
    ids = [criterion.id for criterion in section.criteria]
    levels = range(1, max(criterion.top for criterion in section.criteria) + 1)
    # A level above the scale can only come from elsewhere; it is counted where it says it is.
    found = {level_of(ratings, each) for each in ids} - {None}
    by_level = {
        level: tuple(each for each in ids if level_of(ratings, each) == level)
        for level in sorted({*levels, *(level for level in found if level is not None)})
    }
    left_out = tuple(each for each in ids if reason_of(ratings, each) is not None)
    return Distribution(section, by_level, left_out, tuple(each for each in ids if not is_answered(ratings, each)))


class Change(StrEnum):
    """How a criterion moved since an earlier assessment."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    NEW = "new"
    GONE = "gone"

    @property
    def sign(self) -> str:
        """The sign that stands for the change beside its colour."""
        return {"better": "▲", "worse": "▼", "same": "=", "new": "+", "gone": "–"}[self.value]

    @property
    def label(self) -> str:
        """The change in words."""
        return {
            "better": _("höher"),
            "worse": _("niedriger"),
            "same": _("gleich"),
            "new": _("neu bewertet"),
            "gone": _("nicht mehr bewertet"),
        }[self.value]


def change_of(now: int | None, earlier: int | None) -> Change | None:
    """Return how a level moved; None where there is none on either side."""
    if now is None:
        return None if earlier is None else Change.GONE
    if earlier is None:
        return Change.NEW
    if now == earlier:
        return Change.SAME
    return Change.BETTER if now > earlier else Change.WORSE


def changes(ratings: Ratings, earlier: Ratings) -> dict[str, Change]:
    """Return criterion id → change over the criteria of both assessments, whichever catalogue version they are from."""
    found: dict[str, Change] = {}
    for each in dict.fromkeys((*ratings, *earlier)):
        change = change_of(level_of(ratings, each), level_of(earlier, each))
        if change is not None:
            found[each] = change
    return found


def count_changes(found: Mapping[str, Change]) -> dict[Change, int]:
    """Return how many criteria moved which way; every way is there, also with 0."""
    counted = Counter(found.values())
    return {change: counted[change] for change in Change}


def changes_in(part: Catalogue | Section, ratings: Ratings, earlier: Ratings) -> dict[Change, int]:
    """Return how many criteria of a catalogue or section moved which way; those still without an answer do not count."""
    ids = {criterion.id for criterion in part.criteria if is_answered(ratings, criterion.id)}
    return count_changes({each: change for each, change in changes(ratings, earlier).items() if each in ids})


@dataclass(frozen=True, slots=True)
class ProposedTask:
    """One step of a focus criterion from its level to the next one; `due` is a month "2027-07" or empty."""

    criterion: Criterion
    level: int
    text: str
    due: str = ""


def proposed_tasks(
    catalogue: Catalogue,
    ratings: Ratings,
    focus: Collection[str],
    targets: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[ProposedTask]:
    """Return the next steps of the focus criteria, in the order of the matrix, lower steps first.

    Each step is the text of the level to be reached. Without a target it is the next level alone; with one, all steps
    up to it, the last of them due when the target is. A criterion that is open or at its top proposes nothing.
    """
    found: list[ProposedTask] = []
    for criterion in catalogue.criteria:
        level = level_of(ratings, criterion.id)
        if criterion.id not in focus or level is None:
            continue
        target = (targets or {}).get(criterion.id) or {}
        last = min(max(_level(target) or 0, level + 1), criterion.top)
        for step in range(level + 1, last + 1):
            due = str(target.get("due") or "") if step == _level(target) else ""
            found.append(ProposedTask(criterion, step, _task_text(catalogue, criterion, step), due))
    return found


def _task_text(catalogue: Catalogue, criterion: Criterion, step: int) -> str:
    text = criterion.text(step) or catalogue.level_name(step)
    return _("{title}: {text}").format(title=criterion.title, text=text)


def earlier_assessment(document: Mapping[str, Any], others: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the last assessment of the same subject and catalogue before this one, None where it is the first.

    Catalogue versions do not matter; of two on one day the one created first is the earlier.
    """
    own = _moment(document)
    before = [
        each
        for each in others
        if each.get("id") != document.get("id")
        and each.get("subject") == document.get("subject")
        and each.get("catalogue") == document.get("catalogue")
        and _moment(each) < own
    ]
    return max(before, key=_moment, default=None)


def _moment(document: Mapping[str, Any]) -> tuple[str, str]:
    # A new assessment has no creation time yet: it is younger than everything else of its day.
    return str(document.get("date") or ""), str(document.get("created_at") or "~")
