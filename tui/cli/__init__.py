"""The command `feldbuch`. Only what is not an option before a command goes to the parser; the app starts without it."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.cli.target import Target


def main(argv: Sequence[str] | None = None) -> int:
    """Run the app, or the command in `argv` (without the program's name), and return the exit code."""
    from tui.cli.guard import guarded  # noqa: PLC0415 - `import tui.cli` costs nothing
    from tui.cli.output import tolerant_streams  # noqa: PLC0415
    from tui.cli.target import Target, split  # noqa: PLC0415

    tolerant_streams()
    target = Target()
    return guarded(lambda: _run(*split(sys.argv[1:] if argv is None else argv, target)), target)


def _run(target: Target, command: list[str]) -> int:
    if command:
        from tui.cli.program import run_command  # noqa: PLC0415 - only a command pays for the parser

        return run_command(command, target)
    # What a start makes stays: to look for garbage among it again and again would double the time of loading. The app
    # turns the search on again once it has all records.
    gc.disable()
    try:
        return _run_app(target)
    finally:
        gc.enable()


def _run_app(target: Target) -> int:
    from tui.running import run  # noqa: PLC0415 - a command needs no app

    if run(target.prepared(), prepare=target.begin, protection=target.protection()) == "demo":
        # Asked for on the first page.
        target.demo = True
        run(target.prepared(), prepare=target.begin)
    return 0
