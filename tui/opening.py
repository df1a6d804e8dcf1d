"""Opening: which screen shows a record, and how the dialogs above the places are opened. Screens are imported on use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from models.i18n import _
from models.present import full_title
from models.records import CONFLICT, UnknownRecord, parse, record_class
from models.records.base import new_id
from tui.finder import Finder
from tui.options import FixedOptions, RecordOptions
from tui.places import PLACES

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

    from models.records import Document
    from models.records.base import Cleaned
    from tui.app import FeldbuchApp
    from tui.exchange_rows import Entry
    from tui.options import Options

_PAGES = {
    "school": ("school_page", "SchoolPage"),
    "authority": ("school_page", "AuthorityPage"),
    "assessment": ("matrix", "MatrixScreen"),
    "meeting": ("minutes", "MinutesScreen"),
    "circle": ("circle_page", "CirclePage"),
}
"""Kinds that have a page of their own; all others open in their form."""

DEMO = "demo"
"""What the settings of the demo region say that it began with."""

CONNECT = "connect"
"""What the first start answers where the team is to come next."""

_TYPED_ON_PAGE = {"assessment": "ratings", "meeting": "agenda"}
"""Kind → the field that is written on the kind's page: a draft with it belongs there."""


class Opening:
    """Opens records, forms and dialogs for one app."""

    def __init__(self, app: FeldbuchApp) -> None:
        """Open things in `app`."""
        self._app = app
        self.finder = Finder(app.fieldbook)

    def _push(
        self,
        module: str,
        name: str,
        *args: Any,
        then: Callable[[Any], None] | None = None,
        **kwargs: Any,
    ) -> None:
        screen: Screen[Any] = getattr(import_module(f"tui.screens.{module}"), name)(*args, **kwargs)
        self._app.push_screen(screen, then)

    def record(self, record_id: str) -> None:
        """Open a record: on its page where its kind has one, else in its form."""
        document = self._app.fieldbook.document(record_id)
        if isinstance(parse(document), UnknownRecord):
            self._app.say(
                _(
                    "Dieser Eintrag lässt sich hier nicht lesen, vielleicht kommt er von einer neueren Version. "
                    "Er bleibt unverändert erhalten."
                ),
                problem=True,
            )
            return
        if document.get("kind") == CONFLICT:
            self._conflict(document)
            return
        page = _PAGES.get(str(document.get("kind", "")))
        if page is None:
            self.form(document)
        else:
            self._once_written(lambda: self._push(*page, record_id))

    def _conflict(self, conflict: Document) -> None:
        from models.resolving import is_open  # noqa: PLC0415 - only conflicts need it

        if is_open(conflict):
            self._push("conflict", "ConflictScreen", conflict["id"])
        else:
            title = full_title(conflict, self._app.fieldbook)
            self._app.say(_("Dieser Konflikt ist gelöst: {title}").format(title=title))

    def exchange(self) -> None:
        """Show how the sync with the server stands, and what waits."""
        self._push("exchange", "ExchangeScreen")

    def parked(self, entry: Entry) -> None:
        """Show what is kept of a record that left."""
        self._push("parked", "ParkedScreen", entry)

    def connect(self) -> None:
        """Connect with the team's server; the demo region never is."""
        if self._app.fieldbook.settings.started == DEMO:
            self._app.say(_("Die Beispielregion ist erfunden und wird mit keinem Server abgeglichen."))
        elif self._app.fieldbook.only_read:
            self._app.say(self._app.fieldbook.only_read, problem=True)
        else:
            self._push("connect", "ConnectScreen")

    def first_sync(self, agreed: bool) -> None:  # noqa: FBT001 - an answer
        """Begin the first sync that somebody was asked about, or leave it for later."""
        if not agreed or not self._app.syncing.now():
            self._app.say(_("Noch nichts gesendet. Strg+R beginnt den ersten Abgleich."))

    def conflicts(self) -> None:
        """Open the list of the conflicts that nobody decided yet."""
        self._push("conflicts", "ConflictsScreen")

    def form(self, document: Document, then: Callable[[str | None], None] | None = None) -> None:
        """Open the form of a stored record; `then` gets the id once it is saved, `None` if it is left.

        A conflict has none: nobody edits it, it is decided.
        """
        if document.get("kind") == CONFLICT:
            self._conflict(document)
            return
        self._once_written(lambda: self._push("form", "FormScreen", document, then=then))

    def _once_written(self, push: Callable[[], None]) -> None:
        # A draft of it may be on its way to the disk, and the screen begins with what is there.
        if self._app.saving.busy:
            # What is typed next is meant for what is being opened.
            self._app.hold_keys()
        self._app.saving.settle(push)

    def new(
        self,
        kind: str,
        then: Callable[[str | None], None] | None = None,
        /,
        **values: Any,
    ) -> None:
        """Open the form of a new record with some values filled in; nothing is written before it is saved."""
        from models.rules.prefill import prefilled  # noqa: PLC0415 - only a new record needs the rules

        if not record_class(kind).about.new:
            self._app.say(_("Konflikte entstehen beim Abgleich; anlegen lässt sich keiner."), problem=True)
            return
        fieldbook = self._app.fieldbook
        filled = prefilled(kind, values, fieldbook)
        self._push(
            "form",
            "FormScreen",
            {"id": new_id(), "kind": kind, **filled},
            then=then,
            new=True,
        )

    def draft(self, draft: Document) -> None:
        """Go on with a draft: on the page that it was typed on, else in the form."""
        kind = str(draft["kind"])
        stored = self._app.fieldbook.by_key(kind, str(draft["id"]))
        if stored is not None and _TYPED_ON_PAGE.get(kind) in draft["values"]:
            self.record(str(draft["id"]))
        else:
            self.form({"id": draft["id"], "kind": kind})

    def recover_drafts(self) -> None:
        """Ask, after a crash, whether to go on with the latest draft."""
        latest = next((draft for draft in self._app.fieldbook.drafts() if not draft.get("left")), None)
        if latest is None:
            return
        one = record_class(str(latest["kind"])).about.one
        self.ask(
            _(
                "Das Feldbuch wurde nicht ordentlich beendet. Der Entwurf „{title}“ ({one}) ist da. Weiterschreiben?"
            ).format(title=latest["title"], one=_(one)),
            lambda yes: self.draft(latest) if yes else None,
        )

    def ask(
        self,
        question: str,
        then: Callable[[bool], None],
        *,
        yes: str = "Ja",
        no: str = "Nein",
    ) -> None:
        """Ask a question that is answered with yes or no."""
        self._push(
            "dialogs",
            "AskScreen",
            question,
            then=lambda answer: then(bool(answer)),
            yes=yes,
            no=no,
        )

    def ask_text(self, question: str, then: Callable[[str], None], value: str = "") -> None:
        """Ask for one line of text; `then` is not called if the question is left."""
        self._push(
            "dialogs",
            "AskTextScreen",
            question,
            value,
            then=lambda answer: then(answer) if answer is not None else None,
        )

    def ask_long_text(self, question: str, then: Callable[[str], None], value: str = "") -> None:
        """Ask for text over several lines; `then` is not called if the question is left."""
        self._push(
            "dialogs",
            "AskLongTextScreen",
            question,
            value,
            then,
            then=lambda answer: then(answer) if answer is not None else None,
        )

    def pick(
        self,
        title: str,
        options: list[tuple[str, str]],
        then: Callable[[str], None],
        *,
        chosen: str = "",
        query: str = "",
    ) -> None:
        """Let one of `options` (key, text) be picked with search as you type."""
        self._picker(FixedOptions(options), title, _first(then), chosen=[chosen] if chosen else [], query=query)

    def pick_many(
        self,
        title: str,
        options: list[tuple[str, str]],
        then: Callable[[list[str]], None],
        *,
        chosen: list[str],
        query: str = "",
        free: bool = False,
    ) -> None:
        """Let any number of `options` be picked; `free` takes words that are not among them too."""
        self._picker(FixedOptions(options), title, then, chosen=chosen, query=query, several=True, free=free)

    def pick_record(self, title: str, kinds: str, then: Callable[[str], None], *, query: str = "") -> None:
        """Let a record of one of `kinds` be picked; `then` gets what others refer to it by."""
        self._picker(RecordOptions(self.finder, kinds.split()), title, _first(then), chosen=[], query=query)

    def pick_records(
        self, title: str, kinds: str, then: Callable[[list[str]], None], *, chosen: list[str], query: str = ""
    ) -> None:
        """Let any number of records be picked."""
        options = RecordOptions(self.finder, kinds.split())
        self._picker(options, title, then, chosen=chosen, query=query, several=True)

    def _picker(self, options: Options, title: str, then: Callable[[list[str]], None], **kwargs: Any) -> None:
        def picked(answer: list[str] | None) -> None:
            if answer is not None:
                then(answer)

        self._push("picker", "PickerScreen", title, options, then=picked, **kwargs)

    def item(
        self,
        title: str,
        model: type[Cleaned],
        entry: dict[str, Any],
        then: Callable[[dict[str, Any]], None],
        *,
        typed: str = "",
        keep: Callable[[dict[str, Any] | None], None] | None = None,
    ) -> None:
        """Edit one entry of a list; `then` gets it once it is taken over.

        `keep` gets what is readable of it while it is typed, for a draft, and `None` when it is left as it was.
        """

        def closed(answer: dict[str, Any] | None) -> None:
            if answer is not None:
                then(answer)
            elif keep is not None:
                keep(None)

        self._push("item", "ItemScreen", title, model, entry, typed=typed, keep=keep, then=closed)

    def settings(self) -> None:
        """Open the settings."""
        self._push("settings", "SettingsScreen")

    def palette(self) -> None:
        """Find any action and any record."""
        from tui.palette import Everything  # noqa: PLC0415 - asked for, not needed at start

        everything = Everything(self._app, self._app.screen)
        self._picker(everything, _("Alles finden"), _first(everything.do), chosen=[])

    def over_time(self, subject: str) -> None:
        """Show all assessments of one school or authority side by side."""
        self._push("comparison", "OverTimeScreen", subject)

    def overview(self, then: Callable[[str], None], *shown: Any) -> None:
        """Show one assessment by section; `then` gets the criterion that is chosen there."""
        self._push("overview", "OverviewScreen", *shown, then=lambda chosen: then(chosen) if chosen else None)

    def attendance(self, record_id: str) -> None:
        """Open the attendance list of a meeting."""
        self._push("attendance", "AttendanceScreen", record_id)

    def head_counts(self, record_id: str) -> None:
        """Open the head counts of a training."""
        self._push("attendance", "HeadCountScreen", record_id)

    def circles(self) -> None:
        """Open the list of circles."""
        self._push("register", "RegisterScreen", "circle")

    def comparison(self, authority: str) -> None:
        """Show the assessments of an authority's schools side by side."""
        self._push("comparison", "ComparisonScreen", authority)

    def register(self, kind: str) -> None:
        """Open the list of all records of a kind; of conflicts those that are open."""
        if kind == CONFLICT:
            self.conflicts()
            return
        place = next((place for place in PLACES if kind in place.kinds), None)
        if place is None:
            self._push("register", "RegisterScreen", kind)
        else:
            self._app.action_place(place.name)

    def first_start(self) -> None:
        """Ask how to begin, whether to encrypt, and connect with the team where that was asked for."""

        def begun(answer: str | None) -> None:
            protection = self._app.protection
            go_on = self.connect if answer == CONNECT else _nothing
            if protection is not None and not protection.encrypted:
                self._push("encryption_offer", "EncryptionOfferScreen", protection, then=lambda _answer: go_on())
            else:
                go_on()

        self._push("first_start", "FirstStartScreen", then=begun)

    def encryption(self) -> None:
        """Show whether the data are encrypted, and what changes it."""
        self._push("encryption", "EncryptionScreen")


def _first(then: Callable[[str], None]) -> Callable[[list[str]], None]:
    return lambda answer: then(answer[0] if answer else "")


def _nothing() -> None:
    pass
