"""Commands: a key, what it is called and what it does; footer, palette, help and the README's key table come from these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from models.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEY_NAMES = {
    "ctrl": "Strg",
    "shift": "Umschalt",
    "enter": "Enter",
    "escape": "Esc",
    "space": "Leer",
    "tab": "Tab",
    "backspace": "Rück",
    "delete": "Entf",
    "insert": "Einfg",
    "home": "Pos1",
    "end": "Ende",
    "pageup": "Bild↑",
    "pagedown": "Bild↓",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "slash": "/",
    "question_mark": "?",
    "plus": "+",
    "minus": "-",
}


def key_name(key: str) -> str:
    """Return how a key is written on German keyboards: "ctrl+s" → "Strg+S"; of several keys the first one counts."""
    parts = key.split(",", maxsplit=1)[0].strip().split("+")
    named = [_KEY_NAMES.get(part, part.upper() if len(part) > 1 or len(parts) > 1 else part) for part in parts]
    return "+".join(named)


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that a person can do on a screen.

    `action` is the name of the `action_…` method, arguments included. `label` stands in the footer, `text` in palette
    and help (the label where it is empty). `footer` shows it there; `priority` lets it work while text is typed. `keys`
    names the keys that a widget reads by itself: such a command has no action and stands here to be shown. `holds` says
    that keys typed after it wait for its end: they are no part of what it saves, and meant for what is on the screen then.
    """

    action: str
    key: str
    label: str
    text: str = ""
    footer: bool = True
    priority: bool = False
    palette: bool = True
    keys: str = ""
    holds: bool = False

    @property
    def key_name(self) -> str:
        """The key, or the keys, as people write them."""
        return self.keys or key_name(self.key)

    @property
    def described(self) -> str:
        """The command in the words of palette and help."""
        return _(self.text or self.label)

    def binding(self) -> Binding:
        """Return the Textual binding of this command."""
        return Binding(
            self.key,
            self.action,
            self.described,
            show=self.footer,
            priority=self.priority,
        )


def bindings(commands: Iterable[Command]) -> list[BindingType]:
    """Return the Textual bindings of commands that have a key."""
    return [command.binding() for command in commands if command.key]


def read_by_widget(keys: str, label: str, text: str = "", *, footer: bool = True) -> Command:
    """Return a command for keys that a widget of the screen reads by itself."""
    return Command("", "", label, text, footer=footer, palette=False, keys=keys)
