"""The state of a matrix that is being rated: where one is, what is rated, and how each key changes it.

Every change returns a new state; the widget only draws it, and a burst of keys is a fold over them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from models.rules.assessment import Progress, is_answered, progress

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from models.catalogue import Catalogue, Criterion
    from models.rules.assessment import Ratings


@dataclass(frozen=True, slots=True)
class MatrixState:
    """Ratings of one assessment with the current criterion; `past` holds what can be undone, oldest first."""

    catalogue: Catalogue
    ratings: Ratings = field(default_factory=dict[str, "Mapping[str, Any]"])
    index: int = 0
    past: tuple[tuple[int, Ratings], ...] = ()

    @classmethod
    def start(cls, catalogue: Catalogue, ratings: Ratings) -> MatrixState:
        """Return the state in which rating goes on: at the first open criterion, else at the first one."""
        state = cls(catalogue, dict(ratings))
        return replace(state, index=state._next_open(0, default=0))

    @property
    def criterion(self) -> Criterion | None:
        """The current criterion; None where the catalogue has none."""
        criteria = self.catalogue.criteria
        return criteria[self.index] if 0 <= self.index < len(criteria) else None

    @property
    def progress(self) -> Progress:
        """How far the rating is."""
        return progress(self.catalogue, self.ratings)

    def rate(self, level: int) -> Self:
        """Return the state with `level` given and the next criterion current; unchanged where there is no such level.

        Next is the first open criterion further down, else simply the next one; from the last one it is the first
        open one above.
        """
        criterion = self.criterion
        if criterion is None or not 1 <= level <= criterion.top:
            return self
        kept = {key: value for key, value in (self.ratings.get(criterion.id) or {}).items() if key != "not_assessed"}
        return self._with(criterion.id, {**kept, "level": level}).advance()

    def leave_out(self, criterion_id: str, reason: str) -> Self:
        """Return the state with a criterion left out for a reason; from the current one it goes on to the next."""
        if self.catalogue.criterion(criterion_id) is None:
            return self
        kept = self.ratings.get(criterion_id) or {}
        changed = self._with(criterion_id, {**kept, "level": None, "not_assessed": reason})
        return changed.advance() if self.criterion and self.criterion.id == criterion_id else changed

    def clear(self) -> Self:
        """Return the state with the current criterion open again."""
        criterion = self.criterion
        return self if criterion is None or criterion.id not in self.ratings else self._with(criterion.id, None)

    def undo(self) -> Self:
        """Return the state before the last rating, at the criterion where it was given; unchanged without one."""
        if not self.past:
            return self
        index, ratings = self.past[-1]
        return replace(self, index=index, ratings=ratings, past=self.past[:-1])

    def go_to(self, index: int) -> Self:
        """Return the state with another criterion current; beyond the ends the last one on that side."""
        last = max(len(self.catalogue.criteria) - 1, 0)
        return replace(self, index=min(max(index, 0), last))

    def go_to_id(self, criterion_id: str) -> Self:
        """Return the state with the criterion of this id current; unchanged where there is none."""
        ids = [criterion.id for criterion in self.catalogue.criteria]
        return self.go_to(ids.index(criterion_id)) if criterion_id in ids else self

    def move(self, steps: int) -> Self:
        """Return the state `steps` criteria further down (negative: up)."""
        return self.go_to(self.index + steps)

    def move_section(self, direction: int) -> Self:
        """Return the state at the first criterion of the next section (1) or of this or the one before (-1)."""
        starts, end = [], 0
        for section in self.catalogue.sections:
            if section.criteria:
                starts.append(end)
                end += len(section.criteria)
        if direction > 0:
            return self.go_to(next((start for start in starts if start > self.index), end - 1))
        return self.go_to(next((start for start in reversed(starts) if start < self.index), 0))

    def _with(self, criterion_id: str, entry: Mapping[str, Any] | None) -> Self:
        ratings = {key: value for key, value in self.ratings.items() if key != criterion_id or entry is not None}
        if entry is not None:
            ratings[criterion_id] = entry
        if ratings == self.ratings:
            return self
        return replace(self, ratings=ratings, past=(*self.past, (self.index, self.ratings)))

    def advance(self) -> Self:
        """Return the state at the criterion that comes by itself once the current one has its answer."""
        last = len(self.catalogue.criteria) - 1
        if self.index < last:
            return self.go_to(self._next_open(self.index + 1, default=self.index + 1))
        return self.go_to(self._next_open(0, default=last))

    def _next_open(self, start: int, *, default: int) -> int:
        criteria = self.catalogue.criteria
        open_ones = (n for n in range(start, len(criteria)) if not is_answered(self.ratings, criteria[n].id))
        return next(open_ones, default)
