"""The school assesses itself: the list filled in, the facts of the application form, the leader's signature."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, Problem
from portal.core.lifecycle import unchanged
from portal.inspection import values
from portal.inspection.models import SelfAssessment
from portal.inspection.queries import draft_assessment, lock_assessment
from portal.inspection.rules import (
    FrozenList,
    answers_in,
    answers_out,
    answers_problems,
    checklist_for,
    has_standard,
    judge,
)
from portal.inspection.states import AcceptanceKind
from portal.inspection.values import ItemAnswer, SchoolFacts
from portal.registry.operations.recording import about, note
from portal.registry.queries import lock_system, system_scope
from portal.registry.rules import rules_for


def begin_assessment(session: Session, *, actor: Identity, system_id: UUID, now: datetime) -> SelfAssessment:
    """The draft of a system's self-assessment, begun if there is none; the list is frozen as it stands today.

    Raises IllegalTransition where no scored standard governs the unit.
    """
    system = lock_system(session, system_id)
    require(actor, Permission.ACCEPTANCE_APPLY, system_scope(system), read=Permission.SYSTEM_READ)
    draft = draft_assessment(session, system.id)
    if draft is not None:
        return draft
    rules = rules_for(system.unit, system, on=city_day(now))
    if not has_standard(rules):
        raise IllegalTransition("no_standard", status=system.use_status)
    draft = SelfAssessment(
        system_id=system.id,
        unit_id=system.unit_id,
        district=system.district,
        checklist=checklist_for(rules, AcceptanceKind.STANDARD).as_json(),
        principal=system.unit.principal_name,
        begun_by=actor.person_id,
        begun_at=now,
    )
    session.add(draft)
    session.flush()
    note(session, actor, values.ASSESSMENT_BEGUN, about(draft, system.name), draft, now=now)
    return draft


def save_assessment(
    session: Session,
    *,
    actor: Identity,
    assessment_id: UUID,
    seen_version: int,
    answers: Mapping[str, ItemAnswer],
    facts: SchoolFacts,
    now: datetime,
) -> SelfAssessment:
    """Keep what the school says of itself; what is left open stays open. Raises Invalid naming each field."""
    draft = _draft(session, actor, assessment_id, seen_version)
    checklist = FrozenList.from_json(draft.checklist).checklist
    problems = answers_problems(checklist, answers_in(draft.answers), answers)
    if problems:
        raise Invalid(problems)
    draft.answers = draft.answers | answers_out(answers)
    for name, value in asdict(facts).items():
        setattr(draft, name, value)
    changes = [FieldChange(name="items", new=tuple(sorted(answers)))]
    note(session, actor, values.ASSESSMENT_SAVED, about(draft, draft.system.name), draft, changes=changes, now=now)
    return draft


def sign_assessment(
    session: Session, *, actor: Identity, assessment_id: UUID, seen_version: int, signed_by: str, now: datetime
) -> SelfAssessment:
    """Close the assessment under the name of the school's leader: the score follows from the list and is never typed.

    A score below the pass mark may be signed, so that the school sees where it stands; nobody can apply with it.
    Raises Invalid naming the items still open and the facts still missing.
    """
    draft = _draft(session, actor, assessment_id, seen_version)
    outcome = judge(FrozenList.from_json(draft.checklist), answers_in(draft.answers))
    problems = [Problem(key, "item_open") for key in outcome.unanswered]
    problems += [Problem(name, "required") for name in ("principal", "deputy", "statement") if not getattr(draft, name)]
    if not signed_by.strip():
        problems.append(Problem("signed_by", "required"))
    if problems:
        raise Invalid(problems)
    draft.signed_by, draft.signed_at = signed_by.strip(), now
    draft.score, draft.grade = outcome.score, outcome.grade
    changes = [FieldChange(name="score", new=outcome.score), FieldChange(name="grade", new=outcome.grade)]
    note(session, actor, values.ASSESSMENT_SIGNED, about(draft, draft.system.name), draft, changes=changes, now=now)
    return draft


def _draft(session: Session, actor: Identity, assessment_id: UUID, seen_version: int) -> SelfAssessment:
    draft = lock_assessment(session, assessment_id)
    require(actor, Permission.ACCEPTANCE_APPLY, system_scope(draft.system), read=Permission.SYSTEM_READ)
    unchanged(draft, seen_version)
    if draft.signed_at is not None:
        raise IllegalTransition("assessment_signed", status="signed")
    return draft
