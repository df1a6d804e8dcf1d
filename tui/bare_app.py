"""BareApp: what every app of the house has, also before a fieldbook is open: themes, messages, help, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.binding import Binding

from models.i18n import _
from tui.commands import Command
from tui.show import say
from tui.textual_private import TellingApp
from tui.theme import THEMES

if TYPE_CHECKING:
    from textual.driver import Driver

    from models.errors import FeldbuchError
    from tui.screens.room import Room

HELP = Command("help", "f1", "Hilfe", "Hilfe zu dieser Aufgabe", footer=False)
LEAVE = Command("leave", "ctrl+q", "Beenden", "Feldbuch beenden", footer=False)


class BareApp(TellingApp[str]):
    """An app that shows rooms; `EVERYWHERE` are the commands of all of them."""

    TITLE = "Feldbuch"
    NOTIFICATION_TIMEOUT = 3
    ENABLE_COMMAND_PALETTE = False
    EVERYWHERE: tuple[Command, ...] = (HELP, LEAVE)
    BINDINGS = [
        # As priority bindings these act in the order of the keys typed; see tui/widgets/typing_order.py.
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
    ]
    CSS = """
    /* Low: what it lies over for a moment is often the very line that it speaks of. */
    Toast { width: auto; max-width: 78; padding: 0 1; margin: 0; }
    ToastRack { dock: top; align-horizontal: right; }
    """

    def __init__(self, *, driver_class: type[Driver] | None = None) -> None:
        """Know the themes."""
        super().__init__(driver_class=driver_class)
        for theme in THEMES.values():
            self.register_theme(theme)

    def use_theme(self, name: str) -> None:
        """Show the theme of a setting; an unknown one means dark."""
        self.theme = name if name in THEMES else "dunkel"

    def say(self, text: str, *, problem: bool = False) -> None:
        """Tell the user a sentence at the top right; it takes the place of the one before."""
        self.clear_notifications()
        say(self, text, severity="error" if problem else "information")

    def tell(self, error: FeldbuchError) -> None:
        """Show an error that is meant for the user."""
        self.say(str(error), problem=True)

    def sync_state(self) -> tuple[str, ...]:
        """Return what the status line says at its right end."""
        return ()

    def show_help(self, *, keys_only: bool = False) -> None:
        """Explain the screen that is open."""
        from tui.screens.help import HelpScreen  # noqa: PLC0415 - rarely asked for

        self.push_screen(HelpScreen(type(cast("Room", self.screen)), keys_only=keys_only))

    def action_help(self) -> None:
        """Show help on what is being done here."""
        self.show_help()

    def action_leave(self) -> None:
        """End the program."""
        self.exit()

    def action_help_quit(self) -> None:
        """Answer Strg+C, which does not end the program, with the key that does."""
        self.say(_("Strg+Q beendet Feldbuch."))
