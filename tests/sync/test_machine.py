"""The simulator's world as a state machine: Hypothesis chooses what happens, and shrinks what goes wrong to few steps."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.sync.happenings import TROUBLES, Broken
from tests.sync.planted import last_push_wins
from tests.sync.simulator import Simulation
from tests.sync.world import Server

LAPTOPS = st.sampled_from(range(3))
LUCK = st.integers(0, 2**16)
QUIET = settings(
    deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True, print_blob=False
)


class Machine(RuleBasedStateMachine):
    """Things happen to laptops, each with the luck that is drawn for it."""

    server: type[Server] = Server

    @initialize(luck=LUCK, trouble=st.sampled_from([0.0, 0.2]), troubles=st.sets(st.sampled_from(TROUBLES), max_size=4))
    def begin(self, luck: int, trouble: float, troubles: set[str]) -> None:
        """Begin a world with some troubles."""
        self.world = Simulation(luck, server=self.server, troubles=frozenset(troubles), trouble=trouble)

    @rule(laptop=LAPTOPS, what=st.integers(0, 40), luck=LUCK)
    def something_happens(self, laptop: int, what: int, luck: int) -> None:
        """Let one of those things happen that can in this world."""
        actions = self.world.actions()
        self.world.random.seed(luck)
        self.world.step(self.world.laptops[laptop], actions[what % len(actions)])

    def teardown(self) -> None:
        """Let all troubles end, and see whether all is well then."""
        world: Simulation | None = getattr(self, "world", None)
        if world is not None:
            try:
                world.end()
            finally:
                world.close()


def test_nothing_is_lost_whatever_is_chosen() -> None:
    run_state_machine_as_test(Machine, settings=settings(QUIET, max_examples=15, stateful_step_count=20))


@pytest.mark.slow
def test_nothing_is_lost_whatever_is_chosen_for_long() -> None:
    run_state_machine_as_test(
        Machine, settings=settings(QUIET, derandomize=False, max_examples=1000, stateful_step_count=50)
    )


def test_the_machine_sees_a_planted_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broke(Machine):
        server = last_push_wins(monkeypatch)

    options: dict[str, Any] = {"max_examples": 60, "stateful_step_count": 20, "phases": [Phase.generate]}
    with pytest.raises(Broken):
        run_state_machine_as_test(Broke, settings=settings(QUIET, **options))
