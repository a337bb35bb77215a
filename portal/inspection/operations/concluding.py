"""The conclusion that a visit's answers come to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.core.errors import Invalid, Problem
from portal.core.lifecycle import unchanged
from portal.inspection import values
from portal.inspection.models import Acceptance
from portal.inspection.operations.clocks import end_clock
from portal.inspection.operations.judging import given_answers
from portal.inspection.operations.recording import notify, record_act
from portal.inspection.operations.visiting import visit_under_way
from portal.inspection.queries import lock_acceptance
from portal.inspection.rules import FrozenList, judge
from portal.inspection.states import (
    AcceptanceAction,
    AcceptanceKind,
    AcceptanceStatus,
    VisitAction,
    VisitStatus,
    next_status,
    next_visit_status,
)
from portal.registry.operations import record_acceptance_step

CONCLUSIONS = {"pass": AcceptanceAction.PASS, "basic": AcceptanceAction.BASIC, "fail": AcceptanceAction.FAIL}


def conclude(
    session: Session,
    *,
    actor: Identity,
    acceptance_id: UUID,
    seen_version: int,
    opinion: str,
    rectification: str,
    now: datetime,
) -> Acceptance:
    """Close the visit with the result the arithmetic gives (no hand-set grade). A pass puts the system into use; any
    other result states what must be put right. Raises Invalid naming the items still open."""
    acceptance = lock_acceptance(session, acceptance_id)
    visit = visit_under_way(session, actor, acceptance, Permission.VISIT_CONCLUDE)
    unchanged(acceptance, seen_version)
    outcome = judge(FrozenList.from_json(acceptance.checklist or {}), given_answers(session, visit.id))
    problems = [Problem(key, "item_open") for key in outcome.unanswered]
    if outcome.conclusion != "pass" and not rectification.strip():
        problems.append(Problem("rectification", "rectification_needed"))
    if problems:
        raise Invalid(problems)
    acceptance.status = next_status(AcceptanceStatus(acceptance.status), CONCLUSIONS[outcome.conclusion])
    acceptance.score, acceptance.grade = outcome.score, outcome.grade
    acceptance.result = {
        "conclusion": outcome.conclusion,
        "groups": [
            {"key": g.key, "points": _text(g.points), "possible": _text(g.possible), "rate": _text(g.rate)}
            for g in outcome.groups
        ],
    }
    acceptance.opinion, acceptance.rectification = opinion.strip(), rectification.strip()
    acceptance.concluded_by, acceptance.concluded_at = actor.person_id, now
    visit.status = next_visit_status(VisitStatus(visit.status), VisitAction.CONCLUDE)
    end_clock(session, acceptance, on=city_day(now))
    if outcome.conclusion != "fail" and acceptance.kind != AcceptanceKind.STANDARD:
        record_acceptance_step(
            session, actor=actor, system_id=acceptance.system_id, passed=True, on=city_day(now), now=now
        )
    changes = [
        FieldChange(name="conclusion", new=outcome.conclusion),
        FieldChange(name="score", new=outcome.score),
        FieldChange(name="grade", new=outcome.grade),
    ]
    record_act(session, actor, values.CONCLUDED, acceptance, acceptance.system, changes=changes, now=now)
    notify(session, acceptance, "concluded")
    return acceptance


def _text(number: object) -> str | None:
    return None if number is None else str(number)
