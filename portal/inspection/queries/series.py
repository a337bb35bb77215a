"""A series of tries, the visit that concluded one, and what was asked to be overridden."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portal.inspection.models import Acceptance, Answer, ConclusionOverride, Visit
from portal.inspection.states import OPEN, VisitStatus


def series_of(session: Session, acceptance: Acceptance) -> Sequence[Acceptance]:
    """Every try of an acceptance's series, the first first."""
    first = acceptance.series_id or acceptance.id
    return session.scalars(
        select(Acceptance)
        .where(or_(Acceptance.id == first, Acceptance.series_id == first))
        .order_by(Acceptance.attempt, Acceptance.id)
    ).all()


def open_reinspection_of(session: Session, acceptance_id: UUID) -> Acceptance | None:
    """The re-inspection after an acceptance that is not concluded yet."""
    return session.scalars(
        select(Acceptance)
        .where(
            Acceptance.previous_id == acceptance_id,
            Acceptance.reinspection,
            Acceptance.status.in_([str(status) for status in OPEN]),
        )
        .options(joinedload(Acceptance.system), joinedload(Acceptance.unit))
    ).one_or_none()


def done_visit(session: Session, acceptance_id: UUID) -> Visit | None:
    """The visit that an acceptance was concluded with, with its inspectors."""
    return session.scalars(
        select(Visit)
        .where(Visit.acceptance_id == acceptance_id, Visit.status == VisitStatus.DONE)
        .options(selectinload(Visit.inspectors))
        .order_by(Visit.id.desc())
        .limit(1)
    ).one_or_none()


def carried_items(session: Session, visit_id: UUID) -> frozenset[str]:
    """The items of a re-inspection's visit whose answer is still that of the visit before."""
    now, then, before = aliased(Answer), aliased(Answer), aliased(Visit)
    return frozenset(
        session.scalars(
            select(now.item)
            .join(Visit, Visit.id == now.visit_id)
            .join(Acceptance, Acceptance.id == Visit.acceptance_id)
            .join(before, before.acceptance_id == Acceptance.previous_id)
            .join(
                then,
                and_(then.visit_id == before.id, then.item == now.item, then.answered_at == now.answered_at),
            )
            .where(now.visit_id == visit_id, Acceptance.reinspection)
        )
    )


def overrides_of(session: Session, acceptance_id: UUID) -> Sequence[ConclusionOverride]:
    """What was asked to be overridden in an acceptance, the newest first."""
    return session.scalars(
        select(ConclusionOverride)
        .where(ConclusionOverride.acceptance_id == acceptance_id)
        .order_by(ConclusionOverride.id.desc())
    ).all()


def overrides_on(session: Session, acceptance_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[ConclusionOverride]]:
    """What was asked to be overridden in each acceptance of a page, the first first, but for what was refused."""
    found: dict[UUID, list[ConclusionOverride]] = {}
    if not acceptance_ids:
        return found
    standing = ConclusionOverride.approved.is_distinct_from(other=False)
    rows = session.scalars(
        select(ConclusionOverride)
        .where(ConclusionOverride.acceptance_id.in_(acceptance_ids), standing)
        .order_by(ConclusionOverride.id)
    )
    for row in rows:
        found.setdefault(row.acceptance_id, []).append(row)
    return found


def pending_override(session: Session, acceptance_id: UUID) -> ConclusionOverride | None:
    """The override that waits for its decision."""
    return session.scalars(
        select(ConclusionOverride).where(
            ConclusionOverride.acceptance_id == acceptance_id, ConclusionOverride.approved.is_(None)
        )
    ).one_or_none()
