"""What follows a conclusion by itself: the re-inspection, its list, and what of the earlier visit stands."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.inspection import values
from portal.inspection.models import Acceptance
from portal.inspection.operations.clocks import end_clock, start_clock
from portal.inspection.operations.findings import close_verified
from portal.inspection.operations.recording import ask_readiness, record_act
from portal.inspection.operations.visiting import call_off
from portal.inspection.queries import open_reinspection_of, planned_visit
from portal.inspection.rules import CONCLUSION_OF
from portal.inspection.states import (
    AcceptanceAction,
    AcceptanceStatus,
    ClockKind,
    next_status,
)
from portal.registry.rules import rules_for
from portal.regulation.calendar import WorkCalendar
from portal.regulation.schema.keys import RuleKey


def follow_conclusion(session: Session, actor: Identity, acceptance: Acceptance, *, now: datetime) -> None:
    """Open the re-inspection that the rules let follow this conclusion, or drop the one that nothing asks for any more."""
    session.flush()
    rules = rules_for(acceptance.unit, acceptance.system, on=city_day(now))
    wanted = CONCLUSION_OF[AcceptanceStatus(acceptance.status)] in rules.terms(RuleKey.REINSPECTION_AFTER)
    there = open_reinspection_of(session, acceptance.id)
    if wanted and there is None:
        _open(session, actor, acceptance, now=now)
    elif there is not None and not wanted:
        _drop(session, actor, there, now=now)
        close_verified(session, actor, acceptance, now=now)


def _open(session: Session, actor: Identity, before: Acceptance, *, now: datetime) -> None:
    """The papers were complete before: what lacks is the cure, and another look."""
    today = city_day(now)
    rules = rules_for(before.unit, before.system, on=today)
    again = Acceptance(
        system_id=before.system_id,
        unit_id=before.unit_id,
        district=before.district,
        organ_id=before.organ_id,
        previous_id=before.id,
        series_id=before.series_id or before.id,
        attempt=before.attempt + 1,
        reinspection=True,
        kind=before.kind,
        status=next_status(AcceptanceStatus.REQUESTED, AcceptanceAction.CHECK),
        requested_at=now,
        self_score=before.self_score,
        statement=before.rectification,
        checklist=before.checklist if rules.flag(RuleKey.REINSPECTION_FAILED_ONLY) else None,
    )
    session.add(again)
    session.flush()
    start_clock(session, again, ClockKind.REINSPECTION, rules=rules, on=today, calendar=WorkCalendar())
    ask_readiness(session, again)
    record_act(session, actor, values.REINSPECTION_OPENED, again, before.system, now=now)


def _drop(session: Session, actor: Identity, again: Acceptance, *, now: datetime) -> None:
    visit = planned_visit(session, again.id)
    if visit is not None:
        call_off(session, actor, again, visit, reason="", now=now)
    again.status = next_status(AcceptanceStatus(again.status), AcceptanceAction.WITHDRAW)
    end_clock(session, again, on=city_day(now))
    record_act(session, actor, values.REINSPECTION_DROPPED, again, again.system, now=now)
