"""Protection: whether a fieldbook is encrypted, how it is unlocked, and how encryption is turned on and off."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from models.errors import WrongKey
from models.i18n import _
from models.store.codec import PlainCodec, SealedCodec
from models.store.files import Files
from models.store.key_files import PASSPHRASE, RECOVERY, SYSTEM, has_keys
from models.store.secret_service import SystemSecretService
from models.store.tries import Tries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from models.fieldbook import Fieldbook
    from models.store.codec import Codec
    from models.store.keyring import KeyRing
    from models.store.secret_service import SecretService


class Protection:
    """The encryption of one folder, for as long as the program runs.

    There are key files: the fieldbook is encrypted. Turning it on writes them before anything is sealed, turning it off
    removes them when nothing is sealed any more; what a crash leaves half done, the next opening completes.
    """

    def __init__(
        self,
        folder: Path,
        *,
        secrets: SecretService | None = None,
        files: Files | None = None,
        cost: Mapping[str, int] | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Look after `folder`; `clock` counts the seconds between tries, `cost` is that of new passphrases where the usual one is too slow."""
        self.folder = folder
        self.secrets: SecretService = secrets or SystemSecretService()
        self.tries = Tries(clock)
        self._files = files or Files()
        self._cost = cost
        self._ring: KeyRing | None = None
        self.way = ""
        """By which way it was unlocked last; empty before that."""

    @property
    def encrypted(self) -> bool:
        """Whether the fieldbook can only be read with a key."""
        return has_keys(self.folder, self._files)

    @property
    def unlocked(self) -> bool:
        """Whether `codec` has what it needs."""
        return self._ring is not None or not self.encrypted

    @property
    def ways(self) -> frozenset[str]:
        """The ways in which an encrypted fieldbook can be unlocked; raises `KeysLost`."""
        return (self._ring or self._read()).ways

    def codec(self) -> Codec:
        """Return what the fieldbook is to be opened with; raises `WrongKey` where it is locked."""
        return SealedCodec(self._unlocked().key) if self.encrypted else PlainCodec()

    # Unlocking

    def unlock_by_system(self) -> bool:
        """Unlock with the system's keyring, without asking anybody; tells whether that worked. Raises `KeysLost`."""
        ring = self._read()
        if ring.unlock_by_system(self.secrets):
            self._ring, self.way = ring, SYSTEM
        return self._ring is not None

    def unlock(self, typed: str) -> None:
        """Unlock with what is the recovery code where it reads like one, else the passphrase; raises as these do."""
        from models.store.recovery_code import read_code  # noqa: PLC0415 - rarely needed

        try:
            read_code(typed)
        except WrongKey:
            self.unlock_by_passphrase(typed)
        else:
            self.unlock_by_code(typed)

    def unlock_by_passphrase(self, passphrase: str) -> None:
        """Unlock with the passphrase; raises `WrongKey`, at once while a wait is on, and `KeysLost`."""
        self._try(PASSPHRASE, lambda ring: ring.unlock_by_passphrase(passphrase))

    def unlock_by_code(self, typed: str) -> None:
        """Unlock with the recovery code; raises `WrongKey` and `KeysLost`. A slip is told and counts as no try."""
        from models.store.recovery_code import read_code  # noqa: PLC0415 - rarely needed

        read_code(typed)
        self._try(RECOVERY, lambda ring: ring.unlock_by_code(typed))

    def lock(self) -> None:
        """Forget the data key."""
        if self._ring is not None:
            self._ring.lock()
            self._ring = None

    def _try(self, way: str, unlock: Callable[[KeyRing], None]) -> None:
        left = self.tries.left()
        if left:
            raise WrongKey(self.wait(left))
        ring = self._read()
        try:
            unlock(ring)
        except WrongKey as error:
            self.tries.failed()
            left = self.tries.left()
            raise WrongKey(f"{error} {self.wait(left)}" if left else str(error)) from error
        self.tries.succeeded()
        self._ring, self.way = ring, way

    @staticmethod
    def wait(seconds: float) -> str:
        """Return the sentence that tells how long the next try has to wait."""
        whole = -int(-seconds // 1)
        if whole == 1:
            return _("Der nächste Versuch geht in einer Sekunde.")
        return _("Der nächste Versuch geht in {seconds} Sekunden.").format(seconds=whole)

    def _read(self) -> KeyRing:
        from models.store.keyring import KeyRing  # noqa: PLC0415

        return KeyRing.read(self.folder, self._files)

    def _unlocked(self) -> KeyRing:
        if self._ring is None:
            raise WrongKey(_("Das Feldbuch ist gesperrt. Bitte zuerst entsperren."))
        return self._ring

    # Turning on and off

    def encrypt(self, fieldbook: Fieldbook, *, passphrase: str | None = None, system: bool = False) -> str:
        """Encrypt everything that is stored; returns the recovery code, to be shown once.

        Raises `StoreError`. Where the disk refused after the key files were written, the fieldbook stays readable with
        the new keys alone, and the next opening seals the rest.
        """
        from models.store.keyring import KeyRing  # noqa: PLC0415 - a plain fieldbook needs none

        ring, code = KeyRing.create(
            self.folder,
            passphrase=passphrase,
            secrets=self.secrets if system else None,
            files=self._files,
            cost=self._cost,
        )
        self._ring = ring
        fieldbook.rekey(SealedCodec(ring.key))
        return code

    def decrypt(self, fieldbook: Fieldbook) -> None:
        """Store everything readable again and destroy the keys; raises `StoreError`."""
        ring = self._unlocked()
        fieldbook.rekey(PlainCodec())
        ring.destroy(self.secrets)
        self._ring = None

    # Changing the ways

    def change_passphrase(self, current: str, new: str) -> None:
        """Set a passphrase; `current` must be right where there is one already. Raises `WrongKey`, `StoreError`."""
        self._unlocked()
        if PASSPHRASE in self.ways:
            self.unlock_by_passphrase(current)
        self.set_passphrase(new)

    def set_passphrase(self, new: str) -> None:
        """Set a passphrase without asking for the one before, as after the recovery code; raises `StoreError`."""
        self._unlocked().set_passphrase(new, self._cost)

    def new_recovery_code(self) -> str:
        """Return a new recovery code, to be shown once; the one before is void. Raises `StoreError`."""
        return self._unlocked().new_recovery_code()

    def toggle_system(self) -> bool:
        """Let the system's keyring unlock the fieldbook, or no longer; tells which. Raises `StoreError`."""
        ring = self._unlocked()
        if SYSTEM in ring.ways:
            ring.forget_system(self.secrets)
        else:
            ring.use_system(self.secrets)
        return SYSTEM in ring.ways
