"""Unlocking: how the command line gets the passphrase of an encrypted fieldbook."""

from __future__ import annotations

import getpass
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import UsageError, WrongKey
from models.i18n import _
from models.text import clean
from tui.cli.output import complain, is_terminal

if TYPE_CHECKING:
    from models.protection import Protection

TRIES = 3
"""Passphrases that one call asks for."""

STDIN = "-"


def read_passphrase(file: str) -> str:
    """Return the first line of a file, or of standard input for "-"; raises `UsageError` where it is empty."""
    if file == STDIN:
        line = sys.stdin.readline()
    else:
        with Path(file).expanduser().open(encoding="utf-8", errors="replace") as opened:
            line = opened.readline()
    passphrase = line.rstrip("\r\n")
    if not passphrase:
        raise UsageError(_("In der Datei für --passphrase-file steht in der ersten Zeile keine Passphrase."))
    return passphrase


def ask_secret(question: str) -> str:
    """Return what is typed after `question`, unseen on a terminal; in a script the next line of input."""
    if is_terminal():
        return getpass.getpass(clean(question, lines=False) + " ")
    line = sys.stdin.readline()
    if not line:
        raise UsageError(_("Die Eingabe endet, bevor die Passphrase kam. Nichts wurde verändert."))
    return line.rstrip("\r\n")


def ask_to_unlock(protection: Protection) -> None:
    """Ask for the passphrase or the recovery code up to three times; raises `WrongKey` after the last, `UsageError` where nobody can be asked."""
    if not is_terminal():
        raise UsageError(
            _(
                "Dieses Feldbuch ist verschlüsselt, und hier kann niemand nach der Passphrase gefragt werden. Bitte "
                "--passphrase-file DATEI vor den Befehl setzen; - liest sie aus der ersten Zeile der Eingabe."
            )
        )
    for number in range(1, TRIES + 1):
        time.sleep(protection.tries.left())
        try:
            protection.unlock(ask_secret(_("Passphrase oder Wiederherstellungscode:")))
        except WrongKey as error:
            if number == TRIES:
                raise
            complain(str(error))
        else:
            return
