"""The palette: every action and every record, offered to a picker and done once it is picked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from models.i18n import _
from models.records import KINDS, record_class
from models.text import fold
from tui.app import GLOBAL_KEYS
from tui.options import Option
from tui.screens.room import Room

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

    from tui.app import FeldbuchApp

RECORD = "record:"


class Deed(NamedTuple):
    """Something the palette can do."""

    text: str
    beside: str
    run: Callable[[], object]


def deeds(app: FeldbuchApp, screen: Screen[object]) -> list[Deed]:
    """Return all actions that make sense above `screen`: its own, everywhere's, and a new or all of every kind."""
    found: list[Deed] = []
    own = screen.all_keys() if isinstance(screen, Room) else ()
    for command, node in (*((c, screen) for c in own), *((c, app) for c in GLOBAL_KEYS)):
        if command.palette:
            found.append(Deed(command.described, command.key_name, _runner(app, command.action, node)))
    for kind in KINDS:
        about = record_class(kind).about
        if about.new:
            found.append(Deed(_(about.new), "", partial(app.opening.new, kind)))
        found.append(Deed(_("Alle {many} zeigen").format(many=_(about.many)), "", partial(app.opening.register, kind)))
    return found


def _runner(app: FeldbuchApp, action: str, node: object) -> Callable[[], object]:
    return lambda: app.call_later(app.run_action, action, node)


class Everything:
    """The palette's options: actions first, then records."""

    def __init__(self, app: FeldbuchApp, screen: Screen[object]) -> None:
        """Offer what can be done above `screen`."""
        self._app = app
        self.deeds = deeds(app, screen)

    def search(self, query: str) -> list[Option]:
        """Return the actions and records for `query`."""
        words = fold(query).split()
        actions = [
            Option(str(number), deed.text, deed.beside)
            for number, deed in enumerate(self.deeds)
            if all(word in fold(deed.text) for word in words)
        ]
        if not words or not self.ready():
            return actions
        records = self._app.opening.finder.search(KINDS, query, limit=100)
        return actions + [Option(RECORD + found.record_id, found.title, found.beside) for found in records]

    def named(self, key: str) -> Option:
        """Return an option by key; nothing is picked beforehand here."""
        return Option(key, key)

    def ready(self) -> bool:
        """Tell whether all records can be searched at once."""
        return self._app.opening.finder.ready(KINDS)

    async def prepare(self) -> None:
        """Make all records searchable."""
        await self._app.opening.finder.prepare(KINDS)

    def do(self, key: str) -> None:
        """Run the action, or open the record, that was picked."""
        if key.startswith(RECORD):
            self._app.opening.record(key.removeprefix(RECORD))
        else:
            self.deeds[int(key)].run()
