"""Route: by which address this device would go out into the network. Asks the system alone; nothing is sent."""

from __future__ import annotations

import socket
from typing import Final

_ELSEWHERE: Final = ("192.0.2.1", 9)
"""An address that nobody has. Source: RFC 5737."""


def local_address() -> str:
    """Return the address of this device by which it would reach others, empty where it has no network."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            # Of UDP, this only looks up the way.
            asked.connect(_ELSEWHERE)
            return str(asked.getsockname()[0])
    except OSError:
        return ""
