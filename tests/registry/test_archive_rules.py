"""Days and what holds on them: qualifications, gaps, reminders, plan against what stands."""

from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.registry.rules.parties import holders, standings
from portal.registry.rules.plans import Built, compare, likeness
from portal.registry.rules.validity import (
    REMIND_AT,
    WARN_BEFORE,
    covers,
    gaps,
    holds,
    overlaps,
    qualification_of,
    remind_today,
    validity,
)
from portal.registry.states import CONNECTION_TRANSITIONS, ConnectionAction, ConnectionStatus
from portal.registry.values.archive import PlanStatus, Validity

TODAY = date(2026, 11, 20)


@dataclass(frozen=True)
class Span:
    """A period."""

    valid_from: date | None = None
    valid_to: date | None = None


DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 1))


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start, end = sorted((draw(DAYS), draw(DAYS)))
    return Span(start if draw(st.booleans()) else None, end if draw(st.booleans()) else None)


@given(spans(), spans())
def test_periods_overlap_when_a_day_lies_in_both(one: Span, other: Span) -> None:
    every = [date(2025, 12, 31) + timedelta(days=n) for n in range(63)]
    assert overlaps(one, other) == overlaps(other, one)
    assert overlaps(one, other) == any(holds(one, day) and holds(other, day) for day in every)


@given(st.lists(spans(), max_size=4), DAYS, DAYS)
def test_gaps_are_the_days_on_which_nothing_held(periods: list[Span], since: date, on: date) -> None:
    found = gaps(periods, since=since, on=on)
    for number in range(70):
        day = date(2025, 12, 28) + timedelta(days=number)
        told = any(first <= day <= last for first, last in found)
        free = since <= day <= on and not any(holds(each, day) for each in periods)
        assert told == free, (day, found)


@given(st.lists(spans(), max_size=4), spans(), DAYS)
def test_certificates_cover_a_work_when_each_of_its_days_has_one(periods: list[Span], work: Span, on: date) -> None:
    end = min(work.valid_to or on, on)
    start = work.valid_from or end
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    assert covers(periods, work, on=on) == all(any(holds(each, day) for each in periods) for day in days)


@given(st.dates(TODAY - timedelta(days=90), TODAY + timedelta(days=90)))
def test_validity_turns_once_a_warning_before_the_end(until: date) -> None:
    state = validity(until, TODAY)
    assert (state is Validity.EXPIRED) == (until < TODAY)
    assert (state is Validity.VALID) == (until > TODAY + WARN_BEFORE)
    assert validity(None, TODAY) is Validity.VALID
    reminded = remind_today(until, TODAY)
    assert (reminded is None) == (until - TODAY > max(REMIND_AT))


def test_a_firm_is_judged_by_the_days_of_its_work() -> None:
    old = Span(date(2020, 1, 1), date(2024, 12, 31))
    built = Span(date(2024, 3, 1), date(2024, 9, 1))
    assert qualification_of([old], built, on=TODAY) is Validity.VALID  # what is over was done by a qualified firm
    assert qualification_of([old], Span(date(2024, 3, 1)), on=TODAY) is Validity.EXPIRED  # what goes on is not
    assert qualification_of([old], Span(date(2024, 12, 1), date(2025, 2, 1)), on=TODAY) is Validity.EXPIRED
    assert qualification_of([], built, on=TODAY) is Validity.MISSING
    soon = Span(date(2025, 1, 1), TODAY + timedelta(days=10))
    assert qualification_of([old, soon], Span(date(2024, 3, 1)), on=TODAY) is Validity.EXPIRING


def _party(role: str, name: str, start: date | None, end: date | None) -> Any:
    return SimpleNamespace(role=role, name=name, valid_from=start, valid_to=end)


def test_a_manager_whose_time_is_over_leaves_the_role_empty_and_the_gap_told() -> None:
    parties = [
        _party("manager", "甲公司", date(2024, 1, 1), date(2025, 6, 30)),
        _party("manager", "乙公司", date(2025, 9, 1), date(2026, 10, 31)),
        _party("user", "学校", None, None),
    ]
    assert set(holders(parties, on=TODAY)) == {"user"}
    assert holders(parties, on=date(2026, 1, 1))["manager"].name == "乙公司"
    by_role = {row.role: row for row in standings(parties, asked=["manager"], since=date(2024, 1, 1), on=TODAY)}
    assert by_role["manager"].state is Validity.MISSING
    assert by_role["manager"].gaps == [(date(2025, 7, 1), date(2025, 8, 31)), (date(2026, 11, 1), TODAY)]
    assert by_role["user"].state is Validity.VALID
    assert list(by_role) == ["investor", "builder", "user", "manager"]


def test_plan_and_cameras_are_compared_by_number_kind_and_day() -> None:
    def item(key: int, count: int, *, due: date | None = None, status: str = PlanStatus.PLANNED) -> Any:
        return SimpleNamespace(id=key, count=count, camera_type="ptz_dome", due_on=due, status=status)

    late, soon = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    items = [item(1, 2), item(2, 2, due=late), item(3, 2, due=soon), item(4, 1), item(5, 3, status=PlanStatus.DROPPED)]
    matched = {
        1: [("ptz_dome", "in_use"), ("fixed_bullet", "in_use")],
        2: [("ptz_dome", "dismantled")],
        3: [("ptz_dome", "in_use")],
        4: [("ptz_dome", "in_use"), ("ptz_dome", "repair")],
    }
    rows = {row.item.id: row for row in compare(items, matched, on=TODAY)}
    assert [rows[key].state for key in range(1, 6)] == [
        Built.BUILT, Built.OVERDUE, Built.PARTLY, Built.MORE, Built.DROPPED,
    ]  # fmt: skip
    assert (rows[1].other_kind, rows[2].missing, rows[3].missing, rows[5].missing) == (1, 2, 1, 0)


@given(st.text(max_size=8), st.text(max_size=12))
def test_likeness_lies_between_nothing_and_everything(place: str, name: str) -> None:
    assert 0 <= likeness(place, name) <= 1
    assert likeness(place, place + name) == (1 if place.split() else 0)


def test_nothing_is_connected_without_the_units_consent() -> None:
    """Every way from the proposal to a connection leads over the consent."""
    reached, rim = {ConnectionStatus.PROPOSED}, {ConnectionStatus.PROPOSED}
    while rim:
        rim = {
            then
            for (status, action), then in CONNECTION_TRANSITIONS.items()
            if status in rim and action is not ConnectionAction.CONSENT
        } - reached
        reached |= rim
    assert reached == {ConnectionStatus.PROPOSED, ConnectionStatus.REFUSED}
