"""KeyRing: the data key of an encrypted store, wrapped once for each way to unlock it.

The data key is random and never derived from anything that a person types. `keys.json` holds it sealed under a key from
the system's keyring, under a passphrase, under the recovery code; any of them opens the store, and changing one touches no
data. Two equal files are kept, because with the last wrap everything would be lost: the second one is written when the
first one is durable. Destroying the wraps erases the store, and every copy of it whose own key files are gone too.
"""

from __future__ import annotations

import os
import unicodedata
from base64 import b64decode, b64encode
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import orjson

from models.errors import StoreError, StoreNewer, WrongKey
from models.i18n import _
from models.store.codec import NONCE, derived
from models.store.files import Files
from models.store.key_files import NAMES, PASSPHRASE, RECOVERY, SYSTEM, has_keys, keys_lost
from models.store.lines import line, payload_of
from models.store.messages import store_error
from models.store.recovery_code import new_code, read_code

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from models.store.secret_service import SecretService

FORMAT = 1

SHORTEST_PASSPHRASE = 10
SALT = 16
KEY = 32

ARGON2 = {"t": 3, "m": 65536, "p": 4}
"""Argon2id: passes, KiB of memory, lanes. A wrap keeps those that it was made with."""

_MOST = {"t": 100, "m": 4 * 1024 * 1024, "p": 64}


class _Wrap(NamedTuple):
    """The data key, sealed under the key of one way; `cost` only for a passphrase."""

    way: str
    salt: bytes
    nonce: bytes
    sealed: bytes
    cost: Mapping[str, int]


class _Content(NamedTuple):
    """What a key file says; of two files the one with the higher version is the newer one."""

    store: str
    version: int
    wraps: tuple[_Wrap, ...]


class KeyRing:
    """The key files of one folder. What changes them needs a key ring that was unlocked, and is durable on return."""

    def __init__(self, folder: Path, content: _Content, files: Files, key: bytes | None = None) -> None:
        """Stand for key files that were read; use `KeyRing.read` and `KeyRing.create`."""
        self.folder = folder
        self._content = content
        self._files = files
        self._key = key
        self._mends = True

    # Beginning and reading

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        passphrase: str | None = None,
        secrets: SecretService | None = None,
        files: Files | None = None,
        cost: Mapping[str, int] | None = None,
    ) -> tuple[Self, str]:
        """Make a new data key and write its key files; returns the unlocked key ring and the recovery code, to be shown once.

        Raises `StoreError` where there are key files already, where the keyring of the system keeps nothing, or where
        the files cannot be written.
        """
        files = files or Files()
        if has_keys(folder, files):
            raise StoreError(_("Dieses Feldbuch ist schon verschlüsselt. Nichts wurde verändert."))
        ring = cls(folder, _Content(os.urandom(SALT).hex(), 0, ()), files, os.urandom(KEY))
        code = new_code()
        wraps = [ring._wrapped(RECOVERY, read_code(code).encode())]
        if passphrase is not None:
            wraps.append(ring._wrapped(PASSPHRASE, _typed(passphrase), cost or ARGON2))
        if secrets is not None:
            wraps.append(ring._system_wrap(secrets))
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise store_error(error, folder) from error
        ring._write(*wraps)
        return ring, code

    @classmethod
    def read(cls, folder: Path, files: Files | None = None) -> Self:
        """Read the newer of the two key files that is whole; raises `KeysLost` where none is, `StoreError`."""
        files = files or Files()
        found = [content for name in NAMES if (content := _read(folder / name, files)) is not None]
        if not found:
            raise keys_lost(folder)
        return cls(folder, max(found, key=lambda content: content.version), files)

    @classmethod
    def of_text(cls, folder: Path, text: str, files: Files | None = None) -> Self:
        """Take key files as `text` gave them, to be used for `folder`; writes nothing. Raises `KeysLost`, `StoreNewer`."""
        content = _parsed(text.encode("utf-8", "replace"), folder.name)
        if content is None:
            raise keys_lost(folder)
        ring = cls(folder, content, files or Files())
        ring._mends = False
        return ring

    # Unlocking

    @property
    def ways(self) -> frozenset[str]:
        """The ways in which this store can be unlocked."""
        return frozenset(wrap.way for wrap in self._content.wraps)

    @property
    def text(self) -> str:
        """What a key file says; nothing in it can be used without one of the ways to unlock."""
        return _encoded(self._content).decode()

    @property
    def store(self) -> str:
        """The name under which the system's keyring knows this store."""
        return self._content.store

    @property
    def key(self) -> bytes:
        """The data key of a key ring that was unlocked."""
        if self._key is None:
            raise WrongKey(_("Das Feldbuch ist gesperrt. Bitte zuerst entsperren."))
        return self._key

    def unlock_by_system(self, secrets: SecretService) -> bool:
        """Unlock with the secret that the system's keyring gives; tells whether that worked."""
        if SYSTEM not in self.ways:
            return False
        secret = secrets.get(self.store)
        return secret is not None and self._unlock(SYSTEM, secret.encode())

    def unlock_by_passphrase(self, passphrase: str) -> None:
        """Unlock with the passphrase, which takes a moment on purpose; raises `WrongKey`."""
        if not self._unlock(PASSPHRASE, _typed(passphrase)):
            raise WrongKey(_("Diese Passphrase ist falsch. Die Daten sind unversehrt. Bitte noch einmal eingeben."))

    def unlock_by_code(self, typed: str) -> None:
        """Unlock with the recovery code as it was typed; raises `WrongKey`, which tells a slip from another store's code."""
        if not self._unlock(RECOVERY, read_code(typed).encode()):
            raise WrongKey(
                _(
                    "Dieser Wiederherstellungscode ist richtig geschrieben, gehört aber nicht zu diesem Feldbuch, oder er "
                    "wurde durch einen neueren ersetzt. Die Daten sind unversehrt."
                )
            )

    def lock(self) -> None:
        """Forget the data key."""
        self._key = None

    def _unlock(self, way: str, secret: bytes) -> bool:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - a plain store needs none

        for wrap in self._content.wraps:
            if wrap.way == way:
                with suppress(InvalidTag):
                    cipher = _cipher(secret, wrap.salt, way, wrap.cost)
                    self._key = cipher.decrypt(wrap.nonce, wrap.sealed, self._context(way))
                    self._mend()
                    return True
        return False

    def _mend(self) -> None:
        """Write the copy that lags behind or is damaged; a folder that cannot be written is opened all the same."""
        if not self._mends:
            return
        for name in NAMES:
            with suppress(OSError, StoreError):
                there = _read(self.folder / name, self._files)
                # Read again: another program may have changed the keys since.
                if there is None or there.version < self._content.version:
                    self._files.create(self.folder / name, [_encoded(self._content)])

    # Changing

    def write(self) -> None:
        """Write both key files, as where a backup brings its keys into a folder without any; raises `StoreError`."""
        self._write(*self._content.wraps)
        self._mends = True

    def set_passphrase(self, passphrase: str, cost: Mapping[str, int] | None = None) -> None:
        """Let this passphrase unlock the store, and the one before no longer."""
        self._write(*self._others(PASSPHRASE), self._wrapped(PASSPHRASE, _typed(passphrase), cost or ARGON2))

    def new_recovery_code(self) -> str:
        """Return a new recovery code, to be shown once; the one before unlocks no longer."""
        code = new_code()
        self._write(*self._others(RECOVERY), self._wrapped(RECOVERY, read_code(code).encode()))
        return code

    def use_system(self, secrets: SecretService) -> None:
        """Let the system's keyring unlock the store; raises `StoreError` where it keeps nothing."""
        self._write(*self._others(SYSTEM), self._system_wrap(secrets))

    def forget_system(self, secrets: SecretService) -> None:
        """Let the system's keyring unlock the store no longer; raises `StoreError` where only the code would be left."""
        if PASSPHRASE not in self.ways:
            raise StoreError(_("Bitte zuerst eine Passphrase festlegen, sonst bliebe nur der Wiederherstellungscode."))
        self._write(*self._others(SYSTEM))
        secrets.delete(self.store)

    def destroy(self, secrets: SecretService) -> None:
        """Remove both key files and the system's secret: nobody can read the store from then on, this program included.

        Copies of the key files elsewhere, as in backups, are not reached. Raises `StoreError` where a file stays.
        """
        try:
            for name in NAMES:
                self._files.remove(self.folder / name)
            self._files.sync_dir(self.folder)
        except OSError as error:
            raise store_error(error, self.folder) from error
        secrets.delete(self.store)
        self.lock()

    def _others(self, way: str) -> tuple[_Wrap, ...]:
        return tuple(wrap for wrap in self._content.wraps if wrap.way != way)

    def _context(self, way: str) -> bytes:
        return f"{self._content.store}/{way}".encode()

    def _wrapped(self, way: str, secret: bytes, cost: Mapping[str, int] | None = None) -> _Wrap:
        salt, nonce = os.urandom(SALT), os.urandom(NONCE)
        cipher = _cipher(secret, salt, way, cost or {})
        return _Wrap(way, salt, nonce, cipher.encrypt(nonce, self.key, self._context(way)), cost or {})

    def _system_wrap(self, secrets: SecretService) -> _Wrap:
        secret = b64encode(os.urandom(KEY)).decode()
        if not secrets.set(self.store, secret):
            raise StoreError(
                _(
                    "Der Schlüsselbund dieses Systems nimmt gerade nichts an. Nichts wurde verändert. "
                    "Bitte ihn entsperren oder eine Passphrase wählen."
                )
            )
        return self._wrapped(SYSTEM, secret.encode())

    def _write(self, *wraps: _Wrap) -> None:
        content = self._content._replace(version=self._content.version + 1, wraps=wraps)
        try:
            for name in NAMES:
                # Each is durable before the next one is begun: at any moment one of them is whole.
                self._files.create(self.folder / name, [_encoded(content)])
        except OSError as error:
            raise store_error(error, self.folder) from error
        self._content = content


def passphrase_problem(passphrase: str, again: str) -> str:
    """Return what is wrong with a new passphrase, typed twice, or nothing."""
    if len(_normal(passphrase)) < SHORTEST_PASSPHRASE:
        return _("Mindestens {least} Zeichen, am besten vier oder fünf Wörter.").format(least=SHORTEST_PASSPHRASE)
    if _normal(passphrase) != _normal(again):
        return _("Die beiden Eingaben sind verschieden.")
    return ""


def _normal(passphrase: str) -> str:
    # An ä is one sign on some keyboards and two on others.
    return unicodedata.normalize("NFC", passphrase)


def _typed(passphrase: str) -> bytes:
    # What cannot be encoded cannot have been set: it is wrong like any other passphrase.
    return _normal(passphrase).encode("utf-8", "surrogatepass")


def _cipher(secret: bytes, salt: bytes, way: str, cost: Mapping[str, int]) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - a plain store needs none

    if way == PASSPHRASE:
        from argon2.low_level import Type, hash_secret_raw  # noqa: PLC0415

        secret = hash_secret_raw(secret, salt, cost["t"], cost["m"], cost["p"], KEY, Type.ID)
    # Code and system secret are as random as the key itself: they need no slow derivation.
    return AESGCM(derived(secret, salt, way.encode()))


def _encoded(content: _Content) -> bytes:
    wraps = [
        {
            "way": wrap.way,
            "salt": b64encode(wrap.salt).decode(),
            "nonce": b64encode(wrap.nonce).decode(),
            "key": b64encode(wrap.sealed).decode(),
            **({"argon2id": dict(wrap.cost)} if wrap.cost else {}),
        }
        for wrap in content.wraps
    ]
    body = {"format": FORMAT, "store": content.store, "version": content.version, "wraps": wraps}
    return line(orjson.dumps(body))


def _read(path: Path, files: Files) -> _Content | None:
    """Return what a key file says, `None` where it is missing, cannot be read or is not whole; raises `StoreError`."""
    try:
        text = files.read(path)
    except PermissionError as error:
        raise store_error(error, path.parent) from error
    except OSError:
        return None
    return _parsed(text, path.name)


def _parsed(text: bytes, name: str) -> _Content | None:
    payload = payload_of(text[:-1]) if text.endswith(b"\n") else None
    if payload is None:
        return None
    try:
        body = orjson.loads(payload)
        if body["format"] > FORMAT:
            raise StoreNewer(
                _(
                    "Die Schlüsseldatei {name} kommt von einer neueren Version von Feldbuch und wurde nicht angerührt. "
                    "Bitte diese Version benutzen."
                ).format(name=name)
            )
        return _Content(str(body["store"]), int(body["version"]), tuple(map(_wrap, body["wraps"])))
    except (ValueError, TypeError, LookupError, AttributeError):
        return None


def _wrap(found: dict[str, Any]) -> _Wrap:
    cost = {name: int(value) for name, value in found.get("argon2id", {}).items()}
    if found["way"] == PASSPHRASE and not all(1 <= cost[name] <= most for name, most in _MOST.items()):
        raise ValueError("a cost that no program of this kind has written")
    salt, nonce, sealed = (b64decode(found[name], validate=True) for name in ("salt", "nonce", "key"))
    return _Wrap(str(found["way"]), salt, nonce, sealed, cost)
