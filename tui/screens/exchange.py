"""ExchangeScreen: how the sync with the team's server stands, and what of this fieldbook waits, was refused or is parked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from models.errors import RemovalsWait
from models.i18n import _
from models.present import full_title
from models.resolving import open_conflicts
from sync.account import Account, leave
from sync.giving_up import give_up
from sync.messages import refusal_text
from tui.commands import Command
from tui.exchange_head import head_text
from tui.exchange_rows import PARKED_HERE, REFUSED, WAITS, Entry, cells, document_of, exchange_rows
from tui.handing_out import hand_out, proposed_file
from tui.preview import preview
from tui.screens.room import Room
from tui.show import assemble, shown
from tui.widgets.rows import Rows
from tui.widgets.table import Column, RowHighlighted, RowOpened, VirtualTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.content import Content
    from textual.timer import Timer

    from models.fieldbook import Changed, Fieldbook

MANY = 2_000
"""Lines from which on the list follows only now and then."""

PAUSE = 0.5
"""Seconds between two looks at a list of so many."""


class ExchangeScreen(Room):
    """Reached from the settings; refused entries come first, as somebody has to look at these."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("open", "enter", "Öffnen", "Den Eintrag unter dem Cursor öffnen, um ihn zu ändern"),
        Command("app.sync", "ctrl+r", "Abgleichen", "Jetzt abgleichen", palette=False),
        Command("conflicts", "k", "Konflikte", "Die offenen Konflikte ansehen und entscheiden"),
        Command("connect", "c", "Verbinden", "Mit dem Server des Teams verbinden"),
        Command("send_first", "s", "Zuerst", "Den Eintrag unter dem Cursor vor allen anderen senden", footer=False),
        Command("give_up", "g", "Aufgeben", "Abgelehntes aufgeben: Es gilt wieder der Stand des Servers"),
        Command("hand_out", "x", "Ausgeben", "Den Eintrag unter dem Cursor in eine Datei schreiben", footer=False),
        Command(
            "stop", "h", "Anhalten", "Den laufenden Abgleich anhalten; der nächste macht dort weiter", footer=False
        ),
        Command("removals", "r", "Entfernen", "Zulassen, dass der Server hier viele Einträge entfernt", footer=False),
        Command(
            "leave_team", "t", "Trennen", "Die Verbindung mit dem Team beenden; die Einträge bleiben", footer=False
        ),
        Command("back", "escape", "Zurück"),
    )
    HELP_TEXT = (
        "Feldbuch gleicht von selbst ab, sobald der Server zu erreichen ist. „Wartet“ geht beim nächsten Abgleich hinaus, mit s zuerst. "
        "„Abgelehnt“ nimmt der Server nicht an: Enter öffnet den Eintrag, geändert geht er neu hinaus; x schreibt ihn in eine "
        "Datei, g gibt die Änderung auf. „Zurückgelegt“ gehört nicht mehr zu diesem Zugang; was daran geändert war, bleibt "
        "hier aufbewahrt."
    )
    FIRST_FOCUS = "VirtualTable"
    DEFAULT_CSS = """
    ExchangeScreen #exchange-head { height: auto; max-height: 9; padding: 0 1; margin: 1 0; }
    ExchangeScreen .exchange { height: 1fr; }
    ExchangeScreen .exchange-preview { display: none; width: 48; height: 1fr; padding: 0 1; border-left: vkey $panel; }
    ExchangeScreen.-wide .exchange-preview { display: block; }
    """

    def __init__(self) -> None:
        """Begin with nothing to show."""
        super().__init__()
        self._rows: Sequence[Entry | str] = ()
        self._later: Timer | None = None

    def heading(self) -> str:
        """Return the name of the screen, and how many conflicts there are."""
        conflicts = len(open_conflicts(self.fieldbook))
        found = (
            (_("1 Konflikt") if conflicts == 1 else _("{count} Konflikte").format(count=conflicts)) if conflicts else ""
        )
        return " · ".join(filter(None, (_("Abgleich"), found)))

    def content(self) -> ComposeResult:
        """Yield how things stand, and the lines."""
        yield Static("", id="exchange-head")
        with Horizontal(classes="exchange"):
            yield VirtualTable(empty_text=_("Hier wartet nichts, und nichts wurde abgelehnt."))
            with VerticalScroll(classes="exchange-preview", can_focus=False):
                yield Static("", id="exchange-preview")

    def on_mount(self) -> None:
        """Fill the screen."""
        self._show()

    def on_screen_resume(self) -> None:
        """Catch up with what happened while another screen lay above."""
        self._show()

    def records_changed(self, change: Changed) -> None:
        """Follow what is saved, sent and fetched."""
        super().records_changed(change)
        if len(self.fieldbook.outbox()) < MANY:
            self._show()
        elif self._later is None:
            # While a first sync sends thousands, no key waits for their list.
            self._later = self.set_timer(PAUSE, self._show)

    def sync_changed(self) -> None:
        """Follow the sync itself."""
        self._show_head()
        super().sync_changed()

    def _show_head(self) -> None:
        # The sync may speak before this screen stands.
        for head in self.query("#exchange-head").results(Static):
            head.update(head_text(self.fieldbook, self.feldbuch.syncing))

    def _show(self) -> None:
        self._later = None
        self._rows = exchange_rows(self.fieldbook)
        columns = [Column("sign", "", 1), Column("record", _("Eintrag"), 30, flex=2), Column("what", "", 24, flex=2)]
        rows = Rows(self._rows, key=lambda entry: entry.key, cells=lambda entry: cells(entry, self.fieldbook))
        self.query_one(VirtualTable).set_source(rows, columns)
        self._show_head()
        self._show_preview()
        self.refresh_lines()

    # The line under the cursor

    def _current(self) -> Entry | None:
        row = self.query_one(VirtualTable).cursor_index
        entry = self._rows[row] if row is not None and row < len(self._rows) else ""
        return None if isinstance(entry, str) else entry

    def _show_preview(self) -> None:
        entry = self._current()
        pane = self.query_one("#exchange-preview", Static)
        pane.update(entry_preview(entry, self.fieldbook) if entry is not None else "")

    def on_row_highlighted(self, message: RowHighlighted) -> None:
        """Show the record beside the list."""
        del message
        self._show_preview()

    def on_row_opened(self, message: RowOpened) -> None:
        """Open a record."""
        del message
        self.action_open()

    def action_open(self) -> None:
        """Open the record under the cursor; what is parked can be read."""
        entry = self._current()
        if entry is None:
            return
        if entry.heading == PARKED_HERE:
            self.feldbuch.opening.parked(entry)
        else:
            self.feldbuch.opening.record(entry.record)

    def action_send_first(self) -> None:
        """Put what waits under the cursor first, and sync."""
        entry = self._current()
        if entry is None or entry.heading != WAITS:
            self.feldbuch.say(_("Vorziehen lässt sich nur, was wartet."))
            return
        self.saving.do(partial(self.fieldbook.send_first, entry.record), lambda _waits: self.feldbuch.action_sync())

    def action_give_up(self) -> None:
        """Ask whether to drop a refused edit, and do so."""
        entry = self._current()
        if entry is None or entry.heading != REFUSED:
            self.feldbuch.say(_("Aufgeben lässt sich nur, was der Server abgelehnt hat."))
            return
        fieldbook = self.fieldbook
        title = full_title(fieldbook.document(entry.record), fieldbook)
        if fieldbook.base(entry.record) is None:
            question = _("„{title}“ war noch nie auf dem Server und wird hier ganz entfernt. Strg+Z nimmt es zurück.")
        else:
            question = _("Bei „{title}“ gilt dann wieder der Stand des Servers. Strg+Z nimmt es zurück.")
        self.feldbuch.opening.ask(
            question.format(title=title), partial(self._give_up, entry), yes="Aufgeben", no="Behalten"
        )

    def _give_up(self, entry: Entry, yes: bool) -> None:  # noqa: FBT001 - an answer
        def done(still_here: bool) -> None:  # noqa: FBT001 - what the work returned
            text = _("Aufgegeben; es gilt der Stand des Servers.") if still_here else _("Aufgegeben und entfernt.")
            self.feldbuch.say(f"{text} {_('Strg+Z nimmt es zurück.')}")

        if yes:
            self.saving.do(partial(give_up, self.fieldbook, entry.record), done)

    def action_hand_out(self) -> None:
        """Ask for a file and write the record into it."""
        entry = self._current()
        document = document_of(entry, self.fieldbook) if entry is not None else None
        if document is None:
            self.feldbuch.say(_("Hier gibt es nichts auszugeben."))
            return

        def named(file: str) -> None:
            self.saving.do(
                partial(hand_out, document, file),
                lambda path: self.feldbuch.say(_("Geschrieben: {path}").format(path=path)),
            )

        question = _("In welche Datei? Der Eintrag steht dann dort unverschlüsselt.")
        self.feldbuch.opening.ask_text(question, named, proposed_file(document))

    # The sync

    def action_conflicts(self) -> None:
        """Go on to the conflicts."""
        self.feldbuch.opening.conflicts()

    def action_stop(self) -> None:
        """Stop the sync that runs."""
        if self.feldbuch.syncing.running:
            self.feldbuch.syncing.stop()
        else:
            self.feldbuch.say(_("Gerade läuft kein Abgleich."))

    def action_removals(self) -> None:
        """Agree to what the server would take away here."""
        last = self.feldbuch.syncing.last
        if not isinstance(last, RemovalsWait):
            self.feldbuch.say(_("Der Server will hier nichts entfernen, wonach zu fragen wäre."))
            return
        question = _(
            "Mindestens {count} von {held} Einträgen hier entfernen? Sie sind auf dem Server gelöscht oder nicht mehr zu "
            "sehen."
        )
        self.feldbuch.opening.ask(
            question.format(count=last.count, held=last.held),
            self._remove,
            yes="Entfernen",
            no="Behalten",
        )

    def _remove(self, yes: bool) -> None:  # noqa: FBT001 - an answer
        if yes:
            self.feldbuch.syncing.now(removals=True)

    def action_connect(self) -> None:
        """Go on to connecting; replacing a connection is asked."""
        account = Account.of(self.fieldbook)
        opening = self.feldbuch.opening
        if account is None:
            opening.connect()
            return
        question = _("Dieses Feldbuch ist schon mit {address} verbunden. Neu verbinden?").format(
            address=account.address
        )
        opening.ask(question, lambda yes: opening.connect() if yes else None)

    def action_leave_team(self) -> None:
        """Ask whether to leave the team, and do so."""
        account = Account.of(self.fieldbook)
        if account is None:
            self.feldbuch.say(_("Dieses Feldbuch ist mit keinem Server verbunden."))
            return
        waiting = len(self.fieldbook.outbox())
        kept = (
            _("{count} davon sind noch nicht übertragen")
            if waiting != 1
            else _("einer davon ist noch nicht übertragen")
        )
        question = _(
            "Die Verbindung mit {address} beenden? Alle Einträge bleiben hier ({kept}). Danach wird nichts mehr abgeglichen. "
            "Die Teamleitung kann das Gerät auf dem Server abmelden; für eine neue Verbindung braucht es einen neuen Code."
        )
        self.feldbuch.opening.ask(
            question.format(address=account.address, kept=kept.format(count=waiting)),
            self._leave_team,
            yes="Trennen",
            no="Bleiben",
        )

    def _leave_team(self, yes: bool) -> None:  # noqa: FBT001 - an answer
        if yes:
            self.feldbuch.syncing.stop()
            self.saving.do(partial(leave, self.fieldbook), lambda _nothing: self._left())

    def _left(self) -> None:
        self.feldbuch.say(_("Die Verbindung ist beendet. Alle Einträge sind noch hier."))
        self.feldbuch.sync_changed()


def entry_preview(entry: Entry, fieldbook: Fieldbook) -> Content:
    """Return what a line is about: why it was refused, and what stands in the record."""
    document = document_of(entry, fieldbook)
    content = preview(document, fieldbook) if document is not None else shown(entry.record)
    if entry.heading != REFUSED:
        return content
    reason = _("! Abgelehnt: {reason}").format(reason=refusal_text(entry.reason))
    return assemble((f"{reason}\n\n", "$error"), content)
