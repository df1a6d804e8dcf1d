"""Choosers: one-line editors that pick from a vocabulary or from records, drawn by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.widget import Widget

from models.i18n import _
from models.present import name_of
from models.text import cells, cut, fold
from models.vocabulary import vocabulary
from tui.show import line
from tui.widgets.fields.editor import Edited

if TYPE_CHECKING:
    from textual import events
    from textual.content import Content

    from models.fields import Choice, Reference, References, Tags
    from tui.app import FeldbuchApp


class Chooser(Widget, can_focus=True):
    """A one-line editor whose value is picked; typing opens the picker with what was typed."""

    DEFAULT_CSS = """
    Chooser { width: 1fr; height: 1; background: $surface; }
    Chooser:focus { background: $panel; text-style: bold; }
    """
    ALLOW_SELECT = False
    title: ClassVar[str] = ""

    def __init__(self, field: str, label: str, value: Any) -> None:
        """Edit `field`, which is called `label`, showing `value`."""
        super().__init__()
        self.field = field
        self.label = label
        self._value = value

    @property
    def feldbuch(self) -> FeldbuchApp:
        """The app, typed."""
        return cast("FeldbuchApp", self.app)

    def entered(self) -> Any:
        """Return the value that is picked."""
        return self._value

    def enter(self, value: Any) -> None:
        """Show `value`."""
        self._value = value
        self.refresh(layout=True)

    def choose(self, value: Any) -> None:
        """Take a value that a person picked."""
        if value != self._value:
            self.enter(value)
            self.post_message(Edited(self))

    def text(self) -> str:
        """Return the value in words."""
        raise AssertionError

    def render(self) -> Content:
        """Draw the value and the sign that more can be picked."""
        return line(cut(self.text(), max(self.size.width - 2, 1)) + " ▾")

    def on_click(self) -> None:
        """Open the picker."""
        self.pick("")

    def on_key(self, event: events.Key) -> None:
        """Enter and letters open the picker, Backspace and Delete empty the field."""
        if self.app.screen is not self.screen:
            # The picker is opening: what is typed is meant for it, and gets there by the screen.
            return
        if event.key in ("enter", "space"):
            self.pick("")
        elif event.key in ("backspace", "delete"):
            self.clear()
        elif event.is_printable and event.character and event.character != "?":
            self.typed(event.character)
        else:
            return
        event.stop()
        event.prevent_default()

    def typed(self, character: str) -> None:
        """React to a letter: open the picker with it."""
        self.pick(character)

    def clear(self) -> None:
        """Empty the field."""
        self.choose("")

    def pick(self, query: str) -> None:
        """Open the picker, searching for `query`."""
        raise AssertionError(query)


class ChoiceField(Chooser):
    """One member of a vocabulary: arrow keys step through it, a letter jumps, Enter shows all of it."""

    def __init__(self, field: str, kind: Choice, value: Any) -> None:
        """Edit `field` of a `Choice` kind."""
        super().__init__(field, _(kind.label), value or "")
        self._words = vocabulary(kind.vocabulary)

    def text(self) -> str:
        """Return the label."""
        return self._words.label(str(self._value)) if self._value else "–"

    def on_key(self, event: events.Key) -> None:
        """Left and right step through the vocabulary."""
        if event.key in ("left", "right"):
            self._step(1 if event.key == "right" else -1)
            event.stop()
            event.prevent_default()
        else:
            super().on_key(event)

    def _step(self, by: int) -> None:
        codes = list(self._words)
        position = codes.index(self._value) + by if self._value in codes else (0 if by > 0 else -1)
        self.choose(codes[position % len(codes)])

    def typed(self, character: str) -> None:
        """Jump to the next member whose label begins with the letter; no such member opens the picker."""
        codes = list(self._words)
        start = codes.index(self._value) + 1 if self._value in codes else 0
        for code in codes[start:] + codes[:start]:
            if fold(self._words.label(code)).startswith(fold(character)):
                self.choose(code)
                return
        self.pick("")

    def pick(self, query: str) -> None:
        """Show the whole vocabulary."""
        options = [(code, self._words.label(code)) for code in self._words]
        self.feldbuch.opening.pick(self.label, options, self.choose, chosen=str(self._value), query=query)


class TagsField(Chooser):
    """A set of members of a vocabulary, or of free words."""

    DEFAULT_CSS = """
    TagsField { height: auto; min-height: 1; max-height: 4; }
    """

    def __init__(self, field: str, kind: Tags, value: Any) -> None:
        """Edit `field` of a `Tags` kind."""
        super().__init__(field, _(kind.label), sorted(value or ()))
        self._words = vocabulary(kind.vocabulary) if kind.vocabulary else None

    def text(self) -> str:
        """Return the members in words."""
        chosen = self._words.sorted(self._value) if self._words else sorted(self._value)
        return " ".join(f"[{self._words.label(code) if self._words else code}]" for code in chosen) or "–"

    def render(self) -> Content:
        """Draw the members over as many lines as they need."""
        return line(self.text() + " ▾")

    def get_content_height(self, container: Any, viewport: Any, width: int) -> int:
        """Return how many lines the members need in `width` cells."""
        del container, viewport
        return max(1, -(-cells(self.text() + " ▾") // max(width - 12, 1))) if cells(self.text()) > width - 2 else 1

    def clear(self) -> None:
        """Take the last member out."""
        self.choose(list(self._value)[:-1])

    def choose(self, value: Any) -> None:
        """Take the picked members."""
        super().choose(sorted(value or ()))

    def pick(self, query: str) -> None:
        """Pick members; a set of free words offers those that are there and takes new ones."""
        codes = list(self._words) if self._words else sorted(self._value)
        options = [(code, self._words.label(code) if self._words else code) for code in codes]
        unknown = [(code, code) for code in self._value if code not in codes]
        self.feldbuch.opening.pick_many(
            self.label, options + unknown, self.choose, chosen=list(self._value), query=query, free=self._words is None
        )


class ReferenceField(Chooser):
    """One other record, found with search as you type."""

    def __init__(self, field: str, kind: Reference, value: Any) -> None:
        """Edit `field` of a `Reference` kind."""
        super().__init__(field, _(kind.label), value or "")
        self._to = kind.to

    def text(self) -> str:
        """Return the record's name."""
        book, key = self.feldbuch.fieldbook, str(self._value or "")
        draft = book.draft(key)
        if draft is not None and not any(book.by_key(kind, key) for kind in self._to.split()):
            return _("Entwurf {title}").format(title=draft["title"])
        return name_of(self._to, key, book) if key else "–"

    def pick(self, query: str) -> None:
        """Search among the records of the kinds that fit."""
        self.feldbuch.opening.pick_record(self.label, self._to, self.choose, query=query)


class ReferencesField(Chooser):
    """A set of other records."""

    def __init__(self, field: str, kind: References, value: Any) -> None:
        """Edit `field` of a `References` kind."""
        super().__init__(field, _(kind.label), sorted(value or ()))
        self._to = kind.to

    def text(self) -> str:
        """Return the records' names."""
        return ", ".join(name_of(self._to, key, self.feldbuch.fieldbook) for key in self._value) or "–"

    def clear(self) -> None:
        """Take the last record out."""
        self.choose(list(self._value)[:-1])

    def choose(self, value: Any) -> None:
        """Take the picked records."""
        super().choose(sorted(value or ()))

    def pick(self, query: str) -> None:
        """Search among the records of the kinds that fit."""
        self.feldbuch.opening.pick_records(self.label, self._to, self.choose, chosen=list(self._value), query=query)
