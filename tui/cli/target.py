"""Target: the folder that a call of `feldbuch` works on, from the options that stand before any command."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import UsageError
from models.i18n import _
from tui.cli.output import complain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.fieldbook import Fieldbook
    from models.protection import Protection

MOST_RECORDS = 1_000_000

PLACE = "place"
"""The document that remembers which folder somebody was warned of."""


@dataclass
class Target:
    """Which fieldbook is meant: one's own in the usual folder, the one in `folder`, or the demo region."""

    folder: Path | None = None
    demo: bool = False
    records: int | None = None
    fresh: bool = False
    passphrase_file: str | None = None
    network: bool = False

    @property
    def directory(self) -> Path:
        """The folder of the fieldbook; the demo's lies beside one's own."""
        own = self.folder or default_directory()
        if not self.demo:
            return own
        size = f"-{self.records}" if self.records else ""
        return own.with_name(f"{own.name}-demo{size}")

    def prepared(self) -> Path:
        """Return the folder; with `--fresh` the demo in it was thrown away. Raises `StoreError` for a network drive."""
        if not self.network:
            from models.store.places import refuse_network  # noqa: PLC0415 - `--help` opens none

            refuse_network(self.directory)
        if self.fresh:
            _empty(self.directory)
        return self.directory

    def begin(self, fieldbook: Fieldbook) -> str:
        """Make the demo region where it was asked for and is not there yet; let one's own fieldbook look after its backups.

        Returns a sentence that is to be told: once, where a cloud copies the folder.
        """
        if not self.demo:
            directory = self.directory
            fieldbook.before_close(lambda: _back_up(fieldbook, directory))
            return _new_warning(fieldbook, directory)
        if not fieldbook.counts():
            from fixtures.demo import build_demo  # noqa: PLC0415 - one's own fieldbook needs no demo

            if sys.stderr.isatty():
                complain(_("Die Beispielregion wird angelegt …"))
            build_demo(fieldbook, records=self.records)
        return ""

    def protection(self) -> Protection | None:
        """Return what encrypts one's own fieldbook, unlocked where nobody has to be asked for that; the demo has none.

        Raises `WrongKey` where the passphrase in `--passphrase-file` is wrong.
        """
        if self.demo:
            return None
        from models.protection import Protection  # noqa: PLC0415 - the demo needs none

        protection = Protection(self.directory)
        if self.passphrase_file is not None and protection.encrypted:
            from tui.cli.unlocking import read_passphrase  # noqa: PLC0415 - only with the option

            protection.unlock(read_passphrase(self.passphrase_file))
        elif protection.encrypted:
            protection.unlock_by_system()
        return protection

    def open(self, protection: Protection | None = None) -> Fieldbook:
        """Open the fieldbook, and ask for the passphrase where it is locked; raises a `StoreError`.

        `protection` is the one to be unlocked where the caller goes on to use it.
        """
        from models.fieldbook import Fieldbook  # noqa: PLC0415 - `--help` opens none

        directory = self.prepared()
        protection = protection or self.protection()
        if protection is not None and not protection.unlocked:
            from tui.cli.unlocking import ask_to_unlock  # noqa: PLC0415 - only for an encrypted fieldbook

            ask_to_unlock(protection)
        fieldbook = Fieldbook.open(directory, codec=protection.codec() if protection is not None else None)
        if fieldbook.only_read:
            complain(fieldbook.only_read)
        try:
            warning = self.begin(fieldbook)
            if warning:
                complain(warning)
        except BaseException:
            fieldbook.close()
            raise
        return fieldbook


def default_directory() -> Path:
    """Return the folder of one's own fieldbook: FELDBUCH_DIR, else where the system keeps a user's data."""
    named = os.environ.get("FELDBUCH_DIR")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_path  # noqa: PLC0415 - a named folder needs none

    return user_data_path("feldbuch", appauthor=False)


def _new_warning(fieldbook: Fieldbook, directory: Path) -> str:
    from models.store.places import cloud_warning  # noqa: PLC0415 - `--help` opens none

    warning = cloud_warning(directory)
    place = {"told": str(directory)} if warning else {}
    if fieldbook.only_read or fieldbook.meta(PLACE) == place:
        return ""
    fieldbook.set_meta(PLACE, place)
    return warning


def _back_up(fieldbook: Fieldbook, directory: Path) -> None:
    from models.safekeeping import back_up_weekly  # noqa: PLC0415 - at the end, so that no start waits for it

    back_up_weekly(fieldbook, directory, complain)


def _empty(directory: Path) -> None:
    from models.store.lock import FolderLock  # noqa: PLC0415 - rarely asked for

    if not directory.exists():
        return
    lock = FolderLock(directory)
    try:
        for path in directory.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name != "LOCK":
                path.unlink()
    finally:
        lock.release()


def split(argv: Sequence[str], target: Target) -> tuple[Target, list[str]]:
    """Set the global options at the beginning of `argv` in `target`; return it and the rest. Raises `UsageError`."""
    rest = list(argv)
    while rest and rest[0].startswith("--"):
        option, equals, value = rest[0].partition("=")
        if option in ("--demo", "--fresh", "--network") and not equals:
            setattr(target, option[2:], True)
            del rest[0]
        elif option in ("--dir", "--records", "--passphrase-file"):
            if not equals:
                value = rest[1] if len(rest) > 1 else ""
            del rest[: 1 if equals else 2]
            _take(target, option, value)
        else:
            break
    _check(target)
    return target, rest


def _take(target: Target, option: str, value: str) -> None:
    if option == "--dir":
        if not value:
            raise UsageError(_("Nach --dir fehlt der Ordner."))
        target.folder = Path(value).expanduser()
        return
    if option == "--passphrase-file":
        if not value:
            raise UsageError(_("Nach --passphrase-file fehlt die Datei; - liest die Eingabe."))
        target.passphrase_file = value
        return
    if not (
        value.isascii()
        and value.isdigit()
        and 0 < int(value[:9]) <= MOST_RECORDS
        and len(value) <= len(str(MOST_RECORDS))
    ):
        raise UsageError(_("Nach --records steht eine Zahl von 1 bis {most}.").format(most=MOST_RECORDS))
    target.records = int(value)


def _check(target: Target) -> None:
    if target.demo and target.folder is not None:
        raise UsageError(_("Entweder --dir oder --demo, nicht beides."))
    if target.demo and target.passphrase_file is not None:
        raise UsageError(_("Die Beispielregion ist nicht verschlüsselt: --demo braucht kein --passphrase-file."))
    if not target.demo and (target.fresh or target.records):
        raise UsageError(_("--records und --fresh gehören zu --demo."))
