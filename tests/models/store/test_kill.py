"""kill -9 at any moment: every commit that was acknowledged is there, whole, and no half of any other."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from models.errors import StoreLocked
from models.store.opening import SNAPSHOT, generations
from tests.models.store.ground import CODECS, open_store

ROOT = Path(__file__).resolve().parents[3]
KEPT = 50


def killed(folder: Path, kind: str, first: int, lines: int) -> int:
    """Let the child commit, kill it once it has said so many lines, and return the last number that it acknowledged."""
    command = [sys.executable, "-m", "tests.models.store.child", str(folder), kind, str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None
        last = first - 1
        assert child.stdout.readline() == b"open\n"
        for _line in range(lines):
            last = int(child.stdout.readline())
        child.kill()
        # What it said between the last line that was read and its death was acknowledged too.
        for line in child.stdout.read().splitlines(keepends=True):
            last = int(line) if line.endswith(b"\n") else last
    return last


def run(folder: Path, kind: str, kills: int, seed: int) -> None:
    dice = random.Random(seed)
    number = 1
    newest = 0
    for _kill in range(kills):
        last = killed(folder, kind, number, dice.choice([0, 1, 2, 5, 20, dice.randint(20, 120)]))
        store = open_store(folder, kind)
        try:
            tables = {name: {int(key) for key in store.table(name)} for name in ("a", "b", "c")}
            newest = max(generations(store.files.names(folder), SNAPSHOT), default=0)
        finally:
            store._journal.poisoned = True
            store.close()
        assert tables["a"] == tables["b"] == tables["c"]
        there = max(tables["a"], default=0)
        assert there in (last, last + 1), "the last acknowledged commit, or the one that was under way"
        assert tables["a"] == set(range(max(there - KEPT + 1, 1), there + 1))
        number = there + 1
    assert newest > 1 or kills < 5, "no kill came near a compaction"


@pytest.mark.parametrize("kind", CODECS)
def test_nothing_that_was_acknowledged_is_lost(tmp_path: Path, kind: str) -> None:
    run(tmp_path, kind, kills=12, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CODECS)
def test_nothing_is_lost_in_a_thousand_kills(tmp_path: Path, kind: str) -> None:
    for seed in range(10):
        run(tmp_path / str(seed), kind, kills=50, seed=seed)


def test_a_second_program_is_told_who_has_the_store(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.models.store.child", str(tmp_path), "plain", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"open\n"
        try:
            with pytest.raises(StoreLocked, match=str(child.pid)):
                open_store(tmp_path)
        finally:
            child.kill()
    open_store(tmp_path).close()
