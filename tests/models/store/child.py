"""A program that commits without end and says after each commit which one it was; tests kill it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from models.store.files import Files
from models.store.lines import DELETE, Op
from tests.models.store.ground import open_store

SMALLEST = 20_000
"""Bytes of journal after which it is compacted: so that kills meet compactions too."""


def main() -> None:
    """Commit into the folder of the first argument, coded as the second says, beginning with the number in the third."""
    folder, kind, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    store = open_store(folder, kind, Files(), smallest_compaction=SMALLEST)
    os.write(1, b"open\n")
    while True:
        # Three documents that belong together, and the removal of an old one: all of a commit or nothing.
        ops = [store.put(table, f"{number}", {"number": number, "text": "x" * 200}) for table in ("a", "b", "c")]
        old = number - 50
        store.commit([*ops, *(Op(DELETE, table, f"{old}") for table in ("a", "b", "c"))])
        os.write(1, b"%d\n" % number)
        number += 1


if __name__ == "__main__":
    main()
