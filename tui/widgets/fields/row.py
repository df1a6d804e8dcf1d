"""FieldRow: one field of a form: its label, its editor, the last value beside it, and what is wrong below it."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any, cast

from textual.widget import Widget

from models.fields import Choice, Items, Kind, Reference, References, Table, Tags, Text, Value
from models.forms import Form
from models.i18n import _
from models.text import cells, cut
from tui.show import assemble, shown
from tui.widgets.fields.chooser import ChoiceField, ReferenceField, ReferencesField, TagsField
from tui.widgets.fields.line import LineField, TextField
from tui.widgets.fields.lists import ItemsField, TableField

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.content import Content

    from tui.widgets.fields.editor import Editor

LABEL_WIDTH = 22
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
            # A date or a number is written anew; a text is written on.
            return LineField(name, str(value or ""), replaced=form.type_of(name) is not str)
        case _:
            raise TypeError(type(kind).__name__)


class MessageLine(Widget):
    """What is wrong with a field, or unusual: a sign and a sentence below its editor, over as many lines as it needs."""

    DEFAULT_CSS = """
    MessageLine { width: 1fr; height: auto; }
    MessageLine.error { color: $error; }
    MessageLine.warning { color: $warning; }
    """
    ALLOW_SELECT = False

    def __init__(self, message: str, severity: str) -> None:
        """Say `message` as an error or a warning."""
        super().__init__(classes=severity)
        self._text = f"{'!' if severity == 'error' else '·'} {message}"

    def render(self) -> Content:
        """Draw the sentence."""
        return shown(self._text)


class FieldRow(Widget):
    """A row of a form. It draws label and aside itself, so that a field costs two widgets, not four."""

    DEFAULT_CSS = f"""
    FieldRow {{ height: auto; layout: vertical; }}
    FieldRow > * {{ margin: 0 {ASIDE_NARROW} 0 {LABEL_WIDTH}; }}
    .-wide FieldRow > * {{ margin: 0 {ASIDE_WIDE} 0 {LABEL_WIDTH}; }}
    FieldRow.-alone > *, .-wide FieldRow.-alone > * {{ margin: 0 1 0 {LABEL_WIDTH}; }}
    FieldRow > MessageLine {{ margin: 0 1 0 {LABEL_WIDTH}; }}
    .-wide FieldRow > MessageLine {{ margin: 0 1 0 {LABEL_WIDTH}; }}
    """
    # The screen's class stands outside of the row, where scoped rules would not look.
    SCOPED_CSS = False
    ALLOW_SELECT = False

    def __init__(self, form: Form, name: str, kind: Kind, previous: str) -> None:
        """Show field `name` of `form` with the value of last time beside it."""
        super().__init__()
        self.field = name
        self.kind = kind
        self._previous = previous
        self._message = ""
        self._severity = ""
        self._editor = editor_for(form, name, kind)
        # Lists and long texts that have nothing beside them take the whole width.
        self.set_class(isinstance(kind, Items | Text) and not previous and not kind.help, "-alone")

    @property
    def editor(self) -> Editor:
        """The field's editor."""
        return cast("Editor", self._editor)

    @property
    def has_message(self) -> bool:
        """Whether something is said below the field."""
        return bool(self._message)

    @property
    def has_remark(self) -> bool:
        """Whether what is said below the field is a remark and no problem."""
        return self.has_message and self._severity == "warning"

    def compose(self) -> ComposeResult:
        """Lay out the editor."""
        yield self._editor

    def say(self, message: str, severity: str = "error") -> None:
        """Show a message below the field, or none."""
        if (message, severity) == (self._message, self._severity):
            return
        self._message, self._severity = message, severity
        for line in self.query(MessageLine):
            line.remove()
        if message:
            self.mount(MessageLine(message, severity))

    def _aside(self, height: int, width: int) -> list[str]:
        text = ""
        if self._previous:
            text = _("zuletzt: {value}").format(value=" ".join(self._previous.split()))
        elif self._editor.has_focus:
            text = _(self.kind.help)
        lines = [cut(line, width) for line in wrap(text, width, break_long_words=False)]
        # What does not fit fills its last line to the end, with an ellipsis.
        return lines if len(lines) <= height else [*lines[: height - 1], cut(" ".join(lines[height - 1 :]), width)]

    def _label(self) -> str:
        label = _(self.kind.label)
        if cells(label) > LABEL_WIDTH - 2 and self.kind.short:
            label = _(self.kind.short)
        return cut(label, LABEL_WIDTH - 2)

    def render(self) -> Content:
        """Draw label and aside; the editor lies over its own part."""
        width = self.size.width
        aside_width = (ASIDE_WIDE if self.screen.has_class("-wide") else ASIDE_NARROW) - 2
        height = self._editor.outer_size.height or 1
        aside = self._aside(height, aside_width)
        label = self._label()
        # In use, the field has a sign: bold type alone is lost on many screens.
        sign = "▸" if self._editor.has_focus else " "
        parts: list[tuple[str, Any]] = []
        for number in range(height):
            left = f"{sign}{label}" if number == 0 else ""
            style = "bold" if self._editor.has_focus else "$text-muted"
            parts.append((left.ljust(width - aside_width - 1), style))
            text = aside[number] if number < len(aside) else ""
            parts.append((f" {text}".ljust(aside_width + 1) + "\n", "$text-muted"))
        return assemble(*parts)

    def on_descendant_focus(self) -> None:
        """Show label and help as those of the field in use."""
        self.refresh()

    def on_descendant_blur(self) -> None:
        """Show label as one among others again."""
        self.refresh()
