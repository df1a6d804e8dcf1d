"""Saving: the one thread in which the app writes, so that no disk, however slow, keeps a key waiting.

    screen ── do(work, then) ──▶ queue ──▶ thread: work(), one after the other, in the order in which they were asked for
       ◀───────── then(result), or the error told ─────────┘

What is asked for is done even if its screen is gone by then. Records are read and changed within `work`, where nothing
else writes meanwhile: what a screen read a moment ago may be old by the time its turn comes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


class Owner(Protocol):
    """What `Saving` asks of the app."""

    def call_later(self, callback: Callable[..., Any], *args: Any) -> bool:
        """Call `callback` in the app's turn; may be called from any thread."""
        ...

    def saving_changed(self) -> None:
        """Show whether something is being saved, and let go what waits for the end of it."""
        ...


@dataclass(slots=True)
class Job:
    """One thing that is to be written, and what follows in the app's turn."""

    work: Callable[[], Any]
    then: Callable[[Any], None] | None
    failed: Callable[[], None] | None
    replaces: str


class Saving:
    """Writes for one app, in one thread. All methods are called in the app's own thread."""

    def __init__(self, owner: Owner) -> None:
        """Write for `owner`; the thread begins with the first thing to write."""
        self._owner = owner
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="saving")
        self._lock = Lock()
        self._queue: deque[Job] = deque()
        self._open = 0
        self._failures = 0

    @property
    def busy(self) -> bool:
        """Whether something that was asked for is not written yet, or its end not shown."""
        return self._open > 0

    def do(
        self,
        work: Callable[[], Result],
        then: Callable[[Result], None] | None = None,
        *,
        failed: Callable[[], None] | None = None,
        replaces: str = "",
    ) -> None:
        """Run `work` in its turn, then call `then` with what it returned; on an error `failed`, and tell the error.

        Of those that wait with the same name in `replaces` only the last one is written: of drafts of one record.
        """
        with self._lock:
            if replaces:
                older = [job for job in self._queue if job.replaces == replaces]
                for job in older:
                    self._queue.remove(job)
                self._open -= len(older)
            self._queue.append(Job(work, then, failed, replaces))
        self._open += 1
        self._executor.submit(self._work)
        self._owner.saving_changed()

    def settle(self, then: Callable[[], None], failed: Callable[[], object] | None = None) -> None:
        """Call `then` once all that was asked for is written, at once where that is so; if some of it failed, `failed`."""
        if not self.busy:
            then()
            return
        failures = self._failures

        def settled(_nothing: None) -> None:
            if failures == self._failures:
                then()
            elif failed is not None:
                failed()

        self.do(lambda: None, settled)

    async def close(self) -> None:
        """Return when all that was asked for is written; nothing is taken any more."""
        await asyncio.to_thread(self._executor.shutdown)

    def _work(self) -> None:
        with self._lock:
            job = self._queue.popleft() if self._queue else None
        if job is None:
            return  # It was replaced while it waited.
        try:
            result = job.work()
        except Exception as error:  # noqa: BLE001 - raised again in the app's turn, where every error is dealt with
            self._owner.call_later(self._failed, job, error)
        else:
            self._owner.call_later(self._done, job, result)

    def _done(self, job: Job, result: Any) -> None:
        self._open -= 1
        try:
            if job.then is not None:
                job.then(result)
        finally:
            self._owner.saving_changed()

    def _failed(self, job: Job, error: Exception) -> None:
        self._open -= 1
        self._failures += 1
        try:
            if job.failed is not None:
                job.failed()
            raise error
        finally:
            self._owner.saving_changed()
