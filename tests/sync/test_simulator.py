"""The world of the simulator: whatever a seed does to laptops, server and network, nothing that was saved is lost."""

from __future__ import annotations

import pytest

from sync.protocol import make_op
from sync.server.push import Push
from sync.server.refusal import Actor
from tests.sync.simulator import run
from tests.sync.world import TEAM, Server

SEEDS = 30


@pytest.mark.parametrize("seed", range(SEEDS))
def test_nothing_is_lost_and_all_end_equal(seed: int) -> None:
    run(seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(SEEDS, 1030, 50))
def test_nothing_is_lost_in_a_thousand_worlds(first: int) -> None:
    for seed in range(first, first + 50):
        run(seed)


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
