"""Help and usage errors of the command line in German: plain lines that a screen reader reads well."""

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

_INDENT = "  "
_COLUMN = 22


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
            name = ", ".join(_names(entry))
            text = _plain(entry.description)
            _line(console, f"{_INDENT}{name:<{_COLUMN}}{text}".rstrip())
        _line(console, "")

    def render_usage(self, console: Console, options: ConsoleOptions, usage: Any) -> None:
        """Write how a command is called."""
        del options
        text = _plain(usage).removeprefix("Usage:").strip()
        for english, german in (("COMMAND", "BEFEHL"), ("[OPTIONS]", "[SCHALTER]"), *_PLACES.items()):
            text = text.replace(english, german)
        _line(console, _("Aufruf: {usage}").format(usage=text))
        _line(console, "")

    def render_description(self, console: Console, options: ConsoleOptions, description: Any) -> None:
        """Write what a command does."""
        del options
        text = _plain(description).replace("\n\n  ", "\n  ").strip()
        if text:
            _line(console, text)
            _line(console, "")


_PLACES = {
    "KIND": "SATZART",
    "RECORD": "KENNUNG",
    "FILE": "DATEI",
    "ADDRESS": "ADRESSE",
    "CONFLICT": "KENNUNG",
    "ANSWER": "WAHL",
}


def _names(entry: HelpEntry) -> list[str]:
    if entry.positional_label:
        return [_PLACES.get(entry.positional_label, entry.positional_label)]
    return [name.replace("[KEYWORD]", "FELD") for name in (*entry.positive_names, *entry.positive_shorts)]


def _plain(text: Any) -> str:
    return str(getattr(text, "plain", None) or getattr(text, "primary_renderable", None) or text or "").rstrip()


def _line(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def usage_error(error: CycloptsError) -> UsageError:
    """Return the German error for what the parser could not use."""
    name = clean(_argument_name(error), lines=False)
    match error:
        case UnknownCommandError():
            text = _("Den Befehl „{name}“ gibt es nicht.").format(name=_first(error.unused_tokens))
        case UnknownOptionError() if error.token is not None:
            text = _unknown_option(error.token.keyword or error.token.value)
        case UnusedCliTokensError():
            text = _("„{name}“ ist hier zu viel.").format(name=_first(error.unused_tokens))
        case MissingArgumentError():
            text = _("Die Angabe {name} fehlt.").format(name=name)
        case RepeatArgumentError():
            text = _("{name} steht mehrmals da.").format(name=name)
        case CoercionError():
            value = error.token.value if error.token is not None else ""
            text = _("Nach {name} passt „{value}“ nicht.").format(name=name, value=value)
        case _:
            text = _("Dieser Aufruf passt nicht.")
    chain = " ".join(error.command_chain or ())
    return UsageError(
        _("{text} „feldbuch {command}--help“ zeigt, was geht.").format(text=text, command=chain + " " if chain else "")
    )


def _unknown_option(option: str) -> str:
    if option.partition("=")[0] in ("--dir", "--demo", "--records", "--fresh"):
        return _("{option} steht vor dem Befehl.").format(option=option)
    return _("Den Schalter {option} gibt es hier nicht.").format(option=option)


def _first(tokens: list[str] | None) -> str:
    return tokens[0] if tokens else ""


def _argument_name(error: CycloptsError) -> str:
    keyword = getattr(error, "keyword", None)
    if keyword:
        return str(keyword)
    token = getattr(error, "token", None)
    if token is not None and token.keyword:
        return str(token.keyword)
    if error.argument is None:
        return ""
    name = error.argument.name
    return _PLACES.get(name.lstrip("-").upper(), name)
