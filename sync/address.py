"""Addresses of servers: https, but for one on this machine."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from models.errors import UsageError
from models.i18n import _
from models.text import clean


def read_address(text: str) -> str:
    """Return the address of a server as it is kept, without a slash at its end; raises `UsageError`.

    Without a scheme https is meant. Unencrypted http is for a server on this machine only.
    """
    wanted = text.strip()
    try:
        parts = urlsplit(wanted if "://" in wanted else f"https://{wanted}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if not host or parts.scheme not in ("http", "https") or parts.username is not None or parts.query or parts.fragment:
        raise UsageError(
            _("„{text}“ ist keine Adresse eines Servers. Gemeint ist etwas wie https://feldbuch.beispiel.de.").format(
                text=clean(text, lines=False)
            )
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(
            _("Nur https ist erlaubt: Ohne Verschlüsselung könnten andere im Netz mitlesen. Nichts wurde gesendet.")
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port is not None else ''}{parts.path.rstrip('/')}"


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_local(address: str) -> bool:
    """Tell whether a server is on this machine."""
    return is_loopback(urlsplit(address).hostname or "")
