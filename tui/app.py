"""FeldbuchApp: opens the places over one fieldbook and owns nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import events

from models.i18n import _
from tui.bare_app import HELP, LEAVE
from tui.commands import Command, bindings
from tui.idle import IdleWatch
from tui.opening import Opening
from tui.places import PLACES
from tui.screens.early_keys import EarlyKeys
from tui.screens.room import Room
from tui.syncing_app import SyncingApp
from tui.textual_private import all_screens
from tui.widgets.lines import StatusLine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.driver import Driver
    from textual.screen import Screen

    from models.fieldbook import Changed, Fieldbook
    from models.protection import Protection
    from tui.connection import Connection

LOCK = Command("lock", "ctrl+g", "Sperren", "Verschlüsseltes Feldbuch sperren", footer=False)

GLOBAL_KEYS = (
    HELP,
    *(Command(f"place('{p.name}')", p.key, p.short, p.label, footer=False) for p in PLACES),
    Command("settings", "f10", "Einstellungen", footer=False),
    Command(
        "palette",
        "ctrl+p",
        "Alles finden",
        "Jede Aktion und jeden Eintrag finden",
        footer=False,
        palette=False,
    ),
    Command(
        "undo",
        "ctrl+z",
        "Zurücknehmen",
        "Letztes Speichern oder Löschen zurücknehmen",
        footer=False,
    ),
    Command("exchange", "", "Abgleich", "Abgleich: Server, Wartendes, Abgelehntes, Konflikte", footer=False),
    Command("sync", "ctrl+r", "Abgleichen", "Jetzt abgleichen", footer=False),
    Command("keys", "question_mark", "Tasten", "Alle Tasten dieser Seite"),
    LOCK,
    LEAVE,
)


DEMO, LOCKED = "demo", "locked"
"""What the app ends with: the demo region was asked for, or the fieldbook is to be closed until it is unlocked."""

IDLE_LOOK = 10.0
"""Seconds between two looks at whether somebody is still there."""


class FeldbuchApp(SyncingApp):
    """The app over an open fieldbook; `first_start` asks how to begin, `protection` is what can encrypt and lock it."""

    EVERYWHERE = GLOBAL_KEYS
    BINDINGS = bindings(GLOBAL_KEYS)
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {p.name: p.open for p in PLACES}

    def __init__(
        self,
        fieldbook: Fieldbook,
        *,
        first_start: bool = False,
        protection: Protection | None = None,
        connection: Connection | None = None,
        idle_look: float = IDLE_LOOK,
        note: str = "",
        driver_class: type[Driver] | None = None,
    ) -> None:
        """Show `fieldbook`, and `note` at the start; the caller closes it. With a `connection` it syncs in the background."""
        super().__init__(fieldbook, connection, driver_class=driver_class)
        self.protection = protection
        self.opening = Opening(self)
        self._first_start = first_start
        self._note = note or fieldbook.only_read
        self._idle = IdleWatch(fieldbook.clock)
        self._idle_look = idle_look

    def on_mount(self) -> None:
        """Open today's page, and the question how to begin where the fieldbook is new."""
        self.use_theme(self.fieldbook.settings.theme)
        self.fieldbook.watch(self._records_changed)
        self.set_interval(self._idle_look, self._lock_if_idle)
        self.switch_mode("today")
        if self._note:
            self.say(self._note, problem=True)
        if self.fieldbook.only_read:
            return
        if self._first_start:
            self.opening.first_start()
        else:
            self.opening.recover_drafts()

    async def on_event(self, event: events.Event) -> None:
        """Note that somebody is there; the key that finds nobody there for too long locks instead of acting."""
        if isinstance(event, events.InputEvent):
            if self._lock_if_idle():
                return
            self._idle.touch()
        if isinstance(event, events.Key) and event.key == LOCK.key and self.screen.is_modal:
            # Above a dialog Textual does not ask the app's own keys.
            self.action_lock()
            return
        await super().on_event(event)

    def show_state(self) -> None:
        """Say anew on the screens in sight where saving stands."""
        for screen in self.screen_stack:
            for line in screen.query(StatusLine):
                line.update_state()

    def sync_changed(self) -> None:
        """Show on the screens in sight how the sync stands."""
        for screen in self.screen_stack:
            if isinstance(screen, Room):
                screen.sync_changed()

    def _records_changed(self, change: Changed) -> None:
        # This is the thread that committed.
        self.call_later(self.gather if self.syncing.commits_here else self.follow, change)

    def follow(self, change: Changed, *, of_sync: bool = False) -> None:
        """Show on the screens in sight what was committed; the sync may have taken away what is open."""
        self.opening.finder.follow(change)
        for screen in self.screen_stack:
            if isinstance(screen, Room):
                left = of_sync and screen.record_id in change.ids and self.fieldbook.peek(screen.record_id) is None
                screen.call_later(*(screen.record_left,) if left else (screen.records_changed, change))

    # Actions of every screen

    def action_place(self, name: str) -> None:
        """Open a place; forms that lie above it stay as they are, unless it is the place that they were opened from."""
        if name == self.current_mode:
            self._put_away_what_lies_above()
        self.switch_mode(name)

    def _put_away_what_lies_above(self) -> None:
        stack = self.screen_stack

        def pop() -> None:
            if self.screen_stack == stack:
                for _screen in stack[1:]:
                    self.pop_screen()

        if len(stack) > 1:
            self.put_away(lambda: stack, pop)

    def action_keys(self) -> None:
        """Show all keys of this screen."""
        self.show_help(keys_only=True)

    def action_settings(self) -> None:
        """Open the settings."""
        self.opening.settings()

    def action_exchange(self) -> None:
        """Show how the sync stands."""
        self.opening.exchange()

    def action_palette(self) -> None:
        """Find any action and any record."""
        self.opening.palette()

    def action_undo(self) -> None:
        """Take back the last save or delete of this session."""
        self.saving.do(self.fieldbook.undo, self._undone)

    def _undone(self, what: str | None) -> None:
        self.say(_("Zurückgenommen: {what}").format(what=what) if what else _("Es gibt nichts zurückzunehmen."))

    def action_leave(self) -> None:
        """End the program; open forms keep their drafts."""
        # Asked behind the keys that were held back: none of them may be the answer.
        self.put_away(
            lambda: all_screens(self), self.exit, lambda: self.call_later(self.call_later, self._ask_to_leave)
        )

    def _ask_to_leave(self) -> None:
        self.opening.ask(
            _("Was hier noch offen ist, ließ sich nicht sichern und geht beim Beenden verloren. Trotzdem beenden?"),
            lambda yes: self.exit() if yes else None,
        )

    def put_away(
        self,
        screens: Callable[[], Sequence[Screen[Any]]],
        then: Callable[[], None],
        failed: Callable[[], object] | None = None,
    ) -> None:
        """Let `screens` keep what they hold, and call `then` once it is written; if it cannot be they stay: `failed`."""

        def keep() -> None:
            # What lies above belongs into the draft of what lies below.
            for screen in reversed(screens()):
                if isinstance(screen, EarlyKeys):
                    screen.leaving()
            if self.saving.busy:
                # What would be typed now could not be kept any more.
                self.hold_keys(until_written=True)
            self.saving.settle(then, failed)

        self.saving.settle(keep)

    def action_lock(self) -> None:
        """Lock an encrypted fieldbook: the app ends, and with it all that it holds; open forms keep their drafts."""
        if self._locks:
            self.put_away(lambda: all_screens(self), lambda: self.exit(LOCKED))
        else:
            self.say(_("Sperren lässt sich ein verschlüsseltes Feldbuch. Verschlüsseln: F10, dann Strg+O."))

    @property
    def _locks(self) -> bool:
        return self.protection is not None and self.protection.encrypted

    def _lock_if_idle(self) -> bool:
        over = self._idle.over(self.fieldbook.settings.lock_minutes) and self._locks
        if over:
            self.action_lock()
        return over
