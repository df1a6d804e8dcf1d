"""FeldbuchApp: opens the places over one fieldbook and owns nothing else."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.binding import Binding

from models.i18n import _
from tui.commands import Command, bindings
from tui.opening import Opening
from tui.places import PLACES
from tui.screens.room import Room
from tui.show import say
from tui.textual_private import TellingApp, all_screens
from tui.theme import THEMES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.driver import Driver
    from textual.screen import Screen

    from models.errors import FeldbuchError
    from models.fieldbook import Changed, Fieldbook

GLOBAL_KEYS = (
    Command("help", "f1", "Hilfe", "Hilfe zu dieser Aufgabe", footer=False),
    *(Command(f"place('{p.name}')", p.key, p.short, p.label, footer=False) for p in PLACES),
    Command("settings", "f10", "Einstellungen", footer=False),
    Command(
        "palette",
        "ctrl+p",
        "Alles finden",
        "Jede Aktion und jeden Eintrag finden",
        footer=False,
        palette=False,
    ),
    Command(
        "undo",
        "ctrl+z",
        "Zurücknehmen",
        "Letztes Speichern oder Löschen zurücknehmen",
        footer=False,
    ),
    Command("sync", "ctrl+r", "Abgleichen", "Jetzt abgleichen", footer=False),
    Command("keys", "question_mark", "Tasten", "Alle Tasten dieser Seite"),
    Command("leave", "ctrl+q", "Beenden", "Feldbuch beenden", footer=False),
)


class FeldbuchApp(TellingApp[str]):
    """The app over an open fieldbook; `first_start` asks how to begin."""

    TITLE = "Feldbuch"
    NOTIFICATION_TIMEOUT = 3
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [
        *bindings(GLOBAL_KEYS),
        # As priority bindings these act in the order of the keys typed; see tui/widgets/typing_order.py.
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
    ]
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {p.name: p.open for p in PLACES}
    CSS = """
    /* Low: what it lies over for a moment is often the very line that it speaks of. */
    Toast { width: auto; max-width: 78; padding: 0 1; margin: 0; }
    ToastRack { dock: top; align-horizontal: right; }
    """

    def __init__(
        self,
        fieldbook: Fieldbook,
        *,
        first_start: bool = False,
        driver_class: type[Driver] | None = None,
    ) -> None:
        """Show `fieldbook`; the caller closes it."""
        super().__init__(driver_class=driver_class)
        self.fieldbook = fieldbook
        self.opening = Opening(self)
        self._first_start = first_start
        for theme in THEMES.values():
            self.register_theme(theme)

    def on_mount(self) -> None:
        """Open today's page, and the question how to begin where the fieldbook is new."""
        self.use_theme(self.fieldbook.settings.theme)
        self.fieldbook.watch(self._records_changed)
        self.switch_mode("today")
        if self._first_start:
            self.opening.first_start()
        else:
            self.opening.recover_drafts()

    def use_theme(self, name: str) -> None:
        """Show the theme of a setting; an unknown one means dark."""
        self.theme = name if name in THEMES else "dunkel"

    def say(self, text: str, *, problem: bool = False) -> None:
        """Tell the user a sentence at the top right; it takes the place of the one before."""
        self.clear_notifications()
        say(self, text, severity="error" if problem else "information")

    def sync_state(self) -> tuple[str, ...]:
        """Return the parts of the sync state, computed from the outbox."""
        waiting = len(self.fieldbook.outbox())
        return _("offline"), _("{count} offen").format(count=waiting)

    def _records_changed(self, change: Changed) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, Room):
                screen.call_later(screen.records_changed, change)

    def tell(self, error: FeldbuchError) -> None:
        """Show an error that is meant for the user."""
        self.say(str(error), problem=True)

    # Actions of every screen

    def action_place(self, name: str) -> None:
        """Open a place; forms that lie above it stay as they are, unless it is the place that they were opened from."""
        if name == self.current_mode:
            self._put_away_what_lies_above()
        self.switch_mode(name)

    def _put_away_what_lies_above(self) -> None:
        for screen in reversed(self.screen_stack[1:]):
            if isinstance(screen, Room):
                screen.leaving()
            self.pop_screen()

    def action_help(self) -> None:
        """Show help on what is being done here."""
        self.opening.help(cast("Room", self.screen))

    def action_keys(self) -> None:
        """Show all keys of this screen."""
        self.opening.help(cast("Room", self.screen), keys_only=True)

    def action_settings(self) -> None:
        """Open the settings."""
        self.opening.settings()

    def action_palette(self) -> None:
        """Find any action and any record."""
        self.opening.palette()

    def action_undo(self) -> None:
        """Take back the last save or delete of this session."""
        what = self.fieldbook.undo()
        self.say(_("Zurückgenommen: {what}").format(what=what) if what else _("Es gibt nichts zurückzunehmen."))

    def action_sync(self) -> None:
        """Say where the records stand while no server is set up."""
        waiting = len(self.fieldbook.outbox())
        self.say(
            _("Kein Server eingerichtet. {count} Einträge warten hier auf den ersten Abgleich.").format(count=waiting)
        )

    def action_leave(self) -> None:
        """End the program; open forms keep their drafts."""
        for screen in all_screens(self):
            if isinstance(screen, Room):
                screen.leaving()
        self.exit()

    def action_help_quit(self) -> None:
        """Answer Strg+C, which does not end the program, with the key that does."""
        self.say(_("Strg+Q beendet Feldbuch."))


def run(directory: Path, *, prepare: Callable[[Fieldbook], None] | None = None) -> str | None:
    """Open the fieldbook in `directory` and run the app on it until the user leaves; "demo" asks for the demo region."""
    from models.fieldbook import Fieldbook  # noqa: PLC0415 - tests bring a fieldbook of their own

    with Fieldbook.open(directory) as fieldbook:
        if prepare is not None:
            prepare(fieldbook)
        # The records stay for as long as the program runs: the search for garbage need not go through them each time.
        gc.freeze()
        gc.enable()
        return FeldbuchApp(fieldbook, first_start=not fieldbook.settings.started).run()
