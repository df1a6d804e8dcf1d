"""MoreScreen: all kinds of records that have no function key, with their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from models.i18n import _
from models.records import KINDS, record_class
from tui.commands import Command
from tui.places import PLACES
from tui.screens.room import Room
from tui.widgets.rows import Rows
from tui.widgets.table import Column, RowOpened, VirtualTable

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from models.fieldbook import Changed


class MoreScreen(Room):
    """Needs, recommendations, the binder, contacts, programmes and everything else that is kept."""

    PLACE: ClassVar[str] = "more"
    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("new", "n", "Neu", "Neuen Eintrag dieser Art anlegen"),
        Command("open", "enter", "Öffnen", "Liste öffnen"),
    )
    HELP_TEXT = "Alles, was keine eigene Funktionstaste hat: Bedarfe, Empfehlungen, der Ordner, Kontakte, Programme."
    FIRST_FOCUS = "VirtualTable"

    def heading(self) -> str:
        """Return the name of the place."""
        return _("Alle anderen Einträge")

    def content(self) -> ComposeResult:
        """Yield the table of kinds."""
        yield VirtualTable()

    def on_mount(self) -> None:
        """Fill the table."""
        super().on_mount()
        self._show()

    def on_screen_resume(self) -> None:
        """Count anew."""
        super().on_screen_resume()
        self._show()

    def records_changed(self, change: Changed) -> None:
        """Count anew."""
        super().records_changed(change)
        self._show()

    def _show(self) -> None:
        columns = [Column("kind", _("Art"), 30, flex=1), Column("count", _("Einträge"), 10, align="right")]
        counts = self.fieldbook.counts()
        placed = {kind for place in PLACES for kind in place.kinds}
        rows = Rows(
            [(kind, counts.get(kind, 0)) for kind in KINDS if kind not in placed],
            key=lambda pair: pair[0],
            cells=lambda pair: (_(record_class(pair[0]).about.many), str(pair[1])),
        )
        self.query_one(VirtualTable).set_source(rows, columns)

    def on_row_opened(self, event: RowOpened) -> None:
        """Open the list of a kind."""
        self.feldbuch.opening.register(event.key)

    def action_open(self) -> None:
        """Open the list under the cursor."""
        key = self.query_one(VirtualTable).cursor_key
        if key is not None:
            self.feldbuch.opening.register(key)

    def action_new(self) -> None:
        """Begin a new record of the kind under the cursor."""
        key = self.query_one(VirtualTable).cursor_key
        if key is not None:
            self.feldbuch.opening.new(key)
