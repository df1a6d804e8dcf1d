"""Doctor: the command that checks a fieldbook, counts what is in it, and saves what can be saved of a damaged one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from models.dates import show_date, show_time
from models.errors import StoreDamaged, StoreError
from models.i18n import _
from models.indexes import RECORDS
from models.jsonl import write_lines
from models.restoring import held
from models.rules.health import examine
from models.store.check import check
from models.store.convert import BACKUPS
from models.store.files import Files
from models.store.places import cloud_warning
from models.store.storage import JournalStorage
from models.text import clean
from tui.cli.care import print_counts
from tui.cli.guard import FAILED
from tui.cli.output import complain, out
from tui.cli.transfer import put_in_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.fieldbook import Fieldbook
    from models.protection import Protection
    from models.records import Document
    from models.store.backup import BackupFile
    from models.store.check import Checked
    from tui.cli.target import Target

SHOWN = 50
SHOWN_BACKUPS = 3


def run_doctor(target: Target, *, rescue: str | None = None) -> int:
    """Print the state of the files and of what is in them; returns 1 where something is wrong.

    With `rescue` all that is readable is written into that file, private records included. A fieldbook that does not open
    is told as far as it can be read, and stays as it is.
    """
    directory = target.directory
    found = check(directory, Files())
    out(_("Speicherort: {path}").format(path=directory))
    warning = cloud_warning(directory)
    if warning:
        out(_("Hinweis: {text}").format(text=warning))
    out(_("Größe: {size} kB").format(size=-(-found.size // 1000)))
    protection = None
    try:
        protection = target.protection()
        with target.open(protection) as fieldbook:
            _print_files(found)
            if rescue is not None:
                _write_rescued(list(fieldbook.everything()), rescue)
            return examine_fieldbook(fieldbook)
    except StoreDamaged as error:
        _print_files(found)
        complain(str(error))
        _print_rescued(target, protection, rescue)
        _print_way_out(found.backups, directory)
        return FAILED
    except StoreError:
        _print_files(found)
        raise


def examine_fieldbook(fieldbook: Fieldbook) -> int:
    """Print the state of what is in a fieldbook; returns 1 where something in it is wrong."""
    health = examine(fieldbook.everything(), fieldbook.outbox())
    print_counts(health.counts)
    out(_("Gelöscht: {count}").format(count=health.deleted))
    out(_("Entwürfe: {count}").format(count=len(fieldbook.drafts())))
    out(_("Noch nicht abgeglichen: {count}").format(count=len(fieldbook.outbox())))
    _print_some(_("Hinweis"), health.notes)
    _print_some(_("Fehler"), health.problems)
    out(_("Alles in Ordnung.") if not health.problems else _("{count} Fehler.").format(count=len(health.problems)))
    return 1 if health.problems else 0


def _print_files(found: Checked) -> None:
    out(
        _("Dateien: {files}, Generationen: {generations}").format(files=len(found.files), generations=found.generations)
    )
    for file in found.files:
        if not file.codec:
            out(_("{name}: schon die erste Zeile ist beschädigt.").format(name=file.name))
        elif not file.sound:
            out(
                _("{name}: {damaged} von {lines} Zeilen beschädigt.").format(
                    name=file.name, damaged=file.damaged, lines=file.lines
                )
            )
        if file.torn:
            out(_("{name}: endet mitten in einer Zeile.").format(name=file.name))
    for name, size in found.left_over:
        out(_("{name}: Rest eines Speicherns, das nie fertig wurde, {size} Bytes.").format(name=name, size=size))
    out(_("Letzte Sicherung: {when}").format(when=_when(found.backups[0]) if found.backups else _("noch keine")))


def _when(backup: BackupFile) -> str:
    return _("{date}, {time} Uhr").format(date=show_date(backup.made.date()), time=show_time(backup.made.time()))


def _print_rescued(target: Target, protection: Protection | None, rescue: str | None) -> None:
    codec = protection.codec() if protection is not None else None
    journal = JournalStorage(target.directory, codec=codec, rescue=True)
    try:
        out(_("Noch lesbar:"))
        print_counts(held(journal.content.tables))
        out(_("Verloren: {count} Stücke").format(count=journal.report.quarantined))
        if rescue is not None:
            _write_rescued(_documents(journal.table(RECORDS)), rescue)
        else:
            out(
                _(
                    "„feldbuch doctor --rescue DATEI“ schreibt alles noch Lesbare in eine Datei für „feldbuch import records“."
                )
            )
    finally:
        journal.close()


def _documents(table: Mapping[str, bytes]) -> list[Document]:
    return [orjson.loads(document) for document in table.values()]


def _write_rescued(documents: Sequence[Document], rescue: str) -> None:
    lines = list(write_lines(documents, private=True))
    path = Path(rescue).expanduser()
    put_in_file(path, lines)
    out(_("{count} Einträge geschrieben, auch vertrauliche und gelöschte: {path}").format(count=len(lines), path=path))


def _print_way_out(backups: Sequence[BackupFile], directory: Path) -> None:
    for backup in backups[:SHOWN_BACKUPS]:
        out(
            _("Sicherung von {when}: feldbuch restore {path}").format(
                when=_when(backup), path=directory / BACKUPS / backup.name
            )
        )
    if not backups:
        out(_("Im Ordner backups liegt keine Sicherung. Eine eigene spielt „feldbuch restore DATEI“ ein."))


def _print_some(what: str, lines: list[str]) -> None:
    for line in lines[:SHOWN]:
        out(f"{what}: {clean(line, lines=False)}")
    if len(lines) > SHOWN:
        out(_("{what}: und {count} weitere").format(what=what, count=len(lines) - SHOWN))
