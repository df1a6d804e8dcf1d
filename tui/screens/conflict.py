"""ConflictScreen: one conflict, both versions side by side, and the keys that decide it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from models.i18n import _
from models.resolving import (
    KEPT,
    OTHER,
    changed_since,
    is_long_text,
    is_open,
    resolve,
    side_text,
    value_to_edit,
)
from models.rules.conflict_places import place_text
from models.rules.word_diff import both_texts
from tui.commands import Command
from tui.conflict_text import decided_elsewhere, marked_side, met_text, other_text
from tui.screens.conflicts import gone_text, record_title
from tui.screens.room import Room
from tui.show import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from models.fieldbook import Changed, Fieldbook
    from models.records import Document


class ConflictScreen(Room):
    """Closes once the conflict is decided, here or by somebody else."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("keep", "k", "Es gilt", "Lassen, was gilt, und die andere Fassung verwerfen", holds=True),
        Command("other", "o", "Andere", "Die andere Fassung nehmen", holds=True),
        Command("both", "b", "Beide", "Beide Fassungen in den Text nehmen", holds=True),
        Command("edit", "e", "Bearbeiten", "Selbst schreiben, was gelten soll"),
        Command("record", "enter", "Eintrag", "Den Eintrag öffnen, um den es geht"),
        Command("back", "escape", "Zurück", "Zurück; der Konflikt bleibt offen"),
    )
    HELP_TEXT = (
        "Zwei Personen haben dieselbe Stelle verschieden geändert. Wörter, die nur in einer Fassung stehen, sind mit «…» "
        "bezeichnet. k lässt, was gilt; o nimmt die andere Fassung; b nimmt bei Texten beide; e lässt selbst schreiben. "
        "Strg+Z nimmt eine Entscheidung zurück, solange sie nicht übertragen ist."
    )
    FIRST_FOCUS = "VerticalScroll"
    DEFAULT_CSS = """
    ConflictScreen VerticalScroll { height: 1fr; padding: 0 1; }
    ConflictScreen .conflict-met { color: $primary; text-style: bold; margin: 1 0; }
    ConflictScreen Horizontal { height: auto; }
    ConflictScreen .conflict-side { width: 1fr; height: auto; padding: 0 1; border-left: vkey $panel; }
    ConflictScreen .conflict-name { text-style: bold; }
    ConflictScreen .conflict-about { color: $text-muted; margin: 0 0 1 0; }
    ConflictScreen #conflict-now { color: $warning; margin: 1 0 0 0; }
    ConflictScreen #conflict-base, ConflictScreen #conflict-keys { color: $text-muted; margin: 0 0 1 0; }
    """

    def __init__(self, conflict_id: str) -> None:
        """Show the conflict with this id."""
        super().__init__()
        self._conflict_id = conflict_id
        self._deciding = self._left = False

    @property
    def conflict(self) -> Document:
        """The conflict as it stands here; empty where it left."""
        return self.fieldbook.peek(self._conflict_id) or {}

    def heading(self) -> str:
        """Return which record it is about."""
        return _("Konflikt · {title}").format(title=record_title(self.conflict, self.fieldbook))

    def content(self) -> ComposeResult:
        """Yield both versions."""
        with VerticalScroll():
            yield Static("", id="conflict-met", classes="conflict-met")
            with Horizontal():
                with Vertical(classes="conflict-side"):
                    yield Static(shown(_("k  Es gilt")), classes="conflict-name")
                    yield Static(shown(_("steht im Eintrag") + "\n"), classes="conflict-about")
                    yield Static("", id="conflict-kept")
                with Vertical(classes="conflict-side"):
                    yield Static(shown(_("o  Andere Fassung")), classes="conflict-name")
                    yield Static("", id="conflict-about", classes="conflict-about")
                    yield Static("", id="conflict-other")
            yield Static("", id="conflict-now")
            yield Static("", id="conflict-base")
            yield Static("", id="conflict-keys")

    def on_mount(self) -> None:
        """Fill both sides."""
        self._show()

    def _show(self) -> None:
        conflict, fieldbook = self.conflict, self.fieldbook
        self.query_one("#conflict-met", Static).update(shown(met_text(conflict)))
        self.query_one("#conflict-kept", Static).update(marked_side(conflict, KEPT, fieldbook))
        self.query_one("#conflict-other", Static).update(marked_side(conflict, OTHER, fieldbook))
        self.query_one("#conflict-about", Static).update(shown(other_text(conflict, fieldbook)))
        now = changed_since(conflict, fieldbook)
        since = _("! Inzwischen steht im Eintrag: {text}").format(text=now) if now is not None else ""
        self.query_one("#conflict-now", Static).update(shown(since))
        base = side_text(conflict, "base", fieldbook) if conflict.get("base") is not None else ""
        before = _("Davor: {text}").format(text=base) if base else ""
        self.query_one("#conflict-base", Static).update(shown(before))
        self.query_one("#conflict-keys", Static).update(shown(self._other_keys()))
        self.refresh_lines()

    def _other_keys(self) -> str:
        """Return what else can be done than choosing a side."""
        both = [_("b  beide Fassungen")] if self._both_texts() else []
        return "    ".join([*both, _("e  selbst schreiben"), _("Enter  Eintrag öffnen")])

    # Decided elsewhere

    def on_screen_resume(self) -> None:
        """Look whether somebody decided it while another screen lay above."""
        super().on_screen_resume()
        # In a later turn: this screen is being shown in this one.
        self.call_later(self._leave_if_decided)

    def records_changed(self, change: Changed) -> None:
        """Follow a commit: what was decided elsewhere is told and closed."""
        self._leave_if_decided()
        super().records_changed(change)

    def _leave_if_decided(self) -> None:
        conflict = self.conflict
        if (conflict and is_open(conflict)) or self._deciding or self._left or not self.is_active:
            return
        self._left = True
        if not conflict:
            self.feldbuch.say(_("Der Eintrag zu diesem Konflikt gehört nicht mehr zu diesem Zugang."))
        elif decided_elsewhere(conflict, self.fieldbook):
            self.feldbuch.say(gone_text(conflict, self.fieldbook))
        self.dismiss(None)

    # Deciding

    def action_keep(self) -> None:
        """Leave the record as it is."""
        self._decide(KEPT)

    def action_other(self) -> None:
        """Take the other version."""
        self._decide(OTHER)

    def action_both(self) -> None:
        """Take both versions of a text."""
        texts = self._both_texts()
        if texts is None:
            self.feldbuch.say(_("Beide Fassungen zugleich gehen nur bei Texten. k oder o wählt eine."))
        else:
            self._decide(both_texts(*texts), typed=True)

    def _both_texts(self) -> tuple[str, str] | None:
        conflict = self.conflict
        kept, other = conflict.get(KEPT), conflict.get(OTHER)
        if conflict.get("rule") == "text" and isinstance(kept, str) and isinstance(other, str):
            return kept, other
        return None

    def action_edit(self) -> None:
        """Let what is to hold be typed; where that cannot be done here, open the record."""
        conflict = self.conflict
        value = value_to_edit(self.fieldbook, conflict)
        if value is None:
            self.action_record()
            self.feldbuch.say(_("Das lässt sich im Eintrag selbst ändern; danach schließt k den Konflikt ab."))
        else:
            self._ask(value, value)

    def _ask(self, before: str, text: str) -> None:
        def typed(answer: str) -> None:
            if answer.strip() == before.strip():
                self.feldbuch.say(_("Nichts geändert, der Konflikt bleibt offen. k lässt, was gilt."))
            else:
                self._decide(answer, typed=True, again=lambda: self._ask(before, answer))

        opening = self.feldbuch.opening
        ask = opening.ask_long_text if is_long_text(self.conflict) else opening.ask_text
        ask(place_text(self.conflict), typed, text)

    def action_record(self) -> None:
        """Open the record that it is about."""
        self.feldbuch.opening.record(str(self.conflict.get("record", "")))

    def _decide(self, answer: str, *, typed: bool = False, again: Callable[[], None] | None = None) -> None:
        if self._deciding or self._left:
            return
        self._deciding = True

        def failed() -> None:
            self._deciding = False
            if again is not None:
                again()

        self.saving.do(
            partial(decide, self.fieldbook, self._conflict_id, answer, typed=typed), self._decided, failed=failed
        )

    def _decided(self, was_open: bool) -> None:  # noqa: FBT001 - what the work returned
        self._deciding = False
        if was_open:
            place = place_text(self.conflict)
            self.feldbuch.say(_("Gelöst: {place}. Strg+Z nimmt es zurück.").format(place=place))
        self._leave_if_decided()


def decide(fieldbook: Fieldbook, conflict_id: str, answer: str, *, typed: bool = False) -> bool:
    """Decide a conflict unless somebody did meanwhile; returns whether it was open. Raises as `resolve`."""
    with fieldbook.alone():
        conflict = fieldbook.peek(conflict_id)
        if conflict is None or not is_open(conflict):
            return False
        resolve(fieldbook, conflict, answer, typed=typed)
        return True
