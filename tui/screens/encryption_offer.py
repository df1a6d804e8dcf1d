"""EncryptionOfferScreen: asks at the first start whether the data are to be encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import VerticalScroll
from textual.widgets import Static

from models.i18n import _
from tui.commands import Command
from tui.protecting import Protecting
from tui.screens.help import key_lines
from tui.screens.room import Room
from tui.show import shown

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from models.protection import Protection


class EncryptionOfferScreen(Room):
    """Proposes yes where it costs nothing: where the system's keyring opens the fieldbook by itself.

    Without one the proposal is no: a passphrase is asked for at every start, and who forgets it and has no code any more
    loses the data. That is to be chosen, not to be confirmed by Enter.
    """

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("proposed", "enter", "Vorschlag", "Dem Vorschlag folgen"),
        Command("system", "k", "Schlüsselbund", "Mit dem Schlüsselbund dieses Geräts verschlüsseln"),
        Command("passphrase", "p", "Passphrase", "Mit einer Passphrase verschlüsseln"),
        Command("back", "escape", "Später", "Unverschlüsselt beginnen"),
    )
    HELP_TEXT = (
        "Verschlüsselt liegen alle Einträge und Entwürfe auf dem Datenträger so, dass sie nur nach dem Entsperren zu lesen "
        "sind. In den Einstellungen (F10, Strg+O) lässt es sich jederzeit ein- und ausschalten."
    )
    DEFAULT_CSS = """
    EncryptionOfferScreen VerticalScroll { height: 1fr; padding: 1 4; }
    """

    def __init__(self, protection: Protection) -> None:
        """Offer to encrypt with `protection`."""
        super().__init__()
        self._protection = protection
        self._system = protection.secrets.available()

    def heading(self) -> str:
        """Return the question."""
        return _("Daten verschlüsseln?")

    def content(self) -> ComposeResult:
        """Yield what each way means."""
        if self._system:
            text = _(
                "Die Daten lassen sich auf diesem Gerät verschlüsseln. Wer das Gerät findet oder eine Sicherung in die Hand "
                "bekommt, kann sie dann nicht lesen.\n\n"
                "Vorschlag: Ja, mit dem Schlüsselbund dieses Geräts. Das Feldbuch öffnet sich dann von selbst, solange Sie "
                "hier angemeldet sind. Eine Passphrase dagegen wird bei jedem Start gefragt.\n"
            )
        else:
            text = _(
                "Die Daten lassen sich auf diesem Gerät verschlüsseln. Wer das Gerät findet oder eine Sicherung in die Hand "
                "bekommt, kann sie dann nicht lesen.\n\n"
                "Vorschlag: Später. Einen Schlüsselbund, der das Feldbuch von selbst öffnen könnte, gibt es auf diesem Gerät "
                "nicht. Eine Passphrase wird bei jedem Start gefragt, und wer sie vergisst und auch den "
                "Wiederherstellungscode verliert, verliert die Daten.\n"
            )
        usable = [command for command in self.all_keys() if self._system or command.action != "system"]
        with VerticalScroll(can_focus=False):
            yield Static(shown(text))
            yield Static(key_lines(usable))

    def _protecting(self) -> Protecting:
        return Protecting(self.feldbuch, self._protection, self._done)

    def _done(self) -> None:
        if self._protection.encrypted:
            self.dismiss(None)

    def action_proposed(self) -> None:
        """Do what is proposed."""
        if self._system:
            self.action_system()
        else:
            self.action_back()

    def action_system(self) -> None:
        """Encrypt with the system's keyring."""
        if self._system:
            self._protecting().encrypt_with_system()
        else:
            self.feldbuch.say(_("Auf diesem Gerät gibt es keinen Schlüsselbund, den Feldbuch benutzen kann."))

    def action_passphrase(self) -> None:
        """Encrypt with a passphrase."""
        self._protecting().encrypt_with_passphrase()
