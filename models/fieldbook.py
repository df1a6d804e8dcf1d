"""Fieldbook: the app's only door to data. Each save is one durable commit of the record and its outbox entry."""

from __future__ import annotations

from contextlib import contextmanager
from threading import RLock, get_ident
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from models.clock import Clock, SystemClock
from models.errors import NotFound
from models.i18n import _
from models.indexes import RECORDS, Indexes
from models.migrations import SCHEMA
from models.outbox import OUTBOX, changed_fields, outbox_entry, stays_here
from models.record_store import BASES, META, open_records
from models.records import Record, UnknownRecord, parse, record_class
from models.settings import Settings
from models.store import Change
from models.text import clean, clean_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from models.migrations import Schema
    from models.records import Document
    from models.store import Store
    from models.store.codec import Codec
    from models.store.files import Files

DRAFTS = "drafts"

_STAMPS = ("updated_at", "updated_by", "device")


class Changed(NamedTuple):
    """What watchers are told after a commit: the kinds and ids that it touched."""

    kinds: frozenset[str]
    ids: frozenset[str]


class Taken(NamedTuple):
    """What a server said about a record: its last acknowledged state, and what it is here from now on.

    `base` is `None` for what no server knows, `document` for what is gone from here. `seen` is as in the outbox.
    """

    record: str
    base: Document | None
    document: Document | None
    seen: Mapping[str, Any] = {}


class Step(NamedTuple):
    """One undoable step: what was done in words, and the documents as they were before it."""

    what: str
    before: dict[str, Document | None]


class Fieldbook:
    """All records of one folder. Documents that it returns are live: read them, never change them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Take over an open store; use `Fieldbook.open` for a folder."""
        self.clock = clock
        self._store = store
        self._lock = RLock()
        self._watchers: list[Callable[[Changed], None]] = []
        self._before_close: list[Callable[[], None]] = []
        self._undo: list[Step] = []
        self._pending: dict[str, Document] | None = None
        self._seen: dict[str, Mapping[str, Any]] = {}
        self._batching = 0
        self._indexes = Indexes(store)
        self._first_settings = Settings.first()
        self.version = 0
        self.only_read = ""
        """Why nothing can be saved here; empty where it can."""

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        clock: Clock | None = None,
        codec: Codec | None = None,
        files: Files | None = None,
        schema: Schema = SCHEMA,
    ) -> Self:
        """Open or begin the fieldbook in `directory`, with `codec` where it is encrypted; raises a `StoreError`.

        One that a newer version wrote, and that this one can read, is opened for reading: `only_read` says why.
        """
        clock = clock or SystemClock()
        opened = open_records(directory, clock.local(clock.now()), schema, codec=codec, files=files)
        fieldbook = cls(opened.store, clock)
        fieldbook.only_read = opened.only_read
        return fieldbook

    def close(self) -> None:
        """Release the folder; nothing is left to write, as every save was durable."""
        try:
            for callback in self._before_close:
                callback()
        finally:
            self._store.close()

    def before_close(self, callback: Callable[[], None]) -> None:
        """Call `callback` when the fieldbook is closed, while everything can still be read."""
        self._before_close.append(callback)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Reading

    def get(self, record_id: str) -> Record:
        """Return the record with this id, deleted ones included; raises `NotFound`."""
        return parse(self.document(record_id))

    def document(self, record_id: str) -> Document:
        """Return the document with this id, deleted ones included; raises `NotFound`."""
        document = self._lookup(record_id)
        if document is None:
            raise NotFound(_("Diesen Eintrag gibt es in diesem Feldbuch nicht ({id}).").format(id=record_id))
        return document

    def _lookup(self, record_id: str) -> Document | None:
        # What another thread collects is not stored, and may never be.
        if self._pending is not None and self._batching == get_ident() and record_id in self._pending:
            return self._pending[record_id]
        return self._store.table(RECORDS).get(record_id)

    def documents(self, kind: str) -> list[Document]:
        """Return all documents of a kind that are not deleted, in no particular order."""
        return self._indexes.of_kind(kind)

    def where(self, kind: str, **equals: str) -> list[Document]:
        """Return the documents of a kind whose fields have these values; one of them indexed makes it fast."""
        return self._indexes.where(kind, equals)

    def find(self, kind: str, **equals: str) -> list[Record]:
        """Return the records of a kind whose fields have these values, validated."""
        return [parse(document) for document in self.where(kind, **equals)]

    def having(self, index: str, text: str) -> list[Document]:
        """Return the documents that an index of `models.rules.keys` has under `text`, without reading any other."""
        return self._indexes.having(index, text)

    def texts(self, index: str) -> list[str]:
        """Return all texts of an index, sorted, without reading a document."""
        return self._store.texts(RECORDS, index)

    def by_key(self, kind: str, key: str) -> Document | None:
        """Return the document of `kind` that others refer to by `key`: its official number, else its id."""
        return self._indexes.by_key(kind, key)

    def counts(self) -> dict[str, int]:
        """Return kind → number of records that are not deleted, kinds without any left out."""
        return self._indexes.counts()

    def everything(self) -> Iterable[Document]:
        """Return all documents, deleted ones included."""
        return list(self._store.table(RECORDS).values())

    def size(self) -> int:
        """Return the size of the fieldbook's files in bytes."""
        return self._store.size()

    # Writing

    def save(self, record: Record, *, seen: Mapping[str, Any] | None = None) -> Record:
        """Save a record with its outbox entry in one durable commit and return it as stored.

        `seen` is as in the outbox: from what fields were edited whose present value the person has not seen. Raises
        `InvalidRecord` with all problems, `StoreError` where the disk refuses. Saving what is stored already writes nothing.
        """
        if not isinstance(record, UnknownRecord):
            record.checked()
        with self._lock:
            before = self._lookup(record.id)
            stamped = self._stamp(record.document(), before)
            if before is not None and _same(before, stamped):
                return parse(before)
            what = _("Änderung an {one}") if before else _("Neu: {one}")
            if seen:
                self._seen[record.id] = seen
            self._commit([stamped], what.format(one=_(record.about.one)))
            return parse(stamped)

    def delete(self, record_id: str, reason: str = "") -> None:
        """Delete a record: it becomes a tombstone that `undo` takes back; raises `NotFound`. Once is enough."""
        with self._lock:
            before = self.document(record_id)
            if before.get("deleted_at"):
                return
            now = self.clock.now().isoformat(timespec="seconds")
            tombstone = self._stamp({**before, "deleted_at": now, "delete_reason": reason}, before)
            one = record_class(str(before.get("kind", ""))).about.one
            self._commit([clean_tree(tombstone)], _("Gelöscht: {one}").format(one=_(one)))

    def bring_in(self, documents: Iterable[Document], *, undoable: bool = True) -> int:
        """Store documents as they are (an import of records); returns how many differed from what was there.

        Nothing is stamped, so that what was exported comes back equal; ids and kinds must be there. What is not
        `undoable` is no step of undo: nobody wants to take back the demo region that they asked for.
        """
        with self._lock:
            cleaned = (clean_tree(document) for document in documents)
            changed = [document for document in cleaned if self._lookup(document["id"]) != document]
            if changed:
                self._commit(
                    changed,
                    _("Import von {count} Einträgen").format(count=len(changed)),
                    undoable=undoable,
                )
            return len(changed)

    def undo(self) -> str | None:
        """Take back the last save, delete or import of this session; returns what it was, `None` if there is none."""
        with self._lock:
            if not self._undo:
                return None
            step = self._undo[-1]
            self._write(step.before)
            self._undo.pop()
            return step.what

    def put_back(self, record_id: str, document: Document | None, what: str) -> None:
        """Let a record be `document` again, unstamped, or nothing where no server knows it; `undo` takes that back.

        Raises `NotFound` where there is no such record now.
        """
        with self._lock:
            before = self.document(record_id)
            self._write({record_id: document})
            self._undo.append(Step(what, {record_id: before}))

    @contextmanager
    def batch(self, what: str = "") -> Iterator[None]:
        """Collect all saves and deletes of the block into one commit and one step of undo; an error drops them all."""
        with self._lock:
            if self._pending is not None:
                yield
                return
            self._batching = get_ident()
            self._pending = {}
            try:
                yield
                pending = list(self._pending.values())
            except BaseException:
                self._seen.clear()
                raise
            finally:
                self._pending = None
            if pending:
                self._commit(pending, what or _("{count} Einträge").format(count=len(pending)))

    def _stamp(self, document: Document, before: Document | None) -> Document:
        settings = self.settings
        now = self.clock.now().isoformat(timespec="seconds")
        stamps = {"updated_at": now, "updated_by": settings.adviser, "device": settings.device}
        created = before or {"created_at": now, "created_by": settings.adviser}
        created = {name: created[name] for name in ("created_at", "created_by") if created.get(name)}
        stamped = {**document, **created, **stamps}
        base = self._store.table(BASES).get(document["id"])
        if base is not None and not stays_here(stamped) and not changed_fields(stamped, base):
            # Nothing of it travels: to everybody else the record is as it was, and so are its stamps.
            stamped = {**document, **created, **{name: base[name] for name in _STAMPS if name in base}}
        return {name: value for name, value in stamped.items() if name not in stamps or value}

    def _commit(self, documents: list[Document], what: str, *, undoable: bool = True) -> None:
        if self._pending is not None:
            self._pending.update((document["id"], document) for document in documents)
            return
        before = {document["id"]: self._store.table(RECORDS).get(document["id"]) for document in documents}
        self._write({document["id"]: document for document in documents})
        if undoable:
            self._undo.append(Step(what, before))

    def _write(self, documents: Mapping[str, Document | None]) -> None:
        records, outbox, bases = (self._store.table(name) for name in (RECORDS, OUTBOX, BASES))
        number = self.meta("outbox").get("last", 0)
        changes: list[Change] = []
        edited_from, self._seen = self._seen, {}
        for record_id, document in documents.items():
            number += 1
            kept = document
            if document is None and record_id in bases:
                # The server knows it: taking its creation back is a deletion, not a disappearance.
                kept = {
                    **records[record_id],
                    "deleted_at": self.clock.now().isoformat(timespec="seconds"),
                }
            changes.append(Change(RECORDS, record_id, kept))
            waiting = outbox.get(record_id)
            # What was edited first counts: that is the state which the person saw.
            seen = {**edited_from.get(record_id, {}), **(waiting or {}).get("seen", {})}
            entry = outbox_entry(kept, bases.get(record_id), waiting, number, seen)
            if entry is not None or record_id in outbox:
                changes.append(Change(OUTBOX, record_id, entry))
        changes.append(Change(META, "outbox", {"last": number}))
        if not self.meta("settings"):
            # The device is named in the stamps from the first save on, so it keeps its name.
            changes.append(Change(META, "settings", self._first_settings.document()))
        before = [records.get(record_id) for record_id in documents]
        self._store.commit(changes)
        after = [change.document for change in changes if change.table == RECORDS]
        self._indexes.replace(before, after)
        self._tell([document for document in (*before, *after) if document is not None])

    def rekey(self, codec: Codec) -> None:
        """Write everything anew with another codec, nothing written with the old one is left; raises `StoreError`."""
        with self._lock:
            self._store.rekey(codec)

    def back_up(self, folder: Path, *, automatic: bool = False) -> Path:
        """Write all that is stored into one new file in `folder`, named after the moment; raises `StoreError`."""
        return self._store.back_up(folder, self.clock.local(self.clock.now()), automatic=automatic)

    # Sync

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other threads from saving while an answer is compared with what is here and taken over."""
        with self._lock:
            yield

    def peek(self, record_id: str) -> Document | None:
        """Return the document with this id, `None` where there is none."""
        return self._store.table(RECORDS).get(record_id)

    def base(self, record_id: str) -> Document | None:
        """Return a record as a server last acknowledged it, `None` where none did."""
        return self._store.table(BASES).get(record_id)

    def bases(self) -> Mapping[str, Document]:
        """Return record id → the record as a server last acknowledged it."""
        return self._store.table(BASES)

    def take_over(self, taken: Sequence[Taken], meta: Mapping[str, Document]) -> None:
        """Store what a server said, and documents of the program's own, in one durable commit; raises `StoreError`.

        What changed here by it can no longer be undone: undo would take back what others did.
        """
        with self._lock:
            records, outbox, bases = (self._store.table(name) for name in (RECORDS, OUTBOX, BASES))
            number = self.meta("outbox").get("last", 0)
            changes: list[Change] = []
            before: list[Document | None] = []
            after: list[Document | None] = []
            for one in taken:
                known = records.get(one.record)
                if known != one.document:
                    changes.append(Change(RECORDS, one.record, one.document))
                    before.append(known)
                    after.append(one.document)
                if bases.get(one.record) != one.base:
                    changes.append(Change(BASES, one.record, one.base))
                waiting = outbox.get(one.record)
                entry = outbox_entry(one.document, one.base, waiting, number + 1, one.seen)
                number += entry is not None and waiting is None
                if entry != waiting:
                    changes.append(Change(OUTBOX, one.record, entry))
            changes.append(Change(META, "outbox", {"last": number}))
            changes += [Change(META, key, document) for key, document in meta.items()]
            self._store.commit(changes)
            self._indexes.replace(before, after)
            gone = {one.record for one in taken}
            self._undo = [step for step in self._undo if not gone & step.before.keys()]
            self._tell([document for document in (*before, *after) if document is not None])

    # Watching

    def watch(self, callback: Callable[[Changed], None]) -> Callable[[], None]:
        """Call `callback` after each commit, in the thread that made it; returns what ends that."""
        self._watchers.append(callback)
        return lambda: self._watchers.remove(callback)

    def _tell(self, documents: list[Document]) -> None:
        self.version += 1
        change = Changed(
            frozenset(str(document.get("kind", "")) for document in documents),
            frozenset(document["id"] for document in documents),
        )
        for callback in tuple(self._watchers):
            callback(change)

    # Outbox, settings, drafts

    def outbox(self) -> Mapping[str, Document]:
        """Return record id → outbox entry for everything that was saved and not yet acknowledged by a server."""
        return self._store.table(OUTBOX)

    def send_first(self, record_id: str) -> bool:
        """Put a record's edits before all others that wait, durably; returns whether it waits at all."""
        with self._lock:
            outbox = self.outbox()
            entry = outbox.get(record_id)
            if entry is None:
                return False
            first = min(int(one["n"]) for one in outbox.values())
            if int(entry["n"]) != first:
                self._store.commit([Change(OUTBOX, record_id, {**entry, "n": first - 1})])
                self._tell([])
            return True

    def meta(self, key: str) -> Document:
        """Return a document of the program's own, empty where there is none."""
        return self._store.table(META).get(key, {})

    def set_meta(self, key: str, document: Document) -> None:
        """Store a document of the program's own durably."""
        with self._lock:
            self._store.commit([Change(META, key, document)])

    @property
    def settings(self) -> Settings:
        """The settings of this fieldbook."""
        stored = self.meta("settings")
        return Settings.model_validate(stored) if stored else self._first_settings

    def save_settings(self, settings: Settings) -> None:
        """Store the settings durably."""
        self.set_meta("settings", settings.document())

    def drafts(self) -> Sequence[Document]:
        """Return the drafts of forms that were begun and not saved, latest first."""
        return sorted(
            self._store.table(DRAFTS).values(),
            key=lambda draft: str(draft["updated_at"]),
            reverse=True,
        )

    def draft(self, record_id: str) -> Document | None:
        """Return the draft that belongs to a record id, if there is one."""
        return self._store.table(DRAFTS).get(record_id)

    def save_draft(
        self,
        record_id: str,
        kind: str,
        values: Document,
        title: str,
        *,
        left: bool = False,
        seen: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep what was typed into the form of a record, durably; `values` are the form's own texts by field.

        `left` says that the form was left on purpose: a draft without it was cut off by a crash. `seen` is the record as it
        was then, in the fields that were edited: it may be another one when the draft is gone on with.
        """
        with self._lock:
            before = self.draft(record_id) or {}
            now = self.clock.now().isoformat(timespec="seconds")
            draft = {
                "id": record_id,
                "kind": kind,
                "values": clean_tree(values),
                "title": clean(title, lines=False),
                "left": left,
                **({"seen": dict(seen)} if seen else {}),
            }
            stamped = {
                **draft,
                "started_at": before.get("started_at", now),
                "updated_at": now,
            }
            self._store.commit([Change(DRAFTS, record_id, stamped)])

    def drop_draft(self, record_id: str, fields: Collection[str] | None = None) -> None:
        """Forget the draft of a record once it is saved or given up; with `fields` only what was typed into these."""
        with self._lock:
            draft = self.draft(record_id)
            if draft is None:
                return
            gone = draft["values"].keys() if fields is None else fields
            rest = {n: value for n, value in draft["values"].items() if n not in gone}
            seen = {n: value for n, value in draft.get("seen", {}).items() if n not in gone}
            kept = {**draft, "values": rest, **({"seen": seen} if "seen" in draft else {})} if rest else None
            self._store.commit([Change(DRAFTS, record_id, kept)])


def _same(before: Document, after: Document) -> bool:
    return _without_stamps(before) == _without_stamps(after)


def _without_stamps(document: Document) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in _STAMPS}
