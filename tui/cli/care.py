"""Care: the commands `backup` and `restore`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from models.clock import SystemClock
from models.dates import show_date, show_time
from models.errors import KeysLost, UsageError, WrongKey
from models.i18n import _
from models.protection import Protection
from models.records import record_class
from models.restoring import held, keys_are_lost, keys_of, opened, restore
from models.text import clean
from tui.cli.dialogue import ask_yes
from tui.cli.guard import NOT_APPLIED
from tui.cli.output import complain, is_terminal, out
from tui.cli.unlocking import ask_to_unlock, read_passphrase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.fieldbook import Fieldbook
    from models.restoring import BackupKeys
    from models.store.backup import Backup
    from tui.cli.target import Target


def back_up(fieldbook: Fieldbook, folder: Path) -> int:
    """Write a backup into `folder`."""
    path = fieldbook.back_up(folder.expanduser())
    out(_("Gesichert in {path}").format(path=path))
    print_counts(fieldbook.counts())
    return 0


def restore_fieldbook(target: Target, file: Path, *, yes: bool) -> int:
    """Put a backup in the place of the fieldbook, once it was read as a whole and somebody agreed.

    Returns 3 where nobody could be asked; raises `ImportRefused` for a file that is no backup or not whole.
    """
    if target.demo:
        raise UsageError(_("Die Beispielregion braucht keine Sicherung: --fresh legt sie neu an."))
    target.prepared()
    try:
        protection = target.protection() or Protection(target.directory)
    except KeysLost as error:
        complain(str(error))
        protection = Protection(target.directory)
    path = file.expanduser()
    keys = keys_of(path, protection)
    _unlock(protection)
    backup, keys = _read(path, protection, keys, target)
    _tell(backup)
    if keys is not None and not protection.encrypted:
        out(_("Das Feldbuch ist danach verschlüsselt, mit Passphrase und Wiederherstellungscode der Sicherung."))
    if not yes:
        if not is_terminal():
            complain(_("Nichts wurde eingespielt: Ohne Terminal kann niemand zustimmen. --yes spielt ohne Frage ein."))
            return NOT_APPLIED
        if not ask_yes(_("Den jetzigen Stand sichern und durch diesen ersetzen?")):
            out(_("Nichts wurde eingespielt."))
            return 0
    clock = SystemClock()
    restored = restore(protection, backup, keys, clock.local(clock.now()))
    if restored.damaged:
        out(_("Die beschädigten Dateien liegen in {path}").format(path=restored.kept))
    elif restored.kept is not None:
        out(_("Der Stand davor liegt in {path}").format(path=restored.kept))
    out(_("Die Sicherung ist eingespielt."))
    return 0


def print_counts(counts: Mapping[str, int]) -> None:
    """Print how many records of each kind there are."""
    for kind, count in counts.items():
        about = record_class(kind).about
        name = _(about.many) if about.title != ("kind",) else f"{_(about.many)} „{clean(kind, lines=False)}“"
        out(f"{name}: {count}")


def _tell(backup: Backup) -> None:
    try:
        made = datetime.fromisoformat(backup.header["made"])
        when = _("{date}, {time} Uhr").format(date=show_date(made.date()), time=show_time(made.time()))
    except ValueError:
        when = _("unbekannter Zeit")
    out(_("Sicherung von {when}").format(when=when))
    counts = held(backup.content.tables)
    print_counts(counts)
    out(_("Zusammen {count} Einträge, die Datei ist unversehrt.").format(count=sum(counts.values())))


def _unlock(protection: Protection) -> None:
    """Unlock what is to be replaced, as its state is backed up first; one whose keys are lost is put aside later."""
    if not protection.unlocked and not keys_are_lost(protection):
        ask_to_unlock(protection)


def _read(
    path: Path, protection: Protection, keys: BackupKeys | None, target: Target
) -> tuple[Backup, BackupKeys | None]:
    if keys is None:
        return opened(path), None
    if protection.encrypted and protection.unlocked:
        try:
            return opened(path, protection.codec()), keys
        except WrongKey:
            complain(_("Die Sicherung ist mit anderen Schlüsseln verschlüsselt als dieses Feldbuch."))
    if target.passphrase_file is not None and not protection.encrypted:
        keys.unlock(read_passphrase(target.passphrase_file))
    elif not keys.unlock_by_system():
        ask_to_unlock(keys)
    return opened(path, keys.codec()), keys
