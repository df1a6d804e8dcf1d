"""School years, weekends and public holidays."""

from __future__ import annotations

from calendar import isleap
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from models.school_calendar import SchoolYear, holiday, is_weekend, school_year, unusual_day

days = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@given(days)
def test_each_day_lies_in_exactly_one_school_year(day: date) -> None:
    year = SchoolYear.of(day)

    assert year.first <= day <= year.last
    assert day in year
    assert day not in SchoolYear(year.start - 1)
    assert school_year(day) == year
    assert SchoolYear.of(year.last + timedelta(days=1)) == SchoolYear(year.start + 1)
    assert SchoolYear(year.start - 1) < year


def test_a_moment_lies_in_a_school_year_as_its_day_does() -> None:
    assert datetime(2027, 7, 31, 23, 59) in SchoolYear(2026)  # noqa: DTZ001 - only the day counts


def test_school_years_are_written_with_two_digits_for_the_second_year() -> None:
    assert str(SchoolYear.of(date(2027, 7, 31))) == "2026/27"
    assert str(SchoolYear.of(date(2027, 8, 1))) == "2027/28"
    assert str(SchoolYear(1999)) == "1999/00"


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 1, 1), "Neujahr"),
        (date(2026, 4, 3), "Karfreitag"),
        (date(2026, 4, 6), "Ostermontag"),
        (date(2026, 5, 1), "1. Mai"),
        (date(2026, 5, 14), "Christi Himmelfahrt"),
        (date(2026, 5, 25), "Pfingstmontag"),
        (date(2026, 6, 4), "Fronleichnam"),
        (date(2026, 10, 3), "Tag der Deutschen Einheit"),
        (date(2026, 11, 1), "Allerheiligen"),
        (date(2026, 12, 25), "1. Weihnachtstag"),
        (date(2026, 12, 26), "2. Weihnachtstag"),
        (date(2027, 3, 29), "Ostermontag"),
        (date(2024, 4, 1), "Ostermontag"),
        (date(2038, 4, 26), "Ostermontag"),  # the latest Easter there can be
        (date(2008, 3, 24), "Ostermontag"),  # nearly the earliest
        (date(2049, 4, 19), "Ostermontag"),  # an exception of Gauss's rule
        (date(2076, 4, 20), "Ostermontag"),  # the other one
    ],
)
def test_the_public_holidays_of_nrw_are_known(day: date, name: str) -> None:
    assert holiday(day) == name


@pytest.mark.parametrize(
    "day", [date(2026, 1, 6), date(2026, 4, 2), date(2026, 10, 31), date(2026, 11, 18), date(2026, 12, 24)]
)
def test_holidays_of_other_states_are_working_days_in_nrw(day: date) -> None:
    assert holiday(day) is None


@given(st.integers(1990, 2100))
def test_a_year_has_eleven_holidays_unless_two_meet(year: int) -> None:
    count = sum(holiday(date(year, 1, 1) + timedelta(days=offset)) is not None for offset in range(365 + isleap(year)))

    assert count == 11 - ascension_is_the_first_of_may(year)


def ascension_is_the_first_of_may(year: int) -> int:
    """Return 1 where the 1 May is Ascension Day (41 days after Good Friday), otherwise 0."""
    return int(holiday(date(year, 5, 1) - timedelta(days=41)) == "Karfreitag")


@given(days)
def test_weekends_and_holidays_are_remarked_upon_and_no_other_day(day: date) -> None:
    remark = unusual_day(day)

    assert (remark is not None) == (is_weekend(day) or holiday(day) is not None)
    assert remark is None or f"{day:%d.%m.%Y}" in remark


def test_the_remark_names_the_weekday_or_the_holiday() -> None:
    assert unusual_day(date(2026, 11, 28)) == "Der 28.11.2026 ist ein Samstag."
    assert unusual_day(date(2026, 12, 26)) == "Der 26.12.2026 ist ein Feiertag (2. Weihnachtstag)."
    assert unusual_day(date(2026, 11, 24)) is None
