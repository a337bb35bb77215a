"""A conclusion set otherwise than the arithmetic gave it: asked for with a reason, decided by a second person (ACC-05).

Until it is decided nothing changes but that the result is not published. What the arithmetic gave stays in
`acceptance.result`, and what was asked and decided in its own row.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, Problem
from portal.inspection import values
from portal.inspection.models import Acceptance, ConclusionOverride
from portal.inspection.operations.diary import refuse_interested
from portal.inspection.operations.effects import CONCLUSIONS, enter_use, give_certificate
from portal.inspection.operations.recording import notify, record_act
from portal.inspection.operations.reinspecting import follow_conclusion
from portal.inspection.queries import done_visit, lock_acceptance, pending_override, require_handling
from portal.inspection.rules import CONCLUSION_OF, FrozenList, other_results
from portal.inspection.states import CONCLUDED, AcceptanceAction, AcceptanceKind, AcceptanceStatus, next_status
from portal.registry.operations import take_acceptance_back
from portal.registry.states import UseStatus


def ask_override(
    session: Session, *, actor: Identity, acceptance_id: UUID, result: str, reason: str, now: datetime
) -> ConclusionOverride:
    """An inspector of the visit asks for another result, until it is published. Raises Invalid without a reason or for a
    result the list does not know, IllegalTransition where one is asked for already or it is too late."""
    acceptance = lock_acceptance(session, acceptance_id)
    visit = done_visit(session, acceptance.id)
    sent = [place.person_id for place in visit.inspectors if not place.cancelled] if visit else []
    require_handling(actor, Permission.OVERRIDE_ASK, acceptance)
    if actor.person_id not in sent:
        raise NotAllowed("not_sent")
    _still_open(session, acceptance)
    current = CONCLUSION_OF[AcceptanceStatus(acceptance.status)]
    frozen = FrozenList.from_json(acceptance.checklist or {})
    possible = {one.key: one for one in other_results(frozen, conclusion=current, grade=acceptance.grade)}
    problems = [] if reason.strip() else [Problem("reason", "reason_needed")]
    if result not in possible:
        problems.append(Problem("result", "required"))
    if problems or actor.person_id is None:
        raise Invalid(problems)
    wanted = possible[result]
    row = ConclusionOverride(
        acceptance_id=acceptance.id,
        unit_id=acceptance.unit_id,
        district=acceptance.district,
        from_conclusion=current,
        from_grade=acceptance.grade,
        to_conclusion=wanted.conclusion,
        to_grade=wanted.grade,
        reason=reason.strip(),
        asked_by=actor.person_id,
        asked_by_name=actor.name[:40],
        asked_at=now,
    )
    session.add(row)
    changes = [_change(row)]
    record_act(
        session, actor, values.OVERRIDE_ASKED, acceptance, acceptance.system, reason=reason, changes=changes, now=now
    )
    return row


def decide_override(
    session: Session, *, actor: Identity, acceptance_id: UUID, approved: bool, note: str, now: datetime
) -> ConclusionOverride:
    """The organ's leader decides, never who asked. A refusal says why."""
    acceptance = lock_acceptance(session, acceptance_id)
    require_handling(actor, Permission.OVERRIDE_DECIDE, acceptance)
    refuse_interested(session, actor, acceptance.unit_id, on=city_day(now))
    row = pending_override(session, acceptance.id)
    if row is None:
        raise IllegalTransition("override", status=acceptance.status)
    if actor.person_id is None or actor.person_id == row.asked_by:
        raise NotAllowed("second_person")
    if not approved and not note.strip():
        raise Invalid([Problem("note", "reason_needed")])
    row.approved, row.note = approved, note.strip()
    row.decided_by, row.decided_by_name, row.decided_at = actor.person_id, actor.name[:40], now
    tag = values.OVERRIDE_APPROVED if approved else values.OVERRIDE_REFUSED
    if approved:
        _apply(session, actor, acceptance, row, now=now)
    record_act(
        session, actor, tag, acceptance, acceptance.system, reason=note or row.reason, changes=[_change(row)], now=now
    )
    if approved:
        follow_conclusion(session, actor, acceptance, now=now)
    notify(session, acceptance, "overridden" if approved else "override_refused")
    return row


def _still_open(session: Session, acceptance: Acceptance) -> None:
    if acceptance.status not in CONCLUDED or acceptance.published_at is not None:
        raise IllegalTransition("override", status=acceptance.status)
    if pending_override(session, acceptance.id) is not None:
        raise IllegalTransition("override_pending", status=acceptance.status)


def _apply(
    session: Session, actor: Identity, acceptance: Acceptance, row: ConclusionOverride, *, now: datetime
) -> None:
    """The result becomes the one that was approved; the system's use follows it as it follows any conclusion."""
    reopened = next_status(AcceptanceStatus(acceptance.status), AcceptanceAction.REOPEN)
    acceptance.status = next_status(reopened, CONCLUSIONS[row.to_conclusion])
    acceptance.grade = row.to_grade
    if acceptance.kind == AcceptanceKind.STANDARD:
        give_certificate(acceptance)
        return
    failed_before, fails_now = row.from_conclusion == "fail", row.to_conclusion == "fail"
    if failed_before and not fails_now:
        enter_use(session, actor, acceptance, now=now)
    elif fails_now and not failed_before and (acceptance.result or {}).get("use_before") != UseStatus.IN_USE:
        take_acceptance_back(
            session, actor=actor, system_id=acceptance.system_id, reason=row.reason, on=city_day(now), now=now
        )
    give_certificate(acceptance)


def _change(row: ConclusionOverride) -> FieldChange:
    return FieldChange(
        name="conclusion", old=row.from_grade or row.from_conclusion, new=row.to_grade or row.to_conclusion
    )
