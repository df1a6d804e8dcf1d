"""ItemScreen: the form of one list entry, above the form of its record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from models.fields import Value
from models.forms import Form
from models.i18n import _
from tui.commands import Command, bindings
from tui.draft_timer import DraftTimer
from tui.screens.early_keys import EarlyKeys
from tui.show import shown
from tui.widgets.fields.body import FormBody

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from textual.app import ComposeResult

    from models.fieldbook import Fieldbook
    from models.records.base import Cleaned
    from tui.app import FeldbuchApp

DRAFT_DELAY = 0.3
"""Seconds without a key after which what was typed goes into the record's draft."""


class ItemScreen(EarlyKeys, ModalScreen[dict[str, Any] | None]):
    """Edits one entry; Strg+S or Enter takes it over, Esc leaves it as it was, after a question where it was edited."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("take", "ctrl+s,enter", "Übernehmen"),
        Command("app.focus_previous", "up", "voriges Feld"),
        Command("app.focus_next", "down", "nächstes Feld"),
        Command("leave", "escape", "Zurück"),
    )
    BINDINGS = bindings(KEYS)
    DEFAULT_CSS = """
    ItemScreen { align: center middle; background: $background 60%; }
    ItemScreen > Vertical { width: 76; height: auto; max-height: 20; border: round $primary; background: $surface; }
    ItemScreen FormBody { height: auto; max-height: 16; }
    ItemScreen .answers { color: $text-muted; margin: 1 1 0 1; }
    """

    def __init__(
        self,
        title: str,
        model: type[Cleaned],
        entry: dict[str, Any],
        *,
        typed: str = "",
        keep: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        """Edit `entry` of `model`; `typed` is what was typed on the list already, `keep` gets the entry for a draft."""
        super().__init__()
        self._keep = keep
        self._drafts = DraftTimer(self, self._keep_draft, DRAFT_DELAY)
        self._title = title
        self._model = model
        self._entry = entry
        self._typed = typed

    def compose(self) -> ComposeResult:
        """Show the entry's form."""
        fieldbook: Fieldbook = self.app.fieldbook  # type: ignore[attr-defined]
        today: dt.date = fieldbook.clock.today()
        form = Form(self._model, self._entry, today)
        if self._typed:
            first = next((name for name, kind in form.fields() if isinstance(kind, Value)), None)
            if first is not None and form.type_of(first) is str:
                form.set(first, self._typed)
        self.body = FormBody(form, fieldbook)
        with Vertical() as box:
            box.border_title = shown(self._title)
            yield self.body
            yield Static(shown(_("Strg+S übernehmen, in einer Zeile auch Enter    Esc zurück")), classes="answers")

    def first_widget(self) -> Widget | None:
        """Return the field that what was typed belongs to, else the first one."""
        rows = list(self.body.rows())
        typed = (row for row in rows if row.field in self.body.form.edits)
        return next(typed, rows[0]).query("*").first(Widget)

    @on(FormBody.Touched)
    def _touched(self) -> None:
        self._drafts.touch()

    def _keep_draft(self) -> None:
        if self._keep is not None:
            form = self.body.form
            self._keep({**self._entry, **{n: form.result_of(n) for n in form.edits if not form.problem(n)}})

    def leaving(self) -> None:
        """Keep what is readable of the entry for the draft of the form below."""
        self.body.collect()
        if self.body.form.edits:
            self._keep_draft()
        self._drafts.close()

    @on(Input.Submitted)
    def _line_done(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_take()

    def action_take(self) -> None:
        """Take the entry over; where something is wrong, say what."""
        self.body.collect()
        entry, problems = self.body.form.read()
        if entry is None:
            self.body.show_problems(problems)
        else:
            self._drafts.close()
            self.dismiss(entry.document())

    def action_leave(self) -> None:
        """Leave the entry as it was; what was typed is not thrown away without a question."""
        self.body.collect()
        if not self.body.form.edits:
            self._drafts.close()
            self.dismiss(None)
            return
        app: FeldbuchApp = self.app  # type: ignore[assignment]
        app.opening.ask(_("Was hier eingetragen wurde, übernehmen?"), self._left)

    def _left(self, take: bool) -> None:  # noqa: FBT001 - the answer of a question
        if take:
            self.action_take()
        else:
            self._drafts.close()
            self.dismiss(None)
