"""On a real terminal: the program is killed in the middle of a visit, and nothing of the visit is lost."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from models.fieldbook import Fieldbook
from tests.journeys.conftest import fill
from tests.tui.terminal import feldbuch

if TYPE_CHECKING:
    from pathlib import Path

SAVE, ESCAPE = "\x13", "\x1b"


def test_a_visit_survives_kill_9_and_is_saved_in_the_next_run(tmp_path: Path) -> None:
    folder = tmp_path / "feldbuch"
    with Fieldbook.open(folder) as fieldbook:
        fill(fieldbook)

    with feldbuch("--dir", str(folder)) as terminal:
        terminal.until("TERMINE")
        terminal.send("\x1bOR")  # F3
        terminal.until("Schulen · 3")
        terminal.send("n")
        terminal.until("Besuch · GS Altstadt", "2. Besuch")
        terminal.send("\tKonzept beschließen")
        terminal.until("Konzept beschließen", "Entwurf gespeichert")
        terminal.kill()

    with feldbuch("--dir", str(folder)) as terminal:
        terminal.until("Das Feldbuch wurde nicht ordentlich beendet.", "(Besuch) ist da. Weiterschreiben?")
        terminal.send("\r")
        terminal.until("Besuch · GS Altstadt", "Konzept beschließen")
        terminal.send("medienk")
        terminal.until("Enter auswählen oder abwählen", "Medienkonzept")
        terminal.send("\r")
        terminal.until("✓ Medienkonzept")
        terminal.send(ESCAPE)
        terminal.until("[Medienkonzept]")
        terminal.send(SAVE)
        terminal.until("Gespeichert: GS Altstadt")
        terminal.kill()

    listed = subprocess.run(
        [sys.executable, "-c", "from tui.cli import main; main()", "--dir", str(folder), "list", "visit"],
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    assert listed.stdout.count("GS Altstadt") == 2
    assert listed.stderr == ""
    with Fieldbook.open(folder) as fieldbook:
        goals = [visit.get("goal") for visit in fieldbook.documents("visit")]
        assert "Konzept beschließen" in goals
        assert fieldbook.drafts() == []
