"""The time limits of an acceptance: one runs at a time, and what it was counted from stays readable."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.inspection.models import Acceptance, AcceptanceClock
from portal.inspection.states import ClockKind
from portal.registry.rules import working_of
from portal.regulation.calendar import WorkCalendar
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.keys import RuleKey

COUNTED_BY = {
    ClockKind.REVIEW: RuleKey.ACCEPTANCE_REVIEW_WORKING_DAYS,
    ClockKind.DECISION: RuleKey.ACCEPTANCE_DECIDE_WORKING_DAYS,
    ClockKind.REINSPECTION: RuleKey.REINSPECTION_WITHIN,
}


def start_clock(
    session: Session,
    acceptance: Acceptance,
    kind: ClockKind,
    *,
    rules: EffectiveRules,
    on: date,
    calendar: WorkCalendar,
) -> None:
    """Begin a time limit of the organ on a day; where no text sets one it runs without a last day."""
    counted = rules.deadline(COUNTED_BY[kind], start=on, calendar=calendar)
    session.add(
        AcceptanceClock(
            acceptance_id=acceptance.id,
            unit_id=acceptance.unit_id,
            district=acceptance.district,
            kind=kind,
            started_on=on,
            due_on=counted.due if counted else None,
            why=working_of(counted),
        )
    )
    _read_anew(session, acceptance)


def end_clock(session: Session, acceptance: Acceptance, *, on: date) -> None:
    """End the time limit that runs, if one does, and keep by how much it was missed."""
    session.flush()
    clock = session.scalars(
        select(AcceptanceClock).where(
            AcceptanceClock.acceptance_id == acceptance.id, AcceptanceClock.ended_on.is_(None)
        )
    ).one_or_none()
    if clock is not None:
        clock.ended_on = max(on, clock.started_on)
        clock.late_days = max(0, (clock.ended_on - clock.due_on).days) if clock.due_on else 0
    _read_anew(session, acceptance)


def _read_anew(session: Session, acceptance: Acceptance) -> None:
    """Another limit runs now, or none: what the acceptance reads from it is read again."""
    session.flush()
    session.expire(acceptance, ["due_on"])
