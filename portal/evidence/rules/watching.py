"""What oversight looks for in requests for footage, as pure rules: hours, robust outliers, shares.

None of it is a verdict: each finding is shown with its working, and the person is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from portal.core.clock import CITY_TZ, city_day
from portal.regulation.calendar import WorkCalendar
from portal.regulation.schema.values import Hours

# A normal distribution's standard deviation is so many times its median absolute deviation.
SCALE = 1.4826
# Fewer numbers than these say nothing about what is usual.
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Measure:
    """A count beside what is usual: the median, the spread about it, and how many spreads it lies above."""

    usual: float
    spread: float
    score: float


@dataclass(frozen=True, slots=True)
class Working:
    """How a volume was judged: against the person's own past and against peers; None where there is too little."""

    count: int
    own: Measure | None
    peers: Measure | None


def measured(count: int, others: Sequence[int]) -> Measure | None:
    """How far a count lies above the usual, in robust spreads; one request is the least spread there is."""
    if len(others) < FEWEST:
        return None
    usual = median(others)
    spread = max(SCALE * median(abs(one - usual) for one in others), 1.0)
    return Measure(usual=float(usual), spread=round(spread, 2), score=round((count - usual) / spread, 1))


def outlier(count: int, past: Sequence[int], peers: Sequence[int], *, least: int, score: int) -> Working | None:
    """The working of a volume that stands out: above the least, above peers, and not simply usual for this person."""
    working = Working(count, own=measured(count, past), peers=measured(count, peers))
    known = [one for one in (working.own, working.peers) if one is not None]
    if count < least or not known:
        return None
    return working if all(one.score >= score for one in known) else None


def rest_days(calendar: WorkCalendar, since: datetime, until: datetime) -> list[date]:
    """The days between on which offices are closed, holidays and weekends, without the weekends that are worked."""
    first, last = city_day(since), city_day(until)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if not calendar.works(day)]


def off_hours(at: datetime, calendar: WorkCalendar, hours: Hours) -> bool:
    """Whether something happened when offices are closed."""
    local = at.astimezone(CITY_TZ)
    if not calendar.works(local.date()):
        return True
    return not any(span.begins <= local.time() < span.ends for span in hours.spans)


def always_together(count: int, total: int, able: int, *, percent: int, least: int) -> bool:
    """Whether a unit's recordings are opened by the same two, although others could."""
    return able > 2 and total >= least and count * 100 >= percent * total
