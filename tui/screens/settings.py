"""SettingsScreen: who works here, for which region, and how it looks."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from models.errors import UsageError
from models.forms import Form
from models.i18n import _
from models.settings import Settings
from tui.commands import Command
from tui.screens.room import Room
from tui.widgets.fields.body import FormBody

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from models.records import Document


class SettingsScreen(Room):
    """The settings of this fieldbook; they stay on this device."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("save", "ctrl+s", "Speichern", holds=True),
        Command("exchange", "ctrl+l", "Abgleich", "Abgleich: Server, Wartendes, Abgelehntes, Konflikte"),
        Command("encryption", "ctrl+o", "Verschlüsselung", "Daten verschlüsseln, Passphrase ändern"),
        Command("app.focus_previous", "up", "voriges Feld", footer=False, palette=False),
        Command("app.focus_next", "down", "nächstes Feld", footer=False, palette=False),
        Command("back", "escape", "Zurück", "Zurück, ohne zu ändern"),
    )
    HELP_TEXT = (
        "„Ich bin“ trägt neue Einträge unter diesem Namen ein. Die Region begrenzt das Schulverzeichnis beim Import. "
        "Die Einstellungen bleiben auf diesem Gerät."
    )
    TAKES_TEXT = True
    FIRST_FOCUS = "ChoiceField, LineField, ReferenceField"

    def heading(self) -> str:
        """Return the name of the screen."""
        return _("Einstellungen")

    def content(self) -> ComposeResult:
        """Yield the form of the settings."""
        fieldbook = self.fieldbook
        self.body = FormBody(Form(Settings, fieldbook.settings.document(), fieldbook.clock.today()), fieldbook)
        yield self.body

    def action_exchange(self) -> None:
        """Go on to the sync."""
        self.feldbuch.opening.exchange()

    def action_encryption(self) -> None:
        """Go on to encryption."""
        self.feldbuch.opening.encryption()

    def action_save(self) -> None:
        """Store the settings and use them at once."""
        self.body.collect()
        settings, problems = self.body.form.read()
        if not isinstance(settings, Settings):
            self.body.show_problems(problems)
            return
        if settings.region and settings.region != self.fieldbook.settings.region:
            from models.directory.region import find_region  # noqa: PLC0415 - only a saved region is looked up

            try:
                settings.region = find_region(settings.region).key
            except UsageError as error:
                self.body.show_problems({"region": str(error)})
                return
        sent = dict(self.body.form.edits)
        self.saving.do(partial(self.fieldbook.save_settings, settings), lambda _nothing: self._saved(settings, sent))

    def _saved(self, settings: Settings, sent: Document) -> None:
        self.feldbuch.use_theme(settings.theme)
        self.feldbuch.say(_("Einstellungen gespeichert."))
        if self.is_active:
            self.body.follow(settings.document(), sent)
            if not self.body.form.edits:
                self.dismiss(None)
