"""ParkedScreen: what is kept of a record that no longer belongs to this account; it can be read and handed out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.containers import VerticalScroll
from textual.widgets import Static

from models.i18n import _
from models.present import full_title
from tui.commands import Command
from tui.exchange_rows import document_of, team_text
from tui.handing_out import hand_out, proposed_file
from tui.preview import preview
from tui.screens.room import Room
from tui.show import shown

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from models.records import Document
    from tui.exchange_rows import Entry


class ParkedScreen(Room):
    """The record as it was left here."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("hand_out", "x", "Ausgeben", "In eine Datei schreiben"),
        Command("back", "escape", "Zurück"),
    )
    HELP_TEXT = (
        "Dieser Eintrag gehört nicht mehr zu diesem Zugang. Was hier an ihm geändert und noch nicht übertragen war, ist "
        "aufbewahrt. Kommt er zurück, geht es von selbst damit weiter."
    )
    FIRST_FOCUS = "VerticalScroll"
    DEFAULT_CSS = """
    ParkedScreen VerticalScroll { height: 1fr; padding: 0 1; }
    ParkedScreen .parked-note { color: $text-muted; margin: 1 0; }
    """

    def __init__(self, entry: Entry) -> None:
        """Show what is kept of a record."""
        super().__init__()
        self._entry = entry

    @property
    def _document(self) -> Document:
        return document_of(self._entry, self.fieldbook) or {}

    def heading(self) -> str:
        """Return that it is parked, and what."""
        return _("Zurückgelegt · {title}").format(title=full_title(self._document, self.fieldbook))

    def content(self) -> ComposeResult:
        """Yield what stands in it."""
        note = _(
            "Bisher: {team}. Was hier geändert war, bleibt aufbewahrt, bis der Eintrag wieder zu diesem Zugang gehört."
        )
        with VerticalScroll():
            text = note.format(team=team_text(self._entry, self.fieldbook))
            yield Static(shown(text), classes="parked-note")
            yield Static(preview(self._document, self.fieldbook), id="parked-content")

    def action_hand_out(self) -> None:
        """Ask for a file and write it there."""
        document = self._document
        question = _("In welche Datei? Der Eintrag steht dann dort unverschlüsselt.")

        def named(file: str) -> None:
            self.saving.do(
                partial(hand_out, document, file),
                lambda path: self.feldbuch.say(_("Geschrieben: {path}").format(path=path)),
            )

        self.feldbuch.opening.ask_text(question, named, proposed_file(document))
