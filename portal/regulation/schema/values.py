"""The kinds of value a rule can have, and how two of them compare."""

from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from portal.regulation.schema.base import Frozen, Key, Text

Counting = Literal["calendar", "working"]


class Comparison(StrEnum):
    """How the effective value is found when several instruments speak."""

    MAX = "max"
    MIN = "min"
    ANY_TRUE = "any_true"
    ALL_TRUE = "all_true"
    UNION = "union"
    PRECEDENCE = "precedence"


class RuleType(StrEnum):
    """What shape a rule's value has in a profile."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    FLAG = "flag"
    TERM = "term"
    TERMS = "terms"
    PERIOD = "period"
    BANDS = "bands"
    RATES = "rates"
    YEAR_DAY = "year_day"
    HOURS = "hours"


COMPARISONS: dict[RuleType, frozenset[Comparison]] = {
    RuleType.INTEGER: frozenset({Comparison.MAX, Comparison.MIN, Comparison.PRECEDENCE}),
    RuleType.DECIMAL: frozenset({Comparison.MAX, Comparison.MIN, Comparison.PRECEDENCE}),
    RuleType.FLAG: frozenset({Comparison.ANY_TRUE, Comparison.ALL_TRUE, Comparison.PRECEDENCE}),
    RuleType.TERM: frozenset({Comparison.PRECEDENCE}),
    RuleType.TERMS: frozenset({Comparison.UNION, Comparison.PRECEDENCE}),
    RuleType.PERIOD: frozenset({Comparison.MIN, Comparison.PRECEDENCE}),
    RuleType.BANDS: frozenset({Comparison.PRECEDENCE}),
    RuleType.RATES: frozenset({Comparison.PRECEDENCE}),
    RuleType.YEAR_DAY: frozenset({Comparison.PRECEDENCE}),
    RuleType.HOURS: frozenset({Comparison.PRECEDENCE}),
}


class Period(Frozen):
    """A time limit: how long, counted how, from what."""

    days: Annotated[int, Field(ge=0, le=3660)] | None = None
    promptly: bool = False
    counting: Counting = "calendar"
    counts_from: Key
    starts_on: date | None = None
    day_of_event_excluded: bool = True
    on_rest_day: Literal["keep", "next_working_day"] = "keep"

    @model_validator(mode="after")
    def _says_how_long(self) -> Self:
        if (self.days is None) != self.promptly:
            raise ValueError("a period is either a number of days or `promptly`")
        return self

    @property
    def measure(self) -> tuple[str, str, date | None, bool]:
        """What must be equal before two periods can be compared by their days."""
        return (self.counting, self.counts_from, self.starts_on, self.day_of_event_excluded)


class Band(Frozen):
    """One grade: scores from `at_least` up to, not including, `below`."""

    key: Key
    title: Text
    at_least: Annotated[Decimal, Field(ge=0)]
    below: Decimal | None = None
    passes: bool

    def holds(self, score: Decimal) -> bool:
        """Whether a score falls in this grade."""
        return self.at_least <= score and (self.below is None or score < self.below)


class Bands(Frozen):
    """Grades that leave no score without one and give none two."""

    bands: Annotated[tuple[Band, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _cover_every_score(self) -> Self:
        ordered = sorted(self.bands, key=lambda band: band.at_least)
        if ordered[0].at_least != 0 or ordered[-1].below is not None:
            raise ValueError("bands must start at 0 and end open")
        for lower, upper in pairwise(ordered):
            if lower.below != upper.at_least:
                raise ValueError(f"bands {lower.key} and {upper.key} leave a gap or overlap")
        return self

    def grade(self, score: Decimal) -> Band:
        """Answer the grade of a score."""
        return next(band for band in self.bands if band.holds(score))

    @property
    def lowest_pass(self) -> Decimal:
        """The smallest score that still passes."""
        return min(band.at_least for band in self.bands if band.passes)


class Rates(Frozen):
    """When a set of rates between 0 and 1 passes, basically passes or fails."""

    pass_at: Annotated[Decimal, Field(gt=0, le=1)]
    basic_at: Annotated[Decimal, Field(gt=0, le=1)]
    basic_counts_as: Annotated[Decimal, Field(gt=0, lt=1)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.basic_at >= self.pass_at:
            raise ValueError("`basic_at` must lie below `pass_at`")
        return self

    def rate(self, *, passed: Decimal | int, basic: Decimal | int, judged: Decimal | int) -> Decimal:
        """Answer the share of the judged weight that holds, items that basically hold counting in part."""
        if judged <= 0:
            raise ValueError("a rate needs at least one judged item")
        return (passed + basic * self.basic_counts_as) / Decimal(judged)

    def conclusion(self, rates: tuple[Decimal, ...]) -> Literal["pass", "basic", "fail"]:
        """Answer the conclusion: the lowest rate decides."""
        lowest = min(rates)
        if lowest >= self.pass_at:
            return "pass"
        return "basic" if lowest >= self.basic_at else "fail"


class YearDay(Frozen):
    """A day that returns every year."""

    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1, le=31)]


class Span(Frozen):
    """A part of a working day, from its first minute to before its last."""

    begins: time
    ends: time

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.ends <= self.begins:
            raise ValueError("a span ends after it begins")
        return self


class Hours(Frozen):
    """The hours of a working day, in order and apart."""

    spans: Annotated[tuple[Span, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _apart(self) -> Self:
        for earlier, later in pairwise(self.spans):
            if later.begins < earlier.ends:
                raise ValueError("working hours overlap or stand out of order")
        return self


RuleValue = bool | int | Decimal | str | tuple[str, ...] | Period | Bands | Rates | YearDay | Hours
