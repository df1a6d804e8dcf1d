"""UnlockApp: the app before the app, while an encrypted fieldbook is closed. It holds no record, so it can show none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.i18n import _
from tui.bare_app import BareApp
from tui.commands import bindings
from tui.screens.unlock import UnlockScreen

if TYPE_CHECKING:
    from textual.driver import Driver

    from models.protection import Protection


class UnlockApp(BareApp):
    """Shows the unlock screen alone; returns "unlocked", or nothing where the user left."""

    BINDINGS = bindings(BareApp.EVERYWHERE)

    def __init__(
        self, protection: Protection, *, theme: str = "dunkel", driver_class: type[Driver] | None = None
    ) -> None:
        """Unlock `protection`, in the theme that was in use before."""
        super().__init__(driver_class=driver_class)
        self._protection = protection
        self.use_theme(theme)

    def on_mount(self) -> None:
        """Open the screen."""
        self.push_screen(UnlockScreen(self._protection))

    def sync_state(self) -> tuple[str, ...]:
        """Return that the data are locked."""
        return (_("gesperrt"),)
