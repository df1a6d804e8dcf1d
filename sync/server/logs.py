"""Logs: one line of JSON for each event, with names and numbers only. No bodies, no tokens, no addresses' queries.

Of an error only its type and the lines of code are written: its text may quote a record.
"""

from __future__ import annotations

import json
import logging
import traceback
from typing import TYPE_CHECKING, Any, TextIO

import structlog

from models.text import clean

if TYPE_CHECKING:
    from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

LONGEST = 200
"""Characters of a text in a line."""


def logger_to(stream: TextIO, *, level: int = logging.INFO) -> FilteringBoundLogger:
    """Return a logger that writes lines of JSON to `stream`."""
    made: FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(stream),
        processors=[*_SHARED, structlog.processors.JSONRenderer(serializer=json.dumps)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    return made


def take_over(stream: TextIO, *, level: int = logging.INFO) -> None:
    """Let everything that logs by Python's own way, above all uvicorn, write the same lines to `stream`."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_first_line, *_SHARED],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=json.dumps),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        known = logging.getLogger(name)
        known.handlers.clear()
        known.setLevel(logging.NOTSET)
        known.disabled = False
        known.propagate = name != "uvicorn.access"


def _without_texts_of_errors(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    raised = event.pop("exc_info", None)
    error = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        event["error"] = type(error).__qualname__
        event["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-20:]]
    return event


def _first_line(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    # What others put below it describes what they were given.
    event["event"] = str(event["event"]).split("\n", 1)[0]
    return event


def _cleaned(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    return {name: _plain(value) for name, value in event.items()}


def _plain(value: Any) -> Any:
    # Whatever else a log is read with, its lines stay lines: `json` escapes what is not ASCII, `clean` what steers a screen.
    return clean(value, lines=False)[:LONGEST] if isinstance(value, str) else value


_SHARED: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _without_texts_of_errors,
    _cleaned,
]
