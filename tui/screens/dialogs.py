"""Small questions above a screen: yes or no, one line of text, text over several lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from models.i18n import _
from tui.commands import Command, bindings
from tui.screens.early_keys import EarlyKeys
from tui.show import shown
from tui.widgets.fields.line import LineField, TextField

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.widget import Widget


class AskScreen(EarlyKeys, ModalScreen[bool]):
    """A question that J or Enter answers with yes, N or Esc with no."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        Command("answer(True)", "enter,j,y", "Ja"),
        Command("answer(False)", "escape,n", "Nein"),
    )
    BINDINGS = bindings(KEYS)
    DEFAULT_CSS = """
    AskScreen { align: center middle; background: $background 60%; }
    AskScreen > Vertical { width: 64; height: auto; border: round $primary; padding: 1 2; background: $surface; }
    AskScreen .answers { color: $text-muted; margin: 1 0 0 0; }
    """

    def __init__(self, question: str, *, yes: str, no: str) -> None:
        """Ask `question`."""
        super().__init__()
        self._question = question
        self._answers = f"Enter {_(yes)}    Esc {_(no)}"

    def compose(self) -> ComposeResult:
        """Show question and answers."""
        with Vertical():
            yield Static(shown(self._question))
            yield Static(shown(self._answers), classes="answers")

    def action_answer(self, yes: bool) -> None:  # noqa: FBT001 - the argument of a binding
        """Close with the answer."""
        self.dismiss(yes)


class AskTextBase(EarlyKeys, ModalScreen[str | None]):
    """A question with a field for its answer, and below it the keys that end it."""

    ANSWERS: ClassVar[str]
    DEFAULT_CSS = """
    AskTextBase { align: center middle; background: $background 60%; }
    AskTextBase > Vertical { border: round $primary; background: $surface; }
    AskTextBase .answers { color: $text-muted; }
    """

    def __init__(self, question: str, value: str = "") -> None:
        """Ask `question`, proposing `value`."""
        super().__init__()
        self._question = question
        self._value = value

    def compose(self) -> ComposeResult:
        """Show question, field and keys."""
        with Vertical():
            yield Static(shown(self._question))
            yield self.field(self._value)
            yield Static(shown(_(self.ANSWERS)), classes="answers")

    def field(self, value: str) -> Widget:
        """Return the field, with `value` in it."""
        raise NotImplementedError


class AskLongTextScreen(AskTextBase):
    """A question that is answered with text over several lines; Strg+S or Esc takes it over, so nothing is lost."""

    KEYS: ClassVar[tuple[Command, ...]] = (Command("take", "ctrl+s,escape", "Übernehmen"),)
    FIRST_FOCUS = "TextField"
    ANSWERS = "Strg+S oder Esc übernehmen"
    BINDINGS = bindings(KEYS)
    DEFAULT_CSS = """
    AskLongTextScreen > Vertical { width: 74; height: 16; padding: 0 1; }
    AskLongTextScreen TextField { height: 1fr; max-height: 100%; background: $panel; }
    """

    def __init__(self, question: str, value: str, keep: Callable[[str], None]) -> None:
        """Ask `question`, proposing `value`; `keep` gets the text where the program ends before the answer."""
        super().__init__(question, value)
        self._keep = keep

    def field(self, value: str) -> Widget:
        """Return a field of several lines."""
        return TextField("answer", value)

    def leaving(self) -> None:
        """Keep the text as it stands."""
        self._keep(self.query_one(TextField).text.strip())

    def action_take(self) -> None:
        """Close with the text."""
        self.dismiss(self.query_one(TextField).text.strip())


class AskTextScreen(AskTextBase):
    """A question that is answered with one line of text; Esc leaves it without an answer."""

    KEYS: ClassVar[tuple[Command, ...]] = (Command("leave", "escape", "Zurück"),)
    FIRST_FOCUS = "LineField"
    ANSWERS = "Enter übernehmen    Esc zurück"
    BINDINGS = bindings(KEYS)
    DEFAULT_CSS = """
    AskTextScreen > Vertical { width: 64; height: auto; padding: 1 2; }
    AskTextScreen .answers { margin: 1 0 0 0; }
    AskTextScreen LineField { margin: 1 0 0 0; background: $panel; }
    """

    def field(self, value: str) -> Widget:
        """Return a field of one line."""
        return LineField("answer", value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip())

    def action_leave(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
