"""ConflictsScreen: the conflicts that nobody decided yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from models.dates import show_short
from models.i18n import _
from models.present import full_title
from models.records import CONFLICT
from models.resolving import KEPT, OTHER, is_open, open_conflicts
from models.rules.conflict_places import place_text
from tui.commands import Command
from tui.conflict_text import decided_elsewhere, marked_side, met_text, other_text
from tui.moments import day_of
from tui.screens.room import Room
from tui.show import assemble
from tui.widgets.rows import Rows
from tui.widgets.table import Column, RowHighlighted, RowOpened, VirtualTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.content import Content

    from models.fieldbook import Changed, Fieldbook
    from models.records import Document


class ConflictsScreen(Room):
    """One line each; on wide screens both versions beside the list. What others decide leaves it, with a note."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("open", "enter", "Öffnen", "Den Konflikt unter dem Cursor ansehen und entscheiden"),
        Command("record", "e", "Eintrag", "Den Eintrag öffnen, um den es geht"),
        Command("back", "escape", "Zurück"),
    )
    HELP_TEXT = (
        "Zwei Personen haben dieselbe Stelle verschieden geändert. Eine Fassung gilt, die andere ist aufgehoben, bis jemand "
        "entscheidet; bis dahin geht alles wie gewohnt weiter. Es eilt also nicht, und es genügt, dass eine Person im Team "
        "entscheidet."
    )
    FIRST_FOCUS = "VirtualTable"
    DEFAULT_CSS = """
    ConflictsScreen .conflicts { height: 1fr; }
    ConflictsScreen .conflicts-preview { display: none; width: 48; height: 1fr; padding: 0 1; border-left: vkey $panel; }
    ConflictsScreen.-wide .conflicts-preview { display: block; }
    """

    def __init__(self) -> None:
        """Begin with what is open now."""
        super().__init__()
        self._conflicts: Sequence[Document] = ()
        self._elsewhere = 0

    def heading(self) -> str:
        """Return how many are open, and how many others decided while one looked."""
        elsewhere = _("{count} inzwischen im Team gelöst").format(count=self._elsewhere) if self._elsewhere else ""
        return " · ".join(
            filter(None, (_("Konflikte"), _("{count} offen").format(count=len(self._conflicts)), elsewhere))
        )

    def content(self) -> ComposeResult:
        """Yield the list and the versions beside it."""
        with Horizontal(classes="conflicts"):
            yield VirtualTable(
                empty_text=_(
                    "Hier ist kein Konflikt offen.\nÄndern zwei Personen dieselbe Stelle verschieden, steht es hier."
                )
            )
            with VerticalScroll(classes="conflicts-preview", can_focus=False):
                yield Static("", id="conflict-preview")

    def on_mount(self) -> None:
        """Fill the list."""
        self._show()

    def on_screen_resume(self) -> None:
        """Catch up with what was decided while another screen lay above."""
        self._show()

    def records_changed(self, change: Changed) -> None:
        """Follow what is decided here and elsewhere; what others decided is told."""
        gone = [before for before in self._conflicts if not _still_open(before, self.fieldbook)]
        now = filter(None, (self.fieldbook.peek(one["id"]) for one in gone))
        others = [one for one in now if decided_elsewhere(one, self.fieldbook)]
        self._elsewhere += len(others)
        self._show()
        if others and self.is_active:
            self.feldbuch.say(gone_text(others[0], self.fieldbook, len(others)))
        super().records_changed(change)

    def _show(self) -> None:
        self._conflicts = open_conflicts(self.fieldbook)
        columns = [
            Column("since", _("seit"), 6),
            Column("record", _("Eintrag"), 30, flex=2),
            Column("place", _("Stelle"), 18, flex=1),
        ]
        rows = Rows(self._conflicts, key=lambda one: str(one["id"]), cells=self._cells)
        self.query_one(VirtualTable).set_source(rows, columns)
        self._show_preview()
        self.refresh_lines()

    def _cells(self, conflict: Document) -> tuple[str, str, str]:
        day = day_of(str(conflict.get("created_at", "")), self.fieldbook.clock)
        return show_short(day) if day else "", record_title(conflict, self.fieldbook), place_text(conflict)

    def _current(self) -> Document | None:
        key = self.query_one(VirtualTable).cursor_key
        return next((one for one in self._conflicts if one["id"] == key), None)

    def _show_preview(self) -> None:
        conflict = self._current()
        pane = self.query_one("#conflict-preview", Static)
        pane.update(preview(conflict, self.fieldbook) if conflict is not None else "")

    def on_row_highlighted(self, message: RowHighlighted) -> None:
        """Show both versions beside the list."""
        del message
        self._show_preview()

    def on_row_opened(self, message: RowOpened) -> None:
        """Open a conflict."""
        self.feldbuch.opening.record(message.key)

    def action_open(self) -> None:
        """Open the conflict under the cursor."""
        conflict = self._current()
        if conflict is not None:
            self.feldbuch.opening.record(str(conflict["id"]))

    def action_record(self) -> None:
        """Open the record that the conflict under the cursor is about."""
        conflict = self._current()
        if conflict is not None:
            self.feldbuch.opening.record(str(conflict.get("record", "")))


def _still_open(conflict: Document, fieldbook: Fieldbook) -> bool:
    now = fieldbook.peek(str(conflict["id"]))
    return now is not None and is_open(now)


def record_title(conflict: Document, fieldbook: Fieldbook) -> str:
    """Return what the record of a conflict is called."""
    document = fieldbook.peek(str(conflict.get("record", "")))
    if document is None or document.get("kind") == CONFLICT:
        return _("(nicht hier)")
    return full_title(document, fieldbook)


def gone_text(conflict: Document, fieldbook: Fieldbook, count: int = 1) -> str:
    """Return the note that somebody else decided a conflict, or several."""
    if count > 1:
        return _("{count} Konflikte hat inzwischen jemand im Team gelöst.").format(count=count)
    title = record_title(conflict, fieldbook)
    return _("Diesen Konflikt hat inzwischen jemand im Team gelöst: {title}.").format(title=title)


def preview(conflict: Document, fieldbook: Fieldbook) -> Content:
    """Return both versions one below the other."""
    return assemble(
        (f"{met_text(conflict)}\n\n", "bold"),
        (_("Es gilt") + "\n", "$text-muted"),
        marked_side(conflict, KEPT, fieldbook),
        ("\n\n" + _("Andere Fassung") + "\n", "$text-muted"),
        marked_side(conflict, OTHER, fieldbook),
        (f"\n\n{other_text(conflict, fieldbook)}", "$text-muted"),
    )
