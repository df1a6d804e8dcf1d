"""HelpScreen: what can be done on a screen, from the same commands that its footer and the palette show."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar, cast

from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from models.i18n import _
from tui.commands import Command, bindings
from tui.screens.early_keys import EarlyKeys
from tui.show import assemble, shown
from tui.sync_marks import legend

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult
    from textual.content import Content

    from tui.app import FeldbuchApp
    from tui.bare_app import BareApp
    from tui.screens.room import Room

KEY_WIDTH = 12
TEXT_WIDTH = 58
"""Cells beside the keys; what is longer goes on below, beside the keys too."""


def key_lines(commands: Iterable[Command]) -> Content:
    """Return one line per command that has a key: the key and what it does."""
    parts: list[tuple[str, str]] = []
    for command in commands:
        if command.key_name:
            text = ("\n" + " " * KEY_WIDTH).join(wrap(command.described, TEXT_WIDTH))
            parts += [(f" {command.key_name}".ljust(KEY_WIDTH), "bold $primary"), (f"{text}\n", "")]
    return assemble(*parts)


class HelpScreen(EarlyKeys, ModalScreen[None]):
    """Help on a screen: what it is for and all its keys."""

    KEYS: ClassVar[tuple[Command, ...]] = (Command("leave", "escape,f1,enter,q,question_mark", "Zurück"),)
    BINDINGS = bindings(KEYS)
    FIRST_FOCUS = "VerticalScroll"
    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    HelpScreen > VerticalScroll { width: 76; height: 22; border: round $primary; background: $surface; padding: 0 1; }
    HelpScreen .help-text { margin: 0 0 1 0; }
    HelpScreen .help-heading { color: $primary; text-style: bold; }
    """

    def __init__(self, room: type[Room], *, keys_only: bool = False) -> None:
        """Explain `room`."""
        super().__init__()
        self._room = room
        self._keys_only = keys_only

    def compose(self) -> ComposeResult:
        """Show the text and the keys."""
        with VerticalScroll() as box:
            box.border_title = shown(_("Tasten") if self._keys_only else _("Hilfe"))
            box.border_subtitle = shown(_("Esc zurück"))
            if self._room.HELP_TEXT and not self._keys_only:
                yield Static(shown(_(self._room.HELP_TEXT)), classes="help-text")
            if self._room.ROWS_ARE_RECORDS and cast("FeldbuchApp", self.app).marks.shown:
                signs = _("Zeichen vor den Zeilen: {signs}").format(signs=legend())
                yield Static(shown(signs), classes="help-text")
            yield Static(shown(_("Auf dieser Seite")), classes="help-heading")
            yield Static(key_lines(self._room.all_keys()), classes="help-text")
            yield Static(shown(_("Überall")), classes="help-heading")
            yield Static(key_lines(cast("BareApp", self.app).EVERYWHERE))

    def action_leave(self) -> None:
        """Close the help."""
        self.dismiss(None)
