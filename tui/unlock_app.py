"""UnlockApp: the app before the app, while an encrypted fieldbook is closed. It holds no record, so it can show none."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from models.i18n import _
from tui.bare_app import BareApp
from tui.commands import bindings
from tui.screens.unlock import UnlockScreen

if TYPE_CHECKING:
    from textual.driver import Driver

    from models.protection import Protection


def forget() -> None:
    """Free what nothing refers to any more: the records of a fieldbook that was locked.

    Until this app's driver has taken over, the system's signals still refer to the driver before, and with it to all of
    that. What the memory held may be found in it until it is used again; Python offers no way to overwrite it.
    """
    gc.unfreeze()
    gc.collect()


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
        """Open the screen, and let go of what the app before held."""
        self.push_screen(UnlockScreen(self._protection))
        self.call_after_refresh(forget)

    def sync_state(self) -> tuple[str, ...]:
        """Return that the data are locked."""
        return (_("gesperrt"),)
