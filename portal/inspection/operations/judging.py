"""The visit judged: what its inspectors answer, item by item."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.errors import Invalid, Problem
from portal.inspection import values
from portal.inspection.models import Acceptance, Answer
from portal.inspection.operations.recording import record_act
from portal.inspection.operations.visiting import visit_under_way
from portal.inspection.queries import answers_of, lock_acceptance, photographed
from portal.inspection.rules import FrozenList, answers_problems, deductions_in, deductions_out, proof_problems
from portal.inspection.states import Verdict
from portal.inspection.values import ItemAnswer


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
    problems = answers_problems(frozen.checklist, given_answers(session, visit.id), answers)
    if problems:
        raise Invalid(problems)
    for key, answer in answers.items():
        statement = insert(Answer).values(
            visit_id=visit.id,
            item=key,
            unit_id=acceptance.unit_id,
            district=acceptance.district,
            verdict=str(answer.verdict),
            deductions=deductions_out(answer.deductions),
            note=answer.note.strip(),
            answered_by=actor.person_id,
            answered_at=now,
        )
        changed = {
            name: statement.excluded[name] for name in ("verdict", "deductions", "note", "answered_by", "answered_at")
        }
        session.execute(statement.on_conflict_do_update(index_elements=["visit_id", "item"], set_=changed))
    record_change = [FieldChange(name="items", new=tuple(sorted(answers)))]
    record_act(session, actor, values.ANSWERED, acceptance, acceptance.system, changes=record_change, now=now)
    return acceptance


def proofs_missing(session: Session, frozen: FrozenList, visit_id: UUID) -> tuple[Problem, ...]:
    """What the list asks to be brought back from a visit and is not there yet, at its field."""
    return proof_problems(frozen, given_answers(session, visit_id), photographed(session, visit_id))


def given_answers(session: Session, visit_id: UUID) -> Mapping[str, ItemAnswer]:
    """A visit's answers as values."""
    return {
        key: ItemAnswer(verdict=Verdict(row.verdict), deductions=deductions_in(row.deductions), note=row.note)
        for key, row in answers_of(session, visit_id).items()
    }
