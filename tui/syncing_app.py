"""SyncingApp: an app that syncs in the background and says, on every screen, how that stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import FeldbuchError
from models.i18n import _
from tui.saving_app import SavingApp
from tui.sync_marks import SyncMarks
from tui.sync_state import report_text, sync_parts
from tui.syncing import Syncing

if TYPE_CHECKING:
    from textual.timer import Timer

    from models.fieldbook import Changed, Fieldbook
    from sync.engine import Report
    from tui.connection import Connection

GATHERED = 0.5
"""Seconds between two times that the screens follow what a sync brings."""


class SyncingApp(SavingApp):
    """Syncs the fieldbook with `syncing`, if there is a connection."""

    def __init__(self, fieldbook: Fieldbook, connection: Connection | None, **kwargs: Any) -> None:
        """Work on `fieldbook`."""
        super().__init__(**kwargs)
        self.fieldbook = fieldbook
        self.syncing = Syncing(self, fieldbook, connection)
        self.marks = SyncMarks(fieldbook, self.syncing)
        self._gathering: Timer | None = None
        self._gathered: Changed | None = None
        self._sync_look = connection.look if connection is not None else None

    def on_mount(self) -> None:
        """Begin to sync by itself."""
        self.fieldbook.watch(lambda _change: self.syncing.committed())
        if self._sync_look is not None:
            self.syncing.begin()
            self.set_interval(self._sync_look, self.syncing.look)

    async def on_unmount(self) -> None:
        """End the sync before the fieldbook is closed."""
        await self.syncing.close()

    def gather(self, change: Changed) -> None:
        """Follow a commit of the sync; of the pages that come right after each other several at once, as lists take time."""
        if self._gathering is None:
            self._gathering = self.set_timer(GATHERED, self._gathering_over)
            self.follow(change, of_sync=True)
        else:
            known = self._gathered or change
            self._gathered = type(change)(known.kinds | change.kinds, known.ids | change.ids)

    def _gathering_over(self) -> None:
        change, self._gathered, self._gathering = self._gathered, None, None
        if change is not None:
            self.gather(change)

    def follow(self, change: Changed, *, of_sync: bool = False) -> None:
        """Show on the screens in sight what was committed."""
        raise NotImplementedError

    def sync_state(self) -> tuple[str, ...]:
        """Return the parts of the sync state; before them, what takes long to be saved."""
        if self.fieldbook.only_read:
            return (_("nur lesen"),)
        saving = (_("speichert …"),) if self.saving_lasts else ()
        return *saving, *sync_parts(self.fieldbook, self.syncing)

    def sync_changed(self) -> None:
        """Show on the screens in sight how the sync stands."""
        raise NotImplementedError

    def sync_told(self, outcome: Report | FeldbuchError) -> None:
        """Tell how a sync ended."""
        if isinstance(outcome, FeldbuchError):
            self.tell(outcome)
        else:
            self.say(report_text(outcome))

    def action_sync(self) -> None:
        """Sync now, or say why that is not possible."""
        progress = self.syncing.progress
        if not self.syncing.now():
            self.say(
                self.fieldbook.only_read
                or _("Dieses Feldbuch ist mit keinem Server verbunden. Verbinden: F10, dann Strg+L.")
            )
        elif progress is not None:
            self.say(progress.text())
