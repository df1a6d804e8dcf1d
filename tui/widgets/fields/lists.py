"""ItemsField and TableField: editors of lists of entries and of mappings, one line an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.i18n import _
from models.present import item_text
from models.records.base import new_id
from models.text import cut
from models.vocabulary import vocabulary
from tui.show import assemble
from tui.widgets.fields.chooser import Chooser

if TYPE_CHECKING:
    from textual import events
    from textual.content import Content

    from models.fields import Items, Table


class RowsField(Chooser):
    """An editor of several lines with a cursor of its own; at its ends the cursor moves on to the next field."""

    DEFAULT_CSS = """
    RowsField { height: auto; }
    """
    cursor = 0

    def rows(self) -> list[str]:
        """Return one text per line."""
        raise AssertionError

    def get_content_height(self, container: Any, viewport: Any, width: int) -> int:
        """Return the number of lines."""
        del container, viewport, width
        return max(1, len(self.rows()))

    def render(self) -> Content:
        """Draw the lines, the one under the cursor marked while the field has the focus."""
        width = max(self.size.width - 2, 1)
        parts: list[tuple[str, str]] = []
        for number, text in enumerate(self.rows()):
            here = self.has_focus and number == self.cursor
            parts.append(("▸ " if here else "  ", ""))
            parts.append((cut(text, width) + "\n", "reverse" if here else ""))
        return assemble(*parts)

    def on_click(self, event: events.Click | None = None) -> None:
        """Go to the line under the mouse and open it."""
        if event is not None:
            self.cursor = min(event.y, len(self.rows()) - 1)
            self.refresh()
        self.pick("")

    def on_key(self, event: events.Key) -> None:
        """Up and down move between the lines."""
        target = self.cursor + {"up": -1, "down": 1}.get(event.key, 0)
        if event.key in ("up", "down") and 0 <= target < len(self.rows()):
            self.cursor = target
            self.refresh()
            event.stop()
            event.prevent_default()
        else:
            super().on_key(event)


class ItemsField(RowsField):
    """A list of entries: Enter edits or adds, Delete takes one out, Space changes the yes/no value of an entry."""

    def __init__(self, field: str, kind: Items, value: Any) -> None:
        """Edit `field`, a list of entries."""
        super().__init__(field, _(kind.label), list(value or ()))
        self._kind = kind
        self._model = kind.model
        self._flag = next((n for n, info in self._model.model_fields.items() if info.annotation is bool), None)

    def text(self) -> str:
        """Return the entries in words."""
        return "; ".join(self.rows())

    def rows(self) -> list[str]:
        """Return one line per entry and the line that adds one."""
        return [*(self._entry_text(entry) for entry in self._value), _("+ hinzufügen")]

    def _entry_text(self, entry: dict[str, Any]) -> str:
        mark = "" if self._flag is None else ("✓ " if entry.get(self._flag, True) else "– ")
        shown = {name: value for name, value in entry.items() if name != self._flag}
        return mark + item_text(shown, self._kind, self.feldbuch.fieldbook)

    def on_key(self, event: events.Key) -> None:
        """Space changes the yes/no value of an entry."""
        if event.key == "space" and self._flag and self.cursor < len(self._value):
            entry = self._value[self.cursor]
            self._replace(self.cursor, {**entry, self._flag: not entry.get(self._flag, True)})
            event.stop()
            event.prevent_default()
        else:
            super().on_key(event)

    def clear(self) -> None:
        """Take out the entry under the cursor."""
        if self.cursor < len(self._value):
            self.choose([entry for number, entry in enumerate(self._value) if number != self.cursor])

    def pick(self, query: str) -> None:
        """Edit the entry under the cursor, or add one that begins with `query`."""
        before, position = list(self._value), self.cursor
        entry = before[position] if position < len(before) else {"id": new_id()}

        def put(entry: dict[str, Any] | None) -> None:
            self.choose(before if entry is None else [*before[:position], entry, *before[position + 1 :]])

        def taken(entry: dict[str, Any]) -> None:
            put(entry)
            self.cursor = position + 1 if position == len(before) else position
            self.refresh()

        self.feldbuch.opening.item(self.label, self._model, entry, taken, typed=query, keep=put)

    def _replace(self, position: int, entry: dict[str, Any]) -> None:
        self.choose([entry if number == position else old for number, old in enumerate(self._value)])


class TableField(RowsField):
    """A mapping from a vocabulary to a vocabulary: one line per key, arrow keys step through the values."""

    def __init__(self, field: str, kind: Table, value: Any) -> None:
        """Edit `field`, a mapping."""
        super().__init__(field, _(kind.label), dict(value or {}))
        self._keys = list(vocabulary(kind.keys))
        self._key_words = vocabulary(kind.keys)
        self._words = vocabulary(kind.values)

    def text(self) -> str:
        """Return the mapping in words."""
        return "; ".join(self.rows())

    def rows(self) -> list[str]:
        """Return one line per key."""
        return [
            f"{self._key_words.label(key)}: {self._words.label(self._value[key]) if self._value.get(key) else '–'}"
            for key in self._keys
        ]

    def on_key(self, event: events.Key) -> None:
        """Left and right step through the values of the key under the cursor."""
        if event.key in ("left", "right"):
            codes = ["", *self._words]
            position = codes.index(self._value.get(self._keys[self.cursor], "")) if self._known() else 0
            self._put(codes[(position + (1 if event.key == "right" else -1)) % len(codes)])
            event.stop()
            event.prevent_default()
        else:
            super().on_key(event)

    def _known(self) -> bool:
        return self._value.get(self._keys[self.cursor], "") in ("", *self._words)

    def _put(self, code: str) -> None:
        changed = {**self._value, self._keys[self.cursor]: code}
        self.choose({key: value for key, value in changed.items() if value})

    def clear(self) -> None:
        """Empty the value of the key under the cursor."""
        self._put("")

    def pick(self, query: str) -> None:
        """Show all values."""
        options = [(code, self._words.label(code)) for code in self._words]
        self.feldbuch.opening.pick(self.rows()[self.cursor].split(":")[0], options, self._put, query=query)
