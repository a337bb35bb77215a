"""Over 300 golden last days of 2024 to 2026, counted by hand-kept notices, and explanations that count to the same day.

`golden_deadlines.csv` was counted day by day from the State Council's yearly holiday notices, without the portal's
calendar: Spring Festival and National Day with their make-up days, ends of months and years, the leap year.
"""

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from portal.regulation.calendar import ONE_DAY, WorkCalendar
from portal.regulation.deadlines import Deadline, Step, StepCode, deadline
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.keys import RuleKey
from portal.regulation.schema.values import Period
from portal.regulation.schema.vocabulary import Regime
from tests.regulation.contexts import rules

CHINA = WorkCalendar()


class Golden(NamedTuple):
    """One line of the table."""

    rule: str
    start: date
    period: Period
    due: date


def _table() -> list[Golden]:
    found = []
    with (Path(__file__).parent / "golden_deadlines.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            period = Period.model_validate(
                {
                    "days": int(row["days"]),
                    "counting": row["counting"],
                    "counts_from": "entered_use",
                    "on_rest_day": row["on_rest_day"],
                    "day_of_event_excluded": row["event_day"] == "excluded",
                }
            )
            start, due = date.fromisoformat(row["start"]), date.fromisoformat(row["due"])
            found.append(Golden(row["rule"], start, period, due))
    return found


TABLE = _table()


def recounted(counted: Deadline) -> date:
    """The last day from the told steps alone: nothing is looked up in a calendar."""
    told: dict[StepCode, Step] = {step.code: step for step in counted.steps}
    day = told[StepCode.STARTS].day
    if StepCode.EVENT_DAY_COUNTED in told:
        day -= ONE_DAY
    if StepCode.WORKING_DAYS in told:
        passed = told.get(StepCode.REST_DAYS_PASSED)
        day += timedelta(days=told[StepCode.WORKING_DAYS].number + (len(passed.days) if passed else 0))
    else:
        day += timedelta(days=told[StepCode.CALENDAR_DAYS].number)
    if moved := told.get(StepCode.MOVED_TO_WORKING_DAY):
        assert [rest for rest, _ in moved.days] == [day + timedelta(days=n) for n in range(len(moved.days))]
        day += timedelta(days=len(moved.days))
    return day


def test_every_golden_day_and_its_explanation() -> None:
    assert len(TABLE) >= 300
    for golden in TABLE:
        counted = deadline(golden.period, start=golden.start, calendar=CHINA)
        assert counted.due == golden.due, golden
        assert recounted(counted) == golden.due, golden
        assert StepCode.PROVISIONAL not in {step.code for step in counted.steps}, golden


def test_make_up_days_are_named_where_they_count() -> None:
    named = {
        day
        for golden in TABLE
        for step in deadline(golden.period, start=golden.start, calendar=CHINA).steps
        if step.code is StepCode.MAKE_UP_DAYS_COUNTED
        for day, _ in step.days
    }
    years = [sum(day.year == year for day in named) for year in (2024, 2025, 2026)]
    assert years == [8, 5, 6]


@pytest.fixture(scope="module")
def governing() -> EffectiveRules:
    return rules(regime=Regime.PUBLIC_UNIT, unit_type="school", in_use_on=date(2026, 1, 1))


@pytest.mark.requirement("ACC-01")
@pytest.mark.parametrize("key", [RuleKey.ACCEPTANCE_REVIEW_WORKING_DAYS, RuleKey.ACCEPTANCE_DECIDE_WORKING_DAYS])
def test_the_provincial_clocks_are_the_tables_clocks(governing: EffectiveRules, key: RuleKey) -> None:
    """Henan 2016 articles 12 and 13: what the portal counts with is what the table was counted with."""
    lines = [golden for golden in TABLE if golden.rule == key]
    assert len(lines) >= 35
    for golden in lines:
        counted = governing.deadline(key, start=golden.start, calendar=CHINA)
        assert counted is not None
        assert counted.due == golden.due, golden
        assert [citation.instrument for citation in counted.citations] == ["henan-2016"]
