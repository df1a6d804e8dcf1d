"""What the tests of the store stand on: small stores of both kinds, and what may be read back from a damaged one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.store.codec import Codec, PlainCodec, SealedCodec
from models.store.files import Files
from models.store.lines import DELETE, Op
from models.store.storage import JournalStorage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

KEY = bytes(range(32))
CODECS = ("plain", "sealed")

State = dict[str, dict[str, Any]]


class NoSync(Files):
    """Files without waiting for the disk: what a power loss does is tested elsewhere."""

    def sync(self, descriptor: int) -> None:
        """Wait for nothing."""

    def sync_dir(self, folder: Path) -> None:
        """Wait for nothing."""


def codec(name: str) -> Codec:
    """Return a codec by its name in `CODECS`."""
    return SealedCodec(KEY) if name == "sealed" else PlainCodec()


def open_store(folder: Path, kind: str = "plain", files: Files | None = None, **options: Any) -> JournalStorage:
    """Open a store of one kind."""
    return JournalStorage(folder, codec=codec(kind), files=files or NoSync(), **options)


def put(store: JournalStorage, documents: Mapping[str, Any], table: str = "t") -> None:
    """Commit documents as one."""
    store.commit([store.put(table, key, document) for key, document in documents.items()])


def delete(store: JournalStorage, keys: Sequence[str], table: str = "t") -> None:
    """Commit the removal of documents as one."""
    store.commit([Op(DELETE, table, key) for key in keys])


def story(folder: Path, kind: str, *, snapshot: bool) -> list[State]:
    """Write a small store and return the states that its commits led through, from the first to the last."""
    store = open_store(folder, kind)
    states: list[State] = [{}]

    def note() -> None:
        states.append(store.read())

    put(store, {"a": {"text": "eins"}})
    note()
    put(store, {"b": {"text": "zwei, mit ü"}, "c": {"zahl": 3}, "d": {"liste": [1, None, True]}})
    note()
    if snapshot:
        store.compact()
        states = [states[-1]]
    put(store, {"a": {"text": "eins, geändert"}})
    note()
    delete(store, ["c"])
    note()
    put(store, {"e": {}, "f": {"text": 'mit "Anführung" und \\'}})
    note()
    store.close()
    return states
