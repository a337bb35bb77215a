"""Every time that is offered can be kept by its team, and none that could be is left out."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import combinations, pairwise, permutations
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.clock import CITY_TZ, city_day
from portal.core.geometry import distance_m
from portal.inspection.rules.slots import (
    GRID,
    LARGEST_TEAM,
    Asked,
    Candidate,
    Slot,
    Stop,
    Window,
    groups_of,
    refusal_of_start,
    slots_in,
    starts_in,
)
from portal.inspection.rules.ways import Travel, best_order, length_of, round_of
from portal.regulation.calendar import WorkCalendar
from portal.regulation.schema.values import Hours, Span

GROUPS = ("construction", "technical", "documents")
RULE_HOURS = Hours.model_validate(
    {"spans": [{"begins": "08:30", "ends": "12:00"}, {"begins": "14:00", "ends": "17:30"}]}
)
MORNING = Span.model_validate({"begins": "09:00", "ends": "11:30"})
# A Friday; the next two days are a weekend, and the one before was worked.
FRIDAY = date(2026, 11, 20)
WORKS = WorkCalendar().works
PLACES = st.tuples(st.integers(0, 8), st.integers(0, 8)).map(lambda at: (114.30 + at[0] / 40, 36.05 + at[1] / 40))


def moment(day: int, half_hours: int) -> datetime:
    return datetime(2026, 11, 20, tzinfo=CITY_TZ) + timedelta(days=day) + half_hours * GRID


@st.composite
def candidates(draw: st.DrawFn, number: int) -> Candidate:
    stops, away = [], []
    for day in (0, 3):
        for half_hours in draw(st.lists(st.integers(16, 32), max_size=2)):
            begins = moment(day, half_hours)
            stops.append(Stop(begins=begins, ends=begins + timedelta(hours=2), at=draw(st.none() | PLACES)))
    if draw(st.booleans()):
        begins = moment(draw(st.sampled_from((0, 3))), draw(st.integers(14, 30)))
        away.append((begins, begins + timedelta(hours=draw(st.integers(1, 8)))))
    return Candidate(
        person_id=UUID(int=number),
        name=f"检查员{number}",
        groups=draw(st.frozensets(st.sampled_from(GROUPS))),
        expert=draw(st.booleans()),
        hours=draw(st.sampled_from((None, None, {0: (MORNING,)}, {4: (MORNING,), 0: RULE_HOURS.spans}))),
        base=draw(st.none() | PLACES),
        most_per_day=draw(st.sampled_from((None, 1, 2))),
        stops=tuple(stops),
        away=tuple(away),
        barred=draw(st.sampled_from(((), (), ((date(2026, 11, 1), None),), ((FRIDAY, FRIDAY),)))),
    )


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Window, Asked, list[Candidate]]:
    window = Window(opens=moment(0, draw(st.integers(14, 34))), last_day=FRIDAY + timedelta(days=3), works=WORKS)
    asked = Asked(
        at=draw(st.none() | PLACES),
        lasts=timedelta(minutes=draw(st.sampled_from((60, 120, 150)))),
        least=draw(st.integers(1, 3)),
        groups=draw(st.frozensets(st.sampled_from(GROUPS))),
        expert_share=draw(st.sampled_from((Decimal(0), Decimal("0.5"), Decimal(1)))),
        hours=RULE_HOURS,
        travel=Travel(kmh=30, detour=Decimal("1.4"), fixed=timedelta(minutes=10)),
    )
    return window, asked, [draw(candidates(number)) for number in range(draw(st.integers(2, 5)))]


def kept(one: Candidate, begins: datetime, asked: Asked) -> bool:
    """Whether a whole day could be lived so, told in another way than the rule tells it: everything put in a row."""
    ends, day = begins + asked.lasts, city_day(begins)
    spans = asked.hours.spans if one.hours is None else one.hours.get(day.weekday(), ())
    inside = any(
        datetime.combine(day, span.begins, CITY_TZ) <= begins and ends <= datetime.combine(day, span.ends, CITY_TZ)
        for span in spans
    )
    barred = any(since <= day <= (until or date.max) for since, until in one.barred)
    present = all(until <= begins or ends <= since for since, until in one.away)
    today = [stop for stop in one.stops if city_day(stop.begins) == day]
    room = one.most_per_day is None or len(today) < one.most_per_day
    new = Stop(begins=begins, ends=ends, at=asked.at)
    row = sorted([*today, new], key=lambda stop: (stop.begins, stop is new))
    # What was planned tightly already is nobody's fault here: only the ways to and from the new visit are looked at.
    ways = [
        former.ends + asked.travel.takes(former.at, later.at) <= later.begins
        for former, later in pairwise(row)
        if new in (former, later)
    ]
    apart = all(stop.ends <= begins or ends <= stop.begins for stop in one.stops)
    return inside and present and room and apart and all(ways) and not barred


def stands(team: tuple[Candidate, ...], asked: Asked) -> bool:
    covered = set().union(*(one.groups for one in team))
    experts = Decimal(sum(one.expert for one in team)) / len(team)
    return len(team) >= asked.least and asked.groups <= covered and experts >= asked.expert_share


@settings(max_examples=120, deadline=None)
@given(worlds())
def test_offers_are_what_trying_every_team_finds(world: tuple[Window, Asked, list[Candidate]]) -> None:
    window, asked, people = world
    offered: dict[datetime, Slot] = {slot.begins: slot for slot in slots_in(window, asked, people)}
    for begins in starts_in(window):
        able = [one for one in people if kept(one, begins, asked)]
        sizes = range(asked.least, max(asked.least, LARGEST_TEAM) + 1)
        teams = [team for size in sizes for team in combinations(able, size) if stands(team, asked)]
        slot = offered.pop(begins, None)
        assert (slot is None) == (not teams), begins
        if slot is None:
            continue
        assert slot.ends - slot.begins == asked.lasts
        assert refusal_of_start(window, begins) is None
        chosen = {one.person_id for one in slot.team}
        smallest = [team for team in teams if len(team) == len(slot.team)]
        assert chosen in [{one.person_id for one in team} for team in smallest]
        assert len(slot.team) == min(len(team) for team in teams)
        stood = groups_of(slot.team, asked)
        assert {group for given_ in stood.values() for group in given_} == asked.groups
        assert all(set(stood[one.person_id]) <= one.groups for one in slot.team)
    assert not offered


def test_the_team_with_the_least_travel_goes() -> None:
    here, far = (114.35, 36.10), (114.60, 36.20)
    people = [
        Candidate(person_id=UUID(int=number), name=str(number), groups=frozenset(GROUPS), expert=True, base=base)
        for number, base in enumerate((far, here, far, here))
    ]
    asked = Asked(
        at=here,
        lasts=timedelta(hours=2),
        least=2,
        groups=frozenset(GROUPS),
        expert_share=Decimal("0.5"),
        hours=RULE_HOURS,
        travel=Travel(kmh=30, detour=Decimal("1.4"), fixed=timedelta(minutes=10)),
    )
    first = next(slots_in(Window(opens=moment(0, 0), last_day=FRIDAY, works=WORKS), asked, people))
    assert first.begins == moment(0, 17)
    assert {one.name for one in first.team} == {"1", "3"}
    assert first.travel == timedelta(minutes=40)


def test_only_working_days_on_the_grid_within_the_window() -> None:
    window = Window(opens=moment(0, 20), last_day=FRIDAY + timedelta(days=3), works=WORKS)
    assert {city_day(begins) for begins in starts_in(window)} == {FRIDAY, FRIDAY + timedelta(days=3)}
    assert refusal_of_start(window, moment(0, 19)) == "slot_too_soon"
    assert refusal_of_start(window, moment(4, 20)) == "slot_too_late"
    assert refusal_of_start(window, moment(1, 20)) == "slot_off_hours"
    assert refusal_of_start(window, moment(3, 20) + timedelta(minutes=5)) == "slot_off_hours"
    assert refusal_of_start(window, moment(3, 20).astimezone(UTC)) is None


@settings(max_examples=40, deadline=None)
@given(st.lists(PLACES, max_size=6), st.none() | PLACES)
def test_the_best_order_is_the_shortest_of_all(
    stops: list[tuple[float, float]], base: tuple[float, float] | None
) -> None:
    ends = [base] if base else []
    order = best_order(stops, base=base)
    assert sorted(order) == list(range(len(stops)))
    shortest = min(sum(distance_m(a, b) for a, b in pairwise([*ends, *way, *ends])) for way in permutations(stops))
    assert abs(length_of([*ends, *(stops[one] for one in order), *ends]) - shortest) < 1e-6


def test_the_ways_of_a_day_are_held_against_the_shortest_order() -> None:
    travel = Travel(kmh=30, detour=Decimal("1.4"), fixed=timedelta(minutes=10))
    base, near, far = (114.35, 36.10), (114.36, 36.10), (114.45, 36.10)
    straight = round_of([near, far], base=base, travel=travel)
    assert (straight.shortest, straight.saved) == ((0, 1), timedelta())
    assert len(straight.ways) == 3
    there_and_back = round_of([far, near, far], base=base, travel=travel)
    assert there_and_back.saved > timedelta()
    assert there_and_back.shortest in {(1, 0, 2), (1, 2, 0), (0, 2, 1), (2, 0, 1)}
    assert round_of([near], base=None, travel=travel).ways == ()
