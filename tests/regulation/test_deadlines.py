"""Golden dates: what is due when, and every step of the count."""

from datetime import date

import pytest

from portal.regulation.calendar import Override, WorkCalendar, announced_through
from portal.regulation.deadlines import StepCode, deadline
from portal.regulation.schema.values import Period

CHINA = WorkCalendar()


def calendar_days(days: int, **changes: object) -> Period:
    return Period.model_validate({"days": days, "counts_from": "entered_use"} | changes)


def working_days(days: int, **changes: object) -> Period:
    return calendar_days(days, counting="working", **changes)


@pytest.mark.parametrize(
    ("period", "start", "due"),
    [
        # The Decree's window for systems already in use: 2025-04-01 and 90 days, start day excluded.
        (calendar_days(90, starts_on=date(2025, 4, 1)), None, date(2025, 6, 30)),
        # Anyang 2007: 30 days from 1 August 2007.
        (calendar_days(30, starts_on=date(2007, 8, 1)), None, date(2007, 8, 31)),
        (calendar_days(30), date(2026, 1, 31), date(2026, 3, 2)),
        (calendar_days(30), date(2024, 1, 30), date(2024, 2, 29)),
        (calendar_days(30), date(2025, 12, 15), date(2026, 1, 14)),
        (calendar_days(30, day_of_event_excluded=False), date(2026, 3, 1), date(2026, 3, 30)),
        (calendar_days(0), date(2026, 3, 1), date(2026, 3, 1)),
        # Across Spring Festival 2025: 26 January and 8 February are worked, 28 January to 4 February are not.
        (working_days(15), date(2025, 1, 20), date(2025, 2, 14)),
        (working_days(1), date(2025, 2, 7), date(2025, 2, 8)),
        # Across Spring Festival 2026: 14 and 28 February are worked, 16 to 23 February are not.
        (working_days(15), date(2026, 2, 9), date(2026, 3, 6)),
        (working_days(1), date(2026, 2, 13), date(2026, 2, 14)),
        (working_days(5), date(2026, 2, 14), date(2026, 2, 28)),
        # Over the year's end: 1 and 2 January 2026 are off, Sunday 4 January is worked.
        (working_days(3), date(2025, 12, 30), date(2026, 1, 5)),
        (working_days(15), date(2026, 9, 18), date(2026, 10, 15)),
        (working_days(1), date(2011, 12, 30), date(2011, 12, 31)),
        (working_days(1, day_of_event_excluded=False), date(2026, 11, 20), date(2026, 11, 20)),
    ],
)
def test_golden_dates(period: Period, start: date | None, due: date) -> None:
    assert deadline(period, start=start, calendar=CHINA).due == due


def test_the_count_shows_its_steps() -> None:
    found = deadline(working_days(5), start=date(2026, 2, 13), calendar=CHINA)
    codes = [step.code for step in found.steps]
    assert codes == [
        StepCode.STARTS,
        StepCode.EVENT_DAY_EXCLUDED,
        StepCode.REST_DAYS_PASSED,
        StepCode.MAKE_UP_DAYS_COUNTED,
        StepCode.WORKING_DAYS,
        StepCode.DUE,
    ]
    made_up = next(step for step in found.steps if step.code is StepCode.MAKE_UP_DAYS_COUNTED)
    assert [day for day, _ in made_up.days] == [date(2026, 2, 14)]
    passed = next(step for step in found.steps if step.code is StepCode.REST_DAYS_PASSED)
    assert passed.number == len(passed.days) == 9


def test_a_calendar_limit_that_ends_on_a_rest_day_is_kept_and_says_so() -> None:
    kept = deadline(calendar_days(30), start=date(2026, 10, 9), calendar=CHINA)
    assert kept.due == date(2026, 11, 8)
    assert StepCode.ENDS_ON_REST_DAY_KEPT in {step.code for step in kept.steps}
    moving = calendar_days(30, on_rest_day="next_working_day")
    moved = deadline(moving, start=date(2026, 10, 9), calendar=CHINA)
    assert moved.due == date(2026, 11, 9)
    assert StepCode.MOVED_TO_WORKING_DAY in {step.code for step in moved.steps}


def test_promptly_names_no_day() -> None:
    prompt = Period.model_validate({"promptly": True, "counts_from": "particulars_changed"})
    found = deadline(prompt, start=date(2026, 3, 1), calendar=CHINA)
    assert found.due is None
    assert not found.overdue(date(2030, 1, 1))
    assert found.days_left(date(2030, 1, 1)) is None


def test_overdue_begins_the_day_after() -> None:
    found = deadline(calendar_days(30), start=date(2026, 10, 9), calendar=CHINA)
    assert not found.overdue(date(2026, 11, 8))
    assert found.overdue(date(2026, 11, 9))
    assert found.days_left(date(2026, 11, 10)) == -2


def test_a_decreed_rest_day_pushes_a_working_day_limit_out() -> None:
    closed = WorkCalendar.with_overrides([Override(date(2026, 11, 23), works=False, reason="flood")])
    assert deadline(working_days(1), start=date(2026, 11, 20), calendar=CHINA).due == date(2026, 11, 23)
    assert deadline(working_days(1), start=date(2026, 11, 20), calendar=closed).due == date(2026, 11, 24)


def test_a_year_not_yet_announced_makes_working_days_provisional() -> None:
    unannounced = date(announced_through().year + 1, 1, 11)
    found = deadline(working_days(15), start=unannounced, calendar=CHINA)
    assert StepCode.PROVISIONAL in {step.code for step in found.steps}
    plain = deadline(calendar_days(30), start=unannounced, calendar=CHINA)
    assert StepCode.PROVISIONAL not in {step.code for step in plain.steps}


def test_an_event_without_a_day_cannot_be_counted_from() -> None:
    with pytest.raises(ValueError, match="its day is needed"):
        deadline(calendar_days(30), start=None, calendar=CHINA)
