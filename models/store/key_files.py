"""The key files of an encrypted store: their names, the ways they know, and what is said when they are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import KeysLost
from models.i18n import _

if TYPE_CHECKING:
    from pathlib import Path

    from models.store.files import Files

NAMES = ("keys.json", "keys.json.2")

SYSTEM, PASSPHRASE, RECOVERY = "system", "passphrase", "recovery"
"""The ways to unlock: the system's keyring, the passphrase, the recovery code."""


def has_keys(folder: Path, files: Files) -> bool:
    """Tell whether a folder has a key file, that is whether its store is encrypted."""
    return not set(NAMES).isdisjoint(files.names(folder))


def keys_lost(folder: Path) -> KeysLost:
    """Return the error of an encrypted store without any usable key file."""
    return KeysLost(
        _(
            "Das Feldbuch in {folder} ist verschlüsselt, und beide Schlüsseldateien ({names}) fehlen oder sind beschädigt. "
            "Die Daten liegen unverändert da, ohne Schlüssel kann sie aber niemand lesen. Jede Sicherung enthält die "
            "Schlüsseldateien: Bitte eine davon aus einer Sicherung dieses Feldbuchs in den Ordner kopieren und Feldbuch "
            "neu starten."
        ).format(folder=folder, names=_(" und ").join(NAMES))
    )
