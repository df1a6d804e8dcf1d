"""The command `feldbuch-server`: starts the team's server and looks after it."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NEEDS = ("sqlalchemy", "alembic", "psycopg", "fastapi", "uvicorn", "structlog", "prometheus_client")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv` (without the program's name) and return the exit code."""
    from sync.server.cli.output import complain  # noqa: PLC0415 - `import sync.server.cli` costs nothing

    if missing := missing_packages():
        from models.i18n import _  # noqa: PLC0415

        text = _("Dem Server fehlen Pakete ({names}). Bitte so einrichten: pip install 'feldbuch[server]'")
        complain(text.format(names=", ".join(missing)))
        return 1
    from sync.server.cli.guard import guarded  # noqa: PLC0415
    from sync.server.cli.program import run_command  # noqa: PLC0415

    return guarded(lambda: run_command(sys.argv[1:] if argv is None else list(argv)))


def missing_packages(names: Sequence[str] = NEEDS) -> list[str]:
    """Return which packages are not there: whoever installed the app alone has the command, but not what it stands on."""
    return [name for name in names if find_spec(name) is None]
