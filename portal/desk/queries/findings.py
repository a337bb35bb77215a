"""Findings that wait: to be cured by the unit, to be looked at by the organ; and conclusions that wait for a leader."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, visibility
from portal.accounts.values import Identity
from portal.desk.values import Todo
from portal.inspection.models import Acceptance, ConclusionOverride, Finding
from portal.inspection.queries import handled_by
from portal.inspection.states import OWED, FindingStatus


def findings(session: Session, identity: Identity, *, today: date, most: int) -> list[Todo]:
    """What of findings this person has to do: what a unit or an organ has many of is one line that opens the list."""
    return [
        *_to_cure(session, identity, today),
        *_overdue(session, identity, today),
        *_to_verify(session, identity, most),
        *_overrides(session, identity, most),
    ]


def _to_cure(session: Session, identity: Identity, today: date) -> list[Todo]:
    if not identity.unit_ids or not may_ever(identity, Permission.FINDING_CURE):
        return []
    units = visibility(identity, Permission.FINDING_CURE).units
    owed = (Finding.unit_id.in_(units), Finding.status.in_([str(status) for status in OWED]))
    rows = session.execute(
        select(Finding.unit_id, func.count(), func.min(Finding.due_on)).where(*owed).group_by(Finding.unit_id)
    )
    return [
        Todo(
            kind="findings_cure",
            id=None,
            text="",
            count=count,
            query={"unit": str(unit_id)},
            due=due,
            late=due is not None and due < today,
        )
        for unit_id, count, due in rows
    ]


def _overdue(session: Session, identity: Identity, today: date) -> list[Todo]:
    if not identity.organ_ids or not may_ever(identity, Permission.FINDING_VERIFY):
        return []
    count = session.scalar(
        select(func.count()).where(
            Finding.organ_id.in_(identity.organ_ids),
            Finding.status.in_([str(status) for status in OWED]),
            Finding.due_on < today,
        )
    )
    late = Todo(kind="findings_overdue", id=None, text="", count=count or 0, query={"overdue": "1"}, late=True)
    return [late] if count else []


def _to_verify(session: Session, identity: Identity, most: int) -> list[Todo]:
    if not may_ever(identity, Permission.FINDING_VERIFY):
        return []
    rows = session.scalars(
        select(Finding)
        .outerjoin(Acceptance, Acceptance.id == Finding.acceptance_id)
        .where(
            handled_by(identity, Permission.FINDING_VERIFY)
            | (Finding.acceptance_id.is_(None) & Finding.organ_id.in_(identity.organ_ids)),
            Finding.status == FindingStatus.CURED,
        )
        .options(joinedload(Finding.system), joinedload(Finding.unit))
        .order_by(Finding.due_on.nulls_last(), Finding.id)
        .limit(most)
    )
    return [Todo(kind="finding_verify", id=row.id, text=row.where, due=row.due_on) for row in rows]


def _overrides(session: Session, identity: Identity, most: int) -> list[Todo]:
    if not may_ever(identity, Permission.OVERRIDE_DECIDE):
        return []
    rows = session.scalars(
        select(Acceptance)
        .join(ConclusionOverride, ConclusionOverride.acceptance_id == Acceptance.id)
        .where(
            handled_by(identity, Permission.OVERRIDE_DECIDE),
            ConclusionOverride.approved.is_(None),
            ConclusionOverride.asked_by != identity.person_id,
        )
        .options(joinedload(Acceptance.system))
        .order_by(ConclusionOverride.id)
        .limit(most)
    )
    return [Todo(kind="override_decide", id=row.id, text=row.system.name) for row in rows]
