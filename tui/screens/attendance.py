"""AttendanceScreen and HeadCountScreen: quick entry down a list, by initials and by numbers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from models.i18n import _
from models.present import name_of, title_of
from models.records.base import new_id
from models.records.meeting import Presence
from models.records.shared import HeadCount
from models.text import fold
from models.vocabulary import vocabulary
from tui.commands import Command, read_by_widget
from tui.screens.room import Room
from tui.widgets.rows import Rows
from tui.widgets.table import Column, RowOpened, VirtualTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult

    from models.fieldbook import Fieldbook

Entries = list[dict[str, Any]]


class EntriesScreen(Room):
    """Edits one list of a record, entry by entry, and saves after each key: there is nothing to lose.

    A change is on the screen at once, and made anew to the list as it is stored when its turn to be saved comes.
    """

    KEYS: ClassVar[tuple[Command, ...]] = (Command("back", "escape", "Zurück"),)
    FIRST_FOCUS = "VirtualTable"
    FIELD: ClassVar[str] = ""

    def __init__(self, record_id: str) -> None:
        """Edit the list of the record with this id."""
        super().__init__()
        self.record_id = record_id
        self._changed: Entries | None = None
        self._going = 0

    def content(self) -> ComposeResult:
        """Yield the table."""
        yield VirtualTable(empty_text=_("Noch keine Zeile. + fügt eine hinzu."))

    def on_mount(self) -> None:
        """Fill the table."""
        super().on_mount()
        self.show_entries()

    @property
    def table(self) -> VirtualTable:
        """The table."""
        return self.query_one(VirtualTable)

    @property
    def entries(self) -> Entries:
        """The entries as they are stored, with the changes that are on their way to the disk."""
        return _entries(self.fieldbook, self.record_id, self.FIELD) if self._changed is None else self._changed

    def heading(self) -> str:
        """Return the title of the record."""
        return title_of(self.fieldbook.document(self.record_id), self.fieldbook)

    def show_entries(self) -> None:
        """Show the entries as they are now."""
        raise AssertionError

    def cells(self, entry: dict[str, Any]) -> tuple[str, ...]:
        """Return the cells of one entry."""
        raise AssertionError(entry)

    def show_rows(self, columns: list[Column]) -> None:
        """Fill the table."""
        rows = Rows(self.entries, key=lambda entry: str(entry["id"]), cells=self.cells)
        self.table.set_source(rows, columns)

    def put(self, key: str | None, **values: Any) -> None:
        """Change the entry `key` and save."""
        self.store(lambda entries: [{**entry, **values} if entry["id"] == key else entry for entry in entries])

    def put_in(self, entry: dict[str, Any]) -> None:
        """Put a new entry at the end and save."""
        self.store(lambda entries: [*entries, entry])

    def take_out(self) -> None:
        """Take the entry under the cursor out and save."""
        key = self.table.cursor_key
        self.store(lambda entries: [entry for entry in entries if entry["id"] != key])

    def store(self, change: Callable[[Entries], Entries]) -> None:
        """Save what `change` makes of the list."""
        self._changed = change(self.entries)
        self._going += 1
        self.show_entries()
        self.saving.do(
            partial(_store, self.fieldbook, self.record_id, self.FIELD, change),
            lambda _nothing: self._stored(),
            failed=self._stored,
        )

    def _stored(self) -> None:
        self._going -= 1
        if not self._going:
            # From now on it is shown as it is stored: without what could not be saved.
            self._changed = None
            if self.is_attached:
                self.show_entries()
                self.refresh_lines()


def _entries(fieldbook: Fieldbook, record_id: str, field: str) -> Entries:
    return [dict(entry) for entry in fieldbook.document(record_id).get(field, ())]


def _store(fieldbook: Fieldbook, record_id: str, field: str, change: Callable[[Entries], Entries]) -> None:
    fieldbook.save(fieldbook.get(record_id).changed(**{field: change(_entries(fieldbook, record_id, field))}))


class AttendanceScreen(EntriesScreen):
    """Attendance: typing initials goes to a person, Enter says present, the arrows step through the states."""

    FIELD = "attendance"
    KEYS: ClassVar[tuple[Command, ...]] = (
        read_by_widget("a–z", "Person", "Anfangsbuchstaben springen zu Person oder Organisation"),
        read_by_widget("Enter", "anwesend", "Anwesend eintragen"),
        Command("step(1)", "right", "nächster Stand", "anwesend, entschuldigt, fehlt, Gast"),
        Command("step(-1)", "left", "voriger Stand", footer=False),
        Command("add", "plus", "Zeile", "Zeile hinzufügen"),
        Command("remove", "delete", "Entfernen", "Zeile entfernen", footer=False),
    )
    HELP_TEXT = (
        "Anfangsbuchstaben von Person oder Organisation springen zur Zeile, Enter trägt anwesend ein, die Pfeile nach "
        "rechts und links wechseln zwischen anwesend, entschuldigt, fehlt und Gast. Jede Änderung ist gleich gespeichert."
    )
    _typed = ""

    def heading(self) -> str:
        """Return what is done here."""
        return _("Anwesenheit · {title}").format(title=super().heading())

    def show_entries(self) -> None:
        """Show one line per person or organisation."""
        columns = [
            Column("sign", "", 2),
            Column("presence", _("Stand"), 13),
            Column("person", _("Person"), 24),
            Column("organisation", _("Organisation"), 24, flex=1),
        ]
        self.show_rows(columns)

    def cells(self, entry: dict[str, Any]) -> tuple[str, ...]:
        """Return sign, state, person and organisation."""
        words = vocabulary("attendance")
        state = str(entry.get("presence", "anwesend"))
        return words.sign(state), words.label(state), str(entry.get("person", "")), str(entry.get("organisation", ""))

    def status_note(self) -> str:
        """Return the initials typed so far."""
        return _("Suche: {text}").format(text=self._typed) if self._typed else ""

    async def on_key(self, event: events.Key) -> None:
        """Go to the person or organisation whose initials are typed."""
        if event.character and event.character.isalnum():
            self._typed += fold(event.character)
            target = self._by_initials() or self._restarted(event.character)
            if target:
                self.table.move_to_key(target)
            event.stop()
            event.prevent_default()
        elif event.key != "enter":
            self._typed = ""
        self.refresh_lines()

    def _restarted(self, character: str) -> str | None:
        self._typed = fold(character)
        return self._by_initials()

    def _by_initials(self) -> str | None:
        for entry in self.entries:
            for text in (str(entry.get("person", "")), str(entry.get("organisation", ""))):
                words = fold(text).split()
                initials = "".join(word[0] for word in words)
                if initials.startswith(self._typed) or any(word.startswith(self._typed) for word in words):
                    return str(entry["id"])
        return None

    def on_row_opened(self, event: RowOpened) -> None:
        """Say that this person is present."""
        event.stop()
        self._typed = ""
        self.put(event.key, presence="anwesend")
        self.refresh_lines()

    def action_step(self, by: int) -> None:
        """Step through the states of the line under the cursor."""
        entry = next((entry for entry in self.entries if entry["id"] == self.table.cursor_key), None)
        if entry is not None:
            codes = list(vocabulary("attendance"))
            known = str(entry.get("presence", "anwesend"))
            position = codes.index(known) if known in codes else 0
            self.put(entry["id"], presence=codes[(position + by) % len(codes)])

    def action_add(self) -> None:
        """Add a line."""
        self.feldbuch.opening.item(_("Anwesenheit"), Presence, {"id": new_id()}, self.put_in)

    def action_remove(self) -> None:
        """Take the line under the cursor out; Strg+Z takes it back."""
        self.take_out()


class HeadCountScreen(EntriesScreen):
    """Head counts per school: type a number, Enter goes down the column; the arrows change the column."""

    FIELD = "counts"
    KEYS: ClassVar[tuple[Command, ...]] = (
        read_by_widget("0–9", "Zahl", "Zahl der Schule unter dem Cursor; Enter geht zur nächsten"),
        Command("column('registered')", "left", "angemeldet", "Spalte angemeldet"),
        Command("column('attended')", "right", "teilgenommen", "Spalte teilgenommen"),
        Command("add", "plus", "Schule", "Schule hinzufügen"),
        Command("remove", "delete", "Entfernen", "Zeile entfernen", footer=False),
    )
    HELP_TEXT = (
        "Teilnahme in Zahlen, ohne Namen: Ziffern tippen, Enter geht zur nächsten Schule, die Pfeile nach links und "
        "rechts wechseln zwischen angemeldet und teilgenommen. Jede Zahl ist gleich gespeichert."
    )
    column = "attended"
    _typed = ""

    def heading(self) -> str:
        """Return what is done here."""
        return _("Teilnahme · {title}").format(title=super().heading())

    def show_entries(self) -> None:
        """Show one line per school; the column in use carries a sign."""
        kinds = HeadCount.kinds()
        mark = {name: ("▸ " if name == self.column else "") + _(kinds[name].label) for name in kinds}
        columns = [
            Column("school", _("Schule"), 30, flex=1),
            Column("registered", mark["registered"], 16, align="right"),
            Column("attended", mark["attended"], 16, align="right"),
        ]
        self.show_rows(columns)

    def cells(self, entry: dict[str, Any]) -> tuple[str, ...]:
        """Return the school and its two numbers."""
        school = name_of("school", str(entry.get("school", "")), self.fieldbook)
        return school, str(entry.get("registered") or 0), str(entry.get("attended") or 0)

    def status_note(self) -> str:
        """Return the sum of those who took part."""
        total = sum(int(entry.get("attended") or 0) for entry in self.entries)
        return _("zusammen {count}").format(count=total)

    async def on_key(self, event: events.Key) -> None:
        """Take digits for the school under the cursor."""
        key = self.table.cursor_key
        if event.character and event.character.isdecimal() and event.character.isascii() and key:
            self._typed = (self._typed + event.character)[-4:]
            self.put(key, **{self.column: int(self._typed)})
            self.refresh_lines()
            event.stop()
            event.prevent_default()
        elif event.key == "backspace" and key:
            self._typed = self._typed[:-1]
            self.put(key, **{self.column: int(self._typed or 0)})
            self.refresh_lines()
            event.stop()
            event.prevent_default()
        else:
            self._typed = ""

    def on_row_opened(self, event: RowOpened) -> None:
        """Go down the column."""
        event.stop()
        self._typed = ""
        self.table.move_by(1)

    def action_column(self, name: str) -> None:
        """Type into another column."""
        self.column = name
        self.show_entries()

    def action_add(self) -> None:
        """Add a school."""

        def picked(school: str) -> None:
            self.put_in({"id": new_id(), "school": school})

        self.feldbuch.opening.pick_record(_("Schule"), "school", picked)

    def action_remove(self) -> None:
        """Take the line under the cursor out; Strg+Z takes it back."""
        self.take_out()
