"""The list a visit is judged by, and what of the earlier visit a re-inspection takes over."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.inspection.models import Acceptance, Answer, Finding, Visit
from portal.inspection.queries import done_visit
from portal.inspection.rules import checklist_for
from portal.inspection.states import AcceptanceKind
from portal.regulation.effective import EffectiveRules


def list_to_judge_by(acceptance: Acceptance, rules: EffectiveRules) -> dict[str, Any]:
    """The list, frozen: that of the earlier visit where its answers stand in part, else today's."""
    if acceptance.reinspection and acceptance.checklist:
        return acceptance.checklist
    return checklist_for(rules, AcceptanceKind(acceptance.kind)).as_json()


def carry_over(session: Session, acceptance: Acceptance, visit: Visit) -> None:
    """Of a re-inspection by the earlier list, what did not fall short then stands; the rest is judged anew."""
    if not acceptance.reinspection or acceptance.previous_id is None or not acceptance.checklist:
        return
    before = done_visit(session, acceptance.previous_id)
    if before is None:
        return
    session.flush()
    short = select(Finding.item).where(Finding.visit_id == before.id)
    for row in session.scalars(select(Answer).where(Answer.visit_id == before.id, Answer.item.not_in(short))):
        kept = {column.key: getattr(row, column.key) for column in Answer.__table__.columns}
        session.add(Answer(**(kept | {"visit_id": visit.id})))
