"""The simulator: one seed drives laptops, a server and a bad network through everything that can happen to them.

Each edit writes words that occur nowhere else. At the end, when the network is good, every word that nobody replaced on
purpose must stand in a record or in a conflict, and every laptop must have what the server has.
"""

from __future__ import annotations

import random
import re
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from models.errors import NotFound
from models.records import parse
from sync.merge import canonical
from tests.sync.world import Laptop, Network, Server

if TYPE_CHECKING:
    from models.records import Document

RECORDS = ("r1", "r2", "r3", "r4")
WORD = re.compile(rb"w\d+x")
QUIET_ROUNDS = 8


class Broken(AssertionError):
    """An invariant does not hold; says which, with the seed and what led there."""


class Simulation:
    """One run."""

    def __init__(self, seed: int, *, laptops: int = 3, steps: int = 60) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.server = Server(page_bytes=self.random.choice([1, 600, 5000]))
        self.network = Network(self.random, trouble=self.random.choice([0.0, 0.2, 0.6]))
        self.laptops = [Laptop(f"l{number}") for number in range(laptops)]
        self.steps = steps
        self.words = 0
        self.written: set[bytes] = set()
        self.replaced: dict[str, set[bytes]] = {laptop.name: set() for laptop in self.laptops}
        self.told: list[str] = []
        self.backup = b""

    def run(self) -> None:
        """Run; raises `Broken`."""
        try:
            for _step in range(self.steps):
                self._step()
            self._settle()
            self._check()
        finally:
            for laptop in self.laptops:
                laptop.close()
                shutil.rmtree(laptop.folder, ignore_errors=True)

    def _step(self) -> None:
        laptop = self.random.choice(self.laptops)
        of_laptops = [self._edit] * 8 + [self._sync] * 6 + [self._delete, self._undo, self._crash]
        of_the_server = [self._server_dies, self._back_up, self._restore]
        chosen = self.random.randrange(len(of_laptops) + len(of_the_server))
        if chosen < len(of_laptops):
            of_laptops[chosen](laptop)
        else:
            of_the_server[chosen - len(of_laptops)]()

    def _word(self) -> str:
        self.words += 1
        self.written.add(b"w%dx" % self.words)
        return f"w{self.words}x"

    def _tell(self, laptop: Laptop, what: str) -> None:
        self.told.append(f"{laptop.name} {what}")

    def _edit(self, laptop: Laptop) -> None:
        record_id = self.random.choice(RECORDS)
        before = laptop.book.peek(record_id)
        document: Document = dict(
            before or {"id": record_id, "kind": "visit", "school": "900001", "date": "2026-11-24"}
        )
        document.pop("deleted_at", None)
        document.pop("delete_reason", None)
        document.setdefault("topics", ["medienkonzept"])
        field = self.random.choice(["goal", "notes_pedagogy", "agreements", "neues_feld"])
        if field == "agreements":
            document[field] = self._agreements(document.get(field, []))
        elif field == "notes_pedagogy":
            document[field] = self._note(document.get(field, ""))
        else:
            document[field] = self._word()
        now = set(WORD.findall(canonical(document)))
        laptop.book.save(parse(document))
        self.replaced[laptop.name] |= set(WORD.findall(canonical(before))) - now if before else set()
        self._tell(laptop, f"edits {field} of {record_id}: {sorted(now)}")

    def _agreements(self, items: list[Document]) -> list[Document]:
        items = [dict(item) for item in items]
        dice = self.random.random()
        if items and dice < 0.4:
            self.random.choice(items)["text"] = self._word()
        elif items and dice < 0.55:
            items.remove(self.random.choice(items))
        elif len(items) > 1 and dice < 0.65:
            self.random.shuffle(items)
        else:
            items.insert(self.random.randint(0, len(items)), {"id": f"a{self.words}", "text": self._word()})
        return items

    def _note(self, text: str) -> str:
        words = text.split()
        position = self.random.randint(0, len(words))
        if words and self.random.random() < 0.3:
            words[position % len(words)] = self._word()
        else:
            words.insert(position, self._word())
        return " ".join(words)

    def _delete(self, laptop: Laptop) -> None:
        with suppress(NotFound):
            record_id = self.random.choice(RECORDS)
            laptop.book.delete(record_id)
            self._tell(laptop, f"deletes {record_id}")

    def _undo(self, laptop: Laptop) -> None:
        before = b"".join(map(canonical, laptop.documents().values()))
        if laptop.book.undo() is not None:
            after = b"".join(map(canonical, laptop.documents().values()))
            self.replaced[laptop.name] |= set(WORD.findall(before)) - set(WORD.findall(after))
            self.replaced[laptop.name] -= set(WORD.findall(after))
            self._tell(laptop, "undoes")

    def _sync(self, laptop: Laptop) -> None:
        self._tell(laptop, f"syncs: {laptop.sync(self.server, self.network)}")

    def _crash(self, laptop: Laptop) -> None:
        laptop.crash()
        self._tell(laptop, "crashes")

    def _server_dies(self) -> None:
        self.server.crash = self.random.choice(["before", "after"])
        self.told.append(f"the server will die {self.server.crash} its next commit")

    def _back_up(self) -> None:
        self.backup = self.server.backup()
        self.told.append("the server is backed up")

    def _restore(self) -> None:
        if self.backup and self.random.random() < 0.5:
            self.server.restore(self.backup)
            self.told.append(f"the server goes back to its backup: {self.server.epoch}")

    def _settle(self) -> None:
        self.server.crash = ""
        for _round in range(QUIET_ROUNDS):
            for laptop in self.laptops:
                self._tell(laptop, f"syncs at the end: {laptop.sync(self.server)}")

    def _check(self) -> None:
        there = self.server.documents()
        for laptop in self.laptops:
            if laptop.exchange.waiting():
                self._broken(f"I13: {laptop.name} still has {dict(laptop.book.outbox())}")
            here = laptop.documents()
            if here != there:
                differing = [key for key in here.keys() | there.keys() if here.get(key) != there.get(key)]
                self._broken(f"I3: {laptop.name} differs in {[(here.get(key), there.get(key)) for key in differing]}")
        kept = set(WORD.findall(b"".join(map(canonical, there.values()))))
        lost = self.written.difference(*self.replaced.values()) - kept
        if lost:
            self._broken(f"I1, I2: lost {sorted(lost)}")
        for document in there.values():
            if document["kind"] == "conflict" and document.get("kept") == document.get("other"):
                self._broken(f"I10: a conflict without two sides {document}")

    def _broken(self, what: str) -> None:
        story = "\n".join(self.told)
        raise Broken(f"seed {self.seed}: {what}\n{story}")


def run(seed: int, **options: Any) -> None:
    """Run one seed; raises `Broken`."""
    Simulation(seed, **options).run()
