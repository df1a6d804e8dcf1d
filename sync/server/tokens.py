"""Secrets that travel: device tokens and invitation codes. The server keeps only their HMAC under its own secret."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN_BYTES = 32
LONGEST_TOKEN = 100
"""Characters; what is longer was never given out and is not hashed."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's 32: no I, L, O, U, so that nobody reads a letter as a digit."""
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "-": "", " ": ""})
GROUPS, GROUP = 3, 4
"""60 bits, which last three days and a dozen tries."""


def new_token(random: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """Return a device token of 256 random bits; its beginning lets scanners for secrets know it."""
    return "fbt_" + urlsafe_b64encode(random(TOKEN_BYTES)).rstrip(b"=").decode()


def new_code(random: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """Return an invitation code as a person types it, such as "7K2M-9QXD-04TE"."""
    letters = [ALPHABET[byte % len(ALPHABET)] for byte in random(GROUPS * GROUP)]
    return "-".join("".join(letters[start : start + GROUP]) for start in range(0, len(letters), GROUP))


def plain_code(typed: str) -> str:
    """Return a code without what people add or misread; an empty text for what cannot be one."""
    code = typed.strip().upper().translate(_MISREAD)
    return code if len(code) == GROUPS * GROUP and set(code) <= set(ALPHABET) else ""


def token_mac(secret: bytes, token: str) -> str:
    """Return what the server keeps of a token."""
    return _mac(secret, "token", token)


def code_mac(secret: bytes, code: str) -> str:
    """Return what the server keeps of a code, given as it was typed."""
    return _mac(secret, "code", plain_code(code))


def _mac(secret: bytes, use: str, text: str) -> str:
    return hmac.new(secret, f"{use}:{text}".encode(errors="surrogatepass"), hashlib.sha256).hexdigest()
