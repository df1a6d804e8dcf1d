"""Room: what all screens share: a line that says where one is, the keys at the bottom, and the true state of sync."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.widget import Widget

from models.dates import show_time
from models.i18n import _
from tui.commands import Command, bindings
from tui.screens.early_keys import EarlyKeys
from tui.widgets.lines import NavLine, StatusLine, TitleLine

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from models.fieldbook import Changed, Fieldbook
    from tui.app import FeldbuchApp
    from tui.saving import Saving
    from tui.widgets.table import VirtualTable

WIDE = 110
"""Cells from which on a screen shows list and record side by side."""


class Room(EarlyKeys):
    """A screen with title line and status line; subclasses say their keys in `KEYS` and their content in `content`.

    `TAKES_TEXT` says that letters, `?` too, are mostly typed into fields here: the footer then names F1. `record_id` is the
    record that is open here, if one is. Where `ROWS_ARE_RECORDS`, the rows of tables carry the marks of the sync.
    """

    KEYS: ClassVar[tuple[Command, ...]] = ()
    PLACE: ClassVar[str] = ""
    HELP_TEXT: ClassVar[str] = ""
    TAKES_TEXT: ClassVar[bool] = False
    ROWS_ARE_RECORDS: ClassVar[bool] = False
    record_id = ""
    _away = False
    HOLDING_KEYS: ClassVar[frozenset[str]] = frozenset()
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]

    DEFAULT_CSS = """
    Room { layout: vertical; background: $background; color: $foreground; }
    Room > .room-body { height: 1fr; }
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Turn the declared keys into bindings before Textual reads them."""
        if "KEYS" in cls.__dict__:
            cls.BINDINGS = bindings(cls.KEYS)
        super().__init_subclass__(**kwargs)
        holding = (command.key.split(",") for command in cls.all_keys() if command.holds)
        cls.HOLDING_KEYS = frozenset(key for keys in holding for key in keys)

    @property
    def feldbuch(self) -> FeldbuchApp:
        """The app, typed."""
        return cast("FeldbuchApp", self.app)

    @property
    def fieldbook(self) -> Fieldbook:
        """The fieldbook that the app has open."""
        return self.feldbuch.fieldbook

    @property
    def saving(self) -> Saving:
        """The thread in which the app writes."""
        return self.feldbuch.saving

    def compose(self) -> ComposeResult:
        """Lay out tab line (in places only), title, content and status line."""
        # Set before there are widgets: at the first resize it would style all of them a second time.
        wide = self.app.size.width >= WIDE
        self.set_class(wide, "-wide")
        self.set_class(not wide, "-narrow")
        if self.PLACE:
            yield NavLine(self.PLACE)
        yield TitleLine()
        yield from self.content()
        yield StatusLine()

    def content(self) -> ComposeResult:
        """Yield what this screen is about."""
        yield Widget(classes="room-body")

    def heading(self) -> str:
        """Return what the title line says."""
        return ""

    @classmethod
    def all_keys(cls) -> tuple[Command, ...]:
        """Return the commands of this screen and the ones it inherits, own ones first."""
        found: dict[str, Command] = {}
        for base in cls.__mro__:
            for command in base.__dict__.get("KEYS", ()):
                found.setdefault(command.action or command.keys, command)
        return tuple(found.values())

    def refresh_lines(self) -> None:
        """Say anew where one is and what is open."""
        if self._away:
            return
        mark = self.feldbuch.marks.words(self.record_id) if self.record_id else ""
        for line in self.query(TitleLine):
            line.show(" · ".join(filter(None, (self.heading(), mark))))
        for status in self.query(StatusLine):
            status.update_state()

    def on_mount(self) -> None:
        """Fill the lines once the screen stands."""
        self._show_signs()
        self.refresh_lines()

    def on_screen_resume(self) -> None:
        """Catch up with what was saved while another screen lay above."""
        if self._away:
            self.dismiss(None)
            return
        self._show_signs()
        self.refresh_lines()

    def records_changed(self, change: Changed) -> None:
        """Follow a commit; screens that show records override this and call it."""
        del change
        self.refresh_lines()

    def record_left(self) -> None:
        """Close this screen, as its record belongs to another team now; drafts of it stay."""
        self._away = True
        self.feldbuch.say(left_text())
        if self.is_current:
            self.dismiss(None)

    def sync_changed(self) -> None:
        """Follow the sync: that one began, got on or ended; screens that show more of `feldbuch.syncing` override this."""
        self._show_signs()
        self.refresh_lines()

    def record_of_row(self, key: str) -> str:
        """Return the id of the record that a row of a table stands for."""
        return key

    def _show_signs(self) -> None:
        if self.ROWS_ARE_RECORDS:
            marks = self.feldbuch.marks
            sign_of = (lambda key: marks.sign(self.record_of_row(key))) if marks.shown else None
            for table in self.query("VirtualTable").results():
                cast("VirtualTable", table).show_signs(sign_of)

    def time_now(self) -> str:
        """Return the present local time as people write it: "9:05"."""
        clock = self.fieldbook.clock
        return show_time(clock.local(clock.now()).time())

    def status_note(self) -> str:
        """Return a short remark that stands before the sync state; empty for none."""
        return ""

    def action_back(self) -> None:
        """Leave this screen; in a place there is nothing behind it."""
        if len(self.app.screen_stack) > 1 and not self.PLACE:
            self.dismiss(None)
        else:
            self.feldbuch.say(_("Strg+Q beendet Feldbuch."))


def left_text() -> str:
    """Return what to tell of a record that is not here any more."""
    return _("Dieser Eintrag gehört nicht mehr zu diesem Zugang. Entwürfe dazu bleiben hier.")
