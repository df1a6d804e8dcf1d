"""PassphraseScreen: asks for a new passphrase twice, and for the present one where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.widgets import Static

from models.i18n import _
from models.store.keyring import passphrase_problem
from tui.commands import Command
from tui.screens.room import Room
from tui.show import shown
from tui.widgets.fields.secret import SecretField

if TYPE_CHECKING:
    from textual.app import ComposeResult


class PassphraseScreen(Room):
    """Closes with the present passphrase (empty where it was not asked for) and the new one, or with nothing."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("take", "ctrl+s", "Übernehmen"),
        Command("app.focus_previous", "up", "voriges Feld", footer=False, palette=False),
        Command("app.focus_next", "down", "nächstes Feld", footer=False, palette=False),
        Command("back", "escape", "Zurück", "Zurück, ohne zu ändern"),
    )
    HELP_TEXT = (
        "Eine gute Passphrase besteht aus vier oder fünf Wörtern, die nichts miteinander zu tun haben. Länge schützt mehr "
        "als Sonderzeichen. Sie wird nirgends gespeichert."
    )
    TAKES_TEXT = True
    FIRST_FOCUS = "SecretField"
    DEFAULT_CSS = """
    PassphraseScreen .passphrase { height: 1fr; padding: 1 4; }
    PassphraseScreen .passphrase-label { color: $primary; text-style: bold; }
    PassphraseScreen #passphrase-problem { color: $error; height: auto; margin: 0 0 1 0; }
    """

    def __init__(self, title: str, hint: str = "", *, ask_current: bool = False) -> None:
        """Ask under `title`."""
        super().__init__()
        self._title = title
        self._hint = hint
        self._ask_current = ask_current

    def heading(self) -> str:
        """Return the title."""
        return self._title

    def content(self) -> ComposeResult:
        """Yield the fields."""
        with Vertical(classes="passphrase"):
            if self._ask_current:
                yield Static(shown(_("Bisherige Passphrase")), classes="passphrase-label")
                yield SecretField("current")
            yield Static(shown(_("Neue Passphrase")), classes="passphrase-label")
            yield SecretField("new")
            yield Static(shown(_("Noch einmal")), classes="passphrase-label")
            yield SecretField("again")
            yield Static("", id="passphrase-problem")
            yield Static(shown(_("Vier oder fünf Wörter, die nur zufällig zusammenstehen, sind gut. ") + self._hint))

    def on_input_submitted(self) -> None:
        """Go on with Enter: to the next field, or take it over."""
        if self.focused is self.query(SecretField).last():
            self.action_take()
        else:
            self.focus_next()

    def action_take(self) -> None:
        """Close with what was typed, once it is long enough and twice the same."""
        *current, new, again = (str(field.entered()) for field in self.query(SecretField))
        problem = passphrase_problem(new, again)
        if problem:
            self.query_one("#passphrase-problem", Static).update(shown(problem))
        else:
            self.dismiss(("".join(current), new))
