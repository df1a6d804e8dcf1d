"""Enrolment: what a person says beside address and code when a device is connected, checked before anything is sent."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Final

from models.errors import UsageError
from models.i18n import _
from models.text import clean, cut

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_NAME: Final = 80
MOST_CA_BYTES: Final = 1_000_000


def device_name(text: str | None = None) -> str:
    """Return the name of a device as it may be sent, cleaned and cut; that of the machine where none is given."""
    wanted = platform.node() if text is None else text
    return cut(clean(wanted, lines=False).strip(), LONGEST_NAME).strip() or _("Gerät")


def read_certificates(file: Path) -> str:
    """Return the certificates (PEM) of a file as text; raises `UsageError` where it has none, `OSError`."""
    content = file.expanduser().read_bytes()
    if len(content) > MOST_CA_BYTES or b"-----BEGIN CERTIFICATE-----" not in content:
        raise UsageError(
            _("Die Datei {name} enthält keine Zertifikate im Format PEM. Nichts wurde gesendet.").format(
                name=clean(file.name, lines=False)
            )
        )
    return content.decode("ascii", "replace")
