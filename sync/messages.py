"""What people read of the sync: why a cycle ended early, and why the server did not take an edit."""

from __future__ import annotations

from typing import Final

from models.i18n import _
from models.text import clean

_WAITS: Final = "Nichts ging verloren; was noch nicht übertragen ist, wartet hier."
_CONNECT: Final = "Abgleich (F10) oder „feldbuch connect ADRESSE CODE“ verbindet neu; einen Code gibt die Teamleitung."

_FAILURES: Final = {
    "offline": "Der Server ist nicht zu erreichen.",
    "busy": "Der Server ist gerade überlastet. Bitte später noch einmal.",
    "storage": "Der Server kann gerade nicht speichern, vielleicht ist sein Datenträger voll.",
    "too_often": "Der Server bekam zu viele Anfragen in kurzer Zeit. Bitte in einigen Minuten noch einmal.",
    "too_slow": "Die Verbindung ist zu langsam: Der Server bekam nicht rechtzeitig alles.",
    "certificate": "Das Zertifikat des Servers ist nicht gültig, oder jemand im Netz gibt sich als dieser Server aus. "
    "Der Zugang wurde nicht gesendet. Ein eigenes Zertifikat lässt sich beim Verbinden angeben.",
    "ca": "Die Datei mit dem Zertifikat lässt sich nicht lesen; sie muss das Format PEM haben.",
    "proxy": "Der eingestellte Proxy lässt sich nicht benutzen.",
    "unknown_token": f"Der Server kennt den Zugang dieses Geräts nicht. {_CONNECT}",
    "superseded": f"Der Zugang dieses Geräts ist durch einen neueren ersetzt. {_CONNECT}",
    "expired": f"Der Zugang dieses Geräts ist abgelaufen. {_CONNECT}",
    "revoked": f"Der Zugang dieses Geräts wurde gesperrt. {_CONNECT}",
    "no_scope": "Der Server gibt diesem Zugang kein Team, in dem geschrieben werden darf. Bitte die Teamleitung fragen.",
    "epoch_changed": "Der Server wurde gerade aus einer Sicherung wiederhergestellt. Bitte noch einmal abgleichen.",
    "differs": "Der Stand hier und der auf dem Server wichen voneinander ab. Beim nächsten Abgleich wird alles "
    "verglichen und ergänzt.",
    "protocol": "Der Server spricht eine andere Version. Bitte Feldbuch aktualisieren.",
    "would_remove": "Der Server würde viele Einträge entfernen.",
    "stopped": "Der Abgleich wurde abgebrochen; der nächste macht dort weiter.",
    "unknown_code": "Diesen Code kennt der Server nicht. Bitte prüfen, ob er richtig abgeschrieben ist.",
    "used": "Dieser Code wurde schon benutzt. Jeder gilt nur einmal; einen neuen gibt die Teamleitung.",
    "lost_answer": "Die Antwort des Servers kam nicht an. Vielleicht ist der Code jetzt verbraucht; einen neuen gibt "
    "die Teamleitung.",
}
"""Codes of `NotSynced` and of the server → what happened."""

_CODE_EXPIRED: Final = "Dieser Code ist abgelaufen. Er gilt 72 Stunden; einen neuen gibt die Teamleitung."

_REFUSALS: Final = {
    "too_large": "Der Eintrag ist zu groß.",
    "unreadable": "Der Server kann den Eintrag nicht lesen, vielleicht ist er älter als diese Version.",
    "malformed": "Der Server kann den Eintrag nicht lesen, vielleicht ist er älter als diese Version.",
    "other_kind": "Unter dieser Kennung hat der Server einen Eintrag einer anderen Satzart.",
    "private": "Vertrauliches verlässt dieses Gerät nicht.",
    "gone": "Der Eintrag gehört jetzt einem anderen Team.",
    "forbidden": "Das darf diese Rolle im Team nicht ändern.",
}


def failure_text(code: str) -> str:
    """Return what to tell a person of a cycle that ended early."""
    known = _FAILURES.get(code)
    if known is None:
        known = _("Der Server lehnte den Abgleich ab ({code}).").format(code=clean(code, lines=False))
    return f"{_(known)} {_(_WAITS)}"


def enrolment_text(code: str) -> str:
    """Return what to tell a person whose code was not taken."""
    known = _CODE_EXPIRED if code == "expired" else _FAILURES.get(code)
    if known is None:
        known = _("Der Server lehnte die Verbindung ab ({code}).").format(code=clean(code, lines=False))
    return _(known)


def refusal_text(reason: str) -> str:
    """Return why the server did not take an edit."""
    known = _REFUSALS.get(reason)
    return _(known) if known is not None else _("Der Server lehnt es ab ({reason}).").format(reason=reason)
