"""Failures: what a person is told where a file or the program itself fails, and what a log may keep of it."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from models.i18n import _

if TYPE_CHECKING:
    from traceback import TracebackException


def file_sentence(error: OSError) -> str:
    """Return what went wrong with a file, and that nothing was changed."""
    reasons = {
        errno.ENOENT: _("gibt es nicht"),
        errno.EACCES: _("darf hier nicht gelesen oder geschrieben werden"),
        errno.EPERM: _("darf hier nicht gelesen oder geschrieben werden"),
        errno.EROFS: _("darf hier nicht geschrieben werden"),
        errno.EISDIR: _("ist ein Ordner"),
        errno.ENOTDIR: _("liegt nicht in einem Ordner"),
        errno.ENOSPC: _("der Datenträger ist voll"),
        errno.EDQUOT: _("der Datenträger ist voll"),
        errno.ENAMETOOLONG: _("der Name ist zu lang"),
    }
    reason = reasons.get(error.errno or 0) or _("Fehler {number} des Systems").format(number=error.errno)
    name = str(error.filename) if error.filename is not None else _("Ein- oder Ausgabe")
    return _("{name}: {reason}. Nichts wurde verändert.").format(name=name, reason=reason)


def without_content(error: BaseException) -> str:
    """Return where an error happened and of what kind it was; its words may quote what somebody has entered."""
    import traceback  # noqa: PLC0415 - only a defect needs it

    lines: list[str] = []
    step: TracebackException | None = traceback.TracebackException.from_exception(error)
    while step is not None:
        lines += [*step.stack.format(), f"{step.exc_type.__name__ if step.exc_type else '?'}\n"]
        step = step.__cause__ or step.__context__
    return "".join(lines)
