"""The stage: the app over a fieldbook that stands still, and the picture of its screen once nothing moves any more."""

from __future__ import annotations

import re
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from textual import events
from textual.geometry import Region
from textual.keys import _character_to_key

from models.protection import Protection
from models.store.keyring import KeyRing
from tests.models.secrets_in_memory import SecretsInMemory
from tui.app import FeldbuchApp
from tui.bare_app import BareApp
from tui.draft_timer import DraftTimer
from tui.saving_app import SavingApp
from tui.theme import THEMES
from tui.unlock_app import UnlockApp
from tui.widgets.fields.body import FormBody
from tui.widgets.fields.row import FieldRow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from textual.pilot import Pilot
    from textual.widget import Widget

    from models.fieldbook import Fieldbook
    from models.records import Document

PATIENCE = 500
"""Looks after which a screen that still moves is a failure: not seconds, for a machine may stand still itself."""

SMALL = (80, 24)
LARGE = (120, 40)


class StillApp(FeldbuchApp):
    """The app without animations, and with notes that stay as long as the picture takes."""

    NOTIFICATION_TIMEOUT = 3600


class StillUnlockApp(UnlockApp):
    """The app before the app, as still."""

    NOTIFICATION_TIMEOUT = 3600


PHRASE = "vier Wörter sind genug"

_CHEAP = {"t": 1, "m": 8, "p": 1}


class Stage:
    """An app that a scene is played on."""

    def __init__(self, pilot: Pilot[Any], app: FeldbuchApp, folders: ExitStack) -> None:
        """Play on `app`, which `pilot` drives; `folders` are thrown away at the end."""
        self._pilot = pilot
        self.app = app
        self._folders = folders

    @property
    def fieldbook(self) -> Fieldbook:
        """The fieldbook that the app has open."""
        return self.app.fieldbook

    def protect(self, passphrase: str | None = None, *, system: bool = False) -> Protection:
        """Give the app what encrypts its fieldbook: not yet, or with a passphrase; `system` says whether there is a keyring."""
        self.app.protection = _protection(self._folders, passphrase, system=system)
        return self.app.protection

    async def press(self, *keys: str) -> None:
        """Press keys, each once the one before has had its effect, and wait until the screen is still."""
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else None))
            await self._pilot.pause()
        await self.ready()

    async def type(self, text: str) -> None:
        """Type text."""
        for character in text:
            self.app.post_message(events.Key(_character_to_key(character), character))
        await self.ready()

    async def field(self, name: str) -> Widget:
        """Put the focus into the field `name` of the form."""
        await self.ready()
        row = next(row for row in self.app.screen.query(FieldRow) if row.field == name)
        editor = row.query("*").first()
        editor.focus()
        await self.ready()
        return editor

    def some(self, kind: str, **equals: Any) -> Document:
        """Return the latest record of a kind for which all values are as given; the same one each time."""
        found = [d for d in self.fieldbook.documents(kind) if all(d.get(name) == v for name, v in equals.items())]
        return max(found, key=lambda document: (str(document.get("date", "")), document["id"]))

    async def ready(self) -> None:
        """Wait until all of the screen is there and two pictures in a row are equal."""
        await self._until(self._whole)

    async def still(self) -> None:
        """Wait until nothing is left that would change the picture: a timer may yet write a draft, which the title tells."""
        await self._until(lambda: self._whole() and not self._draft_pending())

    def _draft_pending(self) -> bool:
        drafts = getattr(self.app.screen, "_drafts", None)
        app: BareApp = self.app  # before a fieldbook is unlocked there is none to save in
        saving = isinstance(app, SavingApp) and app.saving.busy
        return saving or (isinstance(drafts, DraftTimer) and drafts.pending)

    async def _until(self, condition: Callable[[], bool]) -> None:
        before = ""
        for _look in range(PATIENCE):
            await self._pilot.pause()
            await self.app.workers.wait_for_complete()
            now = self.text()
            if now == before and condition():
                return
            before = now
        raise AssertionError(f"The screen does not come to rest:\n{before}")

    def _whole(self) -> bool:
        # The later rows of a form follow its first paint.
        bodies = self.app.screen.query(FormBody)
        return all(len(list(body.rows())) == len(list(body.form.fields())) for body in bodies)

    def lines(self) -> list[str]:
        """Return the lines of the screen as text."""
        # Textual has no public way to a screen's text; the compositor is what it draws from.
        strips = self.app.screen._compositor.render_strips()
        return [strip.text for strip in strips]

    def text(self) -> str:
        """Return the screen as text, and below it what has the focus and where the cursor of an input stands."""
        return "\n".join([*(line.rstrip() for line in self.lines()), "=" * self.app.size.width, self._focus()]) + "\n"

    def _focus(self) -> str:
        focused = self.app.screen.focused
        if focused is None:
            return "focus: -"
        region = focused.region.intersection(Region(0, 0, *self.app.size))
        where = f"lines {region.y + 1}-{region.bottom}, columns {region.x + 1}-{region.right}"
        name = getattr(focused, "field", "")
        cursor = focused.cursor_screen_offset if hasattr(focused, "cursor_screen_offset") else None
        at = f", cursor at line {cursor.y + 1}, column {cursor.x + 1}" if cursor is not None else ""
        return f"focus: {type(focused).__name__}{f' {name}' if name else ''}, {where}{at}"

    async def picture(self, theme: str) -> str:
        """Return the screen in a theme as SVG."""
        assert theme in THEMES
        self.app.use_theme(theme)
        await self.still()
        # The number in the names of styles stands for the whole picture: one changed letter would change every line.
        return re.sub(r"terminal-\d+-", "terminal-", self.app.export_screenshot(simplify=True))


def _protection(folders: ExitStack, passphrase: str | None, *, system: bool) -> Protection:
    folder = Path(folders.enter_context(TemporaryDirectory()))
    secrets = SecretsInMemory()
    secrets.locked = not system
    if passphrase is not None:
        KeyRing.create(folder, passphrase=passphrase, secrets=secrets if system else None, cost=_CHEAP)
    # The clock stands still, so that the wait after wrong tries is always told as the same.
    return Protection(folder, secrets=secrets, cost=_CHEAP, clock=lambda: 0.0)


@asynccontextmanager
async def stage(
    fieldbook: Fieldbook, size: tuple[int, int], *, first_start: bool = False, locked: bool = False
) -> AsyncIterator[Stage]:
    """Open the app over `fieldbook`, or the one before it where that is `locked`, in a terminal of `size` cells."""
    with ExitStack() as folders:
        app: Any
        if locked:
            app = StillUnlockApp(_protection(folders, PHRASE, system=False))
        else:
            app = StillApp(fieldbook, first_start=first_start)
        app.animation_level = "none"
        async with app.run_test(size=size, notifications=True) as pilot:
            played = Stage(pilot, app, folders)
            await played.ready()
            yield played
