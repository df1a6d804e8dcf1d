"""SecretService: the keyring of the operating system, which opens with the login of its user."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "Feldbuch"

BACKENDS = {
    "win32": ("keyring.backends.Windows.WinVaultKeyring",),
    "darwin": ("keyring.backends.macOS.Keyring",),
    "": ("keyring.backends.SecretService.Keyring", "keyring.backends.kwallet.DBusKeyring"),
}
"""System → the backends that keep a secret with it; "" stands for all others.

They are named, because whatever else is installed may write the key into a readable file, or nowhere; and because asking
`keyring` to choose loads the backends of every system, which takes longer than the start of the app may.
"""


class SecretService(Protocol):
    """Keeps secrets by name. What it cannot do at the moment (locked, not there) it tells by its answer, never by an error."""

    def available(self) -> bool:
        """Tell whether there is a keyring at all."""
        ...

    def get(self, name: str) -> str | None:
        """Return a secret, `None` where there is none or it is not given out."""
        ...

    def set(self, name: str, secret: str) -> bool:
        """Keep a secret and tell whether it is kept."""
        ...

    def delete(self, name: str) -> None:
        """Forget a secret; one that is not there is no error."""
        ...


class NoSecretService:
    """No keyring at all: what servers and bare terminals have."""

    def available(self) -> bool:
        """Return that there is none."""
        return False

    def get(self, name: str) -> str | None:
        """Return nothing."""
        del name
        return None

    def set(self, name: str, secret: str) -> bool:
        """Keep nothing."""
        del name, secret
        return False

    def delete(self, name: str) -> None:
        """Forget nothing."""


class SystemSecretService:
    """The keyring of Windows, macOS, GNOME or KDE, by the package `keyring`, which is imported on the first use."""

    def __init__(self) -> None:
        """Ask nothing yet."""
        self._asked = False
        self._backend: KeyringBackend | None = None

    def _keyring(self) -> KeyringBackend | None:
        if not self._asked:
            from keyring.core import load_keyring  # noqa: PLC0415 - only an encrypted store needs it

            self._asked = True
            for name in BACKENDS.get(sys.platform, BACKENDS[""]):
                with suppress(ImportError, *self._failures()):
                    self._backend = load_keyring(name)
                    break
        return self._backend

    def available(self) -> bool:
        """Tell whether this system has a keyring and it answers."""
        return self._keyring() is not None

    def get(self, name: str) -> str | None:
        """Return the secret from the system, which may ask its user first."""
        backend = self._keyring()
        with suppress(*self._failures()):
            return backend.get_password(SERVICE, name) if backend is not None else None
        return None

    def set(self, name: str, secret: str) -> bool:
        """Keep a secret with the system, and read it back to be sure of it."""
        backend = self._keyring()
        with suppress(*self._failures()):
            if backend is not None:
                backend.set_password(SERVICE, name, secret)
                return backend.get_password(SERVICE, name) == secret
        return False

    def delete(self, name: str) -> None:
        """Forget a secret."""
        backend = self._keyring()
        with suppress(*self._failures()):
            if backend is not None:
                backend.delete_password(SERVICE, name)

    @staticmethod
    def _failures() -> tuple[type[Exception], ...]:
        from keyring.errors import KeyringError  # noqa: PLC0415

        # Where the session has no bus, some backends let the error of the socket through.
        return (KeyringError, OSError, RuntimeError)
