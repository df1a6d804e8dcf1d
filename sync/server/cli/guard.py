"""Guard: the edge of `feldbuch-server`, where every error becomes one sentence and an exit code, never a traceback."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from models.errors import FeldbuchError, UsageError
from models.failures import file_sentence, without_content
from models.i18n import _
from sync.server.cli.output import complain
from sync.server.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

FAILED = 1
WRONG_USAGE = 2
NOT_APPLIED = 3
INTERRUPTED = 130
READER_GONE = 141


def guarded(work: Callable[[], int]) -> int:
    """Return what `work` returns, or the exit code of the error that it ended with, after telling it on stderr."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = work()
        sys.stdout.flush()
    except UsageError as error:
        complain(str(error))
        return WRONG_USAGE
    except FeldbuchError as error:
        complain(str(error))
        return FAILED
    except Refused as refused:
        complain(_refused_sentence(refused))
        return FAILED
    except DBAPIError as error:
        complain(_database_sentence(error))
        return FAILED
    except KeyboardInterrupt:
        complain(_("Abgebrochen. Was gespeichert war, ist unversehrt."))
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; what Python would still flush at its end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except OSError as error:
        complain(file_sentence(error))
        return FAILED
    except Exception as error:  # noqa: BLE001 - the edge of the program: a defect is logged, people read a sentence
        complain(_("Ein Fehler im Programm. Gespeichertes ist unversehrt; es folgt, wo er geschah."))
        sys.stderr.write(without_content(error))
        return FAILED
    return code


def _refused_sentence(refused: Refused) -> str:
    sentences = {
        "busy": _("Die Datenbank antwortet gerade nicht. Nichts wurde verändert. Bitte gleich noch einmal."),
        "storage": _("Der Datenträger der Datenbank ist voll oder gestört. Nichts wurde verändert."),
    }
    other = _("Das ging nicht ({code}). Nichts wurde verändert.").format(code=refused.code)
    return sentences.get(refused.code, other)


def _database_sentence(error: DBAPIError) -> str:
    # Its own words may hold the address with its password, or what a record contains.
    name = type(error.orig).__name__ if error.orig is not None else type(error).__name__
    return _(
        "Die Datenbank ist nicht zu erreichen oder nahm das nicht an ({name}). Nichts wurde verändert. "
        "Bitte ihre Adresse prüfen, und ob sie läuft."
    ).format(name=name)
