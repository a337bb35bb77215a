"""When which inspectors can go together: start times on a grid, teams that fit, least travel first. Pure.

Everything known of an inspector comes in as a `Candidate`; what the rules ask comes in as `Asked`. A slot is offered
only when a team exists that meets every condition at that time; `misfits` says of any team what it lacks.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import combinations
from uuid import UUID

from portal.core.clock import CITY_TZ, city_day
from portal.core.geometry import LonLat
from portal.inspection.rules.ways import Travel
from portal.regulation.schema.values import Hours, Span

GRID = timedelta(minutes=30)
# Beyond these the number of teams grows faster than their worth: every district has fewer inspectors than this.
MOST_CANDIDATES = 12
LARGEST_TEAM = 4


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A visit that is planned already."""

    begins: datetime
    ends: datetime
    at: LonLat | None = None


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An inspector who covers the district. `hours` by weekday (0 is Monday); None leaves them to the rule."""

    person_id: UUID
    name: str
    groups: Set[str] = frozenset()
    expert: bool = False
    hours: Mapping[int, Sequence[Span]] | None = None
    base: LonLat | None = None
    most_per_day: int | None = None
    stops: Sequence[Stop] = ()
    away: Sequence[tuple[datetime, datetime]] = ()
    # Days on which an interest in the unit keeps him away; None has no end.
    barred: Sequence[tuple[date, date | None]] = ()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a visit asks: where, how long, and of whom a team must consist."""

    at: LonLat | None
    lasts: timedelta
    least: int
    groups: Set[str] = frozenset()
    expert_share: Decimal = Decimal(0)
    hours: Hours
    travel: Travel


@dataclass(frozen=True, kw_only=True)
class Window:
    """Between which moments a visit may begin, and on which days."""

    opens: datetime
    last_day: date
    works: Callable[[date], bool]


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A time with the team that would come, and how long they are on their way."""

    begins: datetime
    ends: datetime
    team: tuple[Candidate, ...]
    travel: timedelta = field(default=timedelta())


def starts_in(window: Window) -> Iterator[datetime]:
    """Every start on the grid of the working days that are left."""
    day = city_day(window.opens)
    while day <= window.last_day:
        if window.works(day):
            moment = datetime.combine(day, time(), CITY_TZ)
            while city_day(moment) == day:
                if moment >= window.opens:
                    yield moment
                moment += GRID
        day += timedelta(days=1)


def refusal_of_start(window: Window, begins: datetime) -> str | None:
    """Why a visit cannot begin then, whoever comes; None when it can."""
    if begins < window.opens:
        return "slot_too_soon"
    day = city_day(begins)
    if day > window.last_day:
        return "slot_too_late"
    midnight = datetime.combine(day, time(), CITY_TZ)
    return None if window.works(day) and not (begins - midnight) % GRID else "slot_off_hours"


def slots_in(window: Window, asked: Asked, candidates: Sequence[Candidate]) -> Iterator[Slot]:
    """Every start for which a team exists, each with the best one."""
    for begins in starts_in(window):
        found = slot_at(begins, asked, candidates)
        if found is not None:
            yield found


def slot_at(begins: datetime, asked: Asked, candidates: Sequence[Candidate]) -> Slot | None:
    """The best team for a start: the smallest, then the one with the least travel, then by name and id. Of more people
    who are free than can be tried, the first ones are."""
    ends = begins + asked.lasts
    free = [one for one in candidates if not misfit(one, begins, asked)][:MOST_CANDIDATES]
    ways = {one.person_id: way_of(one, begins, asked) for one in free}
    for size in range(asked.least, max(asked.least, LARGEST_TEAM) + 1):
        teams = [team for team in combinations(free, size) if not team_misfits(team, asked)]
        if teams:
            team = min(teams, key=lambda each: _worth(each, ways))
            return Slot(begins=begins, ends=ends, team=team, travel=_sum(team, ways))
    return None


def _sum(team: Sequence[Candidate], ways: Mapping[UUID, timedelta]) -> timedelta:
    return sum((ways[one.person_id] for one in team), timedelta())


def _worth(team: Sequence[Candidate], ways: Mapping[UUID, timedelta]) -> tuple[timedelta, list[tuple[str, str]]]:
    return _sum(team, ways), sorted((one.name, str(one.person_id)) for one in team)


def misfit(one: Candidate, begins: datetime, asked: Asked) -> str | None:
    """Why an inspector cannot come to a visit then, as an error code; None when he can."""
    return next(iter(misfits(one, begins, asked)), None)


def misfits(one: Candidate, begins: datetime, asked: Asked) -> tuple[str, ...]:
    """Everything that speaks against an inspector's coming to a visit then, the gravest first."""
    ends, day = begins + asked.lasts, city_day(begins)
    barred = any(since <= day and (until is None or day <= until) for since, until in one.barred)
    full = one.most_per_day is not None and len(_that_day(one, begins)) >= one.most_per_day
    causes = (
        ("conflict_of_interest", barred),
        ("inspector_off_hours", not _at_work(one, begins, ends, asked.hours)),
        ("inspector_away", any(since < ends and begins < until for since, until in one.away)),
        ("double_booked", any(stop.begins < ends and begins < stop.ends for stop in one.stops)),
        ("inspector_full", full),
        ("no_time_to_travel", not _gets_there(one, begins, ends, asked)),
    )
    return tuple(code for code, holds in causes if holds)


def _gets_there(one: Candidate, begins: datetime, ends: datetime, asked: Asked) -> bool:
    before, after = _neighbours(one, begins)
    on_time = before is None or before.ends + asked.travel.takes(before.at, asked.at) <= begins
    return on_time and (after is None or ends + asked.travel.takes(asked.at, after.at) <= after.begins)


def team_misfits(team: Sequence[Candidate], asked: Asked) -> list[str]:
    """What a team as a whole lacks: people, a group nobody stands for, technical experts."""
    lacks = []
    if len(team) < asked.least:
        lacks.append("too_few_inspectors")
    if asked.groups - frozenset().union(*(one.groups for one in team)):
        lacks.append("group_missing")
    if team and sum(one.expert for one in team) < asked.expert_share * len(team):
        lacks.append("too_few_experts")
    return lacks


def groups_of(team: Sequence[Candidate], asked: Asked) -> Mapping[UUID, tuple[str, ...]]:
    """Who stands for which group: each group goes to whoever can and has the fewest so far."""
    given: dict[UUID, tuple[str, ...]] = {one.person_id: () for one in team}
    # The group that the fewest can stand for is given first, so that it is not left over.
    for group in sorted(asked.groups, key=lambda key: (sum(key in one.groups for one in team), key)):
        able = [one.person_id for one in team if group in one.groups]
        if able:
            chosen = min(able, key=lambda key: len(given[key]))
            given[chosen] = (*given[chosen], group)
    return given


def way_of(one: Candidate, begins: datetime, asked: Asked) -> timedelta:
    """How long an inspector is on the way to a visit and from it: from the visit before or the base, likewise on."""
    before, after = _neighbours(one, begins)
    there = asked.travel.takes(before.at if before else one.base, asked.at)
    return there + asked.travel.takes(asked.at, after.at if after else one.base)


def _at_work(one: Candidate, begins: datetime, ends: datetime, rule: Hours) -> bool:
    start, end = begins.astimezone(CITY_TZ), ends.astimezone(CITY_TZ)
    if start.date() != end.date():
        return False
    spans: Sequence[Span] = rule.spans
    # A Saturday worked for a holiday is in nobody's week: the rule's hours hold.
    if one.hours is not None and (start.weekday() < 5 or start.weekday() in one.hours):
        spans = one.hours.get(start.weekday(), ())
    return any(span.begins <= start.time() and end.time() <= span.ends for span in spans)


def _that_day(one: Candidate, begins: datetime) -> list[Stop]:
    return [stop for stop in one.stops if city_day(stop.begins) == city_day(begins)]


def _neighbours(one: Candidate, begins: datetime) -> tuple[Stop | None, Stop | None]:
    """The visits of the same day just before and just after a moment."""
    today = sorted(_that_day(one, begins), key=lambda stop: stop.begins)
    before = [stop for stop in today if stop.begins < begins]
    after = [stop for stop in today if stop.begins >= begins]
    return before[-1] if before else None, after[0] if after else None
