"""ListRoom: a screen that lists records: search as you type, filter, sort, own or all, preview on wide screens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from models.fields import Choice
from models.i18n import _
from models.present import search_text
from models.records import record_class
from models.text import clean
from models.vocabulary import vocabulary
from tui.columns import ListColumn, columns_for, sorted_by
from tui.commands import Command
from tui.live_index import LiveIndex
from tui.preview import preview
from tui.screens.room import Room
from tui.widgets.rows import Rows
from tui.widgets.search_line import SearchLine
from tui.widgets.table import RowHighlighted, RowOpened, SortRequested, VirtualTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual.app import ComposeResult
    from textual.content import Content

    from models.fieldbook import Changed
    from models.records import Document
    from models.rules.text_index import SearchText

_CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Filter:
    """One way to narrow a list; of one `group` ("Schulform") only one is active at a time."""

    group: str
    label: str
    keep: Callable[[Document], bool]

    @property
    def key(self) -> str:
        """What a picker knows it by."""
        return f"{self.group}: {self.label}"


AT_ONCE = 500
"""Documents up to which a search is made ready within the key that asks for it."""


class ListRoom(Room):
    """A list of the records of `KIND`. Subclasses set `KIND` and override what is special about their list.

    `FOLLOWS` names the kinds whose commits change what is shown (`KIND` alone where it is empty). `SORT` names the
    column of the first order; a leading `-` begins with the greatest value.
    """

    KIND: ClassVar[str] = ""
    FOLLOWS: ClassVar[frozenset[str]] = frozenset()
    SORT: ClassVar[str] = ""
    PREVIEW: ClassVar[bool] = True
    ROWS_ARE_RECORDS = True
    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("new", "n", "Neu", "Neuen Eintrag anlegen"),
        Command("open", "enter", "Öffnen", "Den Eintrag unter dem Cursor öffnen"),
        Command("search", "slash", "Suchen", "Diese Liste durchsuchen, schon während des Tippens"),
        Command("filter", "f", "Filter", "Die Liste einschränken"),
        Command("sort", "s", "Sortieren", "Nach einer Spalte sortieren; dieselbe noch einmal kehrt um"),
        Command("own", "o", "Eigene/alle", "Nur eigene Einträge oder die aller"),
        Command("back", "escape", "Zurück", "Suche aufheben oder zurück", footer=False),
    )
    FIRST_FOCUS = "VirtualTable"
    DEFAULT_CSS = """
    ListRoom .list-body { height: 1fr; }
    ListRoom .list-main { width: 1fr; height: 1fr; }
    ListRoom VirtualTable { height: 1fr; }
    ListRoom .list-preview { display: none; width: 42; height: 1fr; padding: 0 1; border-left: vkey $panel; }
    ListRoom.-wide .list-preview { display: block; }
    """

    def __init__(self) -> None:
        """Begin with everything, in the first order."""
        super().__init__()
        self.filters_on: dict[str, Filter] = {}
        self.own_only = False
        self.query_text = ""
        self.total = 0
        self._order = self._first_order()
        self._things: Sequence[Document | str] = ()
        self._count = 0
        self._ordered: tuple[object, list[Document]] = (None, [])
        self._index = LiveIndex(self.search_text)
        self._version = -1

    # What a subclass may say

    def documents(self) -> Sequence[Document]:
        """Return all documents of this list, before search, filter and order."""
        return self.fieldbook.documents(self.KIND)

    def columns(self) -> Sequence[ListColumn]:
        """Return the columns: those of the declaration; a screen adds derived ones."""
        return columns_for(record_class(self.KIND))

    def list_name(self) -> str:
        """Return what the list is called in its heading."""
        return _(record_class(self.KIND).about.many)

    def filters(self) -> Iterable[Filter]:
        """Return the filters on offer: the values that occur in the choices among the columns."""
        documents = self.documents()
        for name, kind in record_class(self.KIND).kinds().items():
            if not (isinstance(kind, Choice) and kind.width):
                continue
            words = vocabulary(kind.vocabulary)
            for code in words.sorted({str(document[name]) for document in documents if document.get(name)}):
                yield Filter(_(kind.label), clean(words.label(code), lines=False), equals(name, code))

    def is_own(self, document: Document) -> bool:
        """Tell whether a document is the user's own."""
        me = self.fieldbook.settings.adviser
        return me in (document.get("adviser") or document.get("created_by"), *document.get("co_advisers", ()))

    def search_text(self, document: Document) -> SearchText:
        """Return what a document is found by."""
        return search_text(document, self.fieldbook)

    def preview(self, document: Document) -> Content:
        """Return the filled-in fields of a document for the pane at the right."""
        return preview(document, self.fieldbook)

    def grouped(self, documents: Sequence[Document]) -> Sequence[Document | str]:
        """Return the rows of the list: the documents, with headings (texts) between them where a screen has any."""
        return documents

    def open_row(self, key: str) -> None:
        """Open the record of a row."""
        self.feldbuch.opening.record(key)

    def empty_text(self) -> str:
        """Return what stands in the list while it has no rows."""
        return _("Nichts gefunden. Esc hebt die Suche auf.") if self.query_text else _("Hier steht noch nichts. n: neu")

    def new_values(self) -> dict[str, str]:
        """Return what is known of a new record from where the cursor is."""
        return {}

    # Layout

    def content(self) -> ComposeResult:
        """Yield the search line, the table and the preview."""
        with Horizontal(classes="list-body"):
            with Vertical(classes="list-main"):
                yield SearchLine()
                yield VirtualTable()
            if self.PREVIEW:
                with VerticalScroll(classes="list-preview", can_focus=False):
                    yield Static("", markup=False, classes="list-preview-text")

    def on_mount(self) -> None:
        """Fill the list once the screen stands."""
        self.reload()

    def on_screen_resume(self) -> None:
        """Catch up with what was saved while another screen lay above or another place was open."""
        if self._version not in (-1, self.fieldbook.version):
            self._index.forget()
            self.reload()

    def records_changed(self, change: Changed) -> None:
        """Follow a commit that touches this list; nothing is computed while another screen lies above."""
        if change.kinds - {self.KIND}:
            self._index.forget()
        if self.is_current and change.kinds & (self.FOLLOWS or {self.KIND}):
            self.reload()
        super().records_changed(change)

    def heading(self) -> str:
        """Return the name of the list with what is shown of it: "Besuche · 17 von 109 · eigene"."""
        count = self._count
        parts = [self.list_name()]
        parts.append(
            str(count) if count == self.total else _("{count} von {total}").format(count=count, total=self.total)
        )
        if self.own_only:
            parts.append(_("eigene"))
        parts += [chosen.label for chosen in self.filters_on.values()]
        if self.query_text:
            parts.append(f"„{self.query_text}“")
        return " · ".join(parts)

    # Rows

    @property
    def table(self) -> VirtualTable:
        """The table."""
        return self.query_one(VirtualTable)

    def current(self) -> Document | None:
        """Return the document under the cursor."""
        row = self.table.cursor_index
        document = self._things[row] if row is not None and 0 <= row < len(self._things) else ""
        return None if isinstance(document, str) else document

    def reload(self) -> None:
        """Compute the rows anew and keep the cursor on its record."""
        self._version = self.fieldbook.version
        columns = self.columns()
        documents = self._in_order(columns)
        self.total = len(documents)
        if self.own_only:
            documents = [document for document in documents if self.is_own(document)]
        for chosen in self.filters_on.values():
            documents = [document for document in documents if chosen.keep(document)]
        if self.query_text.strip():
            documents = self._found(documents)
        self._count = len(documents)
        self._things = self.grouped(documents)
        rows = Rows(self._things, key=_id, cells=lambda document: [c.cell(document, self.fieldbook) for c in columns])
        self.table.set_source(rows, [column.placed() for column in columns])
        self.table.set_sort(self._order[0], descending=self._order[1])
        self.table.empty_text = self.empty_text()
        self.refresh_lines()
        self._show_preview(self.current())

    def _found(self, documents: list[Document]) -> list[Document]:
        if len(documents) > AT_ONCE and not self._index.ready():
            # The list stays whole until the search is ready: no key waits for it.
            self._prepare()
            return documents
        found = set(self._index.matching(self._version, self.documents, self.query_text))
        return [document for document in documents if document["id"] in found]

    def _first_order(self) -> tuple[str, bool]:
        columns = self.columns()
        wanted = self.SORT.removeprefix("-") or record_class(self.KIND).about.when
        column = next((column for column in columns if column.name == wanted), columns[0])
        return column.name, self.SORT.startswith("-") if self.SORT else column.descending

    def _in_order(self, columns: Sequence[ListColumn]) -> list[Document]:
        wanted = (self.fieldbook.version, self._order)
        if self._ordered[0] != wanted:
            name, descending = self._order
            column = next((column for column in columns if column.name == name), columns[0])
            documents = self.documents()
            self._ordered = (wanted, sorted_by(column, documents, self.fieldbook, descending=descending))
        return self._ordered[1]

    def _show_preview(self, document: Document | None) -> None:
        for pane in self.query(".list-preview-text").results(Static):
            pane.update(self.preview(document) if document is not None else "")

    def on_row_highlighted(self, message: RowHighlighted) -> None:
        """Show the record under the cursor beside the list."""
        del message
        self._show_preview(self.current())

    def on_row_opened(self, message: RowOpened) -> None:
        """Open a record with Enter or a click."""
        self.open_row(message.key)

    # Actions

    def action_open(self) -> None:
        """Open the record under the cursor."""
        document = self.current()
        if document is not None:
            self.open_row(str(document["id"]))

    def action_new(self) -> None:
        """Begin a new record of this list's kind."""
        self.feldbuch.opening.new(self.KIND, **self.new_values())

    def action_search(self) -> None:
        """Open the search line, and get ready for what will be typed."""
        self._prepare()
        self.query_one(SearchLine).begin()

    def _prepare(self) -> None:
        if not any(worker.is_running for worker in self.workers):
            self.run_worker(self._ready())

    async def _ready(self) -> None:
        await self._index.prepare(self._version, self.documents)
        if self.query_text.strip():
            self.reload()

    def on_search_line_typed(self, message: SearchLine.Typed) -> None:
        """Narrow the list to what is being typed."""
        if message.text != self.query_text:
            self.query_text = message.text
            self.reload()

    def on_search_line_left(self) -> None:
        """Go back to the list; the search stays."""
        self.table.focus()

    def action_back(self) -> None:
        """Take the search back; without one, leave."""
        line = self.query_one(SearchLine)
        if line.open:
            line.end()
            self.table.focus()
        else:
            super().action_back()

    def action_own(self) -> None:
        """Switch between own records and all."""
        if not self.own_only and not self.fieldbook.settings.adviser:
            self.feldbuch.say(_("In den Einstellungen (F10) steht noch nicht, wer hier arbeitet."))
            return
        self.own_only = not self.own_only
        self.reload()

    def action_filter(self) -> None:
        """Choose a filter, or take one back."""
        offered = {offer.key: offer for offer in self.filters()}
        if not offered:
            self.feldbuch.say(_("Hier gibt es nichts einzuschränken."))
            return
        active = {chosen.key for chosen in self.filters_on.values()}
        options = [(key, f"✓ {key}" if key in active else key) for key in offered]
        if active:
            options.insert(0, (_CLEAR, _("Alle Filter aufheben")))

        def choose(key: str) -> None:
            if key == _CLEAR:
                self.filters_on.clear()
            elif key in active:
                del self.filters_on[offered[key].group]
            else:
                self.filters_on[offered[key].group] = offered[key]
            self.reload()

        self.feldbuch.opening.pick(_("Filter"), options, choose)

    def action_sort(self) -> None:
        """Choose the column to sort by."""
        options = [(column.name, column.label) for column in self.columns() if column.label]
        self.feldbuch.opening.pick(_("Sortieren nach"), options, self.sort_by, chosen=self._order[0])

    def on_sort_requested(self, message: SortRequested) -> None:
        """Sort by the column whose heading was clicked."""
        self.sort_by(message.column)

    def sort_by(self, name: str) -> None:
        """Sort by a column; by the same one again in the other direction."""
        column = next((column for column in self.columns() if column.name == name), None)
        if column is not None:
            before, descending = self._order
            self._order = (name, not descending if name == before else column.descending)
            self.reload()


def _id(document: Document) -> str:
    return str(document["id"])


def contains(name: str, code: str) -> Callable[[Document], bool]:
    """Return what keeps the documents whose set `name` has `code`."""
    return lambda document: code in document.get(name, ())


def equals(name: str, code: str) -> Callable[[Document], bool]:
    """Return what keeps the documents whose field `name` is `code`."""
    return lambda document: document.get(name) == code
