"""Days as people write and read them: dates, times of day, spans of minutes."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from contextlib import suppress
from datetime import date, time, timedelta

from models.errors import FeldbuchError
from models.i18n import _
from models.text import clean, cut, fold

WEEKDAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
WEEKDAYS_LONG = (
    "Montag",
    "Dienstag",
    "Mittwoch",
    "Donnerstag",
    "Freitag",
    "Samstag",
    "Sonntag",
)
MONTHS = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)  # fmt: skip

FIRST_YEAR = 1990
LAST_YEAR = 2100
LONGEST_SPAN = 100 * 60
"""Minutes; a longer span is a slip of the finger."""

_SATURDAY = 5
_HOURS = 24
_MINUTES = 60
_FAR_YEARS = 20


class DateProblem(FeldbuchError, ValueError):
    """A text is no usable date, time or span; `str(problem)` is the German sentence for the user."""


# --- reading a date ---------------------------------------------------------------------------------------------------

_RELATIVE_DAYS = {
    "vorgestern": -2,
    "gestern": -1,
    "heute": 0,
    "morgen": 1,
    "uebermorgen": 2,
}
_WEEKDAY_NAMES = tuple(fold(name) for name in WEEKDAYS_LONG)
_MONTH_NAMES = tuple(fold(name) for name in MONTHS)

# Patterns stay text until one is needed (`re` keeps it then): the app's start reads no date.
_ISO = r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
_DOTTED = r"([0-9]{1,2})\. ?([0-9]{1,2})(?:\.(?: ?([0-9]+))?)?"
_NAMED = r"([0-9]{1,2})\.? ?([a-z]{3,9})\.?(?: ?([0-9]+))?"
_OTHER_SIGNS = r"([0-9]{1,4}) ?[-/] ?([0-9]{1,2})(?: ?[-/] ?([0-9]{1,4}))?"
_OFFSET = r"([+-]) ?([0-9]{1,5}) ?([twm]?)"
_WEEKDAY = r"(-|letzte[nrs]? )? ?([a-z]{2,10})\.?"
_WEEKDAY_BEFORE = r"([a-z]{2,10})(?:\., |[., ] ?)(?=[0-9])"


def parse_date(text: str, today: date) -> date:
    """Return the day that `text` means to somebody who writes it on the day `today`.

    Without a year it is the nearest such day; a weekday's name is the next one after today (`-Mo`: the one before);
    `+14`, `-3`, `+2w`, `+3m` count days, weeks, months. Raises DateProblem for what is ambiguous, does not exist or
    lies outside 1990-2100.
    """
    wanted = " ".join(fold(text).split())
    if not wanted:
        raise DateProblem(_("Bitte ein Datum angeben, zum Beispiel 24.11. oder heute."))
    day = _relative(wanted, today)
    if day is None:
        day = _absolute(wanted, text, today)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _outside(day.year)
    return day


def _relative(wanted: str, today: date) -> date | None:
    """Return the day counted from today, or None where `wanted` does not count."""
    if wanted in _RELATIVE_DAYS:
        return _moved(today, _RELATIVE_DAYS[wanted])
    if match := re.fullmatch(_OFFSET, wanted):
        count = int(match[1] + match[2])
        if match[3] == "m":
            return _moved_by_months(today, count)
        return _moved(today, count * 7 if match[3] == "w" else count)
    if (match := re.fullmatch(_WEEKDAY, wanted)) and (weekday := _weekday(match[2])) is not None:
        if match[1]:
            return _moved(today, -((today.weekday() - weekday - 1) % 7 + 1))
        return _moved(today, (weekday - today.weekday() - 1) % 7 + 1)
    return None


def _moved(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise _outside(None) from None


def _moved_by_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _outside(year)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _absolute(wanted: str, text: str, today: date) -> date:
    """Return the day written out in `wanted`, checked against the weekday before it where there is one."""
    weekday = None
    if (match := re.match(_WEEKDAY_BEFORE, wanted)) and (weekday := _weekday(match[1])) is not None:
        wanted = wanted[match.end() :]
    day = _written(wanted, today)
    if day is None:
        raise DateProblem(
            _("„{text}“ ist kein Datum. Möglich sind 24.11., 24.11.2026, heute, Mo oder +14.").format(
                text=_quoted(text)
            )
        )
    if weekday is not None and day.weekday() != weekday:
        raise DateProblem(
            _("Der {date} ist ein {weekday}, kein {wrong}. Bitte Datum prüfen.").format(
                date=show_numbers(day),
                weekday=WEEKDAYS_LONG[day.weekday()],
                wrong=WEEKDAYS_LONG[weekday],
            )
        )
    return day


def _written(wanted: str, today: date) -> date | None:
    if match := re.fullmatch(_ISO, wanted):
        return _existing(int(match[3]), int(match[2]), int(match[1]))
    if match := re.fullmatch(_DOTTED, wanted):
        return _with_year(int(match[1]), int(match[2]), match[3], today)
    if (match := re.fullmatch(_NAMED, wanted)) and (month := _month(match[2])) is not None:
        return _with_year(int(match[1]), month, match[3], today)
    if match := re.fullmatch(_OTHER_SIGNS, wanted):
        raise _other_signs(wanted, match)
    return None


def _with_year(day: int, month: int, year: str | None, today: date) -> date:
    if year is None:
        return _existing(day, month, _nearest_year(day, month, today))
    if len(year) == 4:
        return _existing(day, month, int(year))
    if len(year) != 2:
        raise DateProblem(
            _("Das Jahr „{year}“ ist nicht eindeutig. Bitte mit vier Ziffern schreiben, etwa {example}").format(
                year=cut(year, 10), example=f"{day:02d}.{month:02d}.{today.year:04d}"
            )
        )
    full = 2000 + int(year)
    if abs(full - today.year) > _FAR_YEARS:
        raise DateProblem(
            _("Das Jahr „{year}“ ist nicht eindeutig. Bitte mit vier Ziffern schreiben: {early} oder {late}").format(
                year=year,
                early=f"{day:02d}.{month:02d}.{full - 100}",
                late=f"{day:02d}.{month:02d}.{full}",
            )
        )
    return _existing(day, month, full)


def _nearest_year(day: int, month: int, today: date) -> int:
    """Return the year whose `day`.`month`. is nearest to today, the later one where two are equally near.

    The 29.02. is looked for where the 28.02. is, so that it is refused in a year without it and not moved by years.
    """
    candidates = []
    for year in range(max(today.year - 1, FIRST_YEAR), min(today.year + 1, LAST_YEAR) + 1):
        with suppress(ValueError):
            candidates.append(date(year, month, 28 if (day, month) == (29, 2) else day))
    if not candidates:
        return today.year
    return min(candidates, key=lambda candidate: (abs(candidate - today), today >= candidate)).year


def _existing(day: int, month: int, year: int) -> date:
    if not 1 <= month <= len(MONTHS):
        raise DateProblem(_("Den Monat {month} gibt es nicht. Bitte Datum prüfen.").format(month=f"{month:02d}"))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _outside(year)
    if (day, month) == (29, 2) and not isleap(year):
        raise DateProblem(
            _("Den 29.02.{year} gibt es nicht, {year} ist kein Schaltjahr. Bitte Datum prüfen.").format(year=year)
        )
    days = monthrange(year, month)[1]
    if not 1 <= day <= days:
        raise DateProblem(
            _("Den {day}.{month}. gibt es nicht, der {name} hat {days} Tage. Bitte Datum prüfen.").format(
                day=f"{day:02d}",
                month=f"{month:02d}",
                name=MONTHS[month - 1],
                days=days,
            )
        )
    return date(year, month, day)


def _outside(year: int | None) -> DateProblem:
    if year is None:
        return DateProblem(_("Das Datum liegt außerhalb der Jahre 1990 bis 2100. Bitte Datum prüfen."))
    return DateProblem(
        _("Das Jahr {year} liegt außerhalb von 1990 bis 2100. Bitte Datum prüfen.").format(year=f"{year:04d}")
    )


def _other_signs(wanted: str, match: re.Match[str]) -> DateProblem:
    """Return the refusal of a date with `/` or `-`, which some read day first and some month first."""
    first, second, last = match[1], match[2], match[3] or ""
    if len(first) > 2:
        first, last = last, first
    if first and int(second) > len(MONTHS) >= int(first):
        first, second = second, first
    if not first or not 1 <= int(second) <= len(MONTHS):
        first, second, last = "24", "11", "2026"
    example = f"{int(first):02d}.{int(second):02d}.{last}"
    return DateProblem(
        _("„{text}“ ist nicht eindeutig. Bitte Tag, Monat, Jahr mit Punkten schreiben, etwa {example}").format(
            text=_quoted(wanted), example=example
        )
    )


def _weekday(name: str) -> int | None:
    """Return the weekday (0 Monday) that `name` abbreviates to two letters or more."""
    if name == "sonnabend":
        return _SATURDAY
    return next(
        (number for number, long in enumerate(_WEEKDAY_NAMES) if long.startswith(name)),
        None,
    )


def _month(name: str) -> int | None:
    """Return the month (1 January) that `name` abbreviates to three letters or more."""
    if name == "mrz":
        return 3
    return next(
        (number for number, long in enumerate(_MONTH_NAMES, 1) if long.startswith(name)),
        None,
    )


def _quoted(text: str) -> str:
    return cut(clean(text, lines=False), 24)


# --- reading a time or a span -----------------------------------------------------------------------------------------

_TIME = r"([0-9]{1,2})(?: ?[:.] ?([0-9]{2})| ?h ?([0-9]{2})?| ?uhr(?: ([0-9]{2}))?|([0-9]{2}))?(?: uhr)?"
_SPAN_MINUTES = r"([0-9]{1,5}) ?(?:m|min|minuten?)?\.?"
_SPAN_CLOCK = r"([0-9]{1,3}):([0-9]{2})(?: ?h)?"
_SPAN_HOURS = r"([0-9]{1,3})(?:[,.]([0-9]{1,3}))? ?(?:h|std|stunden?)\.?"
_SPAN_BOTH = r"([0-9]{1,3}) ?(?:h|std|stunden?)\.? ?([0-9]{1,2}) ?(?:m|min|minuten?)?\.?"


def parse_time(text: str) -> time:
    """Return the time of day that `text` means: 9:30, 930, 9, 9.30, 9h30, 9 Uhr 30. Raises DateProblem."""
    match = re.fullmatch(_TIME, " ".join(fold(text).split()))
    if not match:
        raise DateProblem(
            _("„{text}“ ist keine Uhrzeit. Möglich sind 9:30, 930 oder 9 Uhr.").format(text=_quoted(text))
        )
    hour, minute = int(match[1]), int(match[2] or match[3] or match[4] or match[5] or 0)
    if hour >= _HOURS or minute >= _MINUTES:
        raise DateProblem(
            _("{time} Uhr gibt es nicht. Möglich ist 0:00 bis 23:59.").format(time=f"{hour:02d}:{minute:02d}")
        )
    return time(hour, minute)


def parse_minutes(text: str) -> int:
    """Return the minutes that `text` means: 90, 1:30, 1,5h, 1h30, 45min. Raises DateProblem."""
    wanted = " ".join(fold(text).split())
    if match := re.fullmatch(_SPAN_MINUTES, wanted):
        minutes = int(match[1])
    elif match := re.fullmatch(_SPAN_CLOCK, wanted) or re.fullmatch(_SPAN_BOTH, wanted):
        if int(match[2]) >= _MINUTES:
            raise DateProblem(
                _("Eine Stunde hat 60 Minuten, „{text}“ passt nicht. Bitte Dauer prüfen.").format(text=_quoted(text))
            )
        minutes = int(match[1]) * _MINUTES + int(match[2])
    elif match := re.fullmatch(_SPAN_HOURS, wanted):
        part = match[2] or "0"
        minutes = int(match[1]) * _MINUTES + round(int(part) * _MINUTES / 10 ** len(part))
    else:
        raise DateProblem(
            _("„{text}“ ist keine Dauer. Möglich sind 90, 1:30, 1,5h oder 45min.").format(text=_quoted(text))
        )
    if minutes > LONGEST_SPAN:
        raise DateProblem(_("Die Dauer ist länger als 100 Stunden. Bitte Dauer prüfen."))
    return minutes


# --- showing ----------------------------------------------------------------------------------------------------------


def show_date(day: date) -> str:
    """Return the day as in "Di 24.11.2026"."""
    return f"{WEEKDAYS[day.weekday()]} {show_numbers(day)}"


def show_long(day: date) -> str:
    """Return the day as in "Dienstag, 24. November 2026"."""
    return f"{WEEKDAYS_LONG[day.weekday()]}, {day.day}. {MONTHS[day.month - 1]} {day.year:04d}"


def show_numbers(day: date) -> str:
    """Return the day as in "24.11.2026"."""
    return f"{day.day:02d}.{day.month:02d}.{day.year:04d}"


def show_short(day: date) -> str:
    """Return the day without its year, as in "24.11."."""
    return f"{day.day:02d}.{day.month:02d}."


def show_time(moment: time) -> str:
    """Return the time as in "09:30"."""
    return f"{moment.hour:02d}:{moment.minute:02d}"


def show_days(count: int) -> str:
    """Return a number of days as in "1 Tag", "14 Tage"."""
    return _("1 Tag") if count == 1 else _("{count} Tage").format(count=count)
