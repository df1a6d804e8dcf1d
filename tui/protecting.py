"""Protecting: the ways through encryption, as a person walks them: turn it on, see the code, change what unlocks, turn it off."""

from __future__ import annotations

from asyncio import to_thread
from typing import TYPE_CHECKING, TypeVar

from models.errors import FeldbuchError
from models.i18n import _
from models.store.key_files import PASSPHRASE
from tui.screens.passphrase import PassphraseScreen
from tui.screens.recovery_code import RecoveryCodeScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.protection import Protection
    from tui.app import FeldbuchApp

Result = TypeVar("Result")


class Protecting:
    """Leads through the steps in one app. Whatever takes a moment runs in a thread, `then` is called at the end."""

    def __init__(self, app: FeldbuchApp, protection: Protection, then: Callable[[], None]) -> None:
        """Work on `protection`."""
        self._app = app
        self._protection = protection
        self._then = then

    def encrypt_with_system(self) -> None:
        """Encrypt with a key in the system's keyring."""
        self._encrypt(None)

    def encrypt_with_passphrase(self) -> None:
        """Ask for a passphrase and encrypt with it."""
        self._app.push_screen(
            PassphraseScreen(_("Passphrase festlegen")), lambda answer: self._encrypt(answer[1]) if answer else None
        )

    def _encrypt(self, passphrase: str | None) -> None:
        fieldbook, system = self._app.fieldbook, passphrase is None
        self._run(lambda: self._protection.encrypt(fieldbook, passphrase=passphrase, system=system), self._show_code)

    def _show_code(self, code: str) -> None:
        self._app.push_screen(RecoveryCodeScreen(code), lambda _answer: self._then())

    def decrypt(self) -> None:
        """Ask whether it is meant, and store everything readable again."""

        def answered(yes: bool) -> None:  # noqa: FBT001 - the answer to a question
            if yes:
                self._run(
                    lambda: self._protection.decrypt(self._app.fieldbook),
                    lambda _none: self._tell(_("Das Feldbuch ist nicht mehr verschlüsselt.")),
                )

        self._app.opening.ask(
            _("Die Verschlüsselung ausschalten? Danach kann jeder die Daten lesen, der an dieses Gerät kommt."),
            answered,
        )

    def change_passphrase(self) -> None:
        """Ask for a passphrase, and for the one before where there is one."""
        ask_current = PASSPHRASE in self._protection.ways

        def answered(answer: tuple[str, str] | None) -> None:
            if answer is not None:
                self._run(
                    lambda: self._protection.change_passphrase(*answer),
                    lambda _none: self._tell(_("Die neue Passphrase gilt.")),
                )

        title = _("Passphrase ändern") if ask_current else _("Passphrase festlegen")
        self._app.push_screen(PassphraseScreen(title, ask_current=ask_current), answered)

    def new_code(self) -> None:
        """Make a new recovery code and show it once."""

        def answered(yes: bool) -> None:  # noqa: FBT001
            if yes:
                self._run(self._protection.new_recovery_code, self._show_code)

        self._app.opening.ask(
            _("Einen neuen Wiederherstellungscode anzeigen? Der bisherige gilt dann nicht mehr."), answered
        )

    def toggle_system(self) -> None:
        """Let the system's keyring unlock the fieldbook, or no longer."""

        def told(on: bool) -> None:  # noqa: FBT001
            self._tell(
                _("Der Schlüsselbund dieses Geräts öffnet das Feldbuch.")
                if on
                else _("Der Schlüsselbund öffnet das Feldbuch nicht mehr.")
            )

        self._run(self._protection.toggle_system, told)

    def _tell(self, text: str) -> None:
        self._app.say(text)
        self._then()

    def _run(self, work: Callable[[], Result], then: Callable[[Result], None]) -> None:
        self._app.say(_("Einen Augenblick …"))
        self._app.run_worker(self._worked(work, then), group="protecting", exclusive=True)

    async def _worked(self, work: Callable[[], Result], then: Callable[[Result], None]) -> None:
        try:
            result = await to_thread(work)
        except FeldbuchError as error:
            self._app.tell(error)
            self._then()
        else:
            self._app.clear_notifications()
            then(result)
