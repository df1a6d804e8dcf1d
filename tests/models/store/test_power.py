"""A loss of power at every event: every acknowledged commit is on the disk, and never a part of another."""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING

import pytest

from models.errors import StoreError
from tests.models.store.ground import CODECS, State, codec, delete, open_store, put
from tests.models.store.power import DATA, NAMES, Disk, Recording

if TYPE_CHECKING:
    from pathlib import Path

    from models.store.storage import JournalStorage


class Lost(AssertionError):
    """A disk that a loss of power left does not hold what was acknowledged."""


def script(folder: Path, kind: str, files: Recording) -> list[tuple[int, State]]:
    """Lead a store through a life; returns, for each acknowledged state, after how many events it was acknowledged."""
    acknowledged: list[tuple[int, State]] = [(0, {})]
    store = open_store(folder, kind, files)

    def note(store: JournalStorage) -> None:
        acknowledged.append((len(files.events), store.read()))

    def commits(store: JournalStorage, first: int) -> None:
        for number in range(first, first + 3):
            put(store, {f"{number}": {"text": "x" * 300 * number}})
            note(store)
        put(store, {f"{first}.{key}": {"text": key * 200} for key in "abc"})
        note(store)
        delete(store, [f"{first}"])
        note(store)

    commits(store, 1)
    store.compact()
    commits(store, 11)
    store.compact()
    commits(store, 21)
    store.close()
    store = open_store(folder, kind, files)
    commits(store, 31)
    store.compact(forget=True)
    commits(store, 41)
    store.rekey(codec(kind))
    commits(store, 51)
    store.close()
    return acknowledged


def replay(folder: Path, kind: str, files: Recording, acknowledged: list[tuple[int, State]], every: int = 1) -> None:
    """Cut the power after each event; raises `Lost`."""
    dice = random.Random(1)
    disk = Disk()
    for number, event in enumerate(files.events, 1):
        disk.follow(event)
        if number % every:
            continue
        last = max(position for position, (when, _state) in enumerate(acknowledged) if when <= number)
        possible = [state for _when, state in acknowledged[last : last + 2]]
        for data in DATA:
            for names in NAMES:
                left = folder / "left"
                disk.rebuild(left, data, names, dice)
                where = f"event {number} {event[:2]}, data {data}, names {names}"
                try:
                    store = open_store(left, kind)
                    read = store.read()
                    put(store, {"neu": {"text": "geht weiter"}})
                    store.close()
                except StoreError as error:
                    raise Lost(f"{where}: {error}") from error
                if read not in possible and not (read == {} and possible[0] in ({}, {"t": {}})):
                    raise Lost(
                        f"{where}: {sorted(read.get('t', {}))} instead of {[sorted(s.get('t', {})) for s in possible]}"
                    )
                shutil.rmtree(left)


@pytest.mark.parametrize("kind", CODECS)
def test_every_acknowledged_commit_survives_a_loss_of_power(tmp_path: Path, kind: str) -> None:
    files = Recording()
    acknowledged = script(tmp_path / "store", kind, files)
    replay(tmp_path, kind, files, acknowledged, every=3)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CODECS)
def test_at_every_single_event(tmp_path: Path, kind: str) -> None:
    files = Recording()
    replay(tmp_path, kind, files, script(tmp_path / "store", kind, files))


@pytest.mark.parametrize("forgotten", ["commit", "snapshot", "folder"])
def test_a_forgotten_sync_is_found_out(tmp_path: Path, forgotten: str) -> None:
    files = Recording(forgets=forgotten)
    acknowledged = script(tmp_path / "store", "plain", files)
    with pytest.raises(Lost):
        replay(tmp_path, "plain", files, acknowledged)
