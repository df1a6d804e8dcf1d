"""UnlockScreen: asks for what opens an encrypted fieldbook; nothing of its content is loaded yet."""

from __future__ import annotations

from asyncio import to_thread
from typing import TYPE_CHECKING, ClassVar, cast

from textual.containers import Vertical
from textual.widgets import Static

from models.errors import WrongKey
from models.i18n import _
from models.store.key_files import PASSPHRASE, SYSTEM
from tui.commands import Command
from tui.screens.passphrase import PassphraseScreen
from tui.screens.room import Room
from tui.show import shown
from tui.widgets.fields.line import LineField
from tui.widgets.fields.secret import SecretField

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.widget import Widget

    from models.protection import Protection
    from tui.unlock_app import UnlockApp


class UnlockScreen(Room):
    """One field: for the passphrase, or for the recovery code in its place."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("unlock", "ctrl+s", "Entsperren", "Entsperren; Enter tut es auch"),
        Command(
            "other_way", "ctrl+o", "Wiederherstellungscode", "Zwischen Passphrase und Wiederherstellungscode wechseln"
        ),
        Command("app.leave", "ctrl+q", "Beenden", palette=False),
        Command("back", "escape", "Zurück", footer=False, palette=False),
    )
    HELP_TEXT = (
        "Die Daten sind verschlüsselt. Die Passphrase oder der Wiederherstellungscode, der beim Verschlüsseln einmal "
        "gezeigt wurde, öffnet sie. Wer beides nicht mehr hat, kann die Daten nicht lesen; auch niemand sonst kann es. "
        "Nach falschen Versuchen dauert es bis zum nächsten immer etwas länger, gesperrt wird niemand."
    )
    TAKES_TEXT = True
    FIRST_FOCUS = "SecretField, LineField"
    DEFAULT_CSS = """
    UnlockScreen .unlock { height: 1fr; padding: 1 4; }
    UnlockScreen .unlock-label { color: $primary; text-style: bold; }
    UnlockScreen LineField { width: 50; margin: 0 0 1 0; border-left: thick $panel; }
    UnlockScreen LineField:focus { border-left: thick $primary; }
    UnlockScreen #unlock-problem { color: $error; height: auto; margin: 0 0 1 0; }
    """

    def __init__(self, protection: Protection) -> None:
        """Unlock `protection`."""
        super().__init__()
        self._protection = protection
        self._ways = protection.ways
        self._by_code = False
        self._busy = False

    def heading(self) -> str:
        """Return that nothing can be seen."""
        return _("Feldbuch gesperrt")

    def content(self) -> ComposeResult:
        """Yield the fields, of which one is shown."""
        with Vertical(classes="unlock"):
            yield Static("", id="unlock-label", classes="unlock-label")
            yield SecretField("passphrase")
            yield LineField("code", "")
            yield Static("", id="unlock-problem")
            yield Static("", id="unlock-hint")

    def on_mount(self) -> None:
        """Ask for the passphrase where there is one."""
        self._ask()

    def first_widget(self) -> Widget | None:
        """Return the field that is shown."""
        return next((field for field in self.query(LineField) if field.display), None)

    def _ask(self) -> None:
        secret, code = self.query_one(SecretField), self.query(LineField).last()
        secret.display = not self._by_code and PASSPHRASE in self._ways
        code.display = self._by_code
        if self._by_code:
            label = _("Wiederherstellungscode")
            hint = _("Acht Gruppen zu vier Zeichen, groß oder klein, mit oder ohne Striche. Strg+O geht zurück.")
        elif secret.display:
            label = _("Passphrase")
            hint = _("Enter entsperrt. Passphrase vergessen: Strg+O fragt nach dem Wiederherstellungscode.")
        else:
            label = _("Der Schlüssel liegt im Schlüsselbund dieses Geräts.")
            hint = _("Strg+S öffnet das Feldbuch. Geht das nicht: Strg+O fragt nach dem Wiederherstellungscode.")
        self.query_one("#unlock-label", Static).update(shown(label))
        self.query_one("#unlock-hint", Static).update(shown(hint))
        self._say_problem("")

    def _say_problem(self, problem: str) -> None:
        self.query_one("#unlock-problem", Static).update(shown(problem))

    def on_input_submitted(self) -> None:
        """Unlock with Enter."""
        self.action_unlock()

    def action_other_way(self) -> None:
        """Ask for the recovery code, or for the passphrase again."""
        self._by_code = not self._by_code
        self._ask()
        self.set_focus(self.first_widget())

    def action_unlock(self) -> None:
        """Try what was typed, in a thread: deriving a key takes a moment on purpose."""
        if self._busy:
            return
        field = cast("LineField | None", self.first_widget())
        typed = str(field.entered()) if field is not None else ""
        if field is not None and not typed:
            return
        self._busy = True
        self._say_problem("")
        self.run_worker(self._unlock(self._unlocker(typed)))

    def _unlocker(self, typed: str) -> Callable[[], None]:
        protection = self._protection
        if self._by_code:
            return lambda: protection.unlock_by_code(typed)
        if PASSPHRASE in self._ways:
            return lambda: protection.unlock_by_passphrase(typed)

        def by_system() -> None:
            if SYSTEM not in self._ways or not protection.unlock_by_system():
                raise WrongKey(
                    _(
                        "Der Schlüsselbund gibt den Schlüssel nicht heraus. Bitte den Wiederherstellungscode eingeben (Strg+O)."
                    )
                )

        return by_system

    async def _unlock(self, unlock: Callable[[], None]) -> None:
        try:
            await to_thread(unlock)
        except WrongKey as error:
            self._say_problem(str(error))
            if not self._by_code:
                for field in self.query(SecretField):
                    field.enter("")
            return
        finally:
            self._busy = False
        if self._by_code:
            self.app.push_screen(
                PassphraseScreen(_("Neue Passphrase"), _("Esc lässt die Passphrase, wie sie ist.")),
                self._new_passphrase,
            )
        else:
            self._done()

    def _new_passphrase(self, answer: tuple[str, str] | None) -> None:
        if answer is not None:
            self.run_worker(self._set_passphrase(answer[1]))
        else:
            self._done()

    async def _set_passphrase(self, passphrase: str) -> None:
        await to_thread(self._protection.set_passphrase, passphrase)
        self._done()

    def _done(self) -> None:
        cast("UnlockApp", self.app).exit("unlocked")

    def action_back(self) -> None:
        """Stay: behind this screen there is nothing."""
        cast("UnlockApp", self.app).say(_("Strg+Q beendet Feldbuch."))
