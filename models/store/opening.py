"""Opening: what a store's folder holds, from its snapshots and journals. Reads only."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.errors import StoreDamaged, StoreNewer
from models.i18n import _
from models.store.codec import PLAIN, PlainCodec, wrong_key
from models.store.key_files import keys_lost
from models.store.lines import FORMAT, Header, read_header
from models.store.recovery import Content, Journal, opens, read_journal, read_snapshot, salvage
from models.store.saved_indexes import INDEX, Saved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from models.store.codec import Codec
    from models.store.files import Files

SNAPSHOT, JOURNAL = "snap", "wal"


@dataclass
class Found:
    """What the files of a folder hold.

    `last` is the last commit, `journal` the one to go on with; `rebuilt` a damaged snapshot whose content the generation
    before it gave back; `quarantined` the pieces that could not be read; `stale_keys` says that keys must be made anew; `saved` has the
    indexes of the snapshot.
    """

    content: Content
    generation: int = 0
    last: int = 0
    journal: Journal | None = None
    snapshot_size: int = 0
    rebuilt: str = ""
    quarantined: int = 0
    stale_keys: bool = False
    saved: Saved | None = None


def name_of(kind: str, generation: int) -> str:
    """Return the name of the snapshot or journal of a generation."""
    return f"{kind}-{generation:06d}.jsonl"


def generations(names: Iterable[str], kind: str) -> dict[int, str]:
    """Return generation → name of all files of a kind, oldest first; only names that a store itself gives count."""
    found: dict[int, str] = {}
    for name in names:
        number = name.removeprefix(f"{kind}-").removesuffix(".jsonl")
        if number.isdecimal() and number.isascii() and name == name_of(kind, int(number)):
            found[int(number)] = name
    return dict(sorted(found.items()))


class NoKey(PlainCodec):
    """Stands for the key of an encrypted file that was opened without one."""

    def __init__(self, folder: Path) -> None:
        """Speak of `folder`."""
        self._folder = folder

    def open(self, file_id: bytes, offset: int, payload: bytes) -> bytes:  # noqa: ARG002 - there is no key to use them with
        """Raise `KeysLost`: a file without any line has nothing to say, one with lines cannot be read."""
        raise keys_lost(self._folder)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold the garbage collector back: among a hundred thousand new lines it looks in vain, for half of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Folder:
    """Reads the files of one store."""

    def __init__(self, folder: Path, files: Files, codec: Codec, *, indexes: str, read_only: bool) -> None:
        """Read with `codec`; `indexes` is what this program's keys mean, `read_only` that nothing will be written."""
        self._folder = folder
        self._files = files
        self._codec = codec
        self._indexes = indexes
        self._read_only = read_only

    def read(self) -> Found:
        """Return the content up to the last commit.

        Raises `StoreDamaged` where one of those before it is not whole, `WrongKey` where the key opens nothing at all.
        """
        with _no_collection():
            return self._read()

    def _read(self) -> Found:
        names = self._files.names(self._folder)
        snapshots, journals = generations(names, SNAPSHOT), generations(names, JOURNAL)
        if not snapshots and not journals:
            return Found(Content())
        newest = max(snapshots, default=0)
        # A snapshot gets its name after its journal: one without it has lost all that was saved since.
        problem = "" if max(journals, default=0) >= newest else name_of(JOURNAL, newest)
        for start in [*reversed(snapshots), 0] if not problem else ():
            base = self._base(start, snapshots)
            failed = snapshots[start] if base is None else self._replay(base, [n for n in journals if n >= start])
            if failed:
                self._check_key()
            elif base is not None:
                base.rebuilt = snapshots[newest] if start != newest else ""
                return base
            problem = problem or failed
        raise StoreDamaged(
            _(
                "Die Datei {name} im Ordner {folder} ist mitten im Inhalt beschädigt. Sie wurde nicht angerührt. "
                "„feldbuch doctor“ sagt, was noch lesbar ist, „feldbuch restore“ spielt eine Sicherung ein."
            ).format(name=problem, folder=self._folder)
        )

    def rescue(self) -> Found:
        """Return all that is whole: the newest sound snapshot and every entry of what is behind it, over all gaps.

        Of damaged snapshots, too, every entry counts: without a sound one they alone tell what was stored before. Raises
        `WrongKey` where the key opens nothing at all.
        """
        self._check_key()
        names = self._files.names(self._folder)
        snapshots, journals = generations(names, SNAPSHOT), generations(names, JOURNAL)
        found = Found(Content(), stale_keys=True)
        for start in [*reversed(snapshots), 0]:
            base = self._base(start, snapshots)
            if base is not None:
                found.content, found.last = base.content, base.last
                break
        damaged = {number: name for number, name in snapshots.items() if number > start}
        for number in sorted(damaged.keys() | journals.keys()):
            # A snapshot tells how the journal before it left everything.
            for name in (damaged.get(number), journals.get(number) if number >= start else None):
                if name is not None:
                    self._salvage(name, found)
            found.generation = number
        return found

    def _salvage(self, name: str, found: Found) -> None:
        data = self._files.read(self._folder / name)
        header = self._header(data)
        if header is None:
            found.quarantined += 1
            return
        entries, lost = salvage(data, header[1], header[0], self._codec_of(header[0]))
        found.quarantined += lost
        for entry in entries:
            found.content.apply(entry.op)
            found.last = max(found.last, entry.commit)

    def _check_key(self) -> None:
        """Raise `WrongKey` where lines are whole and the key opens none: else a line that it does not open is damage."""
        names = self._files.names(self._folder)
        answers: set[bool | None] = set()
        for name in [*generations(names, SNAPSHOT).values(), *generations(names, JOURNAL).values()]:
            data = self._files.read(self._folder / name)
            header = self._header(data)
            if header is not None and header[0]["codec"] != PLAIN:
                answers.add(opens(data, header[1], header[0], self._codec_of(header[0])))
        if False in answers and True not in answers:
            raise wrong_key()

    def codecs(self) -> set[str]:
        """Return the names of the codecs that the folder's files were written with: several after a change cut short."""
        names = self._files.names(self._folder)
        mine = [*generations(names, SNAPSHOT).values(), *generations(names, JOURNAL).values()]
        heads = (read_header(self._files.head(self._folder / name)) for name in mine)
        return {found[0]["codec"] for found in heads if found is not None}

    def _base(self, generation: int, snapshots: Mapping[int, str]) -> Found | None:
        """Return what a generation begins with, `None` where that cannot be read; generation 0 begins with nothing."""
        if generation == 0:
            return Found(Content())
        data = self._files.read(self._folder / snapshots[generation])
        header = self._header(data)
        content = read_snapshot(data, *header, self._codec_of(header[0])) if header else None
        if header is None or content is None:
            return None
        stale = header[0]["indexes"] != self._indexes
        found = Found(content, generation, header[0]["first"], snapshot_size=len(data), stale_keys=stale)
        order = {name: list(content.tables[name]) for name, keys in content.keys.items() if keys}
        path = self._folder / name_of(INDEX, generation)
        found.saved = Saved(path, header[0]["id"], self._files, self._codec_of(header[0]), order)
        return found

    def _replay(self, base: Found, journals: Sequence[int]) -> str:
        """Apply journals to `base`; returns the name of the file that leaves a gap, if one does."""
        for number in journals:
            name = name_of(JOURNAL, number)
            data = self._files.read(self._folder / name)
            header = self._header(data)
            if header is None:
                return name
            journal = read_journal(data, *header, self._codec_of(header[0]))
            if journal.later or header[0]["first"] > base.last + 1:
                return name
            if header[0]["first"] <= base.last:
                # Begun for a compaction that then could not be: the commits went on in the journal before it.
                if journal.commits or journal.tail:
                    return name
                continue
            for commit in journal.commits:
                for op in commit:
                    if base.saved is not None:
                        base.saved.follow(op, base.content.keys.get(op.table, {}).get(op.id, b""))
                    base.content.apply(op)
            base.stale_keys |= bool(journal.commits) and header[0]["indexes"] != self._indexes
            base.generation, base.last, base.journal = number, journal.last, journal
        return ""

    def _codec_of(self, header: Header) -> Codec:
        """Return what a file was written with: after a crash in the middle of a change of codec there are both."""
        plain = PlainCodec()
        if header["codec"] == plain.name:
            return plain
        return self._codec if self._codec.name != plain.name else NoKey(self._folder)

    def _header(self, data: bytes) -> tuple[Header, int] | None:
        found = read_header(data)
        if found is None or found[0]["format"] <= FORMAT:
            return found
        if found[0]["reads"] > FORMAT:
            raise StoreNewer(
                _(
                    "Dieses Feldbuch wurde von einer neueren Version geschrieben, die diese hier nicht lesen kann. "
                    "Nichts ging verloren und nichts wurde geändert. Bitte Feldbuch aktualisieren."
                )
            )
        if not self._read_only:
            raise StoreNewer(
                _(
                    "Dieses Feldbuch wurde von einer neueren Version geschrieben, diese hier kann es nur lesen. "
                    "Nichts ging verloren. Zum Schreiben bitte Feldbuch aktualisieren."
                ),
                readable=True,
            )
        return found
