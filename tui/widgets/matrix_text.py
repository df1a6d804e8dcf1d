"""The lines of the matrix as text with roles: the current criterion in full, every other one in one line."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from models.i18n import _
from models.rules.assessment import Change, change_of, level_of, progress, reason_of
from models.text import cells, clean, cut
from tui.widgets.wrapping import fill, wrap

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    from models.catalogue import Catalogue, Criterion, Section
    from models.rules.assessment import Ratings
    from models.rules.matrix_state import MatrixState

CURRENT, CHOSEN, RATED, OPEN = "▸", "●", "●", "○"
COMMENTED = "¶"
MARK = 3
"""Cells before every text: a blank, the sign, a blank."""

NARROWEST = 30
"""Cells below which the lines are cut at the right instead of growing narrower."""

WIDEST_TITLE = 64
"""Cells of a criterion's title in its own line, so that the eye finds its level on a wide screen too."""

PREVIOUS = 14
"""Cells at the right of a criterion's line for its previous level and the sign of the change."""


class Span(NamedTuple):
    """A piece of a line in one role; a click on one with a `level` gives it (0: not assessed)."""

    text: str
    role: str = "text"
    level: int | None = None


class Line(NamedTuple):
    """One line, and the number of the criterion that a click on it selects (-1: none)."""

    spans: tuple[Span, ...]
    criterion: int = -1

    def span_at(self, x: int) -> Span | None:
        """Return the piece in the cell `x`, None right of the text."""
        for span in self.spans:
            x -= cells(span.text)
            if x < 0:
                return span
        return None


@dataclass(frozen=True, slots=True)
class MatrixNotes:
    """What stands beside the ratings: the earlier assessment, targets, evidence and comments by criterion or section.

    `previous_day` is the day of the earlier assessment as people read it.
    """

    previous: Ratings = field(default_factory=dict[str, "Mapping[str, Any]"])
    previous_day: str = ""
    targets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, "Mapping[str, Any]"])
    evidence: Mapping[str, str] = field(default_factory=dict[str, str])
    comments: Mapping[str, str] = field(default_factory=dict[str, str])
    criterion_comments: Mapping[str, str] = field(default_factory=dict[str, str])
    focus: Collection[str] = ()


class Layout(NamedTuple):
    """All lines; `head` is the number of the section heading above each line, the current block is `start` to `end`."""

    lines: list[Line]
    head: list[int]
    start: int
    end: int


def lay_out(state: MatrixState, notes: MatrixNotes, width: int, *, wide: bool) -> Layout:
    """Return the lines of the whole matrix in `width` cells; `wide` puts the levels side by side."""
    page = _Page(state.catalogue, state.ratings, notes, max(width, NARROWEST), wide=wide)
    lines: list[Line] = []
    head: list[int] = []
    number, start, end = 0, 0, 0
    for section in state.catalogue.sections:
        here = len(lines)
        lines.append(page.heading(section, number))
        for criterion in section.criteria:
            if number == state.index:
                start = len(lines)
                lines += page.block(section, criterion, number)
                end = len(lines)
            else:
                lines.append(page.row(criterion, number))
            number += 1
        head += [here] * (len(lines) - here)
    return Layout(lines, head, start, end)


def tallest(catalogue: Catalogue, notes: MatrixNotes, width: int, *, wide: bool) -> int:
    """Return how many lines the matrix takes at most, whichever criterion is current."""
    page = _Page(catalogue, {}, notes, max(width, NARROWEST), wide=wide)
    blocks = [len(page.block(s, criterion, 0)) for s in catalogue.sections for criterion in s.criteria]
    return len(catalogue.sections) + len(blocks) - 1 + max(blocks, default=1)


class _Page:
    """Draws the lines for one state in one width."""

    def __init__(self, catalogue: Catalogue, ratings: Ratings, notes: MatrixNotes, width: int, *, wide: bool) -> None:
        self.catalogue = catalogue
        self.ratings = ratings
        self.notes = notes
        self.width = width
        self.wide = wide
        names = (f"{number} {_plain(name)}" for number, name in enumerate(self.catalogue.levels, 1))
        longest = max(map(cells, (*names, self.catalogue.goal_label)))
        self.label = min(longest, width // 3) + 2

    def heading(self, section: Section, first: int) -> Line:
        """Draw a section's heading with its progress at the right."""
        done = str(progress(section, self.ratings)) if section.criteria else ""
        title = fill(f" {_plain(section.heading)}", self.width - cells(done) - 1)
        return Line((Span(title, "section"), Span(f"{done} ", "progress")), first if section.criteria else -1)

    def row(self, criterion: Criterion, number: int) -> Line:
        """Draw a criterion that is not the current one: sign, title, mark of a comment, level, previous level, change."""
        level, reason = level_of(self.ratings, criterion.id), reason_of(self.ratings, criterion.id)
        if level is not None:
            sign, name = RATED, f"{level} {_plain(self.catalogue.level_name(level))}"
        elif reason is not None:
            sign, name = "0", _("0 nicht bewertet")
        else:
            sign, name = OPEN, "–"
        room = max(self.label, 20)
        wide = min(self.width - room - PREVIOUS - 2, WIDEST_TITLE)
        mark = f" {COMMENTED}" if self.notes.criterion_comments.get(criterion.id) else ""
        title = fill(cut(f" {sign} {_plain(criterion.title)}", wide - cells(mark)) + mark, wide)
        spans = (
            Span(f"{title}  ", "criterion"),
            Span(fill(name, room), "level" if level is not None else "muted"),
            *self._then(criterion, level),
        )
        return Line(spans, number)

    def _then(self, criterion: Criterion, level: int | None) -> tuple[Span, Span]:
        before = level_of(self.notes.previous, criterion.id)
        change = change_of(level, before) if level is not None and self.notes.previous else None
        text = "" if before is None else _("zuletzt {level}").format(level=before)
        sign = change.sign if change else " "
        return Span(fill(text, PREVIOUS - 3), "previous"), Span(f"{sign}  ", _role(change))

    def block(self, section: Section, criterion: Criterion, number: int) -> list[Line]:
        """Draw the current criterion: title, goal, all levels, then target, evidence and comments."""
        lines = [self._title(criterion)]
        if criterion.goal:
            lines += self._goal(criterion)
        lines += self._columns(criterion) if self.wide else self._levels(criterion)
        lines.append(self._beyond(criterion))
        lines += self._remarks(section, criterion)
        return [Line(line.spans, number) for line in lines]

    def _title(self, criterion: Criterion) -> Line:
        before = level_of(self.notes.previous, criterion.id)
        left_out = reason_of(self.notes.previous, criterion.id) is not None
        level = level_of(self.ratings, criterion.id)
        change = change_of(level, before) if level is not None and self.notes.previous else None
        text = ""
        if before is not None or left_out:
            text = _("zuletzt {level}").format(level=before or 0)
            text += f" ({_plain(self.notes.previous_day)})" if self.notes.previous_day else ""
        focus = _(" · Schwerpunkt") if criterion.id in self.notes.focus else ""
        sign = f"{change.sign} " if change else ""
        title = fill(f" {CURRENT} {_plain(criterion.title)}{focus}", self.width - cells(text) - cells(sign) - 2)
        return Line((Span(f"{title} ", "current"), Span(sign, _role(change)), Span(f"{text} ", "previous")))

    def _goal(self, criterion: Criterion) -> list[Line]:
        texts = wrap(_plain(criterion.goal), self.width - MARK - self.label - 1)
        labels = [self.catalogue.goal_label, *[""] * len(texts)]
        return [
            Line((Span(" " * MARK), Span(fill(label, self.label), "muted"), Span(text, "goal")))
            for label, text in zip(labels, texts, strict=False)
        ]

    def _chosen(self, criterion: Criterion, level: int) -> bool:
        return level_of(self.ratings, criterion.id) == level

    def _levels(self, criterion: Criterion) -> list[Line]:
        """Draw the levels below each other, name at the left, text at the right."""
        lines: list[Line] = []
        before = level_of(self.notes.previous, criterion.id)
        room = self.width - MARK - self.label - 1
        for level, text in enumerate(criterion.levels, 1):
            chosen = self._chosen(criterion, level)
            role = "chosen" if chosen else "text"
            names = [f"{level} {_plain(self.catalogue.level_name(level))}"]
            texts = list(wrap(_plain(text), room)) or [""]
            mark = _("◂ zuletzt")
            at_right = False
            if level == before:
                at_right = cells(texts[-1]) + cells(mark) + 2 <= room
                if not at_right:
                    names.append(mark)
            for number, (name, part) in enumerate(zip_longest(names, texts, fillvalue="")):
                sign = f" {CHOSEN} " if chosen and number == 0 else " " * MARK
                last = at_right and number == len(texts) - 1
                gap = room - cells(part) - cells(mark) if last else room - cells(part)
                spans = [
                    Span(sign, role, level),
                    Span(fill(name, self.label), ("previous" if number else "chosen" if chosen else "level"), level),
                    Span(part + " " * max(gap, 0), role, level),
                ]
                if last:
                    spans.append(Span(mark, "previous", level))
                lines.append(Line(tuple(spans)))
        return lines

    def _columns(self, criterion: Criterion) -> list[Line]:
        """Draw the levels side by side."""
        before = level_of(self.notes.previous, criterion.id)
        column = (self.width - 1) // len(criterion.levels)
        heads: list[Span] = []
        bodies: list[list[Span]] = []
        for level, text in enumerate(criterion.levels, 1):
            chosen = self._chosen(criterion, level)
            mark = f" {CHOSEN} " if chosen else " " * MARK
            name = f"{level} {_plain(self.catalogue.level_name(level))}"
            name += "  " + _("◂ zuletzt") if level == before else ""
            heads.append(Span(fill(mark + name, column), "chosen" if chosen else "level", level))
            parts = wrap(_plain(text), column - MARK - 2)
            role = "chosen" if chosen else "text"
            bodies.append([Span(fill(" " * MARK + part, column), role, level) for part in parts])
        lines = [Line(tuple(heads))]
        for row in zip_longest(*bodies):
            spans = [span or Span(" " * column, "text", level) for level, span in enumerate(row, 1)]
            lines.append(Line(tuple(spans)))
        return lines

    def _beyond(self, criterion: Criterion) -> Line:
        """Draw the answers without a text: the goal reached, and not assessed."""
        spans: list[Span] = []
        before = level_of(self.notes.previous, criterion.id)
        used = 0
        level = criterion.top
        if criterion.goal_beyond_top:
            chosen = self._chosen(criterion, level)
            mark = f" {CHOSEN} " if chosen else " " * MARK
            name = f"{level} {_plain(self.catalogue.level_name(level))}"
            spans.append(Span(mark + name, "chosen" if chosen else "level", level))
            if before == level:
                spans.append(Span("  " + _("◂ zuletzt"), "previous", level))
            spans.append(Span("   ", "text"))
            used = sum(cells(span.text) for span in spans)
        reason = reason_of(self.ratings, criterion.id)
        mark = " " * MARK if reason is None else f" {CHOSEN} "
        text = _("0 nicht bewertet (Grund)")
        if reason is not None:
            text = _("0 nicht bewertet: {reason}").format(reason=_plain(reason) or "–")
        was_left_out = reason_of(self.notes.previous, criterion.id) is not None
        note = "  " + _("◂ zuletzt") if was_left_out else ""
        text = cut(text, self.width - used - MARK - cells(note) - 1)
        spans.append(Span(mark + text, "muted" if reason is None else "chosen", 0))
        spans.append(Span(note, "previous", 0))
        return Line(tuple(spans))

    def _remarks(self, section: Section, criterion: Criterion) -> list[Line]:
        """Draw target, evidence and comments, one line each; a longer text ends with an ellipsis."""
        target, evidence = self.notes.targets.get(criterion.id), self.notes.evidence.get(criterion.id)
        found = [
            (_("Ziel"), _target(target) if target else ""),
            (_("Beleg"), evidence or ""),
            (_("Kommentar"), self.notes.criterion_comments.get(criterion.id) or ""),
            (_("Abschnitt"), self.notes.comments.get(section.id) or ""),
        ]
        remarks = [(label, _plain(text)) for label, text in found if text]
        if target and evidence and cells(remarks[0][1]) + cells(remarks[1][1]) + 12 <= self.width - self.label - MARK:
            (label, text), (other, more) = remarks[:2]
            remarks[:2] = [(label, f"{text}     {other} {more}")]
        room = self.width - MARK - self.label - 1
        return [
            Line((Span(" " * MARK), Span(fill(label, self.label), "muted"), Span(cut(text, room), "note")))
            for label, text in remarks
        ]


def _target(target: Mapping[str, Any]) -> str:
    level, due = target.get("level"), str(target.get("due") or "")
    text = _("Stufe {level}").format(level=level) if level is not None else ""
    return " ".join(filter(None, (text, _("bis {month}").format(month=show_month(due)) if due else "")))


def show_month(due: str) -> str:
    """Return a month "2027-07" as people write it, "07/2027"; anything else as it is."""
    year, dash, month = due.partition("-")
    return f"{month}/{year}" if dash and month.isdecimal() and year.isdecimal() else due


def _role(change: Change | None) -> str:
    return change.value if change in (Change.BETTER, Change.WORSE) else "muted"


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    return clean(str(text), lines=False)
