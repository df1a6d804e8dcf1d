"""The simulator: one seed drives laptops, a server and a bad network through everything that can happen to them.

Each edit writes words that occur nowhere else. At the end, when all is well again, every word that nobody replaced on
purpose must stand in a record or in a conflict, and every laptop must have what the server has; `tests.sync.invariants`
says what else must hold, at the end and after each step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.outbox import stays_here
from sync.engine import Report
from tests.sync.hands import words_of
from tests.sync.happenings import World
from tests.sync.invariants import (
    conflicts_have_two_sides,
    equal,
    one_effect,
    outbox_empty,
    refused_of,
    working_copies,
)
from tests.sync.world import OTHER, TEAM

if TYPE_CHECKING:
    from tests.sync.laptop import Laptop

QUIET_ROUNDS = 15
STEPS = 40


class Simulation(World):
    """One run."""

    def run(self, steps: int = STEPS) -> None:
        """Let so much happen, and see whether all ends well; raises `Broken`."""
        try:
            actions = self.actions()
            for _step in range(steps):
                self.step(self.random.choice(self.laptops), self.random.choice(actions))
            self.end()
        finally:
            self.close()

    def end(self) -> None:
        """Let all troubles end, and see whether all is well then; raises `Broken`."""
        self._settle()
        self._check()
        self._check_resent()
        self._check_deleted()

    def _settle(self) -> None:
        """Let all troubles end, and sync until nobody has anything new."""
        self.server.crash = ""
        while self.network.late:
            self.network.deliver_late(self.server)
        self.network.trouble = 0.0
        for laptop in self.laptops:
            laptop.disk.writes_left = None
            if self.server.team_of(laptop.user) == "":
                self.server.grants[laptop.user] = (laptop.exchange.standing.team or TEAM, "adviser")
            if laptop.device in self.server.revoked:
                self._enrol_again(laptop)
        self._until_quiet()

    def _until_quiet(self) -> None:
        for _round in range(QUIET_ROUNDS):
            reports = [self._synced_at_the_end(laptop) for laptop in self.laptops]
            if all(report == Report() for report in reports):
                return
        self._broken("I13: it is never quiet")

    def _synced_at_the_end(self, laptop: Laptop) -> Report | str:
        report = self._synced(laptop)
        self._tell(laptop, f"syncs at the end: {report}")
        return report

    def _check(self) -> None:
        kept: set[bytes] = set()
        for laptop in self.laptops:
            self._hold(outbox_empty(laptop))
            self._hold(working_copies(laptop))
            self._hold(equal(laptop, self.server))
            kept |= words_of([*self._here_only(laptop)])
        for team in (TEAM, OTHER):
            self._hold(conflicts_have_two_sides(self.server, team))
            kept |= words_of([*self.server.documents(team).values()])
        self._hold(one_effect(self.server))
        lost = self.hands.written.difference(*self.hands.replaced.values()) - kept
        self._hold(f"I1, I2, I12: lost {sorted(lost)}" if lost else "")

    def _here_only(self, laptop: Laptop) -> list[Any]:
        """Return what is on a laptop only, and may be: parked, refused, private."""
        refused = refused_of(laptop)
        documents = laptop.documents()
        own = [one for key, one in documents.items() if key in refused or one.get("confidentiality") == "privat"]
        fields = [one["private_note"] for one in documents.values() if "private_note" in one]
        return [laptop.book.meta("sync-parked"), *own, *fields]

    def _check_resent(self) -> None:
        """I4: what was answered once changes nothing when it comes again."""
        before = self.server.everything()
        for user, device, request in self.watcher.taken[-5:]:
            self.server.answer(user, device, request)
        self._hold("" if self.server.everything() == before else "I4: sending again changed something")

    def _check_deleted(self) -> None:
        """I8: what somebody deletes when all have it stays deleted, on whatever laptop comes back from a backup."""
        laptop = self.random.choice(self.laptops)
        team = laptop.exchange.standing.team
        live = [key for key, one in self.server.documents(team).items() if not one.get("deleted_at")]
        copies = [(one, one.documents()) for one in self.laptops]
        # Nobody has anything of their own in it: neither an edit that was refused nor a private record of that name.
        live = sorted(
            key
            for key in live
            if not any(key in one.book.outbox() or (key in docs and stays_here(docs[key])) for one, docs in copies)
        )
        if self.random.random() < 0.5 or not live:
            return
        chosen = self.random.choice(live)
        other = self.random.choice(self.laptops)
        other.copy_folder()
        self._edit_other_than(other, chosen)
        self.hands.delete(laptop, chosen)
        self.network.trouble = 0.3
        for one in self.laptops * 2:
            self._tell(one, f"syncs after the deletion: {self._synced(one)}")
        self._go_back(other)
        # Its numbers were used by what it does not know any more.
        self._edit_other_than(other, chosen)
        self.network.trouble = 0.0
        if other is laptop:
            # It does not know any more that it deleted something.
            self.hands.delete(laptop, chosen)
        self._until_quiet()
        if not self.server.documents(team)[chosen].get("deleted_at"):
            self._broken(f"I8: {chosen} is there again")

    def _edit_other_than(self, laptop: Laptop, chosen: str) -> None:
        others = [one["id"] for one in laptop.book.everything() if one["kind"] != "conflict" and one["id"] != chosen]
        if others:
            self.hands.edit(laptop, self.random.choice(sorted(others)))


def run(seed: int, *, steps: int = STEPS, **options: Any) -> None:
    """Run one seed; raises `Broken`."""
    Simulation(seed, **options).run(steps)
