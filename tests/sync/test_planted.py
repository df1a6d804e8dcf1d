"""The simulator is tested: it sees each of the mistakes that syncing programs make, within few seeds."""

from __future__ import annotations

import pytest

from tests.sync.happenings import Broken
from tests.sync.planted import BUGS, Planted
from tests.sync.simulator import run

SEEDS = 60


@pytest.mark.parametrize("planted", BUGS, ids=[planted.bug.__name__ for planted in BUGS])
def test_a_planted_bug_makes_a_run_fail(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    server = planted.bug(monkeypatch)
    for seed in range(planted.first, planted.first + SEEDS):
        try:
            run(seed, server=server, troubles=planted.troubles, trouble=0.3, steps=60)
        except Broken:
            return
    pytest.fail(f"{planted.bug.__doc__} Nobody saw it.")
