"""The matrix while it is rated: each key gives a new state."""

from __future__ import annotations

from hypothesis import given, strategies as st

from models.catalogue import Catalogue, Section, load_catalogue
from models.rules.assessment import level_of, reason_of
from models.rules.matrix_state import MatrixState

SCHOOL = load_catalogue("schule")
IDS = [criterion.id for criterion in SCHOOL.criteria]


def _levels(state: MatrixState) -> list[int | None]:
    return [level_of(state.ratings, each) for each in IDS]


def test_thirteen_levels_in_a_row_rate_the_thirteen_criteria() -> None:
    state = MatrixState.start(SCHOOL, {})
    wanted = [1, 2, 3, 1, 4, 2, 3, 1, 2, 3, 4, 2, 3]
    for level in wanted:
        state = state.rate(level)
    assert _levels(state) == wanted
    assert state.progress.complete
    assert state.index == 12


def test_rating_begins_at_the_first_open_criterion() -> None:
    assert MatrixState.start(SCHOOL, {IDS[0]: {"level": 1}, IDS[1]: {"level": 2}}).index == 2
    assert MatrixState.start(SCHOOL, {each: {"level": 1} for each in IDS}).index == 0


def test_after_a_level_the_next_open_criterion_comes_else_the_next_one() -> None:
    rated = {each: {"level": 1} for each in IDS[:5]}
    assert MatrixState(SCHOOL, rated, 1).rate(2).index == 5
    full = {each: {"level": 1} for each in IDS}
    assert MatrixState(SCHOOL, full, 1).rate(2).index == 2
    assert MatrixState(SCHOOL, full, 12).rate(2).index == 12


def test_from_the_last_criterion_it_goes_back_to_the_first_gap() -> None:
    rated = {each: {"level": 1} for each in IDS if each != IDS[4]}
    assert MatrixState(SCHOOL, rated, 12).rate(2).index == 4


def test_a_level_that_the_criterion_does_not_have_changes_nothing() -> None:
    state = MatrixState.start(SCHOOL, {})
    assert state.rate(4) is state
    assert state.rate(0) is state


def test_a_level_replaces_a_reason_and_keeps_what_a_newer_version_wrote() -> None:
    state = MatrixState(SCHOOL, {IDS[0]: {"level": None, "not_assessed": "x", "later": 1}}).rate(2)
    assert state.ratings[IDS[0]] == {"level": 2, "later": 1}


def test_leaving_out_keeps_the_reason_and_goes_on() -> None:
    state = MatrixState.start(SCHOOL, {}).leave_out(IDS[0], "nicht besprochen")
    assert reason_of(state.ratings, IDS[0]) == "nicht besprochen"
    assert state.index == 1


def test_a_reason_that_comes_late_does_not_move_the_current_criterion() -> None:
    state = MatrixState.start(SCHOOL, {}).move(5).leave_out(IDS[0], "nicht besprochen")
    assert state.index == 5
    assert state.leave_out("schule.nirgends", "x") is state


def test_clearing_opens_the_criterion_again_without_moving() -> None:
    state = MatrixState(SCHOOL, {IDS[0]: {"level": 2}}).clear()
    assert IDS[0] not in state.ratings
    assert state.index == 0
    assert state.clear() is state


def test_page_keys_go_from_section_to_section() -> None:
    state = MatrixState.start(SCHOOL, {})
    assert [(state := state.move_section(1)).index for _each in range(6)] == [1, 2, 3, 9, 12, 12]
    assert state.move(-1).move_section(-1).index == 9
    assert state.go_to(0).move_section(-1).index == 0


def test_a_catalogue_without_criteria_has_no_current_one_and_no_key_fails() -> None:
    state = MatrixState.start(Catalogue("x", "1", "X", "school", ("a", "b"), (Section("", "", ()),)), {})
    assert state.criterion is None
    assert state.rate(1).clear().move(1).move_section(1).move_section(-1).undo().criterion is None
    assert not state.progress.complete


_steps = st.one_of(
    st.tuples(st.just("rate"), st.integers(0, 5)),
    st.tuples(st.just("move"), st.integers(-3, 3)),
    st.tuples(st.just("move_section"), st.sampled_from([-1, 1])),
    st.tuples(st.just("clear"), st.just(0)),
)


def _apply(state: MatrixState, step: tuple[str, int]) -> MatrixState:
    name, number = step
    return state.clear() if name == "clear" else getattr(state, name)(number)


@given(st.lists(_steps, max_size=40))
def test_undoing_everything_leads_back_to_the_beginning(steps: list[tuple[str, int]]) -> None:
    start = MatrixState.start(SCHOOL, {})
    state = start
    for step in steps:
        state = _apply(state, step)
        assert 0 <= state.index < 13
        for criterion in SCHOOL.criteria:
            level = level_of(state.ratings, criterion.id)
            assert level is None or level <= criterion.top
    while state.past:
        state = state.undo()
    assert state.ratings == start.ratings


@given(st.lists(_steps, max_size=20), _steps)
def test_a_change_never_touches_the_state_it_came_from(steps: list[tuple[str, int]], last: tuple[str, int]) -> None:
    state = MatrixState.start(SCHOOL, {})
    for step in steps:
        state = _apply(state, step)
    before = {key: dict(value) for key, value in state.ratings.items()}
    _apply(state, last)
    assert state.ratings == before
