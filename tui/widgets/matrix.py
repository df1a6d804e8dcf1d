"""MatrixWidget: rates the criteria of a catalogue with one key each; one line-API widget, exact in bursts of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from models.i18n import _
from models.rules.assessment import level_of, reason_of
from models.rules.matrix_state import MatrixState
from tui.widgets.matrix_messages import Completed, CriterionChanged, Rated, ReasonWanted, Refused
from tui.widgets.matrix_text import Layout, Line, MatrixNotes, lay_out, tallest

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events

    from models.catalogue import Catalogue
    from models.rules.assessment import Ratings

__all__ = ["Completed", "CriterionChanged", "MatrixWidget", "Rated", "ReasonWanted", "Refused"]

WIDE = 108
"""Cells inside a screen of 110: from here on the levels of the current criterion stand side by side."""

MOST_STRIPS = 500
_STEPS = {"down": 1, "up": -1}
_SECTIONS = {"pagedown": 1, "pageup": -1}
_NOTHING = Layout([], [], 0, 0)
_EMPTY_LINE = Line(())


class MatrixWidget(ScrollView, can_focus=True):
    """The matrix of one assessment. It holds no record: the screen stores what `Rated` says.

    `locked` is the sentence that answers every attempt to change something; empty where rating is allowed.
    """

    DEFAULT_CSS = """
    MatrixWidget {
        height: 1fr; width: 1fr; background: $background; color: $foreground;
        overflow-x: hidden; overflow-y: auto; scrollbar-gutter: stable; scrollbar-size-vertical: 1;
    }
    MatrixWidget > .matrix--section { color: $primary; text-style: bold; }
    MatrixWidget > .matrix--progress { color: $text-muted; }
    MatrixWidget > .matrix--current { color: $foreground; text-style: bold; }
    MatrixWidget:focus > .matrix--current { color: $accent; text-style: bold; }
    MatrixWidget > .matrix--criterion { color: $foreground; }
    MatrixWidget > .matrix--level { color: $secondary; }
    MatrixWidget > .matrix--text { color: $foreground; }
    MatrixWidget > .matrix--goal { color: $text-muted; text-style: italic; }
    MatrixWidget > .matrix--chosen { color: $accent; text-style: bold; }
    MatrixWidget > .matrix--previous { color: $text-muted; }
    MatrixWidget > .matrix--note { color: $foreground; }
    MatrixWidget > .matrix--muted { color: $text-muted; }
    MatrixWidget > .matrix--better { color: $success; text-style: bold; }
    MatrixWidget > .matrix--worse { color: $warning; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"matrix--{role}"
        for role in (
            *("section", "progress", "current", "criterion", "level", "text", "goal"),
            *("chosen", "previous", "note", "muted", "better", "worse"),
        )
    }
    ALLOW_SELECT = False

    def __init__(
        self,
        catalogue: Catalogue,
        ratings: Ratings | None = None,
        *,
        notes: MatrixNotes | None = None,
        locked: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        """Show `ratings` against `catalogue`, the first open criterion current."""
        super().__init__(id=id, classes=classes)
        self._state = MatrixState.start(catalogue, ratings or {})
        self._notes = notes or MatrixNotes()
        self._locked = locked
        self._layout_now = _NOTHING
        self._window: list[Line] = []
        self._strips: dict[Line, Strip] = {}
        self._styles: dict[str, Style] = {}

    # --- what the screen asks and tells ---------------------------------------------------------------------------

    @property
    def state(self) -> MatrixState:
        """What is rated and where one is; `state.ratings` is what the record stores."""
        return self._state

    @property
    def notes(self) -> MatrixNotes:
        """What stands beside the ratings."""
        return self._notes

    def show(self, catalogue: Catalogue, ratings: Ratings, notes: MatrixNotes | None = None, locked: str = "") -> None:
        """Show another assessment, or this one as it was stored meanwhile; the current criterion stays where it can."""
        current = self._state.criterion
        fresh = MatrixState.start(catalogue, ratings)
        self._state = fresh.go_to_id(current.id) if current else fresh
        self._notes = notes or MatrixNotes()
        self._locked = locked
        self._measure()

    def show_notes(self, notes: MatrixNotes) -> None:
        """Show other targets, evidence, comments or another earlier assessment."""
        self._notes = notes
        self._measure()

    def rate(self, level: int) -> None:
        """Give the current criterion a level (0: ask for the reason to leave it out) and go on to the next."""
        criterion = self._state.criterion
        if criterion is None or self._refuse_locked():
            return
        if level == 0:
            self.post_message(ReasonWanted(criterion.id))
        elif level > criterion.top:
            self.post_message(Refused(_("Hier gehen die Stufen von 1 bis {top}.").format(top=criterion.top)))
        else:
            self._become(self._state.rate(level), answered=criterion.id)

    def leave_out(self, criterion_id: str, reason: str) -> None:
        """Leave a criterion out for a reason; the answer to `ReasonWanted`."""
        if not self._refuse_locked():
            self._become(self._state.leave_out(criterion_id, reason), answered=criterion_id)

    def clear_rating(self) -> None:
        """Take back the answer to the current criterion."""
        if not self._refuse_locked() and (criterion := self._state.criterion):
            self._become(self._state.clear(), answered=criterion.id)

    def undo_rating(self) -> bool:
        """Take back the last change of this widget; False where there is none."""
        before = self._state
        after = before.undo()
        if after is before or self._refuse_locked():
            return False
        keys = {*before.ratings, *after.ratings}
        changed = next((key for key in keys if before.ratings.get(key) != after.ratings.get(key)), "")
        self._become(after, answered=changed)
        return True

    def go_to(self, criterion_id: str) -> None:
        """Make a criterion the current one."""
        self._become(self._state.go_to_id(criterion_id))

    def _refuse_locked(self) -> bool:
        if self._locked:
            self.post_message(Refused(self._locked))
        return bool(self._locked)

    # --- keys and mouse -------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Act at once and in the order of the keys; keys that mean nothing here go on to the screen."""
        if event.character and event.character in "0123456789":
            self.rate(int(event.character))
        elif event.key in ("backspace", "delete"):
            self.clear_rating()
        elif (moved := self._moved(event.key)) is not None:
            self._become(moved)
        else:
            return
        event.stop()
        event.prevent_default()

    def _moved(self, key: str) -> MatrixState | None:
        """Return the state that a moving key leads to, None for any other key."""
        state = self._state
        if key in _STEPS:
            return state.move(_STEPS[key])
        if key in _SECTIONS:
            return state.move_section(_SECTIONS[key])
        return {"home": state.go_to(0), "end": state.go_to(len(state.catalogue.criteria))}.get(key)

    def on_click(self, event: events.Click) -> None:
        """Select the criterion under the mouse, or give the level under it."""
        if (at := event.get_content_offset(self)) is None or not 0 <= at.y < len(self._window):
            return
        line = self._window[at.y]
        if line.criterion < 0:
            return
        event.stop()
        span = line.span_at(at.x)
        if line.criterion == self._state.index and span is not None and span.level is not None:
            self.rate(span.level)
        elif line.criterion != self._state.index:
            self._become(self._state.go_to(line.criterion))

    # --- drawing --------------------------------------------------------------------------------------------------

    def _become(self, state: MatrixState, *, answered: str = "") -> None:
        before, self._state = self._state, state
        if state is before or state == before:
            return
        self._redraw()
        if answered and state.ratings is not before.ratings:
            level = level_of(state.ratings, answered)
            left_out = reason_of(state.ratings, answered) is not None
            self.post_message(Rated(answered, 0 if left_out else level))
        if state.index != before.index and (criterion := state.criterion):
            self.post_message(CriterionChanged(criterion.id))
        if state.progress.complete and not before.progress.complete:
            self.post_message(Completed())

    def on_resize(self) -> None:
        """Lay everything out for the new width."""
        self._strips.clear()
        self._measure()

    @property
    def _room(self) -> Size:
        return self.scrollable_content_region.size

    def _measure(self) -> None:
        """Reserve the height that the tallest criterion needs: no key then changes the layout of the screen."""
        room = self._room
        if room.width:
            height = tallest(self._state.catalogue, self._notes, room.width, wide=room.width >= WIDE)
            self.virtual_size = Size(room.width, height)
            self._redraw()
            self.refresh()

    def _redraw(self) -> None:
        """Lay out, keep the current criterion in sight, and refresh only the rows that differ."""
        room = self._room
        if not room.width:
            return
        self._layout_now = lay_out(self._state, self._notes, room.width, wide=room.width >= WIDE)
        self.scroll_to(y=self._best_top(room.height), animate=False, force=True)
        before, self._window = self._window, self._rows(room.height)
        if len(before) == len(self._window):
            changed = [y for y, (old, new) in enumerate(zip(before, self._window, strict=True)) if old != new]
            if changed:
                self.refresh(Region(0, changed[0], room.width, changed[-1] - changed[0] + 1))
        else:
            self.refresh()

    def _best_top(self, height: int) -> int:
        """Return the line to stand on top: heading and the criterion before above the current one, where that fits."""
        start, end = self._layout_now.start, self._layout_now.end
        above = 2 if end - start + 2 <= height else 1
        return min(max(start - above, 0), max(self.virtual_size.height - height, 0))

    def _rows(self, height: int) -> list[Line]:
        """Return the rows in sight; the first one is always the heading of the section below it."""
        top = self.scroll_offset.y
        lines = self._layout_now.lines[top : top + height]
        if lines and top < len(self._layout_now.head):
            lines[0] = self._layout_now.lines[self._layout_now.head[top]]
        return lines + [_EMPTY_LINE] * (height - len(lines))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw the rows that come into sight by wheel or scroll bar."""
        super().watch_scroll_y(old_value, new_value)
        self._window = self._rows(self._room.height)

    def notify_style_update(self) -> None:
        """Forget what was drawn in other colours."""
        self._strips.clear()
        self._styles.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Draw one row; rows that were drawn before are kept."""
        line = self._window[y] if y < len(self._window) else _EMPTY_LINE
        strip = self._strips.get(line)
        if strip is None:
            if len(self._strips) > MOST_STRIPS:
                self._strips.clear()
            strip = self._strips[line] = self._draw(line)
        return strip

    def _draw(self, line: Line) -> Strip:
        segments = [Segment(span.text, self._style(span.role)) for span in line.spans if span.text]
        return Strip(segments).adjust_cell_length(self._room.width, self._style("text"))

    def _style(self, role: str) -> Style:
        # Textual forgets its own cache of these with every refresh.
        style = self._styles.get(role)
        if style is None:
            style = self._styles[role] = self.get_component_rich_style(f"matrix--{role}")
        return style
