"""Sync marks: the sign of a record that is not with the server as it is here, the same in every list and above every record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from models.i18n import _
from models.records import CONFLICT
from sync.account import REFUSED

if TYPE_CHECKING:
    from models.fieldbook import Fieldbook
    from tui.syncing import Syncing

WAITS_SIGN, REFUSED_SIGN, CONFLICT_SIGN = "↑", "×", "≠"
_WORDS: Final = {WAITS_SIGN: "nicht übertragen", REFUSED_SIGN: "abgelehnt", CONFLICT_SIGN: "Konflikt"}


class SyncMarks:
    """Knows the sign of each record; without a server there is none, as everything would have it."""

    def __init__(self, fieldbook: Fieldbook, syncing: Syncing) -> None:
        """Mark the records of `fieldbook`."""
        self._book = fieldbook
        self._syncing = syncing
        self._stand: tuple[int, int] | None = None
        self._refused: frozenset[str] = frozenset()
        self._met: frozenset[str] = frozenset()

    @property
    def shown(self) -> bool:
        """Whether there are marks at all."""
        return self._syncing.connected

    def sign(self, record_id: str) -> str:
        """Return the sign of a record, of one cell; empty where the server has it as it is here."""
        if not record_id or not self.shown:
            return ""
        self._look()
        if record_id in self._met:
            return CONFLICT_SIGN
        if record_id in self._refused:
            return REFUSED_SIGN
        return WAITS_SIGN if record_id in self._book.outbox() else ""

    def words(self, record_id: str) -> str:
        """Return sign and meaning: "↑ nicht übertragen"."""
        sign = self.sign(record_id)
        return f"{sign} {_(_WORDS[sign])}" if sign else ""

    def _look(self) -> None:
        stand = (self._book.version, self._syncing.version)
        if stand == self._stand:
            return
        self._stand = stand
        self._refused = self._met = frozenset()
        if self._book.meta(REFUSED):
            from sync.exchange import Exchange  # noqa: PLC0415 - the start of the app does without the sync

            self._refused = frozenset(Exchange(self._book).refusals())
        conflicts = self._book.documents(CONFLICT)
        if conflicts:
            from models.resolving import is_open  # noqa: PLC0415 - most days there is none

            self._met = frozenset(str(conflict.get("record", "")) for conflict in conflicts if is_open(conflict))


def legend() -> str:
    """Return what the signs before rows mean."""
    return " · ".join(f"{sign} {_(words)}" for sign, words in _WORDS.items())
