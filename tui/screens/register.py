"""RegisterScreen: the list of all records of one kind that has no place of its own."""

from __future__ import annotations

from tui.screens.list_room import ListRoom


class RegisterScreen(ListRoom):
    """A list of one kind, opened from "Mehr" or the palette."""

    HELP_TEXT = "Alle Einträge dieser Art. / sucht schon während des Tippens, Enter öffnet, n legt einen neuen an."

    def __init__(self, kind: str) -> None:
        """List the records of `kind`."""
        self._kind = kind
        super().__init__()

    @property
    def KIND(self) -> str:  # type: ignore[override] # noqa: N802 - the one list whose kind is not its class's
        """The kind that is listed."""
        return self._kind
