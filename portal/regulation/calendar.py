"""The working days of the People's Republic: weekends, holidays and the Saturdays worked for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from holidays.countries.china import ChinaStaticHolidays
from holidays.utils import country_holidays

ONE_DAY = timedelta(days=1)


class DayKind(StrEnum):
    """Why a day counts as a working day, or does not."""

    WORKDAY = "workday"
    MAKE_UP_WORKDAY = "make_up_workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    DECREED_WORKDAY = "decreed_workday"
    DECREED_REST = "decreed_rest"

    @property
    def works(self) -> bool:
        """Whether offices are open."""
        return self in {DayKind.WORKDAY, DayKind.MAKE_UP_WORKDAY, DayKind.DECREED_WORKDAY}


@dataclass(frozen=True)
class Override:
    """A day the city decreed to be worked or not, against the national calendar."""

    day: date
    works: bool
    reason: str


@dataclass(frozen=True)
class _Year:
    """The exceptions of one year: rest days on which one would work, and the reverse."""

    rest: frozenset[date]
    make_up: frozenset[date]


@cache
def _year(year: int) -> _Year:
    # A Saturday in December may be worked for a holiday of the next January, which the package
    # only knows once that year is loaded too.
    known = country_holidays("CN", years=(year - 1, year, year + 1))
    return _Year(
        rest=frozenset(day for day in known if day.year == year),
        make_up=frozenset(day for day in known.weekend_workdays if day.year == year),
    )


def announced_through() -> date:
    """Answer the last day for which the State Council's arrangement is in the installed package.

    Later years have the fixed holidays but not the days shifted to bridge them, so a deadline
    reaching there is provisional.
    """
    return date(max(ChinaStaticHolidays.special_public_holidays), 12, 31)


@dataclass(frozen=True)
class WorkCalendar:
    """The national calendar with the overrides an office has entered."""

    overrides: Mapping[date, Override] = field(default_factory=dict)

    @classmethod
    def with_overrides(cls, overrides: Iterable[Override]) -> "WorkCalendar":
        """Build one from the rows of the override table."""
        return cls(overrides={override.day: override for override in overrides})

    def kind(self, day: date) -> DayKind:
        """Answer what kind of day this is."""
        override = self.overrides.get(day)
        if override is not None:
            return DayKind.DECREED_WORKDAY if override.works else DayKind.DECREED_REST
        year = _year(day.year)
        if day in year.make_up:
            return DayKind.MAKE_UP_WORKDAY
        if day in year.rest:
            return DayKind.HOLIDAY
        return DayKind.WEEKEND if day.weekday() >= 5 else DayKind.WORKDAY

    def works(self, day: date) -> bool:
        """Whether offices are open on a day."""
        return self.kind(day).works

    def next_working_day(self, day: date) -> date:
        """Answer the day itself if it is worked, else the next that is."""
        while not self.works(day):
            day += ONE_DAY
        return day

    def is_certain(self, day: date) -> bool:
        """Whether the arrangement of that year has been announced, or the day decreed."""
        return day in self.overrides or day <= announced_through()
