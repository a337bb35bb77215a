"""The visit judged: answers, and the conclusion they come to."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.core.errors import Invalid, Problem
from portal.core.lifecycle import unchanged
from portal.inspection import values
from portal.inspection.models import Acceptance, Answer
from portal.inspection.operations.clocks import end_clock
from portal.inspection.operations.recording import notify, record_act
from portal.inspection.operations.visiting import visit_under_way
from portal.inspection.queries import (
    answers_of,
    lock_acceptance,
)
from portal.inspection.rules import FrozenList, answer_problems, judge
from portal.inspection.states import (
    AcceptanceAction,
    AcceptanceKind,
    AcceptanceStatus,
    Verdict,
    VisitAction,
    VisitStatus,
    next_status,
    next_visit_status,
)
from portal.inspection.values import ItemAnswer
from portal.registry.operations import record_acceptance_step

CONCLUSIONS = {"pass": AcceptanceAction.PASS, "basic": AcceptanceAction.BASIC, "fail": AcceptanceAction.FAIL}


def save_answers(
    session: Session,
    *,
    actor: Identity,
    acceptance_id: UUID,
    answers: Mapping[str, ItemAnswer],
    now: datetime,
) -> Acceptance:
    """Write down judgements of the visit; only its inspectors may, and nothing is half-saved."""
    acceptance = lock_acceptance(session, acceptance_id)
    visit = visit_under_way(session, actor, acceptance, Permission.VISIT_SCORE)
    frozen = FrozenList.from_json(acceptance.checklist or {})
    items = {item.key: item for item in frozen.checklist.items}
    problems = [Problem(key, "unknown_item") for key in answers if key not in items]
    for key, answer in answers.items():
        if key in items:
            problems += answer_problems(items[key], answer)
    if problems:
        raise Invalid(problems)
    for key, answer in answers.items():
        statement = insert(Answer).values(
            visit_id=visit.id,
            item=key,
            unit_id=acceptance.unit_id,
            district=acceptance.district,
            verdict=str(answer.verdict),
            deduction=answer.deduction,
            note=answer.note.strip(),
            answered_by=actor.person_id,
            answered_at=now,
        )
        changed = {
            name: statement.excluded[name] for name in ("verdict", "deduction", "note", "answered_by", "answered_at")
        }
        session.execute(statement.on_conflict_do_update(index_elements=["visit_id", "item"], set_=changed))
    record_change = [FieldChange(name="items", new=tuple(sorted(answers)))]
    record_act(session, actor, values.ANSWERED, acceptance, acceptance.system, changes=record_change, now=now)
    return acceptance


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


def given_answers(session: Session, visit_id: UUID) -> Mapping[str, ItemAnswer]:
    """A visit's answers as values."""
    return {
        key: ItemAnswer(verdict=Verdict(row.verdict), deduction=row.deduction, note=row.note)
        for key, row in answers_of(session, visit_id).items()
    }


def _text(number: object) -> str | None:
    return None if number is None else str(number)
