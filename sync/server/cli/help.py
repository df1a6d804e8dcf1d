"""Help and usage errors of `feldbuch-server` in German: plain lines that a screen reader reads well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cyclopts.exceptions import (
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)

from models.errors import UsageError
from models.i18n import _
from models.text import clean

if TYPE_CHECKING:
    from cyclopts.help import HelpEntry, HelpPanel
    from rich.console import Console, ConsoleOptions

_COLUMN = 18
_GERMAN = {"COMMAND": "BEFEHL", "[OPTIONS]": "[SCHALTER]", "FILE": "DATEI", "DEVICE": "GERÄT"}


class GermanHelp:
    """Writes help as plain lines, in the program's own words."""

    show_metavar = False

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        """Write one group of commands or arguments."""
        del options
        if not panel.entries:
            return
        _line(console, f"{panel.title}:")
        for entry in panel.entries:
            _line(console, f"  {_name(entry):<{_COLUMN}}{_plain(entry.description)}".rstrip())
        _line(console, "")

    def render_usage(self, console: Console, options: ConsoleOptions, usage: Any) -> None:
        """Write how a command is called."""
        del options
        text = _plain(usage).removeprefix("Usage:").strip()
        for english, german in _GERMAN.items():
            text = text.replace(english, german)
        _line(console, _("Aufruf: {usage}").format(usage=text))
        _line(console, "")

    def render_description(self, console: Console, options: ConsoleOptions, description: Any) -> None:
        """Write what a command does."""
        del options
        if text := _plain(description).strip():
            _line(console, text)
            _line(console, "")


def _name(entry: HelpEntry) -> str:
    if entry.positional_label:
        return _GERMAN.get(entry.positional_label, entry.positional_label)
    return ", ".join((*entry.positive_names, *entry.positive_shorts))


def _plain(text: Any) -> str:
    return str(getattr(text, "plain", None) or getattr(text, "primary_renderable", None) or text or "").rstrip()


def _line(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def usage_error(error: CycloptsError) -> UsageError:
    """Return the German error for what the parser could not use."""
    match error:
        case UnknownCommandError() | UnusedCliTokensError():
            name = clean((error.unused_tokens or [""])[0], lines=False)
            text = _("„{name}“ passt hier nicht.").format(name=name)
        case UnknownOptionError() if error.token is not None:
            name = clean(error.token.keyword or error.token.value, lines=False)
            text = _("Den Schalter {name} gibt es hier nicht.").format(name=name)
        case MissingArgumentError():
            text = _("Die Angabe {name} fehlt.").format(name=_argument(error))
        case RepeatArgumentError():
            text = _("{name} steht mehrmals da.").format(name=_argument(error))
        case CoercionError():
            value = clean(error.token.value, lines=False) if error.token is not None else ""
            text = _("Nach {name} passt „{value}“ nicht.").format(name=_argument(error), value=value)
        case _:
            text = _("Dieser Aufruf passt nicht.")
    chain = " ".join(("feldbuch-server", *(error.command_chain or ())))
    return UsageError(_("{text} „{chain} --help“ zeigt, was geht.").format(text=text, chain=chain))


def _argument(error: CycloptsError) -> str:
    token = getattr(error, "token", None)
    if token is not None and token.keyword:
        return clean(str(token.keyword), lines=False)
    name = error.argument.name if error.argument is not None else ""
    return _GERMAN.get(name.lstrip("-").upper(), name)
