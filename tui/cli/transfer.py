"""Transfer: the commands `export` and `import records`."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from models.i18n import _
from models.jsonl import read_records, with_private_of, write_database, write_lines
from models.naming import find_kind
from models.store.files import Files
from tui.cli.output import complain, out, out_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.fieldbook import Fieldbook
    from models.records import Document

STANDARD = "-"


def export_records(fieldbook: Fieldbook, file: str, *, kind: str | None, private: bool, tinydb: bool = False) -> int:
    """Write the records, deleted ones included, as JSON Lines or as the file of stock TinyDB.

    The file is there whole or stays as it was.
    """
    documents = list(fieldbook.everything())
    if kind is not None:
        wanted = find_kind(kind, also={str(document.get("kind", "")) for document in documents})
        documents = [document for document in documents if document.get("kind") == wanted]
    lines = list(write_lines(documents, private=private))
    written = len(lines)
    if tinydb:
        lines = list(write_database(lines))
    if file == STANDARD:
        for line in lines:
            out_bytes(line)
        return 0
    path = Path(file).expanduser()
    put_in_file(path, lines)
    held_back = len(documents) - written
    out(_("{count} Einträge geschrieben: {path}").format(count=written, path=path))
    if held_back:
        complain(_("{count} vertrauliche blieben hier; --private nimmt sie mit.").format(count=held_back))
    return 0


def put_in_file(path: Path, lines: Sequence[bytes]) -> None:
    """Write lines into a file, which is there whole or stays as it was; raises `OSError`."""
    if not path.absolute().parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "", str(path.parent))
    content = b"".join(lines)
    if path.exists() and not path.is_file():
        # A pipe or device is written to; only a plain file can be replaced.
        path.write_bytes(content)
    else:
        Files().create(path.resolve(), [content])


def import_records(fieldbook: Fieldbook, file: str) -> int:
    """Bring in the records of a file that `export` wrote, all of them or none; raises `ImportRefused`."""
    content = sys.stdin.buffer.read() if file == STANDARD else Path(file).expanduser().read_bytes()
    documents = read_records(content)
    stored: dict[str, Document] = {document["id"]: document for document in fieldbook.everything()}
    new = sum(document["id"] not in stored for document in documents)
    changed = fieldbook.bring_in(with_private_of(document, stored.get(document["id"])) for document in documents)
    if changed:
        out(
            _("{count} Einträge gelesen: {new} neu, {changed} geändert.").format(
                count=len(documents), new=new, changed=changed - new
            )
        )
    else:
        out(_("Nichts zu ändern: alle {count} Einträge sind schon da.").format(count=len(documents)))
    return 0
