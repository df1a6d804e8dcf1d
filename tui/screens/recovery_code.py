"""RecoveryCodeScreen: shows the recovery code this once, and lets go when its first group was typed from the paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.widgets import Static

from models.i18n import _
from models.store.recovery_code import first_group
from tui.commands import Command
from tui.screens.room import Room
from tui.show import shown
from tui.widgets.fields.line import LineField

if TYPE_CHECKING:
    from textual.app import ComposeResult


class RecoveryCodeScreen(Room):
    """The code in two lines, as one writes it down."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("confirm", "ctrl+s", "Ist notiert"),
        Command("back", "escape", "Zurück", footer=False, palette=False),
    )
    HELP_TEXT = (
        "Der Wiederherstellungscode öffnet das Feldbuch, wenn Passphrase oder Schlüsselbund nicht mehr helfen. Er gehört auf "
        "Papier an einen sicheren Ort, nicht in eine Datei auf diesem Gerät. Einen neuen gibt es in den Einstellungen."
    )
    TAKES_TEXT = True
    FIRST_FOCUS = "LineField"
    DEFAULT_CSS = """
    RecoveryCodeScreen .recovery { height: 1fr; padding: 1 4; }
    RecoveryCodeScreen .recovery-code { text-style: bold; color: $primary; padding: 1 4; }
    RecoveryCodeScreen LineField { width: 20; margin: 0 0 1 0; border-left: thick $panel; }
    RecoveryCodeScreen LineField:focus { border-left: thick $primary; }
    RecoveryCodeScreen #recovery-problem { color: $error; height: auto; margin: 0 0 1 0; }
    """

    def __init__(self, code: str) -> None:
        """Show `code`."""
        super().__init__()
        self._code = code

    def heading(self) -> str:
        """Return what this is."""
        return _("Wiederherstellungscode")

    def content(self) -> ComposeResult:
        """Yield the code, the advice and the question."""
        groups = self._code.split("-")
        half = len(groups) // 2
        with Vertical(classes="recovery"):
            yield Static(
                shown(
                    _(
                        "Das Feldbuch ist verschlüsselt. Dieser Code öffnet es, wenn sonst nichts mehr hilft. Er wird nur "
                        "dieses eine Mal gezeigt: Bitte auf Papier schreiben und sicher aufbewahren."
                    )
                )
            )
            yield Static(shown(" - ".join(groups[:half]) + "\n" + " - ".join(groups[half:])), classes="recovery-code")
            yield Static(shown(_("Zur Probe die ersten vier Zeichen vom Papier:")))
            yield LineField("group", "")
            yield Static("", id="recovery-problem")

    def on_input_submitted(self) -> None:
        """Confirm with Enter."""
        self.action_confirm()

    def action_confirm(self) -> None:
        """Close once the first group is right."""
        typed = str(self.query_one(LineField).entered()).strip().upper()
        if typed == first_group(self._code):
            self.dismiss(None)
        else:
            self.query_one("#recovery-problem", Static).update(
                shown(_("Das sind nicht die ersten vier Zeichen. Bitte mit dem Papier vergleichen."))
            )

    def action_back(self) -> None:
        """Stay until the code is written down."""
        self.feldbuch.say(_("Bitte erst den Code notieren und die ersten vier Zeichen eingeben."))
