"""A run of the portal's own checks: for an application, at night, and when the unit or the organ asks."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, Problem
from portal.inspection import values
from portal.inspection.models import Acceptance, ReadinessReport
from portal.inspection.operations import Readiness, record_readiness
from portal.inspection.operations.diary import every_diary
from portal.inspection.operations.recording import record_act
from portal.inspection.queries import lock_acceptance, require_handling
from portal.inspection.rules import papers_for
from portal.inspection.states import OPEN, AcceptanceKind, ProjectClass, ReadinessCause
from portal.readiness.queries import facts_of, list_of
from portal.readiness.rules import checks_of, filled_by, outlook_of, proposals_of
from portal.registry.rules import rules_for
from portal.regulation.schema.keys import RuleKey


def run_checks(
    session: Session, *, acceptance_id: UUID, cause: ReadinessCause, made_by: UUID | None = None, now: datetime
) -> ReadinessReport:
    """Check what can be checked of an acceptance, and keep what it came to. Who may ask is the caller's to say."""
    acceptance = lock_acceptance(session, acceptance_id)
    rules = rules_for(acceptance.unit, acceptance.system, on=city_day(now))
    with every_diary(session):
        facts = facts_of(session, acceptance.system, rules, now=now)
    kind = AcceptanceKind(acceptance.kind)
    papers = papers_for(
        acceptance.unit,
        acceptance.system,
        kind=kind,
        project_class=ProjectClass(acceptance.project_class),
        on=city_day(now),
    )
    checks = checks_of(facts, rules, papers)
    frozen = list_of(acceptance, now=now)
    proposals = proposals_of(frozen, checks, facts) if frozen else ()
    outlook = outlook_of(frozen, proposals).as_json() if frozen else {}
    found = Readiness(
        facts=facts.model_dump(mode="json"),
        checks=[check.as_json() for check in filled_by(checks, proposals)],
        proposals={one.item: one.as_json() for one in proposals},
        outlook=outlook,
    )
    return record_readiness(session, acceptance=acceptance, found=found, cause=cause, made_by=made_by, now=now)


def check_again(session: Session, *, actor: Identity, acceptance_id: UUID, now: datetime) -> ReadinessReport:
    """The unit or the organ has the checks made now. Raises IllegalTransition for an acceptance that is over, Invalid
    (`readiness_too_soon`) for a unit that asked a moment ago."""
    acceptance = lock_acceptance(session, acceptance_id)
    require_handling(actor, Permission.READINESS_RUN, acceptance)
    if acceptance.status not in OPEN:
        raise IllegalTransition("acceptance_over", status=acceptance.status)
    own = acceptance.unit_id in actor.unit_ids
    if own:
        _not_too_soon(session, acceptance, now=now)
    cause = ReadinessCause.UNIT if own else ReadinessCause.ORGAN
    report = run_checks(session, acceptance_id=acceptance.id, cause=cause, made_by=actor.person_id, now=now)
    record_act(session, actor, values.READINESS_ASKED, acceptance, acceptance.system, now=now)
    return report


def _not_too_soon(session: Session, acceptance: Acceptance, *, now: datetime) -> None:
    rules = rules_for(acceptance.unit, acceptance.system, on=city_day(now))
    minutes = rules.integer(RuleKey.READINESS_AGAIN_MINUTES) or 0
    asked = select(ReadinessReport.id).where(
        ReadinessReport.acceptance_id == acceptance.id,
        ReadinessReport.cause == ReadinessCause.UNIT,
        ReadinessReport.made_at > now - timedelta(minutes=minutes),
    )
    if session.scalar(asked.limit(1)) is not None:
        raise Invalid([Problem("", "readiness_too_soon", {"minutes": minutes})])
