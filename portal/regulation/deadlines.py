"""Counts a time limit and shows every step of the count."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portal.regulation.calendar import ONE_DAY, DayKind, WorkCalendar
from portal.regulation.schema.base import Citation
from portal.regulation.schema.values import Period


class StepCode(StrEnum):
    """One kind of step in counting a time limit."""

    STARTS = "starts"
    EVENT_DAY_EXCLUDED = "event_day_excluded"
    EVENT_DAY_COUNTED = "event_day_counted"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    REST_DAYS_PASSED = "rest_days_passed"
    MAKE_UP_DAYS_COUNTED = "make_up_days_counted"
    ENDS_ON_REST_DAY_KEPT = "ends_on_rest_day_kept"
    MOVED_TO_WORKING_DAY = "moved_to_working_day"
    PROVISIONAL = "provisional"
    PROMPTLY = "promptly"
    EXTENDED = "extended"
    DUE = "due"


@dataclass(frozen=True)
class Step:
    """A step with the day it reached and the days it names; `note` says who decided it and why, where somebody did."""

    code: StepCode
    day: date
    number: int = 0
    days: tuple[tuple[date, DayKind], ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Deadline:
    """When something is due, how that was counted, and which text says so.

    `due` is None where the text asks for promptness without naming a number.
    """

    due: date | None
    steps: tuple[Step, ...]
    citations: tuple[Citation, ...]

    def overdue(self, today: date) -> bool:
        """Whether the last day has gone by."""
        return self.due is not None and today > self.due

    def days_left(self, today: date) -> int | None:
        """Answer the calendar days left, negative when overdue."""
        return None if self.due is None else (self.due - today).days


def deadline(
    period: Period,
    *,
    start: date | None,
    calendar: WorkCalendar,
    citations: tuple[Citation, ...] = (),
) -> Deadline:
    """Count a period from the event, or from the fixed day the period itself names."""
    begins = period.starts_on or start
    if begins is None:
        raise ValueError("this period counts from an event: its day is needed")
    steps = [Step(StepCode.STARTS, begins)]
    if period.days is None:
        steps.append(Step(StepCode.PROMPTLY, begins))
        return Deadline(due=None, steps=tuple(steps), citations=citations)
    excluded = period.day_of_event_excluded
    steps.append(Step(StepCode.EVENT_DAY_EXCLUDED if excluded else StepCode.EVENT_DAY_COUNTED, begins))
    if period.counting == "calendar":
        due = _count_calendar(period.days, begins, excluded, steps)
    else:
        due = _count_working(period.days, begins, excluded, calendar, steps)
    due = _settle_last_day(period, due, calendar, steps)
    if not calendar.is_certain(due) and (period.counting == "working" or period.on_rest_day == "next_working_day"):
        steps.append(Step(StepCode.PROVISIONAL, due))
    steps.append(Step(StepCode.DUE, due))
    return Deadline(due=due, steps=tuple(steps), citations=citations)


def extended(counted: Deadline, *, days: int, note: str) -> Deadline:
    """The deadline put off by a decision: the first count stays readable, the extension stands after it."""
    if counted.due is None:
        raise ValueError("what is due promptly has no day to put off")
    due = counted.due + timedelta(days=days)
    steps = (*counted.steps[:-1], Step(StepCode.EXTENDED, due, number=days, note=note), Step(StepCode.DUE, due))
    return Deadline(due=due, steps=steps, citations=counted.citations)


def _count_calendar(days: int, begins: date, excluded: bool, steps: list[Step]) -> date:
    due = begins + timedelta(days=days if excluded else max(days - 1, 0))
    steps.append(Step(StepCode.CALENDAR_DAYS, due, number=days))
    return due


def _count_working(days: int, begins: date, excluded: bool, calendar: WorkCalendar, steps: list[Step]) -> date:
    day = begins if excluded else begins - ONE_DAY
    passed: list[tuple[date, DayKind]] = []
    worked_for: list[tuple[date, DayKind]] = []
    counted = 0
    while counted < days:
        day += ONE_DAY
        kind = calendar.kind(day)
        if kind.works:
            counted += 1
            if kind is not DayKind.WORKDAY:
                worked_for.append((day, kind))
        else:
            passed.append((day, kind))
    if passed:
        steps.append(Step(StepCode.REST_DAYS_PASSED, day, len(passed), tuple(passed)))
    if worked_for:
        steps.append(Step(StepCode.MAKE_UP_DAYS_COUNTED, day, len(worked_for), tuple(worked_for)))
    steps.append(Step(StepCode.WORKING_DAYS, day, number=days))
    return day


def _settle_last_day(period: Period, due: date, calendar: WorkCalendar, steps: list[Step]) -> date:
    if period.counting == "working" or calendar.works(due):
        return due
    if period.on_rest_day == "keep":
        steps.append(Step(StepCode.ENDS_ON_REST_DAY_KEPT, due, days=((due, calendar.kind(due)),)))
        return due
    moved = calendar.next_working_day(due)
    off = tuple((day, calendar.kind(day)) for day in (due + n * ONE_DAY for n in range((moved - due).days)))
    steps.append(Step(StepCode.MOVED_TO_WORKING_DAY, moved, len(off), off))
    return moved
