"""Connection: how an app reaches its server: by which call, and what it needs of the machine. Loads no network."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from models.errors import FeldbuchError, SyncFailed
from sync.route import local_address

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from models.fieldbook import Fieldbook
    from sync.engine import Report, Request
    from sync.halt import Halt

LOOK: Final = 1.0
"""Seconds between two looks at whether it is time to sync."""
DEFECT: Final = "defect"
"""The code of a sync that ended in a mistake of the program: people go on working, and read where it is written down."""


class Synchronise(Protocol):
    """Syncs a fieldbook once; raises a `FeldbuchError`. Called in the thread of the sync, where alone it loads the network."""

    def __call__(
        self, fieldbook: Fieldbook, *, removals: bool, halt: Halt, follow: Callable[[Request], None]
    ) -> Report:
        """Return what was done."""
        ...


def elapsed() -> float:
    """Return seconds that count evenly, those that the machine sleeps included where the system can tell."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


@dataclass(frozen=True, slots=True)
class Connection:
    """What `Syncing` needs of the world. `seconds` count evenly, `chance` is from 0 to 1, `route` is `local_address`."""

    synchronise: Synchronise
    seconds: Callable[[], float] = elapsed
    chance: Callable[[], float] = random.random
    route: Callable[[], str] = local_address
    look: float = LOOK


def connection_in(directory: Path) -> Connection:
    """Return how the fieldbook in `directory` syncs."""

    def synchronise(fieldbook: Fieldbook, *, removals: bool, halt: Halt, follow: Callable[[Request], None]) -> Report:
        from sync.session import Edges, synchronise as sync  # noqa: PLC0415 - loads the network, in this thread

        try:
            return sync(fieldbook, directory, removals=removals, edges=Edges(halt=halt, follow=follow))
        except FeldbuchError:
            raise
        except Exception as error:
            from tui.cli.guard import defect_sentence  # noqa: PLC0415 - only a defect needs it

            raise SyncFailed(defect_sentence(error, directory), DEFECT) from error

    return Connection(synchronise)
