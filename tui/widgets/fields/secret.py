"""SecretField: one line that shows only how much was typed."""

from __future__ import annotations

from tui.widgets.fields.line import LineField


class SecretField(LineField):
    """A passphrase being typed. It is never stored as a draft, and cannot be copied out of the field."""

    DEFAULT_CSS = """
    SecretField { width: 50; margin: 0 0 1 0; border-left: thick $panel; }
    SecretField:focus { border-left: thick $primary; }
    """

    def __init__(self, field: str) -> None:
        """Begin empty."""
        super().__init__(field, "")
        self.password = True
