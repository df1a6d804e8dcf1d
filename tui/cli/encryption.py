"""Encryption: the commands that turn it on and off and change what unlocks; for scripts, and for who works without screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import UsageError
from models.i18n import _
from models.store.key_files import PASSPHRASE, SYSTEM
from models.store.keyring import passphrase_problem
from tui.cli.output import out
from tui.cli.unlocking import ask_secret, read_passphrase

if TYPE_CHECKING:
    from models.protection import Protection
    from tui.cli.target import Target


def encrypt(target: Target, *, system: bool) -> int:
    """Encrypt the fieldbook, with the system's keyring or with a passphrase, and print the recovery code."""
    protection = _protection(target)
    if protection.encrypted:
        raise UsageError(_("Dieses Feldbuch ist schon verschlüsselt. Nichts wurde verändert."))
    passphrase = None if system else _new_passphrase(target)
    with target.open() as fieldbook:
        code = protection.encrypt(fieldbook, passphrase=passphrase, system=system)
    out(_("Das Feldbuch ist verschlüsselt."))
    _print_code(code)
    return 0


def decrypt(target: Target) -> int:
    """Store everything readable again."""
    protection = _encrypted(target)
    with target.open(protection) as fieldbook:
        protection.decrypt(fieldbook)
    out(_("Das Feldbuch ist nicht mehr verschlüsselt."))
    return 0


def change_passphrase(target: Target) -> int:
    """Set a passphrase, or another one; who has not shown to know the present one or the recovery code is asked for it."""
    protection = _encrypted(target)
    with target.open(protection):
        if protection.way == SYSTEM and PASSPHRASE in protection.ways:
            # Nobody has shown yet to know it.
            protection.change_passphrase(ask_secret(_("Bisherige Passphrase:")), _asked_twice())
        else:
            protection.set_passphrase(_asked_twice())
    out(_("Die neue Passphrase gilt."))
    return 0


def print_new_code(target: Target) -> int:
    """Print a new recovery code; the one before is void."""
    protection = _encrypted(target)
    with target.open(protection):
        code = protection.new_recovery_code()
    _print_code(code)
    return 0


def _protection(target: Target) -> Protection:
    protection = target.protection()
    if protection is None:
        raise UsageError(_("Die Beispielregion bleibt unverschlüsselt."))
    return protection


def _encrypted(target: Target) -> Protection:
    protection = _protection(target)
    if not protection.encrypted:
        raise UsageError(_("Dieses Feldbuch ist nicht verschlüsselt."))
    return protection


def _new_passphrase(target: Target) -> str:
    if target.passphrase_file is None:
        return _asked_twice()
    passphrase = read_passphrase(target.passphrase_file)
    _refuse(passphrase_problem(passphrase, passphrase))
    return passphrase


def _asked_twice() -> str:
    passphrase = ask_secret(_("Neue Passphrase:"))
    _refuse(passphrase_problem(passphrase, ask_secret(_("Noch einmal:"))))
    return passphrase


def _refuse(problem: str) -> None:
    if problem:
        raise UsageError(f"{problem} {_('Nichts wurde verändert.')}")


def _print_code(code: str) -> None:
    out(_("Wiederherstellungscode: {code}").format(code=code))
    out(_("Er wird nur dieses eine Mal gezeigt. Bitte auf Papier schreiben und sicher aufbewahren."))
