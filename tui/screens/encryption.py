"""EncryptionScreen: whether the data are encrypted, what unlocks them, and the keys that change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import VerticalScroll
from textual.widgets import Static

from models.i18n import _
from models.store.key_files import PASSPHRASE, RECOVERY, SYSTEM
from tui.commands import Command
from tui.protecting import Protecting
from tui.screens.help import key_lines
from tui.screens.room import Room
from tui.show import shown

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.content import Content

    from models.protection import Protection

_WAYS = {
    SYSTEM: "der Schlüsselbund dieses Geräts, von selbst beim Start",
    PASSPHRASE: "die Passphrase",
    RECOVERY: "der Wiederherstellungscode",
}

_OFF = ("on_with_passphrase", "system")
_ON = (*_OFF, "code", "off")


class EncryptionScreen(Room):
    """Reached from the settings; at the first start it offers what costs nothing there."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("on_with_passphrase", "p", "Passphrase", "Mit einer Passphrase verschlüsseln, oder sie ändern"),
        Command("system", "k", "Schlüsselbund", "Den Schlüsselbund dieses Geräts benutzen oder nicht mehr"),
        Command("code", "c", "Neuer Code", "Einen neuen Wiederherstellungscode anzeigen"),
        Command("off", "a", "Ausschalten", "Die Verschlüsselung ausschalten"),
        Command("back", "escape", "Zurück"),
    )
    HELP_TEXT = (
        "Verschlüsselt sind alle Einträge, Entwürfe und Sicherungen dieses Feldbuchs; lesen lassen sie sich nur nach dem "
        "Entsperren. Ausgegebene Dateien (Export) sind es nicht. Ohne Passphrase, Schlüsselbund und Wiederherstellungscode "
        "sind die Daten verloren."
    )
    DEFAULT_CSS = """
    EncryptionScreen VerticalScroll { height: 1fr; padding: 1 4; }
    """

    @property
    def protection(self) -> Protection | None:
        """What encrypts the fieldbook; the demo region has nothing of the kind."""
        return self.feldbuch.protection

    @property
    def _encrypted(self) -> bool:
        return self.protection is not None and self.protection.encrypted

    def heading(self) -> str:
        """Return what this is about."""
        return _("Verschlüsselung")

    def content(self) -> ComposeResult:
        """Yield the state in words."""
        with VerticalScroll(can_focus=False):
            yield Static(shown(self.state()), id="encryption-state")
            yield Static(self._useful_keys(), id="encryption-keys")

    def state(self) -> str:
        """Return how things stand."""
        protection = self.protection
        if protection is None:
            return _("Die Beispielregion ist erfunden und bleibt unverschlüsselt.")
        if not protection.encrypted:
            return _(
                "Dieses Feldbuch ist nicht verschlüsselt. Wer an dieses Gerät oder an eine Sicherung kommt, kann es lesen.\n\n"
                "Eine Passphrase wird bei jedem Start gefragt. Der Schlüsselbund des Geräts öffnet das Feldbuch von selbst, "
                "solange Sie hier angemeldet sind. Nach dem Verschlüsseln wird einmal ein Wiederherstellungscode gezeigt; "
                "er gehört auf Papier.\n"
            )
        minutes = self.fieldbook.settings.lock_minutes
        idle = _("nach {minutes} Minuten ohne Taste und ").format(minutes=minutes) if minutes else ""
        ways = "\n".join(f"· {_(text)}" for way, text in _WAYS.items() if way in protection.ways)
        return _(
            "Dieses Feldbuch ist verschlüsselt. Es öffnen:\n\n{ways}\n\nGesperrt wird {idle}mit Strg+G. Die Minuten stehen "
            "in den Einstellungen.\n"
        ).format(ways=ways, idle=idle)

    def _useful_keys(self) -> Content:
        """Return the keys that do something as things stand."""
        if self.protection is None:
            return key_lines(())
        useful = _ON if self._encrypted else _OFF
        return key_lines(command for command in self.all_keys() if command.action in useful)

    def _changed(self) -> None:
        self.query_one("#encryption-state", Static).update(shown(self.state()))
        self.query_one("#encryption-keys", Static).update(self._useful_keys())

    def _protecting(self, *, encrypted: bool) -> Protecting | None:
        """Return what leads on, or say why it does not go on from here."""
        if self.protection is None:
            self.feldbuch.say(_("Die Beispielregion bleibt unverschlüsselt."))
        elif encrypted and not self._encrypted:
            self.feldbuch.say(_("Dieses Feldbuch ist nicht verschlüsselt."))
        else:
            return Protecting(self.feldbuch, self.protection, self._changed)
        return None

    def action_on_with_passphrase(self) -> None:
        """Encrypt with a passphrase, or change it."""
        protecting = self._protecting(encrypted=False)
        if protecting is not None:
            protecting.change_passphrase() if self._encrypted else protecting.encrypt_with_passphrase()

    def action_system(self) -> None:
        """Encrypt with the system's keyring, or use it from now on or no longer."""
        protecting = self._protecting(encrypted=False)
        if protecting is not None:
            protecting.toggle_system() if self._encrypted else protecting.encrypt_with_system()

    def action_code(self) -> None:
        """Show a new recovery code."""
        protecting = self._protecting(encrypted=True)
        if protecting is not None:
            protecting.new_code()

    def action_off(self) -> None:
        """Turn encryption off."""
        protecting = self._protecting(encrypted=True)
        if protecting is not None:
            protecting.decrypt()
