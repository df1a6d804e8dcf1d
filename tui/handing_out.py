"""Handing out: one record as a file that `feldbuch import records` reads, for what the server does not take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import UsageError
from models.failures import file_sentence
from models.i18n import _
from models.jsonl import write_lines
from models.store.files import Files

if TYPE_CHECKING:
    from models.records import Document


def proposed_file(document: Document) -> str:
    """Return the name of a file in the home folder that says what is in it."""
    kind, record_id = (
        "".join(sign for sign in str(document.get(name, "")) if sign.isascii() and (sign.isalnum() or sign in "-_"))
        for name in ("kind", "id")
    )
    return f"~/feldbuch-{kind[:20] or 'eintrag'}-{record_id[:8] or '1'}.jsonl"


def hand_out(document: Document, file: str) -> Path:
    """Write a record, private fields included, into a new file and return its path; raises `UsageError`."""
    try:
        path = Path(file.strip()).expanduser()
        if not file.strip() or path.exists():
            raise UsageError(_("{file}: gibt es schon. Bitte einen anderen Namen.").format(file=file or "–"))
        if not path.absolute().parent.is_dir():
            raise UsageError(_("Den Ordner {folder} gibt es nicht.").format(folder=path.parent))
        Files().create(path.absolute(), [b"".join(write_lines([document], private=True))])
    except (OSError, RuntimeError, ValueError) as error:
        # A name that stands for nobody's home, or with a NUL in it, is no name either.
        known = (
            file_sentence(error) if isinstance(error, OSError) else _("{file} ist kein Dateiname.").format(file=file)
        )
        raise UsageError(known) from error
    return path
