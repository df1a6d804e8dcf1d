"""What a failed file operation means for a person."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from models.errors import StoreError, StoreFull, StoreReadOnly
from models.i18n import _

if TYPE_CHECKING:
    from pathlib import Path


def store_error(error: OSError, folder: Path) -> StoreError:
    """Return the error for the user that belongs to a failed file operation."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(
            _(
                "Der Datenträger ist voll, gespeichert wurde nichts. Alles früher Gespeicherte ist unversehrt und der "
                "Entwurf bleibt offen. Bitte Platz schaffen und noch einmal speichern."
            )
        )
    if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        return StoreReadOnly(
            _(
                "Der Ordner {folder} lässt sich nicht beschreiben. Nichts ging verloren. "
                "Bitte Schreibrechte prüfen oder mit --dir einen anderen Ordner wählen."
            ).format(folder=folder)
        )
    return StoreError(
        _(
            "Der Ordner {folder} lässt sich nicht lesen oder beschreiben (Fehler {code}). Alles früher Gespeicherte ist "
            "unversehrt. Bitte Datenträger prüfen und noch einmal versuchen."
        ).format(folder=folder, code=errno.errorcode.get(error.errno or 0, type(error).__name__))
    )
