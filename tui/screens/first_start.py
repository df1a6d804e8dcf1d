"""FirstStartScreen: how to begin; each way works at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.widgets import Static

from models.directory.region import find_region
from models.errors import UsageError
from models.i18n import _
from models.records.people import Adviser
from tui.commands import Command
from tui.opening import CONNECT
from tui.screens.room import Room
from tui.show import shown
from tui.widgets.fields.line import LineField

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from models.fieldbook import Fieldbook


class FirstStartScreen(Room):
    """Asks for the name of the person and the region, or shows the demo region."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("begin", "ctrl+s", "Allein beginnen", "Mit diesen Angaben beginnen"),
        Command("connect", "ctrl+l", "Mit dem Team", "Mit diesen Angaben beginnen und mit dem Team verbinden"),
        Command("demo", "ctrl+b", "Beispielregion", "Eine erfundene Region ansehen"),
        Command("app.focus_previous", "up", "voriges Feld", footer=False, palette=False),
        Command("app.focus_next", "down", "nächstes Feld", footer=False, palette=False),
        Command("back", "escape", "Zurück", footer=False, palette=False),
    )
    HELP_TEXT = "Name und Region genügen für den Anfang; beides lässt sich in den Einstellungen (F10) ändern."
    TAKES_TEXT = True
    FIRST_FOCUS = "LineField"
    DEFAULT_CSS = """
    FirstStartScreen .start { height: 1fr; padding: 1 4; }
    FirstStartScreen LineField { width: 50; margin: 0 0 1 0; border-left: thick $panel; }
    FirstStartScreen LineField:focus { border-left: thick $primary; }
    FirstStartScreen .start-label { color: $primary; text-style: bold; }
    FirstStartScreen #start-problem { color: $error; height: auto; margin: 0 0 1 0; }
    """

    def heading(self) -> str:
        """Return a welcome."""
        return _("Willkommen im Feldbuch")

    def content(self) -> ComposeResult:
        """Yield the two questions and what each way does."""
        with Vertical(classes="start"):
            yield Static(shown(_("Wer arbeitet mit diesem Feldbuch?")), classes="start-label")
            yield LineField("name", "")
            yield Static(
                shown(_("Für welche Region? (zum Beispiel Kreis Gütersloh; leer: ganz NRW)")), classes="start-label"
            )
            yield LineField("region", self.fieldbook.settings.region)
            yield Static("", id="start-problem")
            yield Static(
                shown(
                    _(
                        "Enter oder Strg+S beginnt. Alles bleibt auf diesem Gerät.\n"
                        "Strg+L beginnt und verbindet mit dem Team; dafür braucht es einen Einladungscode.\n"
                        "Strg+B zeigt stattdessen eine erfundene Beispielregion.\n\n"
                        "Das Schulverzeichnis kommt danach mit\n"
                        "    feldbuch import schools schuldaten.csv\n"
                        "Diese Seite lässt sich dafür mit Strg+Q verlassen."
                    )
                )
            )

    def on_input_submitted(self) -> None:
        """Go on with Enter: to the next question, or begin."""
        name, region = self.query(LineField)
        if self.focused is name:
            region.focus()
        else:
            self.action_begin()

    def action_begin(self) -> None:
        """Set the fieldbook up for one person."""
        self._begin(None)

    def action_connect(self) -> None:
        """Set the fieldbook up, and go on to connecting it with the team."""
        self._begin(CONNECT)

    def _begin(self, result: str | None) -> None:
        if self.saving.busy:
            return
        name, region = (str(field.entered()).strip() for field in self.query(LineField))
        self.saving.do(partial(set_up, self.fieldbook, name, region), partial(self._begun, result))
        self.feldbuch.hold_keys()

    def _begun(self, result: str | None, problem: str) -> None:
        if problem:
            self.query_one("#start-problem", Static).update(shown(problem))
        elif self.is_active:
            self.dismiss(result)

    def action_demo(self) -> None:
        """End this program's run over the empty fieldbook and start the demo region."""
        self.feldbuch.exit("demo")

    def action_back(self) -> None:
        """Stay: there is nothing behind the first question."""
        self.feldbuch.say(_("Enter beginnt, Strg+Q beendet."))


def set_up(fieldbook: Fieldbook, name: str, region: str) -> str:
    """Store who works with the fieldbook and for which region; return what is wrong with the answers, or nothing."""
    if not name:
        return _("Bitte einen Namen eintragen. Er steht später an den Einträgen.")
    key = ""
    if region:
        try:
            key = find_region(region).key
        except UsageError as error:
            return str(error)
    adviser = fieldbook.save(Adviser(name=name))
    settings = fieldbook.settings.model_copy(update={"adviser": adviser.id, "region": key, "started": "allein"})
    fieldbook.save_settings(settings)
    return ""
