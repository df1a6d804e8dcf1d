"""Exchange head: in a few lines, with which server, as whom, since when, and what the sync is doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import FeldbuchError, RemovalsWait
from models.i18n import _
from sync.account import Account, Contact
from sync.roles import role_text
from sync.schedule import STOPPED
from tui.moments import moment_text
from tui.show import assemble

if TYPE_CHECKING:
    from textual.content import Content

    from models.fieldbook import Fieldbook
    from tui.sync_progress import Progress
    from tui.syncing import Syncing

BAR = 20
LABEL = 11


def head_text(fieldbook: Fieldbook, syncing: Syncing) -> Content:
    """Return the lines above the list of what waits."""
    account = Account.of(fieldbook)
    if account is None:
        return assemble(
            _("Dieses Feldbuch ist mit keinem Server verbunden. Alle Einträge liegen nur auf diesem Gerät.\n"),
            _("c verbindet es; Adresse und Code gibt die Teamleitung."),
        )
    contact = Contact.of(fieldbook)
    roles = _(" · ").join(
        _("{team}: {role}").format(team=scope["name"], role=role_text(scope["role"])) for scope in contact.scopes
    )
    who = _("{name}, Gerät „{device}“").format(name=contact.name, device=account.device_name)
    lines = [
        (_("Server"), account.address),
        (_("Zugang"), who),
        (_("Team"), roles or _("Der Server nannte noch keines.")),
        (_("Kontakt"), moment_text(contact.at, fieldbook.clock) or _("noch keiner")),
    ]
    parts = [part for label, text in lines for part in ((label.ljust(LABEL), "$text-muted"), (f"{text}\n", ""))]
    text, style = _now(account, fieldbook, syncing)
    return assemble(*parts, (_("Jetzt").ljust(LABEL), "$text-muted"), (text, style))


def _now(account: Account, fieldbook: Fieldbook, syncing: Syncing) -> tuple[str, str]:
    """Return what the sync does, or how the last one ended, and a style."""
    if fieldbook.only_read:
        return fieldbook.only_read, ""
    if syncing.progress is not None:
        return _("{progress}  h hält an").format(progress=_progress(syncing.progress)), "$primary"
    last = syncing.last
    if isinstance(last, RemovalsWait):
        text = _(
            "! Der Server würde hier mindestens {count} von {held} Einträgen entfernen. Dazu fehlt die Zustimmung; r gibt sie."
        )
        return text.format(count=last.count, held=last.held), "$warning"
    if isinstance(last, FeldbuchError) and syncing.failure != STOPPED:
        return f"! {last}", "$warning"
    if account.waits:
        return _("! Der erste Abgleich steht noch aus. Strg+R beginnt ihn."), "$warning"
    if isinstance(last, FeldbuchError):
        return _("angehalten; Strg+R macht weiter"), ""
    return _("verbunden") if last is not None else _("wartet auf den nächsten Abgleich"), ""


def _progress(progress: Progress) -> str:
    if not progress.total:
        return progress.text()
    done = min(BAR * progress.done // progress.total, BAR)
    return f"{'▰' * done}{'▱' * (BAR - done)} {progress.text()}"
