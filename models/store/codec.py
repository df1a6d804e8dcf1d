"""Codec: how the payload of a line stands on the disk: as it is, or sealed with AES-256-GCM."""

from __future__ import annotations

import os
import struct
from binascii import Error as NotBase64, a2b_base64, b2a_base64
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol

from models.errors import WrongKey
from models.i18n import _

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PLAIN, SEALED = "plain", "aes-256-gcm"
"""The names of the codecs, as a file's header gives them."""

NONCE = 12
KEPT = 3
"""Files whose keys are kept at hand: a journal and a snapshot are written at the same time."""
TAG = 16


class Codec(Protocol):
    """Turns what a line says into what is written, and back. A file is known by its id, a line by its place in the file.

    `block` is how many entries of a snapshot share one line: sealing many at once costs less than each by itself.
    """

    @property
    def name(self) -> str:
        """The name that a file's header gives."""
        ...

    @property
    def block(self) -> int:
        """The most entries that one line of a snapshot holds."""
        ...

    def seal(self, file_id: bytes, offset: int, plain: bytes) -> bytes:
        """Return the payload of the line that begins at `offset`: without LF, and with no blank at its start."""
        ...

    def open(self, file_id: bytes, offset: int, payload: bytes) -> bytes:
        """Return what `seal` was given; raises `WrongKey` where a payload that is whole does not decrypt."""
        ...


class PlainCodec:
    """Lines that everyone can read, search and compare."""

    name = PLAIN
    block = 1

    def seal(self, file_id: bytes, offset: int, plain: bytes) -> bytes:
        """Return `plain` as it is."""
        del file_id, offset
        return plain

    def open(self, file_id: bytes, offset: int, payload: bytes) -> bytes:
        """Return `payload` as it is."""
        del file_id, offset
        return payload


class SealedCodec:
    """Lines that only the holder of the data key can read, move or change unnoticed.

    Each file has a key of its own, derived from the data key and the file's id, so that random nonces never meet twice
    under one key. File id and place are authenticated: a line that was moved or brought from another file does not open.
    """

    name = SEALED
    block = 64

    def __init__(self, key: bytes) -> None:
        """Seal and open with a data key of 32 bytes."""
        if len(key) != 32:
            raise ValueError("a data key has 32 bytes")
        self._key = key
        self._ciphers: dict[bytes, AESGCM] = {}
        self._invalid: type[Exception] = ValueError

    def _cipher_of(self, file_id: bytes) -> AESGCM:
        cipher = self._ciphers.get(file_id)
        if cipher is None:
            from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - a plain store needs none
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

            self._invalid = InvalidTag
            cipher = AESGCM(derived(self._key, file_id, b"file"))
            # A new dict at each change: a compaction seals in its own thread while commits go on in another file.
            self._ciphers = {**dict(list(self._ciphers.items())[-KEPT:]), file_id: cipher}
        return cipher

    def seal(self, file_id: bytes, offset: int, plain: bytes) -> bytes:
        """Return nonce, ciphertext and tag, without LF."""
        nonce = os.urandom(NONCE)
        sealed = self._cipher_of(file_id).encrypt(nonce, plain, file_id + offset.to_bytes(8, "big"))
        return stuffed(nonce + sealed)

    def open(self, file_id: bytes, offset: int, payload: bytes) -> bytes:
        """Return the plain line; raises `WrongKey`."""
        cipher = self._cipher_of(file_id)
        try:
            sealed = memoryview(unstuffed(payload))
            return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], file_id + offset.to_bytes(8, "big"))
        except (self._invalid, *_NOT_STUFFED) as error:
            raise wrong_key() from error


_LF = b"\n"
_INSTEAD = b"\v"
_NOT_STUFFED = (NotBase64, struct.error, ValueError, IndexError)


def stuffed(content: bytes) -> bytes:
    """Return any bytes without LF: where it stood (as base64), ":", the rest. base64 of all would take ten times longer."""
    parts = content.split(_LF)
    places = [end + number for number, end in enumerate(accumulate(map(len, parts[:-1])))]
    return b2a_base64(struct.pack(f"<{len(places)}I", *places), newline=False) + b":" + _INSTEAD.join(parts)


def unstuffed(payload: bytes) -> bytearray:
    """Return what `stuffed` was given; raises one of `_NOT_STUFFED` where it was not."""
    end = payload.index(b":")
    places = a2b_base64(payload[:end])
    content = bytearray(memoryview(payload)[end + 1 :])
    for place in struct.unpack(f"<{len(places) // 4}I", places):
        content[place] = 10
    return content


def wrong_key() -> WrongKey:
    """Return the error of a line that the key does not open though it is whole."""
    return WrongKey(
        _(
            "Der Schlüssel passt nicht zu den Dateien dieses Feldbuchs; sie sind unbeschädigt und wurden nicht "
            "angerührt. Vermutlich liegen keys.json und die Daten aus verschiedenen Sicherungen beieinander. Bitte "
            "beides aus derselben Sicherung zurückholen."
        )
    )


def derived(key: bytes, salt: bytes, use: bytes) -> bytes:
    """Return the key of 32 bytes that belongs to `salt` and `use` (HKDF-SHA256)."""
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    return HKDF(SHA256(), 32, salt, b"journal/" + use).derive(key)
