"""The visit judged: what its inspectors answer, item by item."""

from collections.abc import Mapping, Set
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.errors import Invalid, Problem
from portal.inspection import values
from portal.inspection.models import Acceptance
from portal.inspection.operations.merging import seal_online
from portal.inspection.operations.recording import record_act
from portal.inspection.operations.visiting import visit_under_way
from portal.inspection.queries import answers_of, carried_items, lock_acceptance, photographed
from portal.inspection.rules import FrozenList, answers_problems, deductions_in, proof_problems
from portal.inspection.states import Verdict
from portal.inspection.values import ItemAnswer

NOTHING_SETTLED: Mapping[str, Set[str]] = {}


def save_answers(
    session: Session,
    *,
    actor: Identity,
    acceptance_id: UUID,
    answers: Mapping[str, ItemAnswer],
    settles: Mapping[str, Set[str]] = NOTHING_SETTLED,
    now: datetime,
) -> Acceptance:
    """Write down judgements of the visit; only its inspectors may, and nothing is half-saved. `settles` names, by item,
    the entries whose difference an answer ends."""
    acceptance = lock_acceptance(session, acceptance_id)
    visit = visit_under_way(session, actor, acceptance, Permission.VISIT_SCORE)
    frozen = FrozenList.from_json(acceptance.checklist or {})
    kept = given_answers(session, visit.id)
    problems = answers_problems(frozen.checklist, kept, answers)
    if problems:
        raise Invalid(problems)
    # What is saved as it stands is nobody's new word: it may be the other inspector's.
    new = {key: answer for key, answer in answers.items() if kept.get(key) != answer or key in settles}
    seal_online(session, actor, acceptance, visit, answers=new, settles=settles, now=now)
    record_change = [FieldChange(name="items", new=tuple(sorted(answers)))]
    record_act(session, actor, values.ANSWERED, acceptance, acceptance.system, changes=record_change, now=now)
    return acceptance


def proofs_missing(session: Session, frozen: FrozenList, visit_id: UUID) -> tuple[Problem, ...]:
    """What the list asks to be brought back from a visit and is not there yet, at its field."""
    return proof_problems(
        frozen, given_answers(session, visit_id), photographed(session, visit_id) | carried_items(session, visit_id)
    )


def given_answers(session: Session, visit_id: UUID) -> Mapping[str, ItemAnswer]:
    """A visit's answers as values."""
    return {
        key: ItemAnswer(verdict=Verdict(row.verdict), deductions=deductions_in(row.deductions), note=row.note)
        for key, row in answers_of(session, visit_id).items()
    }
