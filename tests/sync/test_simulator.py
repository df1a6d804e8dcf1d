"""The world of the simulator: whatever a seed does to laptops, server and network, nothing that was saved is lost."""

from __future__ import annotations

import pytest

from sync.protocol import make_op
from sync.server.push import Push
from sync.server.refusal import Actor
from tests.simulate import failures_of, main
from tests.sync.simulator import Simulation
from tests.sync.world import TEAM, Server

SEEDS, BLOCK = 200, 10


@pytest.mark.parametrize("first", range(0, SEEDS, BLOCK))
def test_nothing_is_lost_and_all_end_equal(first: int) -> None:
    assert not failures_of(range(first, first + BLOCK))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(SEEDS, SEEDS + 2000, 100))
def test_nothing_is_lost_in_two_thousand_worlds(first: int) -> None:
    assert not failures_of(range(first, first + 100))


def test_a_seed_always_tells_the_same_story() -> None:
    stories = []
    for _time in range(2):
        simulation = Simulation(3)
        simulation.run()
        stories.append((simulation.told, simulation.server.everything()))
    assert stories[0] == stories[1]


def test_many_seeds_run_in_processes_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "2", "--from", "7", "--processes", "1"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("2 seeds, 0 failed")


def test_the_same_edits_again_change_nothing_and_get_the_same_answers() -> None:
    server = Server()
    actor = Actor("anna", "device", TEAM, "adviser")
    ops = [make_op(1, "t1", "task", None, {"text": "eins"}), make_op(2, "t2", "task", None, {"text": "zwei"})]
    answers = []
    for _time in range(2):
        with server.engine.begin() as connection:
            push = Push(connection, actor, "2026-11-24T08:00:00+00:00", lambda _actor, _document: "")
            answers.append(push.take(server.epoch, ops))
    assert answers[0] == answers[1]
    assert [document["rev"] for document in server.documents().values()] == [1, 1]
