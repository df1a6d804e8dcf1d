"""Running: the app over the fieldbook of a folder, from unlocking to the end, and over again after each locking."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from models.fieldbook import Fieldbook
    from models.protection import Protection


def run(
    directory: Path,
    *,
    prepare: Callable[[Fieldbook], str] | None = None,
    protection: Protection | None = None,
) -> str | None:
    """Run the app on the fieldbook in `directory` until the user leaves; "demo" asks for the demo region.

    `prepare` returns what is to be told on the first page. `protection` unlocks the fieldbook, at the start and after each locking; without one it is plain and stays so.
    """
    theme = "dunkel"
    while protection is None or protection.unlocked or _unlock(protection, theme):
        answer, theme = _run_open(directory, prepare, protection)
        if protection is None or answer != "locked":
            return answer
        protection.lock()
    return None


def _run_open(
    directory: Path, prepare: Callable[[Fieldbook], str] | None, protection: Protection | None
) -> tuple[str | None, str]:
    from models.fieldbook import Fieldbook  # noqa: PLC0415 - a fieldbook that stays locked needs neither
    from tui.app import FeldbuchApp  # noqa: PLC0415
    from tui.connection import connection_in  # noqa: PLC0415

    codec = protection.codec() if protection is not None else None
    with Fieldbook.open(directory, codec=codec) as fieldbook:
        note = prepare(fieldbook) if prepare is not None else ""
        # The records stay for as long as the program runs: the search for garbage need not go through them each time.
        gc.freeze()
        gc.enable()
        app = FeldbuchApp(
            fieldbook,
            first_start=not fieldbook.settings.started,
            protection=protection,
            connection=connection_in(directory),
            note=note,
        )
        return app.run(), fieldbook.settings.theme


def _unlock(protection: Protection, theme: str) -> bool:
    from tui.unlock_app import UnlockApp  # noqa: PLC0415 - only for a locked fieldbook

    return UnlockApp(protection, theme=theme).run() == "unlocked"
