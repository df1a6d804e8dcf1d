"""The calendar of schools in NRW: school years, weekends, public holidays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from models.dates import WEEKDAYS_LONG, show_numbers
from models.i18n import _

_SCHOOL_YEAR_BEGINS = 8
_SATURDAY = 5


@dataclass(frozen=True, order=True, slots=True)
class SchoolYear:
    """A school year, 1 August to 31 July, known by the year it starts in. Source: § 7 (1) SchulG NRW."""

    start: int

    @classmethod
    def of(cls, day: date) -> SchoolYear:
        """Return the school year that `day` lies in."""
        return cls(day.year if day.month >= _SCHOOL_YEAR_BEGINS else day.year - 1)

    @property
    def first(self) -> date:
        """The first day, 1 August."""
        return date(self.start, _SCHOOL_YEAR_BEGINS, 1)

    @property
    def last(self) -> date:
        """The last day, 31 July."""
        return date(self.start + 1, _SCHOOL_YEAR_BEGINS - 1, 31)

    def __contains__(self, day: date) -> bool:
        """Say whether `day` lies in this school year."""
        return SchoolYear.of(day) == self

    def __str__(self) -> str:
        """Return the school year as in "2026/27"."""
        return f"{self.start:04d}/{(self.start + 1) % 100:02d}"


def school_year(day: date) -> SchoolYear:
    """Return the school year that `day` lies in."""
    return SchoolYear.of(day)


def is_weekend(day: date) -> bool:
    """Say whether `day` is a Saturday or Sunday."""
    return day.weekday() >= _SATURDAY


def holiday(day: date) -> str | None:
    """Return the public holiday that `day` is in NRW today, or None. Source: § 2 Feiertagsgesetz NW."""
    return _fixed_holidays().get((day.month, day.day)) or _moving_holidays().get((day - _easter(day.year)).days)


def unusual_day(day: date) -> str | None:
    """Return a remark for a date on a public holiday or weekend, which is allowed; None for any other day."""
    if name := holiday(day):
        return _("Der {date} ist ein Feiertag ({name}).").format(date=show_numbers(day), name=name)
    if is_weekend(day):
        return _("Der {date} ist ein {weekday}.").format(date=show_numbers(day), weekday=WEEKDAYS_LONG[day.weekday()])
    return None


def _fixed_holidays() -> dict[tuple[int, int], str]:
    """Return the holidays by month and day."""
    return {
        (1, 1): _("Neujahr"),
        (5, 1): _("1. Mai"),
        (10, 3): _("Tag der Deutschen Einheit"),
        (11, 1): _("Allerheiligen"),
        (12, 25): _("1. Weihnachtstag"),
        (12, 26): _("2. Weihnachtstag"),
    }


def _moving_holidays() -> dict[int, str]:
    """Return the holidays by their distance from Easter Sunday in days."""
    return {
        -2: _("Karfreitag"),
        1: _("Ostermontag"),
        39: _("Christi Himmelfahrt"),
        50: _("Pfingstmontag"),
        60: _("Fronleichnam"),
    }


@lru_cache(maxsize=128)
def _easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar. Source: Gauss's rule with Lichtenberg's correction."""
    century = year // 100
    moon_shift = 15 + (3 * century + 3) // 4 - (8 * century + 13) // 25
    sun_shift = 2 - (3 * century + 3) // 4
    golden = year % 19
    moon = (19 * golden + moon_shift) % 30
    moon -= moon // 29 + (moon // 28 - moon // 29) * (golden // 11)
    full_moon = 21 + moon
    sunday = 7 - (year + year // 4 + sun_shift) % 7
    march_day = full_moon + 7 - (full_moon - sunday) % 7
    return date(year, 3, 1) + timedelta(days=march_day - 1)
