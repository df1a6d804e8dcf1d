"""FieldRow: one field of a form: its label, its editor, the last value beside it, and what is wrong below it."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any, cast

from textual.widget import Widget

from models.fields import Choice, Items, Kind, Reference, References, Table, Tags, Text, Value
from models.forms import Form
from models.i18n import _
from models.text import cut
from tui.show import assemble
from tui.widgets.fields.chooser import ChoiceField, ReferenceField, ReferencesField, TagsField
from tui.widgets.fields.line import LineField, TextField
from tui.widgets.fields.lists import ItemsField, TableField

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.content import Content

    from tui.widgets.fields.editor import Editor

LABEL_WIDTH = 20
ASIDE_NARROW = 22
ASIDE_WIDE = 44


def editor_for(form: Form, name: str, kind: Kind) -> Widget:
    """Return the editor that a field's kind asks for, showing what the form has for it."""
    value = form.get(name)
    match kind:
        case Text():
            return TextField(name, str(value or ""))
        case Choice():
            return ChoiceField(name, kind, value)
        case Tags():
            return TagsField(name, kind, value)
        case Reference():
            return ReferenceField(name, kind, value)
        case References():
            return ReferencesField(name, kind, value)
        case Items():
            return ItemsField(name, kind, value)
        case Table():
            return TableField(name, kind, value)
        case Value():
            return LineField(name, str(value or ""))
        case _:
            raise TypeError(type(kind).__name__)


class FieldRow(Widget):
    """A row of a form. It draws label, aside and message itself, so that a field costs two widgets, not five."""

    DEFAULT_CSS = f"""
    FieldRow {{ height: auto; layout: horizontal; }}
    FieldRow > * {{ margin: 0 {ASIDE_NARROW} 0 {LABEL_WIDTH}; }}
    .-wide FieldRow > * {{ margin: 0 {ASIDE_WIDE} 0 {LABEL_WIDTH}; }}
    """
    ALLOW_SELECT = False

    def __init__(self, form: Form, name: str, kind: Kind, previous: str) -> None:
        """Show field `name` of `form` with the value of last time beside it."""
        super().__init__()
        self.field = name
        self._kind = kind
        self._previous = previous
        self._message = ""
        self._severity = ""
        self._editor = editor_for(form, name, kind)

    @property
    def editor(self) -> Editor:
        """The field's editor."""
        return cast("Editor", self._editor)

    @property
    def has_message(self) -> bool:
        """Whether something is said below the field."""
        return bool(self._message)

    def compose(self) -> ComposeResult:
        """Lay out the editor."""
        yield self._editor

    def say(self, message: str, severity: str = "error") -> None:
        """Show a message below the field, or none."""
        if (message, severity) == (self._message, self._severity):
            return
        self._message, self._severity = message, severity
        self.styles.padding = (0, 0, len(self._message_lines()), 0)
        self.refresh(layout=True)

    def _message_lines(self) -> list[str]:
        width = max((self.size.width or 80) - LABEL_WIDTH - 3, 20)
        return wrap(self._message, width) if self._message else []

    def _aside(self, height: int, width: int) -> list[str]:
        if self._previous:
            return wrap(_("zuletzt: {value}").format(value=self._previous.replace("\n", " ")), width)[:height]
        if self._editor.has_focus and self._kind.help:
            return wrap(_(self._kind.help), width)[: max(height, 1)]
        return []

    def render(self) -> Content:
        """Draw label, aside and message; the editor lies over its own part."""
        width = self.size.width
        aside_width = (ASIDE_WIDE if self.screen.has_class("-wide") else ASIDE_NARROW) - 2
        height = self._editor.outer_size.height or 1
        aside = self._aside(height, aside_width)
        label = cut(_(self._kind.label), LABEL_WIDTH - 2)
        parts: list[tuple[str, Any]] = []
        for number in range(height):
            left = f" {label}" if number == 0 else ""
            style = "bold" if self._editor.has_focus else "$text-muted"
            parts.append((left.ljust(width - aside_width - 1), style))
            text = aside[number] if number < len(aside) else ""
            if number == height - 1 and self._clipped(aside_width, height):
                text = cut(text, aside_width - 1).rstrip("…") + "…"
            parts.append((f" {text}".ljust(aside_width + 1) + "\n", "$text-muted"))
        sign = "!" if self._severity == "error" else "·"
        for text in self._message_lines():
            parts.append((f"{' ' * LABEL_WIDTH}{sign} {text}\n", f"${self._severity}"))
        return assemble(*parts)

    def _clipped(self, width: int, height: int) -> bool:
        return bool(self._previous) and len(wrap(_("zuletzt: {value}").format(value=self._previous), width)) > height

    def on_descendant_focus(self) -> None:
        """Show label and help as those of the field in use."""
        self.refresh()

    def on_descendant_blur(self) -> None:
        """Show label as one among others again."""
        self.refresh()
