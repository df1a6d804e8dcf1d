"""The command `feldbuch-server`: starts the team's server and looks after it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv` (without the program's name) and return the exit code."""
    from sync.server.cli.guard import guarded  # noqa: PLC0415 - `import sync.server.cli` costs nothing
    from sync.server.cli.program import run_command  # noqa: PLC0415

    return guarded(lambda: run_command(sys.argv[1:] if argv is None else list(argv)))
