"""How long a way takes, and in which order the visits of a day are best made. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise, permutations

from portal.core.geometry import LonLat, distance_m

# Every order is tried: eight stops have 40,320, which a page can wait for, and nobody makes more in a day.
MOST_STOPS = 8


@dataclass(frozen=True, kw_only=True)
class Travel:
    """How ways are reckoned: the straight line times the detour at a speed, and a fixed time for each."""

    kmh: int
    detour: Decimal
    fixed: timedelta

    def takes(self, start: LonLat | None, end: LonLat | None) -> timedelta:
        """How long the way lasts. Where a place is not known, it is taken as near."""
        if start is None or end is None:
            return self.fixed
        hours = distance_m(start, end) / 1000 * float(self.detour) / self.kmh
        # Whole minutes, upwards: nobody plans in seconds.
        return self.fixed + timedelta(minutes=-(-hours * 60 // 1))


def best_order(stops: Sequence[LonLat], *, base: LonLat | None = None) -> tuple[int, ...]:
    """The shortest order of stops, from the base and back to it. Raises ValueError for more than can be tried."""
    if len(stops) > MOST_STOPS:
        raise ValueError("too many stops to try every order")
    places = [*stops, base] if base else list(stops)
    apart = [[distance_m(start, end) for end in places] for start in places]
    ends = (len(stops),) if base else ()

    def length(order: tuple[int, ...]) -> float:
        return sum((apart[start][end] for start, end in pairwise((*ends, *order, *ends))), 0.0)

    return min(permutations(range(len(stops))), key=length)


@dataclass(frozen=True, kw_only=True)
class Round:
    """The ways of one person's day: how long each lasts in the order of the visits' times, and in the shortest order."""

    ways: tuple[timedelta, ...]
    shortest: tuple[int, ...]
    saved: timedelta

    @property
    def total(self) -> timedelta:
        """All ways of the day, home again included."""
        return sum(self.ways, timedelta())


def round_of(stops: Sequence[LonLat], *, base: LonLat | None, travel: Travel) -> Round:
    """The day as it is planned, against the shortest order; with more stops than can be tried the order stays."""

    def ways(order: Sequence[int]) -> tuple[timedelta, ...]:
        places = [base, *(stops[number] for number in order), base] if base else [stops[number] for number in order]
        return tuple(travel.takes(start, end) for start, end in pairwise(places))

    planned = tuple(range(len(stops)))
    best = best_order(stops, base=base) if len(stops) <= MOST_STOPS else planned
    saved = sum(ways(planned), timedelta()) - sum(ways(best), timedelta())
    if saved <= timedelta():
        best, saved = planned, timedelta()
    return Round(ways=ways(planned), shortest=best, saved=saved)


def length_of(route: Sequence[LonLat]) -> float:
    """The straight lines of a route added up, in metres."""
    return sum((distance_m(start, end) for start, end in pairwise(route)), 0.0)
