"""The working days of the People's Republic, checked against the State Council's notices."""

from datetime import date

import pytest

from portal.regulation.calendar import DayKind, Override, WorkCalendar, announced_through

CHINA = WorkCalendar()


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2025, 1, 26), DayKind.MAKE_UP_WORKDAY),  # Sunday worked for Spring Festival
        (date(2025, 2, 8), DayKind.MAKE_UP_WORKDAY),
        (date(2025, 2, 4), DayKind.HOLIDAY),  # Tuesday off for it
        (date(2025, 4, 27), DayKind.MAKE_UP_WORKDAY),
        (date(2025, 5, 5), DayKind.HOLIDAY),
        (date(2025, 9, 28), DayKind.MAKE_UP_WORKDAY),
        (date(2025, 10, 11), DayKind.MAKE_UP_WORKDAY),
        (date(2025, 10, 8), DayKind.HOLIDAY),
        (date(2026, 1, 2), DayKind.HOLIDAY),
        (date(2026, 1, 4), DayKind.MAKE_UP_WORKDAY),
        (date(2026, 2, 14), DayKind.MAKE_UP_WORKDAY),
        (date(2026, 2, 23), DayKind.HOLIDAY),
        (date(2026, 2, 28), DayKind.MAKE_UP_WORKDAY),
        (date(2026, 5, 9), DayKind.MAKE_UP_WORKDAY),
        (date(2026, 9, 20), DayKind.MAKE_UP_WORKDAY),
        (date(2026, 10, 10), DayKind.MAKE_UP_WORKDAY),
        (date(2026, 11, 21), DayKind.WEEKEND),
        (date(2026, 11, 20), DayKind.WORKDAY),
    ],
)
def test_days_are_what_the_notices_say(day: date, kind: DayKind) -> None:
    assert CHINA.kind(day) is kind


def test_a_december_weekend_worked_for_january_is_found_from_its_own_year() -> None:
    """31 December 2011 was a Saturday worked for New Year 2012; asking only 2011 would miss it."""
    assert WorkCalendar().kind(date(2011, 12, 31)) is DayKind.MAKE_UP_WORKDAY
    assert WorkCalendar().kind(date(2006, 12, 30)) is DayKind.MAKE_UP_WORKDAY


def test_an_override_prevails_and_keeps_its_reason() -> None:
    flood = Override(date(2026, 11, 20), works=False, reason="flood alarm")
    calendar = WorkCalendar.with_overrides([flood, Override(date(2026, 11, 21), works=True, reason="make-up")])
    assert calendar.kind(flood.day) is DayKind.DECREED_REST
    assert not calendar.works(flood.day)
    assert calendar.next_working_day(flood.day) == date(2026, 11, 21)
    assert calendar.overrides[flood.day].reason == "flood alarm"


def test_years_without_an_announced_arrangement_are_uncertain() -> None:
    last = announced_through()
    assert last >= date(2026, 12, 31)
    assert CHINA.is_certain(last)
    assert not CHINA.is_certain(date(last.year + 1, 1, 4))
