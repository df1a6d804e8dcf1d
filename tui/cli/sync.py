"""Sync: the commands `connect`, `sync` and `status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import NotFound, RemovalsWait, UsageError
from models.i18n import _
from models.present import full_title
from models.resolving import open_conflicts
from models.text import clean
from sync.account import Account
from sync.address import read_address
from sync.enrolment import device_name, read_certificates
from sync.messages import refusal_text
from sync.roles import role_text
from sync.status import Status, status_of
from tui.cli.dialogue import ask_yes
from tui.cli.guard import FAILED, NOT_APPLIED
from tui.cli.output import complain, is_terminal, out, out_json
from tui.moments import moment_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from models.fieldbook import Fieldbook
    from sync.engine import Report
    from tui.cli.target import Target

SHOWN = 20


def connect(target: Target, address: str, code: str, *, device: str | None, ca: Path | None, yes: bool) -> int:
    """Connect the fieldbook with a server by the code of an invitation; returns 3 where nobody could agree to replace another.

    Raises `SyncFailed` where the server does not take the code, `UsageError` for an address that is not safe.
    """
    refuse_demo(target)
    wanted = read_address(address)
    name = device_name(device)
    trusted = "" if ca is None else read_certificates(ca)
    with target.open() as fieldbook:
        before = Account.of(fieldbook)
        if before is not None and not yes:
            if not is_terminal():
                complain(
                    _(
                        "Dieses Feldbuch ist schon mit {address} verbunden. Nichts wurde verändert; --yes verbindet es neu."
                    ).format(address=before.address)
                )
                return NOT_APPLIED
            question = _("Dieses Feldbuch ist schon mit {address} verbunden. Neu verbinden?")
            if not ask_yes(question.format(address=before.address)):
                out(_("Nichts wurde verändert."))
                return 0
        from sync.session import connect as enrol  # noqa: PLC0415 - loads the network, which nobody needs before

        granted = enrol(fieldbook, wanted, code, name, trusted)
    out(
        _("Verbunden mit {address} als {name}, Gerät „{device}“.").format(
            address=wanted, name=granted.name, device=name
        )
    )
    for scope in granted.scopes:
        out(_scope_text(scope.name, scope.role))
    out(_("„feldbuch sync“ gleicht ab."))
    return 0


def refuse_demo(target: Target) -> None:
    """Raise `UsageError` for the demo region: what is invented must not reach a team."""
    if target.demo:
        raise UsageError(_("Die Beispielregion ist erfunden und wird mit keinem Server abgeglichen."))


def _scope_text(name: str, role: str) -> str:
    return _("{team}: {role}").format(team=name, role=role_text(role))


def sync(target: Target, *, as_json: bool, yes: bool) -> int:
    """Sync once and print what went out and came in; returns 1 where the server refused an edit, 3 where somebody must agree.

    Raises `NotConnected` and `SyncFailed`.
    """
    refuse_demo(target)
    with target.open() as fieldbook:
        from sync.session import account_of, synchronise  # noqa: PLC0415 - loads the network

        account_of(fieldbook)
        try:
            report = synchronise(fieldbook, target.directory, removals=yes)
        except RemovalsWait as error:
            complain(str(error))
            if as_json or not is_terminal():
                return NOT_APPLIED
            if not ask_yes(_("Mindestens {count} Einträge entfernen?").format(count=error.count)):
                out(_("Nichts weiter wurde entfernt."))
                return NOT_APPLIED
            report = synchronise(fieldbook, target.directory, removals=True)
        status = status_of(fieldbook)
        if as_json:
            out_json({**vars(report), "refused": _refusals(status), "pending": status.pending})
        else:
            _print_report(report, status, fieldbook)
    return FAILED if report.rejected else 0


def _print_report(report: Report, status: Status, fieldbook: Fieldbook) -> None:
    out(_("Gesendet: {count}").format(count=report.sent))
    out(_("Empfangen: {count}").format(count=report.received))
    conflicts = len(open_conflicts(fieldbook))
    if conflicts:
        out(_("Offene Konflikte: {count}. „feldbuch conflicts“ nennt sie.").format(count=conflicts))
    _print_refusals(status.rejected, fieldbook)
    out(_("Noch nicht übertragen: {count}").format(count=status.pending) if status.pending else _("Alles übertragen."))


def _print_refusals(rejected: Mapping[str, str], fieldbook: Fieldbook) -> None:
    if not rejected:
        return
    out(
        _("Vom Server abgelehnt: {count}. Sie bleiben hier; geändert gehen sie neu hinaus.").format(count=len(rejected))
    )
    for record_id, reason in list(rejected.items())[:SHOWN]:
        out(f"  {_title(record_id, fieldbook)}: {refusal_text(reason)}")
    if len(rejected) > SHOWN:
        out(_("  und {count} weitere").format(count=len(rejected) - SHOWN))


def _title(record_id: str, fieldbook: Fieldbook) -> str:
    try:
        return clean(full_title(fieldbook.document(record_id), fieldbook), lines=False)
    except NotFound:
        return record_id


def _refusals(status: Status) -> list[dict[str, str]]:
    return [{"record": key, "reason": reason, "text": refusal_text(reason)} for key, reason in status.rejected.items()]


def print_status(target: Target, *, as_json: bool) -> int:
    """Print how the sync stands: what waits here, from what lies here, and whether the server can be reached now."""
    with target.open() as fieldbook:
        status = status_of(fieldbook)
        online = False
        if status.account is not None:
            from sync.session import reachable  # noqa: PLC0415 - loads the network

            online = reachable(status.account)
        conflicts = len(open_conflicts(fieldbook))
        if as_json:
            out_json(
                {
                    "online": online,
                    "pending": status.pending,
                    "conflicts": conflicts,
                    "rejected": len(status.rejected),
                    "scopes": status.contact.scopes,
                    "last_contact": status.contact.at or None,
                    "server": status.account.address if status.account is not None else None,
                    "refused": _refusals(status),
                    "parked": status.parked,
                }
            )
            return 0
        _print_server(status, fieldbook, online=online)
        waits = _("Noch nicht übertragen: {count}").format(count=status.pending)
        out(waits if status.pending or status.account is None else _("Alles übertragen."))
        if conflicts:
            out(_("Offene Konflikte: {count}. „feldbuch conflicts“ nennt sie.").format(count=conflicts))
        _print_refusals(status.rejected, fieldbook)
        if status.parked:
            out(
                _(
                    "Zurückgelegt: {count}. Diese Einträge gehören nicht mehr zu diesem Zugang; was hier an ihnen geändert "
                    "war, bleibt aufbewahrt."
                ).format(count=status.parked)
            )
    return 0


def _print_server(status: Status, fieldbook: Fieldbook, *, online: bool) -> None:
    if status.account is None:
        out(_("Mit keinem Server verbunden. „feldbuch connect ADRESSE CODE“ verbindet."))
        return
    out(_("Server: {address}").format(address=status.account.address))
    out(_("Angemeldet: {name}, Gerät „{device}“").format(name=status.contact.name, device=status.account.device_name))
    for scope in status.contact.scopes:
        out(_scope_text(scope["name"], scope["role"]))
    out(_("Der Server ist zu erreichen.") if online else _("Offline: Der Server ist jetzt nicht zu erreichen."))
    out(_("Letzter Kontakt: {when}").format(when=moment_text(status.contact.at, fieldbook.clock)))
