"""Rules over assessments: progress, distribution, change, next steps, comparison."""

from __future__ import annotations

from typing import Any

from hypothesis import given, strategies as st

from models.catalogue import load_catalogue
from models.rules.assessment import (
    Change,
    change_of,
    changes,
    changes_in,
    count_changes,
    distribution,
    earlier_assessment,
    level_of,
    progress,
    proposed_tasks,
    reason_of,
)
from models.rules.comparison import Assessed, compare_over_time, compare_schools, comparison

SCHOOL = load_catalogue("schule")
IDS = [criterion.id for criterion in SCHOOL.criteria]
NETWORK = "schule.ausstattung.hausnetz"
CONCEPT = "schule.medienkonzept"

Table = dict[str, dict[str, Any]]

entries = st.one_of(
    st.builds(lambda level: {"level": level}, st.integers(1, 3)),
    st.builds(lambda reason: {"level": None, "not_assessed": reason}, st.text(max_size=5)),
)
ratings_of_schools = st.dictionaries(st.sampled_from([*IDS, "schule.frueher"]), entries)


@given(ratings_of_schools)
def test_every_criterion_is_counted_exactly_once_in_the_distribution(ratings: Table) -> None:
    counted: list[str] = []
    for part in distribution(SCHOOL, ratings):
        counted += [each for ids in part.by_level.values() for each in ids]
        counted += [*part.not_assessed, *part.open]
    assert sorted(counted) == sorted(IDS)


@given(ratings_of_schools)
def test_the_progress_of_the_sections_adds_up_to_the_whole(ratings: Table) -> None:
    whole = progress(SCHOOL, ratings)
    parts = [progress(section, ratings) for section in SCHOOL.sections]
    assert whole.done == sum(part.done for part in parts)
    assert whole.total == 13
    assert whole.complete == all(part.complete for part in parts)


def test_a_criterion_left_out_with_a_reason_counts_as_answered_but_not_as_rated() -> None:
    done = progress(SCHOOL, {CONCEPT: {"level": None, "not_assessed": "keine Zeit"}, NETWORK: {"level": 2}})
    assert (done.rated, done.not_assessed, done.done, str(done)) == (1, 1, 2, "2 von 13")


def test_the_distribution_counts_levels_by_section() -> None:
    ratings: Table = {NETWORK: {"level": 4}, "schule.ausstattung.anbindung": {"level": 4}}
    part = next(each for each in distribution(SCHOOL, ratings) if each.section.id == "ausstattung")
    assert [part.count(level) for level in (1, 2, 3, 4)] == [0, 0, 0, 2]
    assert len(part.open) == 4


@given(st.one_of(st.none(), st.booleans(), st.integers(-3, 9), st.text(max_size=3), st.floats(allow_nan=False)))
def test_a_level_that_is_none_is_read_as_open(level: object) -> None:
    usable = isinstance(level, int) and not isinstance(level, bool) and 1 <= level <= 4
    assert level_of({CONCEPT: {"level": level}}, CONCEPT) == (level if usable else None)


def test_a_level_given_later_wins_over_an_old_reason() -> None:
    assert reason_of({CONCEPT: {"level": 2, "not_assessed": "alt"}}, CONCEPT) is None


@given(ratings_of_schools, ratings_of_schools)
def test_better_seen_from_the_other_side_is_worse(now: Table, earlier: Table) -> None:
    mirrored = {
        Change.BETTER: Change.WORSE,
        Change.WORSE: Change.BETTER,
        Change.SAME: Change.SAME,
        Change.NEW: Change.GONE,
        Change.GONE: Change.NEW,
    }
    there, back = changes(now, earlier), changes(earlier, now)
    assert {key: mirrored[change] for key, change in there.items()} == back
    assert sum(count_changes(there).values()) == len(there)


def test_change_is_told_for_criteria_that_only_one_catalogue_version_has() -> None:
    assert changes({"neu": {"level": 1}}, {"alt": {"level": 2}}) == {"neu": Change.NEW, "alt": Change.GONE}
    assert change_of(3, 2) is Change.BETTER
    assert change_of(None, None) is None


def test_every_change_has_a_sign_of_its_own() -> None:
    assert len({change.sign for change in Change}) == len({change.label for change in Change}) == len(Change)


@given(ratings_of_schools, ratings_of_schools)
def test_the_changes_of_the_sections_add_up_to_the_whole_over_what_has_an_answer(now: Table, earlier: Table) -> None:
    whole = changes_in(SCHOOL, now, earlier)
    parts = [changes_in(section, now, earlier) for section in SCHOOL.sections]
    assert whole == {change: sum(part[change] for part in parts) for change in Change}
    assert sum(whole.values()) <= progress(SCHOOL, now).done


def test_a_criterion_that_waits_for_its_answer_has_not_moved() -> None:
    earlier: Table = {CONCEPT: {"level": 2}, NETWORK: {"level": 2}}
    now: Table = {CONCEPT: {"level": None, "not_assessed": "keine Zeit"}}
    assert changes_in(SCHOOL, now, earlier)[Change.GONE] == 1


def test_the_next_levels_text_becomes_the_proposed_task() -> None:
    (task,) = proposed_tasks(SCHOOL, {NETWORK: {"level": 2}}, [NETWORK])
    assert task.level == 3
    assert task.text.startswith("Netz im Gebäude: In den meisten Klassenräumen")
    assert task.due == ""


def test_a_target_proposes_all_steps_up_to_it_and_only_the_last_is_due() -> None:
    ratings: Table = {NETWORK: {"level": 1}, CONCEPT: {"level": 2}}
    targets: Table = {NETWORK: {"level": 4, "due": "2027-07"}}
    tasks = proposed_tasks(SCHOOL, ratings, {NETWORK, CONCEPT}, targets)
    assert [(task.criterion.id, task.level, task.due) for task in tasks] == [
        (CONCEPT, 3, ""),
        (NETWORK, 2, ""),
        (NETWORK, 3, ""),
        (NETWORK, 4, "2027-07"),
    ]
    assert tasks[-1].text.startswith("Netz im Gebäude: LAN und WLAN")


def test_a_criterion_that_is_open_or_at_its_top_proposes_nothing() -> None:
    assert proposed_tasks(SCHOOL, {CONCEPT: {"level": 3}}, [CONCEPT, NETWORK]) == []


def test_a_criterion_outside_the_focus_proposes_nothing() -> None:
    assert proposed_tasks(SCHOOL, {CONCEPT: {"level": 1}}, []) == []


def _document(number: str, subject: str, day: str, level: int, **more: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"id": number, "subject": subject, "date": day, "catalogue": "schule"}
    return {**values, "ratings": {CONCEPT: {"level": level}}, **more}


def test_the_earlier_assessment_is_the_last_one_before_of_the_same_subject_and_catalogue() -> None:
    others = [
        _document("a", "1", "2024-05-12", 1),
        _document("b", "1", "2025-05-12", 1, catalogue_version="1999.1"),
        _document("c", "2", "2026-01-01", 1),
        _document("d", "1", "2027-01-01", 1),
        _document("e", "1", "2026-01-01", 1, catalogue="traeger"),
    ]
    found = earlier_assessment(_document("x", "1", "2026-11-24", 2), others)
    assert found is not None
    assert found["id"] == "b"
    assert earlier_assessment(others[0], others) is None


def test_two_assessments_of_one_day_follow_each_other_by_their_creation() -> None:
    first = _document("a", "1", "2026-11-24", 1, created_at="2026-11-24T08:00:00Z")
    second = _document("b", "1", "2026-11-24", 2, created_at="2026-11-24T12:00:00Z")
    assert earlier_assessment(second, [first, second]) is first
    assert earlier_assessment(first, [first, second]) is None
    twin = {**first, "id": "c"}
    assert earlier_assessment(first, [first, twin]) is earlier_assessment(twin, [first, twin]) is None


def test_all_schools_of_an_authority_stand_side_by_side_also_those_without_an_assessment() -> None:
    schools = [
        {"number": "2", "short_name": "Ötztal"},
        {"number": "1", "name": "Zeche"},
        {"number": "3", "short_name": "Altstadt"},
    ]
    assessments = [_document("new", "1", "2026-01-01", 3), _document("old", "1", "2025-01-01", 1)]
    table = compare_schools(schools, assessments)
    assert [(row.key, row.label) for row in table.rows] == [("3", "Altstadt"), ("2", "Ötztal"), ("new", "Zeche")]
    column = [criterion.id for criterion in table.criteria].index(CONCEPT)
    assert [row.levels[column] for row in table.rows] == [None, None, 3]
    assert table.counts(column) == {None: 2, 3: 1}


def test_one_school_over_time_is_told_by_days_oldest_first() -> None:
    table = compare_over_time([_document("b", "1", "2026-01-02", 3), _document("a", "1", "2025-01-01", 1)])
    assert [row.label for row in table.rows] == ["Mi 01.01.2025", "Fr 02.01.2026"]
    assert [row.levels[0] for row in table.rows] == [1, 3]


def test_criteria_of_an_older_catalogue_version_join_the_table_at_its_end() -> None:
    old = _document("a", "1", "2025-01-01", 1, catalogue_version="1999.1")
    old["ratings"]["schule.frueher"] = {"level": None, "not_assessed": "entfallen"}
    table = compare_over_time([old, _document("b", "1", "2026-01-01", 2)])
    assert [criterion.id for criterion in table.criteria] == [*IDS, "schule.frueher"]
    assert len(table.sections) == 14
    assert [(row.levels[0], row.levels[-1]) for row in table.rows] == [(1, 0), (2, None)]


@given(st.lists(ratings_of_schools, max_size=4))
def test_every_row_of_a_comparison_has_a_cell_for_every_criterion(tables: list[Table]) -> None:
    table = comparison([Assessed(str(n), str(n), SCHOOL, ratings) for n, ratings in enumerate(tables)])
    assert len(table.criteria) == (13 if tables else 0)
    assert all(len(row.levels) == len(table.criteria) for row in table.rows)
