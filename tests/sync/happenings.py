"""Happenings: a world of laptops, a server and a network, and all that can happen in it, each as one action."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from models.errors import StoreError
from models.migrations import Schema
from sync.engine import Report
from tests.sync.hands import Hands
from tests.sync.invariants import (
    nothing_unseen,
    words_on,
    working_copies,
)
from tests.sync.laptop import Laptop, PowerCut
from tests.sync.network import Network
from tests.sync.watcher import Watcher
from tests.sync.world import FORBIDDEN, OTHER, TEAM, Server

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.records import Document

IDS = {TEAM: ("v1", "v2", "v3", "c1", "n1"), OTHER: ("v7", "v8", "c8")}

TROUBLES = (
    "server_dies",
    "server_restored",
    "laptop_restored",
    "rights",
    "revoked",
    "handed_over",
    "moved",
    "clocks",
    "late",
    "power",
    "full",
    "small",
    "long",
    "forbidden",
    "private",
    "versions",
)
"""What may go wrong; each world has some of it."""


def _renamed(document: Document) -> Document:
    return {("notes_didactics" if name == "notes_pedagogy" else name): value for name, value in document.items()}


NEWER = Schema(2, {("visit", 1): _renamed})
"""What an imagined next version makes of visits."""


class Broken(AssertionError):
    """An invariant does not hold; says which, with the seed and what led there."""


class World:
    """One world. `server` is the class of its server, so that a test can plant a bug there.

    `troubles` and the `trouble` of the network, a share of its requests, are else the seed's to say.
    """

    def __init__(
        self,
        seed: int,
        *,
        laptops: int = 3,
        server: type[Server] = Server,
        troubles: frozenset[str] | None = None,
        trouble: float | None = None,
    ) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.told: list[str] = []
        chosen = frozenset(trouble for trouble in TROUBLES if self.random.random() < 0.4)
        self.troubles = chosen if troubles is None else troubles
        self.server = server(page_bytes=self.random.choice([1, 600, 5000]))
        self.server.most_bytes = 4000 if "small" in self.troubles else self.server.most_bytes
        quality = self.random.choice([0.0, 0.2, 0.4])
        self.network = Network(self.random, trouble=quality if trouble is None else trouble)
        self.hands = Hands(self.random, self.told.append)
        self.hands.long = "long" in self.troubles
        self.watcher = Watcher(self.server, self.hands)
        self.network.asks, self.network.watch = self.watcher.asks, self.watcher.saw
        self.laptops: list[Laptop] = []
        self.backup = b""
        for number in range(laptops):
            self._begin(f"l{number}", OTHER if self._two_teams and number == laptops - 1 else TEAM)

    @property
    def _two_teams(self) -> bool:
        return bool(self.troubles & {"handed_over", "moved"})

    def _begin(self, name: str, team: str) -> None:
        laptop = Laptop(name)
        laptop.watch = self.watcher.stands
        self.server.grants[laptop.user] = (team, "adviser")
        self.laptops.append(laptop)

    def actions(self) -> list[Callable[[Laptop], None]]:
        """Return what may happen, as often in the list as it is likely."""
        often = [self._edit] * 8 + [self._sync] * 6 + [self._delete, self._undo, self._crash]
        with_trouble: dict[str, list[Callable[[Laptop], None]]] = {
            "server_dies": [self._server_dies],
            "server_restored": [self._back_up, self._restore],
            "laptop_restored": [self._copy, self._go_back],
            "rights": [self._change_rights],
            "revoked": [self._revoke],
            "handed_over": [self._hand_over] * 2,
            "moved": [self._move],
            "clocks": [self._turn_clocks],
            "late": [self._deliver_late],
            "power": [self._cut_power],
            "full": [self._fill_disk],
            "forbidden": [self._forbidden],
            "private": [self._make_private],
            "versions": [self._update],
        }
        return often + [
            action for trouble, actions in with_trouble.items() if trouble in self.troubles for action in actions
        ]

    def step(self, laptop: Laptop, action: Callable[[Laptop], None]) -> None:
        try:
            action(laptop)
        except PowerCut:
            self._tell(laptop, "loses power")
            laptop.crash()
        except StoreError:
            self._tell(laptop, "finds its disk full")
        self._hold(working_copies(laptop))

    def _tell(self, laptop: Laptop, what: str) -> None:
        self.told.append(f"{laptop.name} {what}")

    def _team(self, laptop: Laptop) -> str:
        return self.server.team_of(laptop.user)

    def _some_record(self, laptop: Laptop) -> str:
        known = [document["id"] for document in laptop.book.everything() if document["kind"] != "conflict"]
        ids: list[str] = sorted({*IDS[self._team(laptop) or TEAM], *known})
        if self.random.random() < 0.9:
            # Ids are used once: what went to another team is not begun again, but by those who have not heard of it.
            away = self.watcher.gone(laptop.exchange.standing.team)
            ids = [key for key in ids if key not in away or laptop.book.peek(key) is not None] or ids
        return self.random.choice(ids)

    # What people do

    def _edit(self, laptop: Laptop) -> None:
        self.hands.edit(laptop, self._some_record(laptop))

    def _forbidden(self, laptop: Laptop) -> None:
        self.hands.edit(laptop, FORBIDDEN)

    def _make_private(self, laptop: Laptop) -> None:
        self.hands.make_private(laptop, self._some_record(laptop))

    def _delete(self, laptop: Laptop) -> None:
        self.hands.delete(laptop, self._some_record(laptop))

    def _undo(self, laptop: Laptop) -> None:
        self.hands.undo(laptop)

    def _sync(self, laptop: Laptop) -> None:
        self._tell(laptop, f"syncs: {self._synced(laptop)}")
        self._hold(nothing_unseen(laptop, self.server.rows(laptop.exchange.standing.team), self.server.epoch))

    # What happens to laptops

    def _crash(self, laptop: Laptop) -> None:
        before = laptop.documents()
        laptop.crash()
        self._hold("" if laptop.documents() == before else f"I2: {laptop.name} lost what it had saved")
        self._tell(laptop, "crashes")

    def _cut_power(self, laptop: Laptop) -> None:
        laptop.disk.writes_left, laptop.disk.left = self.random.randint(0, 4), self.random.choice([0.0, 0.5, 1.0])
        laptop.disk.full = False
        self._tell(
            laptop, f"will lose power after {laptop.disk.writes_left} writes, with {laptop.disk.left} of the next"
        )

    def _fill_disk(self, laptop: Laptop) -> None:
        laptop.disk.writes_left, laptop.disk.left = self.random.randint(0, 4), 0.5
        laptop.disk.full = True
        self._tell(laptop, f"will have a full disk after {laptop.disk.writes_left} writes")

    def _update(self, laptop: Laptop) -> None:
        if laptop.schema is not NEWER:
            laptop.update(NEWER)
            self._tell(laptop, "is updated")

    def _copy(self, laptop: Laptop) -> None:
        laptop.copy_folder()
        self._tell(laptop, "is backed up")

    def _go_back(self, laptop: Laptop) -> None:
        if laptop.copy is None:
            return
        # What no server ever heard of is gone with the laptop; all else must not be.
        before = words_on(laptop)
        laptop.go_back_to_copy()
        self.watcher.forget(laptop)
        self.hands.replaced.setdefault(laptop.name, set()).update(before - self.watcher.kept_by_server())
        self._tell(laptop, "is brought back from its backup")

    def _turn_clocks(self, laptop: Laptop) -> None:
        jump = timedelta(minutes=self.random.choice([-600_000, -90, -1, 1, 90, 600_000]))
        if self.random.random() < 0.5:
            laptop.clock.advance(jump)
        else:
            self.server.moment += jump
        self.told.append(f"the clock of {laptop.name} or of the server jumps by {jump}")

    # What happens to rights

    def _change_rights(self, laptop: Laptop) -> None:
        team = self.server.grants[laptop.user] or (laptop.exchange.standing.team or TEAM, "adviser")
        role = self.random.choice(["nothing", "overseer", "adviser", "lead"])
        self.server.grants[laptop.user] = None if role == "nothing" else (team[0], role)  # type: ignore[assignment]
        self._tell(laptop, f"has now {self.server.grants[laptop.user]}")

    def _revoke(self, laptop: Laptop) -> None:
        if laptop.device in self.server.revoked:
            self._enrol_again(laptop)
        else:
            self.server.revoked.add(laptop.device)
            self._tell(laptop, "is revoked")

    def _enrol_again(self, laptop: Laptop) -> None:
        if self.random.random() < 0.5:
            self.server.revoked.discard(laptop.device)
        else:
            laptop.enrol_again(f"{laptop.device}+")
        self.watcher.plain = False
        self._tell(laptop, f"is enrolled again as {laptop.device}")

    def _move(self, laptop: Laptop) -> None:
        team = OTHER if self._team(laptop) == TEAM else TEAM
        self.server.grants[laptop.user] = (team, "adviser")
        self._tell(laptop, f"moves to {team}")

    def _hand_over(self, laptop: Laptop) -> None:
        source, target = self.random.sample([TEAM, OTHER], 2)
        there = [row.record for row in self.server.rows(source) if row.document["kind"] != "conflict"]
        if there:
            chosen = self.random.sample(sorted(there), self.random.randint(1, min(2, len(there))))
            handed = self.server.hand_over(chosen, source, target)
            self.watcher.handed(handed, source, target)
            self.told.append(f"{handed} of {source} are handed over to {target}")

    # What happens to the server

    def _deliver_late(self, _laptop: Laptop) -> None:
        self.network.deliver_late(self.server)
        self._hold(self.watcher.broken)
        self.told.append("a late request arrives")

    def _server_dies(self, _laptop: Laptop) -> None:
        self.server.crash = self.random.choice(["before", "after"])
        self.told.append(f"the server will die {self.server.crash} its next commit")

    def _back_up(self, _laptop: Laptop) -> None:
        self.backup = self.server.backup()
        self.told.append("the server is backed up")

    def _restore(self, laptop: Laptop) -> None:
        if self.backup and self.random.random() < 0.5:
            before = self.watcher.kept_by_server()
            self.server.restore(self.backup)
            self.watcher.restored()
            # What the laptop lost too on which it was typed is nowhere any more.
            lost = before - self.watcher.kept_by_server() - set().union(*map(words_on, self.laptops))
            self.hands.replaced.setdefault(laptop.name, set()).update(lost)
            self.told.append(f"the server goes back to its backup: {self.server.epoch}")

    # Judging

    def _synced(self, laptop: Laptop) -> Report | str:
        self.watcher.stands(laptop)
        standing, before = laptop.exchange.standing, words_on(laptop)
        try:
            report = laptop.sync(self.server, self.network)
            if report == "differs" and laptop.user not in self.network.stale:
                self._broken(f"I7: {laptop.name} missed something")
            return report
        finally:
            if laptop.exchange.standing.team != standing.team and standing.epoch != self.server.epoch:
                # It left a team whose server was restored meanwhile: what that forgot nobody can ask for any more.
                lost = before - words_on(laptop) - self.watcher.kept_by_server()
                self.hands.replaced.setdefault(laptop.name, set()).update(lost)
            self._hold(self.watcher.broken)

    def close(self) -> None:
        """Close all fieldbooks and remove their folders."""
        for laptop in self.laptops:
            laptop.close()

    def _hold(self, wrong: str) -> None:
        if wrong:
            self._broken(wrong)

    def _broken(self, what: str) -> None:
        story = "\n".join(self.told)
        raise Broken(f"seed {self.seed}: {what}\n{sorted(self.troubles)}\n{story}")
