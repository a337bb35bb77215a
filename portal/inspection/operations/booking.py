"""The unit's own visit: times offered, one chosen, moved or called off, within the limits of the rules.

Two who reach for the same inspector are put in order by a lock on each person of the team, taken in one order by all;
whoever comes second looks again and takes another team or is told that the time is gone. What the locks should miss the
exclusion constraint refuses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.clock import CITY_TZ, city_day
from portal.core.errors import Invalid, Problem
from portal.inspection import values
from portal.inspection.models import Acceptance, Visit, VisitInspector
from portal.inspection.operations.carrying import carry_over, list_to_judge_by
from portal.inspection.operations.diary import (
    asked_of,
    candidates_for,
    every_diary,
    hold_person,
    moves_of,
    place_of,
    window_of,
)
from portal.inspection.operations.recording import notify, record_act
from portal.inspection.operations.visiting import call_off, planned_of
from portal.inspection.queries import acceptance_scope, bar_to_visit, lock_acceptance
from portal.inspection.rules.slots import Asked, Candidate, Slot, Window, groups_of, refusal_of_start, slot_at, slots_in
from portal.inspection.states import (
    AcceptanceAction,
    AcceptanceStatus,
    next_status,
)
from portal.registry.rules import rules_for
from portal.regulation.calendar import WorkCalendar
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.keys import RuleKey

# Each further try means that somebody else took one of the team in between; after so many the time is as good as gone.
_TRIES = 6
# exclusion_violation, deadlock_detected, serialization_failure: somebody else was quicker.
_LOST_RACE = frozenset({"23P01", "40P01", "40001"})


def offer_slots(
    session: Session,
    *,
    acceptance: Acceptance,
    moving: UUID | None = None,
    calendar: WorkCalendar,
    now: datetime,
) -> Sequence[Slot]:
    """Every time at which a visit of an acceptance can be had now, none while a check in advance bars it; the caller has
    checked who asks."""
    if bar_to_visit(session, acceptance.id) is not None:
        return ()
    rules = rules_for(acceptance.unit, acceptance.system, on=city_day(now))
    window = window_of(acceptance, rules, calendar=calendar, now=now)
    with every_diary(session):
        asked = asked_of(acceptance, rules, at=place_of(session, acceptance))
        people = candidates_for(session, acceptance, window, asked, moving=moving)
    return tuple(slots_in(window, asked, people))


def book_slot(
    session: Session,
    *,
    actor: Identity,
    acceptance_id: UUID,
    begins: datetime,
    calendar: WorkCalendar,
    now: datetime,
) -> Visit:
    """The unit chooses a time; the portal sends the team. Raises Invalid when the time cannot be had: `slot_taken`,
    `slot_too_soon`, `slot_too_late` or `slot_off_hours`, and while the check in advance bars a visit."""
    acceptance = _own(session, actor, acceptance_id)
    status = next_status(AcceptanceStatus(acceptance.status), AcceptanceAction.SCHEDULE)
    _nothing_bars(session, acceptance)
    rules = rules_for(acceptance.unit, acceptance.system, on=city_day(now))
    visit = Visit(acceptance_id=acceptance.id, unit_id=acceptance.unit_id, district=acceptance.district)
    window = window_of(acceptance, rules, calendar=calendar, now=now)
    slot = _take(session, acceptance, begins, visit, rules=rules, window=window)
    acceptance.status = status
    acceptance.checklist = list_to_judge_by(acceptance, rules)
    carry_over(session, acceptance, visit)
    record_act(session, actor, values.BOOKED, acceptance, acceptance.system, reason=_told(slot), now=now)
    notify(session, acceptance, f"visit:{visit.id}")
    return visit


def move_slot(
    session: Session,
    *,
    actor: Identity,
    acceptance_id: UUID,
    begins: datetime,
    calendar: WorkCalendar,
    now: datetime,
) -> Visit:
    """The unit chooses another time. Raises Invalid: `moved_too_late`, `moves_used_up`, or as `book_slot`; the visit then
    stays where it was."""
    acceptance = _own(session, actor, acceptance_id)
    visit = planned_of(session, acceptance)
    rules = rules_for(acceptance.unit, acceptance.system, on=city_day(now))
    _still_movable(session, acceptance, visit, rules, now=now)
    _nothing_bars(session, acceptance)
    before = visit.starts_at
    if begins == before:
        raise Invalid([Problem("begins", "slot_unchanged")])
    window = window_of(acceptance, rules, calendar=calendar, now=now)
    slot = _take(session, acceptance, begins, visit, rules=rules, window=window)
    visit.unit_moves += 1
    visit.sequence += 1
    changes = [FieldChange(name="starts_at", old=_clock(before), new=_clock(begins))]
    record_act(
        session, actor, values.MOVED, acceptance, acceptance.system, reason=_told(slot), changes=changes, now=now
    )
    notify(session, acceptance, f"visit:{visit.id}:{visit.unit_moves}")
    return visit


def cancel_slot(session: Session, *, actor: Identity, acceptance_id: UUID, reason: str, now: datetime) -> Visit:
    """The unit calls its visit off; the inspectors are free again, and another time can be chosen. Raises Invalid:
    `moved_too_late` or `moves_used_up`."""
    acceptance = _own(session, actor, acceptance_id)
    visit = planned_of(session, acceptance)
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    rules = rules_for(acceptance.unit, acceptance.system, on=city_day(now))
    _still_movable(session, acceptance, visit, rules, now=now)
    call_off(session, actor, acceptance, visit, reason=reason, now=now)
    visit.unit_moves += 1
    notify(session, acceptance, f"visit:{visit.id}:off")
    return visit


def refusal_of_move(
    session: Session, acceptance: Acceptance, visit: Visit, rules: EffectiveRules, *, now: datetime
) -> Problem | None:
    """Why the unit itself can no longer move its visit or call it off; None while it can."""
    notice = timedelta(hours=rules.integer(RuleKey.VISIT_NOTICE_HOURS) or 0)
    if visit.starts_at - now < notice:
        return Problem("", "moved_too_late", {"hours": rules.integer(RuleKey.VISIT_NOTICE_HOURS)})
    most = rules.integer(RuleKey.VISIT_MOVES_MOST)
    if most is not None and moves_of(session, acceptance.id) >= most:
        return Problem("", "moves_used_up", {"most": most})
    return None


def _own(session: Session, actor: Identity, acceptance_id: UUID) -> Acceptance:
    acceptance = lock_acceptance(session, acceptance_id)
    require(actor, Permission.VISIT_BOOK, acceptance_scope(acceptance), read=Permission.ACCEPTANCE_READ)
    return acceptance


def _still_movable(
    session: Session, acceptance: Acceptance, visit: Visit, rules: EffectiveRules, *, now: datetime
) -> None:
    refusal = refusal_of_move(session, acceptance, visit, rules, now=now)
    if refusal is not None:
        raise Invalid([refusal])


def _nothing_bars(session: Session, acceptance: Acceptance) -> None:
    bar = bar_to_visit(session, acceptance.id)
    if bar is not None:
        raise Invalid([bar])


def _take(
    session: Session,
    acceptance: Acceptance,
    begins: datetime,
    visit: Visit,
    *,
    rules: EffectiveRules,
    window: Window,
) -> Slot:
    """Put the best team that is free into a visit at a time. Raises Invalid."""
    refusal = refusal_of_start(window, begins)
    if refusal is not None:
        raise Invalid([Problem("begins", refusal)])
    day = replace(window, opens=begins, last_day=city_day(begins))
    with every_diary(session):
        hunt = _Hunt(acceptance, day, asked_of(acceptance, rules, at=place_of(session, acceptance)))
        for _ in range(_TRIES):
            slot = slot_at(begins, hunt.asked, hunt.people(session, visit))
            if slot is None:
                break
            if _seated(session, hunt, slot, visit):
                return slot
    raise Invalid([Problem("begins", "slot_taken")])


@dataclass(frozen=True)
class _Hunt:
    """The search for a team for one acceptance on one day."""

    acceptance: Acceptance
    day: Window
    asked: Asked

    def people(self, session: Session, visit: Visit) -> Sequence[Candidate]:
        """Everybody who could come, as they are booked now; the visit that is moved stands in nobody's way."""
        moving = visit.id if visit in session else None
        return candidates_for(session, self.acceptance, self.day, self.asked, moving=moving)


def _seated(session: Session, hunt: _Hunt, slot: Slot, visit: Visit) -> bool:
    """Seat a team that is still free. Where it is not, its locks are given back: whoever holds some and waits for others
    out of order would stand in somebody's way for ever."""
    planned = visit in session
    attempt = session.begin_nested()
    try:
        free = _still_free(session, hunt, slot, visit)
        if free:
            _seat(session, visit, slot, hunt.asked)
            attempt.commit()
        else:
            attempt.rollback()
    except DBAPIError as clash:
        attempt.rollback()
        if getattr(clash.orig, "pgcode", "") not in _LOST_RACE:
            raise
        if planned:
            planned_of(session, hunt.acceptance)
        return False
    return free


def _still_free(session: Session, hunt: _Hunt, slot: Slot, visit: Visit) -> bool:
    """Whether the team can still come, once nobody else can take any of it."""
    for key in sorted(one.person_id for one in slot.team):
        hold_person(session, key)
    chosen = {one.person_id for one in slot.team}
    team = [one for one in hunt.people(session, visit) if one.person_id in chosen]
    return len(team) == len(chosen) and slot_at(slot.begins, hunt.asked, team) is not None


def _seat(session: Session, visit: Visit, slot: Slot, asked: Asked) -> None:
    """Write the time and the team into a visit; whoever goes again keeps his place."""
    stand = groups_of(slot.team, asked)
    period = Range(slot.begins, slot.ends, bounds="[)")
    visit.starts_at, visit.ends_at = slot.begins, slot.ends
    seated = {place.person_id: place for place in visit.inspectors}
    for one in slot.team:
        place = seated.pop(one.person_id, None)
        if place is None:
            place = VisitInspector(person_id=one.person_id, unit_id=visit.unit_id, district=visit.district)
            visit.inspectors.append(place)
        place.name, place.period, place.groups = one.name, period, list(stand[one.person_id])
    for place in seated.values():
        visit.inspectors.remove(place)
    session.add(visit)
    session.flush()


def _told(slot: Slot) -> str:
    return f"{_clock(slot.begins)} {'、'.join(one.name for one in slot.team)}"


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(CITY_TZ):%Y-%m-%d %H:%M}"
