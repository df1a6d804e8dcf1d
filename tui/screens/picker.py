"""PickerScreen: pick one or several of many options with search as you type."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from models.i18n import _
from models.text import cells
from tui.commands import Command, bindings
from tui.screens.early_keys import EarlyKeys
from tui.show import shown
from tui.widgets.fields.line import LineField
from tui.widgets.rows import Rows
from tui.widgets.table import Column, RowOpened, VirtualTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tui.options import Option, Options

BESIDE_LEAST, BESIDE_MOST = 14, 28
"""Cells for what stands beside an option: never more than its texts need, above the least only what titles leave."""

BOTH = 62
"""Cells for an option's title and what stands beside it."""

SEEN = 100
"""Options that this is measured by."""


class PickerScreen(EarlyKeys, ModalScreen[list[str] | None]):
    """Type to search, arrows to move, Enter to pick; of several, Enter marks them and Esc is done."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("move(-1)", "up", "hinauf", priority=True),
        Command("move(1)", "down", "hinab", priority=True),
        Command("page(-1)", "pageup", "Seite hinauf", priority=True),
        Command("page(1)", "pagedown", "Seite hinab", priority=True),
        Command("take", "ctrl+s", "Übernehmen"),
        Command("leave", "escape", "Zurück"),
    )
    BINDINGS = bindings(KEYS)
    DEFAULT_CSS = """
    PickerScreen { align: center middle; background: $background 60%; }
    PickerScreen > Vertical { width: 76; height: 20; border: round $primary; background: $surface; }
    PickerScreen LineField { margin: 0 1; background: $panel; }
    PickerScreen VirtualTable { height: 1fr; }
    PickerScreen .answers { height: 1; color: $text-muted; padding: 0 1; }
    """
    FIRST_FOCUS = "LineField"

    def __init__(
        self,
        title: str,
        options: Options,
        *,
        chosen: Sequence[str] = (),
        query: str = "",
        several: bool = False,
        free: bool = False,
    ) -> None:
        """Offer `options` under `title`, beginning with `query`."""
        super().__init__()
        self._title = title
        self._options = options
        self._picked = list(chosen)
        self._query = query
        self._several = several
        self._free = free

    def compose(self) -> ComposeResult:
        """Show search line and options."""
        with Vertical() as box:
            box.border_title = shown(self._title)
            query = LineField("query", self._query)
            query.placeholder = _("Suchen …")
            yield query
            yield VirtualTable(empty_text=_("Nichts gefunden."))
            yield Static(shown(self._hint()), classes="answers")

    def _hint(self) -> str:
        if self._several:
            return _("Enter auswählen oder abwählen    Esc fertig")
        return _("Enter übernehmen    Esc zurück")

    @property
    def table(self) -> VirtualTable:
        """The table of options."""
        return self.query_one(VirtualTable)

    def on_mount(self) -> None:
        """Show the options for the first query."""
        self._show()
        if self._picked and not self._query:
            self.table.move_to_key(self._picked[0])

    @on(Input.Changed)
    def _searched(self, event: Input.Changed) -> None:
        event.stop()

    def on_edited(self) -> None:
        """Show what fits to what was typed."""
        self._show()

    async def _prepare(self) -> None:
        await self._options.prepare()
        self.table.empty_text = _("Nichts gefunden.")
        self._show()

    def _show(self) -> None:
        if not self._options.ready() and not any(worker.is_running for worker in self.workers):
            self.table.empty_text = _("Wird zum Suchen vorbereitet …")
            self.run_worker(self._prepare())
        query = self.query_one(LineField).value
        found = self._options.search(query)
        if not query and self._several:
            keys = {option.key for option in found}
            found = [self._options.named(key) for key in self._picked if key not in keys] + found
        self._found = found
        needed = max((cells(option.beside) for option in found[:SEEN]), default=0)
        left = BOTH - max((cells(option.text) for option in found[:SEEN]), default=0)
        beside = min(needed, BESIDE_MOST, max(left, BESIDE_LEAST))
        columns = [Column("sign", "", 2), Column("text", "", 30, flex=1), Column("beside", "", max(beside, 1))]
        self.table.set_source(Rows(found, key=_key, cells=self._cells), columns, keep=False)

    def _cells(self, option: Option) -> tuple[str, str, str]:
        return ("✓" if option.key in self._picked else "", option.text, option.beside)

    def action_move(self, by: int) -> None:
        """Move the cursor while the search line keeps the focus."""
        self.table.move_by(by)

    def action_page(self, by: int) -> None:
        """Move the cursor by a page."""
        self.table.move_by(by * max(self.table.size.height - 1, 1))

    def on_row_opened(self, event: RowOpened) -> None:
        """Pick what was clicked."""
        self._pick(event.key)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        key = self.table.cursor_key
        if self._found and key is not None:
            self._pick(key)
        elif self._free and event.value.strip():
            self._pick(event.value.strip())

    def _pick(self, key: str) -> None:
        if not self._several:
            self.dismiss([key])
            return
        if key in self._picked:
            self._picked.remove(key)
        else:
            self._picked.append(key)
        line = self.query_one(LineField)
        if line.value:
            line.value = ""
        else:
            self._keep_cursor()

    def _keep_cursor(self) -> None:
        key = self.table.cursor_key
        self._show()
        if key is not None:
            self.table.move_to_key(key)

    def action_take(self) -> None:
        """Take what is picked."""
        if self._several:
            self.dismiss(self._picked)
        elif self.table.cursor_key is not None:
            self.dismiss([self.table.cursor_key])

    def action_leave(self) -> None:
        """Leave without picking; of several, what was picked is kept."""
        self.dismiss(self._picked if self._several else None)


def _key(option: Option) -> str:
    return option.key
