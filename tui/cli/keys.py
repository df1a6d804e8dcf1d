"""Keys: the command that prints all keys as a Markdown table; the README's table is made with it."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from models.i18n import _
from tui import screens
from tui.app import GLOBAL_KEYS
from tui.cli.output import out
from tui.commands import Command
from tui.places import PLACES
from tui.screens.room import Room

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NAMES = {
    "AttendanceScreen": "Anwesenheit",
    "AuthorityPage": "Seite eines Schulträgers",
    "CirclePage": "Seite eines Kreises",
    "ComparisonScreen": "Bestandsaufnahmen nebeneinander",
    "ConflictScreen": "Konflikt entscheiden",
    "ConflictsScreen": "Konflikte",
    "ConnectScreen": "Mit dem Team verbinden",
    "EncryptionOfferScreen": "Erster Start: Verschlüsseln",
    "EncryptionScreen": "Verschlüsselung",
    "ExchangeScreen": "Abgleich",
    "FirstStartScreen": "Erster Start",
    "FormScreen": "Formular",
    "HeadCountScreen": "Teilnahme in Zahlen",
    "MatrixScreen": "Bestandsaufnahme ausfüllen",
    "MinutesScreen": "Protokoll eines Treffens",
    "OverTimeScreen": "Bestandsaufnahmen im Lauf der Zeit",
    "OverviewScreen": "Überblick einer Bestandsaufnahme",
    "ParkedScreen": "Abgleich: Zurückgelegtes",
    "PassphraseScreen": "Passphrase festlegen",
    "RecoveryCodeScreen": "Wiederherstellungscode",
    "RegisterScreen": "Liste einer Satzart",
    "SchoolPage": "Seite einer Schule",
    "SettingsScreen": "Einstellungen",
    "UnlockScreen": "Gesperrtes Feldbuch",
}


def print_keys() -> int:
    """Print the keys of all screens, the ones that work everywhere first."""
    for line in key_table():
        out(line)
    return 0


def key_table() -> Iterator[str]:
    """Yield the lines of the table."""
    yield from _section(_("Überall"), GLOBAL_KEYS)
    places = {(f"tui.screens.{place.module}", place.screen): place for place in PLACES}
    found = {(room.__module__, room.__name__): room for room in rooms()}
    for key in [*(key for key in places if key in found), *sorted(found.keys() - places.keys())]:
        room = found[key]
        title = places[key].label if key in places else _NAMES.get(room.__name__) or _first_sentence(room.HELP_TEXT)
        if title and room.all_keys():
            yield ""
            yield from _section(_(title), room.all_keys())


def rooms() -> list[type[Room]]:
    """Return all screens with keys of their own, without the classes that others derive from."""
    modules = [import_module(f"tui.screens.{module.name}") for module in iter_modules(screens.__path__)]
    return [
        thing
        for module in modules
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, Room)
        and thing.__module__ == module.__name__
        and not any(child.__module__.startswith("tui.") for child in thing.__subclasses__())
    ]


def _first_sentence(text: str) -> str:
    return text.partition(".")[0].strip()


def _section(title: str, commands: Iterable[Command]) -> Iterator[str]:
    yield f"| {title} | |"
    yield "|---|---|"
    for command in commands:
        if command.key_name:
            yield f"| {_cell(command.key_name)} | {_cell(command.described)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
