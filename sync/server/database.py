"""The database: SQLite in one file, or PostgreSQL by its address. Work comes as functions, each one transaction.

SQLite has one thread that writes, so that writers queue here and not at its lock; its readers see the state they began
with. On PostgreSQL reads are one snapshot each, and writes are retried where the database asks for it.
"""

from __future__ import annotations

import secrets
import threading
import time
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, TimeoutError as NotInTime
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import DBAPIError, TimeoutError as PoolExhausted

from sync.server.engines import Engines, engines_for
from sync.server.faults import Fault, fault_of
from sync.server.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

    from models.clock import Clock

T = TypeVar("T")

MOST_WAITING = 500
"""Writes that may queue for SQLite's one writer; a server that is this far behind says so."""
LONGEST_WAIT = 30.0
"""Seconds that a write waits for its turn."""
ATTEMPTS = 6
"""Of a transaction that the database itself asks to repeat."""


class Database:
    """The server's database; safe to use from any thread."""

    def __init__(self, engines: Engines, *, clock: Clock) -> None:
        """Use the given engines; `open` makes them from an address."""
        self.clock = clock
        self._engines = engines
        self._inside = threading.local()
        self._waiting = threading.BoundedSemaphore(MOST_WAITING)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer") if engines.one_writer else None

    @classmethod
    def open(cls, url: str, *, clock: Clock) -> Database:
        """Open `sqlite:///FILE` or `postgresql+psycopg://…`; connects with the first use. Raises `UsageError`."""
        return cls(engines_for(url), clock=clock)

    @property
    def dialect(self) -> str:
        """Which database this is: "sqlite" or "postgresql"."""
        return self._engines.writer.dialect.name

    def read(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` makes of one unchanging state of the database; raises `Refused` where it is out of reach."""
        return self._repeated(self._engines.reader, work)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` returns once all that it did is committed; where it raises, nothing was done.

        `work` may be called several times. Raises `Refused` where the database is out of reach, busy or full.
        """
        if getattr(self._inside, "writing", False):
            raise RuntimeError("a write inside a write would wait for itself")
        if self._writer is None:
            return self._write(work)
        if not self._waiting.acquire(blocking=False):
            raise Refused(503, "busy")
        try:
            return self._queued(self._writer, work)
        finally:
            self._waiting.release()

    def _queued(self, writer: ThreadPoolExecutor, work: Callable[[Connection], T]) -> T:
        try:
            turn: Future[T] = writer.submit(self._write, work)
        except RuntimeError:
            # The server is going down.
            raise Refused(503, "busy") from None
        try:
            return turn.result(LONGEST_WAIT)
        except NotInTime:
            if turn.cancel():
                raise Refused(503, "busy") from None
            # It has begun: whether it is committed is known only at its end.
            return turn.result()
        except CancelledError:
            raise Refused(503, "busy") from None

    def _write(self, work: Callable[[Connection], T]) -> T:
        self._inside.writing = True
        try:
            return self._repeated(self._engines.writer, work)
        finally:
            self._inside.writing = False

    def _repeated(self, engine: Engine, work: Callable[[Connection], T]) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            committing = False
            try:
                with engine.connect() as connection, connection.begin() as transaction:
                    result = work(connection)
                    committing = True
                    transaction.commit()
                    return result
            except PoolExhausted:
                raise Refused(503, "busy") from None
            except DBAPIError as error:
                fault = fault_of(error)
                # A connection that breaks while it commits leaves open whether it did: only the device may repeat that.
                again = fault is Fault.AGAIN or (
                    fault is Fault.AWAY and error.connection_invalidated and not committing
                )
                if not again or attempt == ATTEMPTS:
                    raise _refused(fault, error) from error
            # Jitter, so that those who met once do not meet again.
            time.sleep((1 << attempt) * (1 + secrets.randbelow(1000) / 1000) / 1000)
        raise Refused(503, "busy")

    def close(self) -> None:
        """Finish the writes that wait and close all connections."""
        if self._writer is not None:
            self._writer.shutdown(wait=True)
        self._engines.dispose()


def _refused(fault: Fault | None, error: DBAPIError) -> Exception:
    if fault is None:
        # Not the database's state but ours: a mistake in a statement, a rule that the tables keep.
        return error
    return Refused(503, "storage" if fault is Fault.STORAGE else "busy")
