"""What a form asks of every editor, and what an editor tells its form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from textual.message import Message

if TYPE_CHECKING:
    from textual.widget import Widget


class Edited(Message):
    """An editor's content changed by a person."""

    def __init__(self, editor: Widget) -> None:
        """Say which editor."""
        super().__init__()
        self.editor = editor


@runtime_checkable
class Editor(Protocol):
    """An editor shows and holds what is entered for one field: text as typed, or a JSON value."""

    field: str

    def entered(self) -> Any:
        """Return what stands in the editor at this moment."""
        ...

    def enter(self, value: Any) -> None:
        """Show `value`, without telling the form."""
        ...
