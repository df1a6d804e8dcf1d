"""A program that saves without end and says after each save which one it was; tests kill it."""

from __future__ import annotations

import sys
from pathlib import Path

from models.fieldbook import Fieldbook
from models.records import parse


def main() -> None:
    """Save into the folder that the first argument names, beginning with the number in the second one."""
    number = int(sys.argv[2])
    with Fieldbook.open(Path(sys.argv[1])) as fieldbook:
        sys.stdout.write("offen\n")
        sys.stdout.flush()
        while True:
            fieldbook.save(parse({"kind": "task", "id": f"t{number}", "text": f"Aufgabe {number}"}))
            fieldbook.save_draft("d", "task", {"text": str(number)}, "Aufgabe")
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()
            number += 1


if __name__ == "__main__":
    main()
