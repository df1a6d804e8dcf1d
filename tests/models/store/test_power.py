"""A loss of power at every event: every acknowledged commit is on the disk, and never a part of another."""

from __future__ import annotations

import itertools
import random
import shutil
from typing import TYPE_CHECKING

import pytest

from models.errors import StoreError, StoreFull
from tests.models.store.ground import CODECS, State, codec, delete, open_store, put
from tests.models.store.power import DATA, NAMES, Disk, Killed, Recording

if TYPE_CHECKING:
    from pathlib import Path

    from models.store.storage import JournalStorage


class Lost(AssertionError):
    """A disk that a loss of power left does not hold what was acknowledged."""


def script(folder: Path, kind: str, files: Recording) -> list[tuple[int, State]]:
    """Lead a store through a life, or until it is killed; returns after how many events each state was acknowledged."""
    acknowledged: list[tuple[int, State]] = [(0, {})]
    stores: list[JournalStorage] = []
    try:
        live(folder, kind, files, acknowledged, stores)
    except Killed:
        for store in stores:
            store._release()  # as the system does at the end of a program
    return acknowledged


def live(
    folder: Path, kind: str, files: Recording, acknowledged: list[tuple[int, State]], stores: list[JournalStorage]
) -> None:
    store = open_store(folder, kind, files)
    stores.append(store)

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
    stores.append(store)
    commits(store, 31)
    store.compact(forget=True)
    commits(store, 41)
    store.rekey(codec(kind))
    commits(store, 51)
    store.close()


def replay(
    folder: Path, kind: str, files: Recording, acknowledged: list[tuple[int, State]], every: int = 1, first: int = 0
) -> None:
    """Cut the power after each event from `first` on; raises `Lost`."""
    dice = random.Random(1)
    disk = Disk()
    for number, event in enumerate(files.events, 1):
        disk.follow(event)
        if number % every or number < first:
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
    replay(tmp_path, kind, files, acknowledged, every=4)


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


def killed_and_reopened(folder: Path, kind: str, until: int, states: list[State]) -> None:
    """Kill the program after so many events, open the store again, save, and cut the power at each event from then on."""
    files = Recording()
    files.until = until
    acknowledged = script(folder / "store", kind, files)
    files.until = None
    store = open_store(folder / "store", kind, files)
    known = len(acknowledged) - 1
    assert store.read() in [*states[known : known + 2], *([{}] if known == 0 else [])]
    first = len(files.events)
    acknowledged.append((first, store.read()))
    put(store, {"later": {"text": "y" * 700}})
    acknowledged.append((len(files.events), store.read()))
    store.close()
    replay(folder, kind, files, acknowledged, every=2, first=first)


def kill_and_cut(tmp_path: Path, kind: str, every: int) -> None:
    whole = Recording()
    states = [state for _when, state in script(tmp_path / "whole", kind, whole)]
    for until, event in enumerate(whole.events, 1):
        # Between a new name and its sync most is open.
        if until % every and event[0] != "rename":
            continue
        folder = tmp_path / f"{until}"
        folder.mkdir()
        killed_and_reopened(folder, kind, until, states)
        shutil.rmtree(folder)


@pytest.mark.parametrize("kind", CODECS)
def test_what_a_store_shows_after_a_kill_survives_a_loss_of_power_too(tmp_path: Path, kind: str) -> None:
    kill_and_cut(tmp_path, kind, every=60)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CODECS)
def test_after_a_kill_at_every_single_event(tmp_path: Path, kind: str) -> None:
    kill_and_cut(tmp_path, kind, every=1)


@pytest.mark.parametrize("kind", CODECS)
def test_a_commit_that_a_failed_sync_left_in_memory_alone_does_not_break_those_after_it(
    tmp_path: Path, kind: str
) -> None:
    files = Recording()
    acknowledged: list[tuple[int, State]] = [(0, {})]
    numbers = itertools.count(1)

    def save(store: JournalStorage) -> None:
        put(store, {f"{next(numbers)}": {"text": "x" * 700}})
        acknowledged.append((len(files.events), store.read()))

    store = open_store(tmp_path / "store", kind, files)
    save(store)
    files.loses = True
    with pytest.raises(StoreError):
        save(store)
    files.loses = False
    with pytest.raises(StoreError):
        store.compact()
    store.close()
    store = open_store(tmp_path / "store", kind, files)
    acknowledged.append((len(files.events), store.read()))
    save(store)
    store.close()
    replay(tmp_path, kind, files, acknowledged)


@pytest.mark.parametrize("kind", CODECS)
def test_half_a_commit_that_found_no_room_never_comes_back(tmp_path: Path, kind: str) -> None:
    files = Recording()
    acknowledged: list[tuple[int, State]] = [(0, {})]
    store = open_store(tmp_path / "store", kind, files)
    for number in range(4):
        files.full = number % 2 == 1
        try:
            put(store, {f"{number}.{key}": {"text": key * 700} for key in "abc"})
        except StoreFull:
            continue
        acknowledged.append((len(files.events), store.read()))
    files.full = False
    store.close()
    replay(tmp_path, kind, files, acknowledged)


@pytest.mark.parametrize("kind", CODECS)
def test_commits_beside_compactions_in_the_background_survive_a_loss_of_power(tmp_path: Path, kind: str) -> None:
    files = Recording()
    acknowledged: list[tuple[int, State]] = [(0, {})]
    store = open_store(tmp_path / "store", kind, files, smallest_compaction=1_000)
    for number in range(30):
        put(store, {f"{number % 4}": {"text": "x" * 300, "number": number}})
        acknowledged.append((len(files.events), store.read()))
    store.close()
    assert any(event[0] == "rename" and event[2].startswith("snap-") for event in files.events)
    replay(tmp_path, kind, files, acknowledged, every=6)
