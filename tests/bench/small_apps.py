"""Small Textual apps beside which Feldbuch is measured: what the framework alone needs for the same thing."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import Footer, Static

CRITERIA, LEVELS, ROWS = 13, 4, 10_000


class Minimal(App[None]):
    """A line and a footer."""

    BINDINGS = [("q", "quit", "Beenden")]

    def compose(self) -> ComposeResult:
        """Show both."""
        yield Static("Bereit")
        yield Footer()


class OneInput(App[None]):
    """A field for text."""

    def compose(self) -> ComposeResult:
        """Show it."""
        from textual.widgets import Input

        yield Input()


class Radios(App[None]):
    """A matrix of radio buttons: a set of levels for each criterion."""

    def compose(self) -> ComposeResult:
        """Show them."""
        from textual.widgets import RadioButton, RadioSet

        for criterion in range(CRITERIA):
            with RadioSet():
                for level in range(LEVELS):
                    yield RadioButton(f"Kriterium {criterion + 1}, Stufe {level + 1}")


class Rows(App[None]):
    """A DataTable that `t` fills."""

    BINDINGS = [("t", "fill", "Tabelle")]

    def compose(self) -> ComposeResult:
        """Show the empty table."""
        from textual.widgets import DataTable

        yield DataTable(cursor_type="row")

    def action_fill(self) -> None:
        """Fill the table."""
        from textual.widgets import DataTable

        table = self.query_one(DataTable)
        table.add_columns("Datum", "Art", "Bei", "Stand")
        table.add_rows((f"Zeile {n:05}", "Besuch", "Musterschule in Musterstadt", "geplant") for n in range(ROWS))


APPS = {"minimal": Minimal, "input": OneInput, "radios": Radios, "rows": Rows}

if __name__ == "__main__":
    APPS[sys.argv[1]]().run()
