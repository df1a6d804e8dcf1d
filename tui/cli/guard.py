"""Guard: the edge of the command line, where every error becomes one sentence and an exit code, never a traceback."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from models.errors import FeldbuchError, UsageError
from models.failures import file_sentence, without_content
from models.i18n import _
from tui.cli.output import complain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui.cli.target import Target

FAILED = 1
WRONG_USAGE = 2
NOT_APPLIED = 3
INTERRUPTED = 130
READER_GONE = 141
LOG = "fehler.log"


def guarded(work: Callable[[], int], target: Target) -> int:
    """Return what `work` returns, or the exit code of the error that it ended with, after telling it on stderr."""
    try:
        code = work()
        sys.stdout.flush()
    except UsageError as error:
        complain(str(error))
        return WRONG_USAGE
    except FeldbuchError as error:
        complain(str(error))
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
        complain(defect_sentence(error, target.directory))
        return FAILED
    return code


def defect_sentence(error: Exception, directory: Path) -> str:
    """Return what to tell a person of a defect of the program, after writing it into the log in `directory`."""
    from datetime import UTC, datetime  # noqa: PLC0415

    path = directory / LOG
    report = without_content(error)
    try:
        with path.open("a", encoding="utf-8", errors="replace") as log:
            log.write(f"{datetime.now(UTC).isoformat(timespec='seconds')}\n{report}\n")
    except OSError:
        return _("Ein Fehler im Programm ({name}). Gespeichertes ist unversehrt.").format(name=type(error).__name__)
    return _("Ein Fehler im Programm. Gespeichertes ist unversehrt; Näheres steht in {path}.").format(path=path)
