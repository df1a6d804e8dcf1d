"""FormBody: the rows of a form, drawn from the declarations of a record or of a list entry."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from textual import on
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widget import Widget

from models.fields import is_empty
from models.i18n import _
from models.present import present
from tui.show import line
from tui.widgets.fields.editor import Edited
from tui.widgets.fields.line import LineField
from tui.widgets.fields.row import FieldRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from textual.app import ComposeResult
    from textual.content import Content
    from textual.events import DescendantBlur

    from models.forms import Form
    from models.present import Lookup
    from models.records import Document


FIRST_PARTS = 18
"""Rows that are there at the first paint: about what a small screen shows."""

NEXT_PARTS = 6
"""Rows that follow at a time, few enough that no key waits for them."""

PAINT_FIRST = 0.001
"""Seconds between two portions of rows, so that keys and painting come in between."""


class SectionLine(Widget):
    """A heading between the fields."""

    DEFAULT_CSS = """
    SectionLine { height: 1; color: $primary; text-style: bold; margin: 1 0 0 0; padding: 0 1; }
    """
    ALLOW_SELECT = False

    def __init__(self, text: str) -> None:
        """Show `text`."""
        super().__init__()
        self._text = text

    def render(self) -> Content:
        """Draw the heading."""
        return line(self._text)


class FormBody(VerticalScroll, can_focus=False):
    """All rows of one form; it moves values between the editors and the form and shows what is wrong."""

    DEFAULT_CSS = """
    /* The place of the bar is kept: texts that were wrapped before it came would keep their height. */
    FormBody { height: 1fr; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    """

    class Touched(Message):
        """Something was entered; the form holds it already."""

    class Left(Message):
        """A field was left."""

    def __init__(self, form: Form, lookup: Lookup, previous: Document | None = None) -> None:
        """Edit `form`; `previous` is the record of last time, whose values stand beside the fields."""
        super().__init__()
        self.form = form
        self._lookup = lookup
        self._previous: Document = previous or {}

    def compose(self) -> ComposeResult:
        """Yield the headings and rows of the first page; the others follow once it is on the screen."""
        self._waiting = self._parts()
        yield from islice(self._waiting, FIRST_PARTS)

    def on_show(self) -> None:
        """Let the other rows follow, once the first ones are painted."""
        self.set_timer(PAINT_FIRST, self._mount_more)

    async def _mount_more(self) -> None:
        parts = list(islice(self._waiting, NEXT_PARTS))
        if parts and self.is_attached:
            await self.mount_all(parts)
            self.set_timer(PAINT_FIRST, self._mount_more)

    def _parts(self) -> Iterator[Widget]:
        for name, kind in self.form.fields():
            if kind.section:
                yield SectionLine(_(kind.section))
            shown = kind.previous and name in self._previous
            previous = present(kind, self._previous[name], self._lookup) if shown else ""
            row = FieldRow(self.form, name, kind, previous)
            row.display = self.form.visible(name)
            yield row

    async def complete(self) -> None:
        """Put the rows that have not followed yet in their places."""
        await self.mount_all(list(self._waiting))

    async def go_to_section(self, by: int) -> None:
        """Go to the first field of the next section (1), or of this one and then of the one before it (-1)."""
        await self.complete()
        rows = [row for row in self.rows() if row.display]
        row = self.current()
        here = rows.index(row) if row in rows else 0
        starts = [number for number, row in enumerate(rows) if row.kind.section or number == 0]
        ahead = [number for number in starts if number > here] if by > 0 else [n for n in starts[::-1] if n < here]
        target = ahead[0] if ahead else (len(rows) - 1 if by > 0 else 0)
        self.screen.set_focus(rows[target].query("*").first(Widget))

    def rows(self) -> Iterator[FieldRow]:
        """Yield the rows in their order."""
        yield from self.query(FieldRow)

    def collect(self) -> None:
        """Take over what stands in all editors at this moment, not what they have told so far."""
        for row in self.rows():
            self.form.set(row.field, row.editor.entered())

    def follow(self, document: Document, sent: Mapping[str, Any]) -> None:
        """Show `document`, which holds the edits `sent` by now, with what was entered since then."""
        self.collect()
        self.form.follow(document, sent)
        for row in self.rows():
            before, now = row.editor.entered(), self.form.get(row.field)
            if before != now and not (is_empty(before) and is_empty(now)):
                row.editor.enter(type(before)() if is_empty(now) else now)

    @on(Edited)
    def _edited(self, event: Edited) -> None:
        event.stop()
        row = event.editor.parent
        assert isinstance(row, FieldRow)  # noqa: S101 - editors live in rows
        known = row.field in self.form.edits
        self.form.set(row.field, row.editor.entered())
        if not known and row.field not in self.form.edits:
            # Textual's inputs also tell of the text that they are made with: opening a form edits nothing.
            return
        if row.has_message:
            row.say(self.form.problem(row.field))
        for other in self.rows():
            other.display = self.form.visible(other.field)
        self.post_message(self.Touched())

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """Check a field that is left and show its value as it was understood."""
        row = event.widget.parent
        if isinstance(row, FieldRow):
            self._understand(row)
            self.post_message(self.Left())

    def _understand(self, row: FieldRow) -> None:
        self.form.set(row.field, row.editor.entered())
        problem = self.form.problem(row.field)
        if problem:
            row.say(problem)
            return
        understood = self.form.understood(row.field)
        if understood is not None and understood != row.editor.entered():
            row.editor.enter(understood)
            self.form.set(row.field, understood)
        remarks = self.form.remarks()
        for other in self.rows():
            # A remark may depend on two fields: what changed in this one can settle that of another.
            if other is row or other.has_remark:
                other.say(remarks.get(other.field, ""), "warning")

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Show each problem below its field and go to the first one."""
        first: FieldRow | None = None
        for row in self.rows():
            text = problems.get(row.field, "")
            row.say(text)
            if text and first is None:
                first = row
        if first is None:
            return
        self.screen.set_focus(first.query("*").first(Widget))
        if self.form.problem(first.field) and isinstance(first.editor, LineField):
            # What cannot be read is replaced by what is typed next.
            first.editor.select_all()
        # The messages make the rows higher: only then is it known where the row stands.
        self.call_after_refresh(first.scroll_visible, animate=False)

    def current(self) -> FieldRow | None:
        """Return the row that has the focus."""
        focused = self.screen.focused
        return focused.parent if focused is not None and isinstance(focused.parent, FieldRow) else None

    def take_previous(self) -> bool:
        """Put the last time's value into the field in use; returns whether there was one."""
        row = self.current()
        if row is None or row.field not in self._previous:
            return False
        value: Any = self._previous[row.field]
        row.editor.enter(self.form.shown(row.field, value))
        self.form.set(row.field, row.editor.entered())
        self.post_message(self.Touched())
        return True
