"""Progress: how far a sync is, from its requests and from what lies in the fieldbook by then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.fieldbook import Fieldbook
    from sync.engine import Request

BEGINS, SENDS, FETCHES = "begins", "sends", "fetches"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sync is. `phase` is one of the three above; `total` is 0 where it is not known."""

    phase: str
    done: int = 0
    total: int = 0

    def text(self) -> str:
        """Return it in words: "127 von 1.004 geholt"."""
        if not self.total:
            return {
                BEGINS: _("Der Server wird gefragt …"),
                SENDS: _("Einträge werden gesendet …"),
                FETCHES: _("Neues wird geholt …"),
            }[self.phase]
        text = _("{done} von {total} gesendet") if self.phase == SENDS else _("{done} von {total} geholt")
        return text.format(done=number(self.done), total=number(self.total))


def number(count: int) -> str:
    """Return a number as people write it: "1.004"."""
    return f"{count:,}".replace(",", ".")


class Follower:
    """Follows one sync, request by request."""

    def __init__(self, fieldbook: Fieldbook, show: Callable[[Progress], None]) -> None:
        """Show how far the sync of `fieldbook` is."""
        self._book = fieldbook
        self._show = show
        self._to_send = 0
        self._pages = 0

    def follow(self, request: Request) -> None:
        """Show how far the sync is before a request; called in its thread."""
        if request.path.endswith("/push"):
            waiting = len(self._book.outbox())
            self._to_send = max(self._to_send, waiting)
            self._show(Progress(SENDS, self._to_send - waiting, self._to_send))
        elif "/feed?" in request.path:
            self._pages += 1
            self._show(self._fetched())
        else:
            self._show(Progress(BEGINS))

    def _fetched(self) -> Progress:
        from sync.exchange import Exchange  # noqa: PLC0415 - the start of the app does without the sync

        done, total = len(self._book.bases()), Exchange(self._book).standing.total
        # A single page is there at once; and how many there are is told with the first one of all.
        return Progress(FETCHES, done, total) if self._pages > 1 and done < total else Progress(FETCHES)
