"""Syncing: the one thread in which the app talks to the server, so that no network, however slow, keeps a key waiting.

    screen ── now() ──────────▶ queue ──▶ thread: one task after the other
       ◀── sync_changed() ────────┘

A sync begins by itself when the schedule says so. What it brings is committed in its thread, between what the thread that
saves commits: the fieldbook lets one of them write at a time, and never while the server is being asked. Ending the program
waits for what is being written, never for a server.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from dataclasses import dataclass
from threading import Lock, Thread, current_thread
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from models.errors import FeldbuchError, SyncFailed
from models.i18n import _
from sync.account import NO_ACCESS, OLD, REFUSED, STATE, Account
from sync.schedule import STOPPED, Schedule
from sync.status import waiting_in
from tui.sync_progress import BEGINS, Follower, Progress

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from models.fieldbook import Fieldbook
    from sync.engine import Report
    from sync.halt import Halt
    from sync.status import Waiting
    from tui.connection import Connection

Result = TypeVar("Result")

MOMENT: Final = 0.5
"""Seconds that the end of the program waits for a thread that asks the server and may be left alone."""

QUIET: Final = frozenset({"offline", "busy", "storage", "too_often", "too_slow", "epoch_changed", "differs", STOPPED})
"""Codes of failures that nobody can do anything about: the status line tells of them, and no message."""


class Owner(Protocol):
    """What `Syncing` asks of the app."""

    def call_later(self, callback: Callable[..., Any], *args: Any) -> bool:
        """Call `callback` in the app's turn; may be called from any thread."""
        ...

    def sync_changed(self) -> None:
        """Show anew how the sync stands."""
        ...

    def sync_told(self, outcome: Report | FeldbuchError) -> None:
        """Tell how a sync ended that somebody asked for, or for which new reason one failed that somebody can help."""
        ...


@dataclass(slots=True, eq=False)
class Task:
    """One thing to do in the thread, and what follows in the app's turn; `asked`: somebody wants to know how it ended."""

    work: Callable[[Halt], Any]
    then: Callable[[Any], None]
    failed: Callable[[FeldbuchError], None]
    halt: Halt
    is_sync: bool = False
    asked: bool = False
    left_alone: bool = False
    thread: Thread | None = None


class Syncing:
    """Syncs for one app. Methods but `committed` and `commits_here` are called in the app's own thread; what they cause comes there too.

    `version` grows whenever something here changed. `last` is how the last sync ended, at `last_at`; `None` before the first.
    """

    def __init__(self, owner: Owner, fieldbook: Fieldbook, connection: Connection | None) -> None:
        """Sync `fieldbook` for `owner`; without a `connection` nothing is ever synced."""
        self._owner = owner
        self._book = fieldbook
        self._connection = connection
        self._schedule = Schedule(connection.chance if connection is not None else random.random)
        self._tasks: deque[Task] = deque()
        self._task: Task | None = None
        self._lock = Lock()
        self._address = ""
        self._told: set[str] = set()
        self._closed = False
        self._waiting: tuple[object, Waiting] | None = None
        self.progress: Progress | None = None
        self.last: Report | FeldbuchError | None = None
        self.last_at: datetime | None = None
        self.version = 0

    # How it stands

    @property
    def connected(self) -> bool:
        """Whether this fieldbook is connected with a server."""
        return Account.of(self._book) is not None

    @property
    def active(self) -> bool:
        """Whether this app syncs: the fieldbook is connected, and can be written."""
        return self._connection is not None and not self._book.only_read and self.connected

    @property
    def running(self) -> bool:
        """Whether a sync is under way."""
        return self._schedule.running

    @property
    def phase(self) -> str:
        """What the sync under way does: "begins", "sends" or "fetches"; empty where none is."""
        return self.progress.phase if self.progress is not None else ""

    @property
    def failure(self) -> str:
        """The code of the last sync if it failed, else empty; where it failed here, as on a full disk, it is "here"."""
        if not isinstance(self.last, FeldbuchError):
            return ""
        return self.last.code if isinstance(self.last, SyncFailed) else "here"

    @property
    def trouble(self) -> str:
        """Why the last sync failed, in one or two words for the status line; empty where it did not."""
        code = self.failure
        if code in ("", STOPPED):
            return ""
        if code in NO_ACCESS:
            return _("kein Zugang")
        return {"offline": _("offline"), "would_remove": _("Rückfrage")}.get(code) or _("gestört")

    @property
    def waiting(self) -> Waiting:
        """How much waits here; looked at again only after something changed."""
        stand = (self._book.version, self.version, *map(self._book.meta, (STATE, REFUSED, OLD)))
        if self._waiting is None or self._waiting[0] != stand:
            self._waiting = (stand, waiting_in(self._book))
        return self._waiting[1]

    # When

    def begin(self) -> None:
        """Begin to sync by itself."""
        if self._connection is not None:
            self._schedule.begins(self._connection.seconds())

    def look(self) -> None:
        """Begin a sync if it is time to; called again and again."""
        connection = self._connection
        account = Account.of(self._book)
        if connection is None or not self.active or account is None or account.waits:
            return
        now = connection.seconds()
        if self._schedule.failing:
            before, self._address = self._address, connection.route()
            if self._address not in ("", before):
                self._schedule.network_came(now)
        if self._schedule.is_due(now):
            self._begin_sync()

    @property
    def commits_here(self) -> bool:
        """Whether the thread that asks is the one of the sync."""
        task = self._task
        return task is not None and task.thread is current_thread()

    def committed(self) -> None:
        """Note a commit, in the thread that made it; what the sync brings is none to be sent."""
        if self._connection is not None and not self.commits_here:
            self._owner.call_later(self._saved)

    def _saved(self) -> None:
        if self._connection is not None and self._book.outbox():
            self._schedule.saved(self._connection.seconds())

    def now(self, *, removals: bool = False) -> bool:
        """Sync now and tell how it ended, or how the one ends that is under way; returns whether there is a server at all.

        `removals` says that somebody agreed to what a `RemovalsWait` asked.
        """
        if not self.active:
            return False
        waiting = [task for task in (self._task, *self._tasks) if task is not None and task.is_sync]
        for task in waiting:
            task.asked = True
        if removals or not waiting:
            self._begin_sync(removals=removals, asked=True)
        return True

    def _begin_sync(self, *, removals: bool = False, asked: bool = False) -> None:
        assert self._connection is not None  # noqa: S101 - for the type checker
        synchronise = self._connection.synchronise

        def work(halt: Halt) -> Report:
            follower = Follower(self._book, lambda progress: self._from_thread(task, self._show, progress))
            return synchronise(self._book, removals=removals, halt=halt, follow=follower.follow)

        def ended(outcome: Report | FeldbuchError) -> None:
            self._ended(outcome, asked=task.asked)

        task = self._task_of(work, ended, ended)
        task.is_sync, task.asked = True, asked
        self._schedule.started()
        self._do(task)

    def online(
        self,
        work: Callable[[Halt], Result],
        then: Callable[[Result], None],
        failed: Callable[[FeldbuchError], None] | None = None,
    ) -> None:
        """Run `work` in the thread, when no sync runs, then `then` with what it returned; on an error `failed`, else tell it.

        `work` gives the `Halt` to the `Edges` of its session, and loads the network itself.
        """
        self._do(self._task_of(work, then, failed or self._owner.sync_told))

    def stop(self) -> None:
        """End what is under way; the next sync goes on where this one stopped."""
        task = self._task
        if task is not None and self._halt(task):
            from sync.messages import failure_text  # noqa: PLC0415 - the start does without

            self._over(task, SyncFailed(failure_text(STOPPED), STOPPED))

    async def close(self) -> None:
        """End for good; returns when nothing is being written any more."""
        self._closed = True
        self._tasks.clear()
        task = self._task
        if task is not None and task.thread is not None:
            alone = self._halt(task)
            await asyncio.to_thread(task.thread.join, MOMENT if alone else None)

    def _halt(self, task: Task) -> bool:
        with self._lock:
            task.left_alone = task.halt.stop()
        return task.left_alone

    # The thread

    @staticmethod
    def _task_of(
        work: Callable[[Halt], Any], then: Callable[[Any], None], failed: Callable[[FeldbuchError], None]
    ) -> Task:
        from sync.halt import Halt  # noqa: PLC0415 - the start of the app does without

        return Task(work, then, failed, Halt())

    def _do(self, task: Task) -> None:
        self._tasks.append(task)
        self._next()

    def _next(self) -> None:
        if self._task is not None or not self._tasks or self._closed:
            return
        task = self._task = self._tasks.popleft()
        if task.is_sync:
            self._show(Progress(BEGINS))
        # A daemon: one that waits for a server must not keep the program from ending.
        task.thread = Thread(target=self._run, args=(task,), name="sync", daemon=True)
        task.thread.start()

    def _run(self, task: Task) -> None:
        outcome: Any
        try:
            outcome = task.work(task.halt)
        except Exception as error:  # noqa: BLE001 - goes to the app's turn, where every error is dealt with
            outcome = error
        self._from_thread(task, lambda found: self._over(task, found), outcome)

    def _from_thread(self, task: Task, callback: Callable[[Any], None], value: Any) -> None:
        def act() -> None:
            if task is self._task:
                callback(value)

        with self._lock:
            # Of one that was left alone the app may be gone.
            if not task.left_alone:
                self._owner.call_later(act)

    def _over(self, task: Task, outcome: Any) -> None:
        self._task = None
        try:
            if isinstance(outcome, FeldbuchError):
                task.failed(outcome)
            elif isinstance(outcome, Exception):
                raise outcome
            else:
                task.then(outcome)
        finally:
            self._next()

    def _show(self, progress: Progress | None) -> None:
        self.progress = progress
        self.version += 1
        self._owner.sync_changed()

    def _ended(self, outcome: Report | FeldbuchError, *, asked: bool) -> None:
        assert self._connection is not None  # noqa: S101 - for the type checker
        self.last, self.last_at = outcome, self._book.clock.now()
        code = self.failure
        self._schedule.ended(self._connection.seconds(), code)
        if code:
            self._address = self._connection.route()
        news = code not in ("", *QUIET, *self._told)
        self._told = self._told | {code} if code else set()
        self._show(None)
        if asked or news:
            self._owner.sync_told(outcome)
