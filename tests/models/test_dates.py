"""How days, times and spans are read and shown."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, time, timedelta

import pytest
from hypothesis import example, given, strategies as st

from models.dates import (
    MONTHS,
    WEEKDAYS,
    WEEKDAYS_LONG,
    DateProblem,
    parse_date,
    parse_minutes,
    parse_time,
    show_date,
    show_days,
    show_long,
    show_numbers,
    show_short,
    show_time,
)
from models.errors import FeldbuchError
from models.text import clean

TODAY = date(2026, 11, 20)  # a Friday
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
any_today = st.dates()
inner_days = st.dates(date(1992, 1, 1), date(2098, 12, 31))


def refusal(text: str, today: date = TODAY) -> str:
    """Return the sentence with which `text` is refused as a date."""
    with pytest.raises(DateProblem) as problem:
        parse_date(text, today)
    return str(problem.value)


@given(days, any_today)
def test_every_way_of_showing_a_day_can_be_typed_again(day: date, today: date) -> None:
    for text in (show_date(day), show_long(day), day.isoformat(), f"{day.day}.{day.month}.{day.year}"):
        assert parse_date(text, today) == day


@pytest.mark.parametrize(
    "text",
    [
        "24.11.",
        "24.11",
        " 24. 11. ",
        "24.11.26",
        "24.11.2026",
        "24. November 2026",
        "24. NOV",
        "24 nov 26",
        "24.Nov.2026",
        "2026-11-24",
        "Di 24.11.",
        "Di, 24.11.2026",
        "dienstag 24. november",
        "Di",
        "di.",
        "Dienstag",
        "+4",
        "+ 4",
    ],
)
def test_the_same_day_is_understood_in_many_ways(text: str) -> None:
    assert parse_date(text, TODAY) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("heute", 0),
        ("GESTERN", -1),
        ("vorgestern", -2),
        ("morgen", 1),
        ("übermorgen", 2),
        ("u\u0308bermorgen", 2),
        ("uebermorgen", 2),
        ("+14", 14),
        ("-3", -3),
        ("+2w", 14),
        ("-1 W", -7),
        ("Fr", 7),
        ("-Fr", -7),
        ("letzten Freitag", -7),
        ("Sa", 1),
        ("letzten Do", -1),
        ("Sonnabend", 1),
    ],
)
def test_words_and_counts_are_reckoned_from_today(text: str, moved: int) -> None:
    assert parse_date(text, TODAY) == TODAY + timedelta(days=moved)


@given(inner_days, st.sampled_from([*WEEKDAYS, *WEEKDAYS_LONG]))
def test_a_weekday_is_the_next_one_after_today_and_with_a_minus_the_one_before(today: date, name: str) -> None:
    following, before = parse_date(name, today), parse_date(f"-{name}", today)

    assert timedelta(days=1) <= following - today <= timedelta(days=7)
    assert timedelta(days=1) <= today - before <= timedelta(days=7)
    assert {WEEKDAYS[day.weekday()] for day in (following, before)} == {name[:2]}


@given(inner_days, inner_days)
@example(date(2026, 7, 2), date(2026, 1, 1))
@example(date(2026, 12, 30), date(2027, 1, 2))
@example(date(2028, 3, 2), date(2028, 9, 1))  # 183 days either way
def test_a_date_without_a_year_means_the_nearest_one_and_of_two_the_later(today: date, day: date) -> None:
    if (day.day, day.month) == (29, 2):
        return
    found = parse_date(show_short(day), today)

    others = [date(year, day.month, day.day) for year in range(today.year - 2, today.year + 3)]
    nearest = min(abs(other - today) for other in others)
    assert found == max(other for other in others if abs(other - today) == nearest)


def test_a_29_february_without_a_year_is_refused_where_the_nearest_february_has_none() -> None:
    assert parse_date("29.02.", date(2028, 4, 1)) == date(2028, 2, 29)
    assert parse_date("29.02.", date(2027, 10, 1)) == date(2028, 2, 29)
    assert "2027 ist kein Schaltjahr" in refusal("29.02.", date(2027, 3, 1))


@given(inner_days, st.integers(-20, 20))
def test_months_are_counted_and_end_at_the_last_day_of_a_shorter_one(today: date, count: int) -> None:
    wanted = today.year * 12 + today.month - 1 + count
    if not 1990 <= wanted // 12 <= 2100:
        return
    found = parse_date(f"{count:+d}m", today)

    assert found.year * 12 + found.month - 1 == wanted
    assert found.day == min(today.day, monthrange(found.year, found.month)[1])


def test_a_month_after_the_31_january_is_the_28_february() -> None:
    assert parse_date("+1m", date(2027, 1, 31)) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Bitte ein Datum angeben"),
        ("05/06/2026", "schreiben, etwa 05.06.2026"),
        ("11/24/2026", "schreiben, etwa 24.11.2026"),
        ("11-12", "schreiben, etwa 11.12."),
        ("24-11-2026", "schreiben, etwa 24.11.2026"),
        ("2026/24", "schreiben, etwa 24.11.2026"),
        ("1.2.3", "mit vier Ziffern schreiben, etwa 01.02.2026"),
        ("24.11.126", "mit vier Ziffern"),
        ("24.11.95", "24.11.1995 oder 24.11.2095"),
        ("31.02.", "Den 31.02. gibt es nicht, der Februar hat 28 Tage"),
        ("31.04.2026", "Den 31.04. gibt es nicht, der April hat 30 Tage"),
        ("29.02.2027", "2027 ist kein Schaltjahr"),
        ("29.02.2100", "2100 ist kein Schaltjahr"),
        ("00.13.", "Den Monat 13 gibt es nicht"),
        ("00.12.", "Den 00.12. gibt es nicht"),
        ("24.00.2026", "Den Monat 00 gibt es nicht"),
        ("24.11.1989", "Das Jahr 1989 liegt außerhalb von 1990 bis 2100"),
        ("01.01.2101", "Das Jahr 2101 liegt außerhalb"),
        ("0000-01-01", "Das Jahr 0000 liegt außerhalb"),
        ("+99999", "liegt außerhalb"),
        ("+99999w", "liegt außerhalb"),
        ("-99999m", "liegt außerhalb"),
        ("Mo 24.11.2026", "Der 24.11.2026 ist ein Dienstag, kein Montag"),
        ("24", "„24“ ist kein Datum"),
        ("3. Foo", "„3. Foo“ ist kein Datum"),
        ("24.11.2026 x", "ist kein Datum"),
        ("٢٤.١١.2026", "ist kein Datum"),
        ("\x1b[2J", "„·[2J“ ist kein Datum"),
    ],
)
def test_a_date_that_is_none_is_refused_with_its_reason(text: str, reason: str) -> None:
    assert reason in refusal(text)


def test_a_short_year_counts_up_to_twenty_years_from_today() -> None:
    assert parse_date("24.11.46", TODAY) == date(2046, 11, 24)
    assert parse_date("24.11.06", TODAY) == date(2006, 11, 24)
    assert "vier Ziffern" in refusal("24.11.47")
    assert "vier Ziffern" in refusal("24.11.05")


typed = st.text(st.sampled_from("0123456789.-/+: ,wmhdiofreuaglstznb\u0308äü\x1b\n"), max_size=16) | st.text(
    max_size=60
)


@given(typed, any_today)
@example("29.2.", date(9999, 12, 31))
@example("1.1.", date(1, 1, 1))
@example("gestern", date(1, 1, 1))
def test_whatever_is_typed_gives_a_day_from_1990_to_2100_or_a_short_harmless_sentence(text: str, today: date) -> None:
    sentence, year = "", 1990
    try:
        year = parse_date(text, today).year
    except DateProblem as problem:
        sentence = str(problem)

    assert 1990 <= year <= 2100
    assert clean(sentence, lines=False) == sentence
    assert len(sentence) < 160


def test_a_date_problem_is_a_feldbuch_error_and_a_value_error() -> None:
    assert issubclass(DateProblem, FeldbuchError)
    assert issubclass(DateProblem, ValueError)


@pytest.mark.parametrize(
    "text", ["9:30", "09:30", "930", "0930", "9.30", "9h30", "9 h 30", "9 Uhr 30", "9:30 UHR", " 09.30 Uhr "]
)
def test_half_past_nine_is_understood_in_many_ways(text: str) -> None:
    assert parse_time(text) == time(9, 30)


@pytest.mark.parametrize("text", ["9", "09", "9 Uhr", "9h", "900", "9:00"])
def test_nine_is_understood_in_many_ways(text: str) -> None:
    assert parse_time(text) == time(9)


@given(st.times())
def test_a_shown_time_can_be_typed_again(moment: time) -> None:
    assert parse_time(show_time(moment)) == moment.replace(second=0, microsecond=0)


@pytest.mark.parametrize("text", ["24:00", "25:00", "2400", "24", "9:60", "0960"])
def test_a_time_outside_the_day_is_refused(text: str) -> None:
    with pytest.raises(DateProblem, match=r"gibt es nicht. Möglich ist 0:00 bis 23:59"):
        parse_time(text)


@pytest.mark.parametrize("text", ["", "neun", "9:5", "9:3o", "12345", "-9", "9 30 15", "9:30:00"])
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    with pytest.raises(DateProblem, match=r"ist keine Uhrzeit. Möglich sind"):
        parse_time(text)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("90", 90),
        ("1:30", 90),
        ("1,5h", 90),
        ("1.5 h", 90),
        ("1h30", 90),
        ("1 h 30 min", 90),
        ("45min", 45),
        ("45 Minuten", 45),
        ("2 Std.", 120),
        ("2 Stunden", 120),
        ("0,25h", 15),
        ("0", 0),
        ("100h", 6000),
    ],
)
def test_a_span_is_understood_in_many_ways(text: str, minutes: int) -> None:
    assert parse_minutes(text) == minutes


@pytest.mark.parametrize("text", ["", "lang", "1,5", "-5", "1:5", "1:75", "1h75", "6001", "101h", "1h30h"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(DateProblem):
        parse_minutes(text)


@given(typed)
def test_whatever_is_typed_as_time_or_span_is_understood_or_refused(text: str) -> None:
    sentences = []
    for parse in (parse_time, parse_minutes):
        try:
            parse(text)
        except DateProblem as problem:
            sentences.append(str(problem))

    assert [clean(sentence, lines=False) for sentence in sentences] == sentences


def test_days_and_times_are_shown_in_german() -> None:
    day = date(2026, 3, 3)

    assert (show_date(day), show_numbers(day), show_short(day)) == ("Di 03.03.2026", "03.03.2026", "03.03.")
    assert show_long(day) == "Dienstag, 3. März 2026"
    assert show_time(time(9, 5)) == "09:05"
    assert [show_days(count) for count in (0, 1, 14)] == ["0 Tage", "1 Tag", "14 Tage"]
    assert (len(MONTHS), len(WEEKDAYS), len(WEEKDAYS_LONG)) == (12, 7, 7)
