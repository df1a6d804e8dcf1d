"""Hands: what a person does with a fieldbook in a test. Each edit writes a word that occurs nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import NotFound, StoreError
from models.records import parse
from sync.merge import canonical
from tests.sync.world import WORD

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from models.records import Document
    from tests.sync.laptop import Laptop

NEW: dict[str, Document] = {
    "visit": {"kind": "visit", "school": "900001", "date": "2026-11-24", "topics": ["medienkonzept"]},
    "consultation": {"kind": "consultation", "client": "900001", "date": "2026-11-24", "topics": ["medienkonzept"]},
    "neue_art": {"kind": "neue_art", "schema_version": 7},
}
FIELDS: dict[str, Sequence[str]] = {
    "visit": ("goal", "notes_pedagogy", "agreements", "infra_wifi", "logineo", "neues_feld"),
    "consultation": ("concern", "private_note", "agreements", "case", "duration"),
    "neue_art": ("titel", "liste", "tabelle"),
}
KINDS = {"v": "visit", "t": "visit", "c": "consultation", "n": "neue_art"}
"""First letter of a record's id → its kind."""


def words_of(document: object) -> set[bytes]:
    """Return the words that stand in something."""
    return set(WORD.findall(canonical(document)))


class Hands:
    """All who type in one world.

    `typed` are all words, by laptop; `written` those that were saved; `replaced` those that somebody took out again, by laptop; `secret`
    those of fields that never leave a device.
    """

    def __init__(self, random: random.Random, tell: Callable[[str], None]) -> None:
        self.random = random
        self.tell = tell
        self.words = 0
        self.written: set[bytes] = set()
        self.replaced: dict[str, set[bytes]] = {}
        self.secret: set[bytes] = set()
        self.typed: dict[str, set[bytes]] = {}
        self.long = False

    def word(self) -> str:
        """Return a new word; some come with a text that is long."""
        self.words += 1
        word = f"w{self.words}x"
        return f"{word}{'.' * 3000}" if self.long and self.random.random() < 0.2 else word

    def edit(self, laptop: Laptop, record_id: str) -> None:
        """Change one field of a record, or begin it."""
        before = laptop.book.peek(record_id)
        kind = KINDS[record_id[0]]
        document: Document = dict(before or {"id": record_id} | NEW[kind])
        document.pop("deleted_at", None)
        document.pop("delete_reason", None)
        field = self.random.choice(FIELDS[kind])
        value = document.get(field)
        if field == "agreements":
            document[field] = self._agreements(value or [])
        elif field == "duration":
            # What a newer version makes of a field that this one knows otherwise.
            document |= {"duration": self.word(), "schema_version": 2}
        elif field in ("logineo", "tabelle"):
            document[field] = {**(value or {}), self.random.choice(["lms", "mail"]): self.word()}
        elif field == "liste":
            document[field] = [*(value or []), {"wort": self.word()}]
        elif field in ("notes_pedagogy", "private_note"):
            document[field] = self._note(value or "")
            self.secret |= words_of(document[field]) if field == "private_note" else set()
        else:
            document[field] = self.word()
        self._save(laptop, document, before)
        self.tell(f"{laptop.name} edits {field} of {record_id}: {sorted(words_of(document))}")

    def _save(self, laptop: Laptop, document: Document, before: Document | None) -> None:
        # What a save took out that failed may be gone or not.
        self._took_out(laptop, words_of(before) - words_of(document))
        self.typed.setdefault(laptop.user, set()).update(words_of(document) - words_of(before))
        try:
            laptop.book.save(parse(document))
        except StoreError:
            self.tell(f"{laptop.name} finds its disk full")
        else:
            self.written |= words_of(document)

    def make_private(self, laptop: Laptop, record_id: str) -> None:
        """Keep a record that no server knows to oneself."""
        document = laptop.book.peek(record_id)
        if document is not None and laptop.book.base(record_id) is None:
            self._save(laptop, document | {"confidentiality": "privat"}, document)
            self.tell(f"{laptop.name} makes {record_id} private")

    def _agreements(self, items: list[Document]) -> list[Document]:
        items = [dict(item) for item in items]
        dice = self.random.random()
        if items and dice < 0.4:
            self.random.choice(items)[self.random.choice(["text", "neu"])] = self.word()
        elif items and dice < 0.55:
            items.remove(self.random.choice(items))
        elif len(items) > 1 and dice < 0.65:
            self.random.shuffle(items)
        else:
            items.insert(self.random.randint(0, len(items)), {"id": f"a{self.words}", "text": self.word()})
        return items

    def _note(self, text: str) -> str:
        words = text.split()
        position = self.random.randint(0, len(words))
        if words and self.random.random() < 0.3:
            words[position % len(words)] = self.word()
        else:
            words.insert(position, self.word())
        return " ".join(words)

    def delete(self, laptop: Laptop, record_id: str) -> None:
        """Delete a record, if it is there."""
        try:
            laptop.book.delete(record_id)
        except (NotFound, StoreError):
            return
        self.tell(f"{laptop.name} deletes {record_id}")

    def undo(self, laptop: Laptop) -> None:
        """Take the last thing back."""
        if not laptop.book._undo:
            return
        step = laptop.book._undo[-1].before
        before, after = words_of([laptop.book.peek(key) for key in step]), words_of([*step.values()])
        # An undo that is cut off may have happened or not.
        self._took_out(laptop, before - after)
        try:
            laptop.book.undo()
        except StoreError:
            return
        self.replaced[laptop.name] -= words_of([*laptop.documents().values()])
        self.tell(f"{laptop.name} undoes")

    def _took_out(self, laptop: Laptop, words: set[bytes]) -> None:
        self.replaced.setdefault(laptop.name, set()).update(words)
