"""VisitsScreen (F4): visits and consultations in one list, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from models.dates import show_date
from models.i18n import _
from models.present import name_of, present
from models.records import record_class
from models.rules.visits import day_of
from models.vocabulary import vocabulary
from tui.columns import ListColumn
from tui.commands import Command
from tui.screens.list_room import Filter, ListRoom, contains, equals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from models.present import Lookup
    from models.records import Document

KINDS = ("visit", "consultation")


class VisitsScreen(ListRoom):
    """All visits and consultations."""

    KIND = "visit"
    PLACE: ClassVar[str] = "visits"
    SORT = "-date"
    FOLLOWS: ClassVar[frozenset[str]] = frozenset({*KINDS, "school", "authority"})
    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("new", "n", "Besuch", "Besuch anlegen"),
        Command("new_consultation", "c", "Beratung", "Beratung anlegen"),
        Command("continue", "w", "Fortschreiben", "Besuch mit den Angaben vom letzten Mal beginnen", footer=False),
    )
    HELP_TEXT = (
        "Besuche und Beratungen, die neuesten zuerst. n legt einen Besuch an, c eine Beratung, w beginnt einen Besuch "
        "mit den Angaben vom letzten Mal. Geplante Besuche (○) werden beim Öffnen durchgeführt, verschoben oder abgesagt."
    )

    def documents(self) -> Sequence[Document]:
        """Return visits and consultations."""
        return [document for kind in KINDS for document in self.fieldbook.documents(kind)]

    def list_name(self) -> str:
        """Return the name of the place."""
        return _("Besuche und Beratungen")

    def columns(self) -> Sequence[ListColumn]:
        """Return the columns that both kinds can fill."""
        return (
            ListColumn("date", _("Datum"), 13, _day, lambda document, _lookup: document.get("date"), descending=True),
            ListColumn("kind", _("Art"), 9, _kind),
            ListColumn("subject", _("Bei"), 30, _subject),
            ListColumn("status", _("Stand"), 20, _status),
            ListColumn("topics", _("Themen"), 24, _topics),
            ListColumn("adviser", _("Wer"), 16, _adviser),
        )

    def filters(self) -> Iterable[Filter]:
        """Return kind, state and topic."""
        for kind in KINDS:
            yield Filter(_("Art"), _(record_class(kind).about.one), equals("kind", kind))
        yield from super().filters()
        for topic in vocabulary("topic"):
            yield Filter(
                _("Thema"),
                vocabulary("topic").label(topic),
                contains("topics", topic),
            )

    def action_new_consultation(self) -> None:
        """Begin a consultation."""
        self.feldbuch.opening.new("consultation")

    def action_continue(self) -> None:
        """Begin a visit with the values of the one under the cursor."""
        document = self.current()
        if document is None or document["kind"] != "visit":
            self.feldbuch.say(_("Fortschreiben geht von einem Besuch aus."))
            return
        from models.rules.prefill import continued  # noqa: PLC0415 - asked for, not needed for the list

        self.feldbuch.opening.new("visit", None, **continued(document, self.fieldbook))


def _day(document: Document, _lookup: Lookup) -> str:
    day = day_of(document, "date")
    return show_date(day) if day else ""


def _kind(document: Document, _lookup: Lookup) -> str:
    return _(record_class(str(document["kind"])).about.one)


def _subject(document: Document, lookup: Lookup) -> str:
    about = record_class(str(document["kind"])).about
    return present(record_class(str(document["kind"])).kinds()[about.subject], document.get(about.subject), lookup)


def _status(document: Document, lookup: Lookup) -> str:
    model = record_class(str(document["kind"]))
    kind = model.kinds()[model.about.status]
    code = str(document.get(model.about.status, ""))
    sign = vocabulary(getattr(kind, "vocabulary", "")).sign(code)
    return f"{sign} {present(kind, code, lookup)}".strip()


def _topics(document: Document, lookup: Lookup) -> str:
    return present(record_class(str(document["kind"])).kinds()["topics"], document.get("topics"), lookup)


def _adviser(document: Document, lookup: Lookup) -> str:
    return name_of("adviser", str(document["adviser"]), lookup) if document.get("adviser") else ""
