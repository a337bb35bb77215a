"""Visits with what was found there, and who may be sent."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, selectinload

from portal.accounts.models import Membership, Organ, OrganDivision, Person
from portal.accounts.permissions import Permission
from portal.accounts.values import Identity, Role
from portal.core.errors import NotFound
from portal.inspection.models import (
    Acceptance,
    Answer,
    Visit,
    VisitInspector,
    VisitPhoto,
)
from portal.inspection.queries.access import get_acceptance, require_handling
from portal.inspection.states import AcceptanceKind, VisitStatus


def visits_of(session: Session, acceptance_id: UUID) -> Sequence[Visit]:
    """An acceptance's visits, newest first, with their inspectors."""
    return session.scalars(
        select(Visit)
        .where(Visit.acceptance_id == acceptance_id)
        .options(selectinload(Visit.inspectors))
        .order_by(Visit.id.desc())
    ).all()


def planned_visit(session: Session, acceptance_id: UUID) -> Visit | None:
    """The visit that is to come, or under way, as it is by now: whoever waited for the acceptance read it before."""
    return session.scalars(
        select(Visit)
        .where(Visit.acceptance_id == acceptance_id, Visit.status == VisitStatus.PLANNED)
        .options(selectinload(Visit.inspectors))
        .execution_options(populate_existing=True)
    ).one_or_none()


def get_own_visit(
    session: Session, identity: Identity, acceptance_id: UUID, permission: Permission
) -> tuple[Acceptance, Visit]:
    """An acceptance and its visit to come, for the inspectors it is assigned to. Raises NotAllowed for other readers."""
    acceptance = get_acceptance(session, identity, acceptance_id)
    visit = planned_visit(session, acceptance_id)
    assigned = [place.person_id for place in visit.inspectors if not place.cancelled] if visit else []
    require_handling(identity, permission, acceptance, assigned)
    if visit is None:
        raise NotFound()
    return acceptance, visit


def answers_of(session: Session, visit_id: UUID) -> Mapping[str, Answer]:
    """A visit's answers by item."""
    # They are written around the session, which may have read them before.
    fresh = select(Answer).where(Answer.visit_id == visit_id).execution_options(populate_existing=True)
    return {row.item: row for row in session.scalars(fresh)}


def photos_of(session: Session, visit_id: UUID) -> Mapping[str, Sequence[VisitPhoto]]:
    """A visit's photos by item, in the order they were taken."""
    found: dict[str, list[VisitPhoto]] = {}
    for photo in session.scalars(select(VisitPhoto).where(VisitPhoto.visit_id == visit_id).order_by(VisitPhoto.id)):
        found.setdefault(photo.item, []).append(photo)
    return found


def photographed(session: Session, visit_id: UUID) -> frozenset[str]:
    """The items of a visit that have a photo; one that differs from its seal is none."""
    true = select(VisitPhoto.item).where(VisitPhoto.visit_id == visit_id, ~VisitPhoto.altered)
    return frozenset(session.scalars(true.distinct()))


def inspectors_for(session: Session, acceptance: Acceptance, *, today: date) -> Sequence[tuple[UUID, str, str]]:
    """Who may be sent: inspectors who cover the district, or for a standard creation the assessors of the organ that
    was applied to. Person id, name, organ."""
    standard = acceptance.kind == AcceptanceKind.STANDARD
    covers = or_(Organ.citywide, OrganDivision.division_code == acceptance.district)
    rows = session.execute(
        select(Person.id, Person.name, Organ.name)
        .join(Membership, Membership.person_id == Person.id)
        .join(Organ, Organ.id == Membership.organ_id)
        .outerjoin(OrganDivision, OrganDivision.organ_id == Organ.id)
        .where(
            Membership.role == (Role.SECTOR_SUPERVISOR if standard else Role.INSPECTOR),
            Membership.valid_from <= today,
            or_(Membership.valid_to.is_(None), Membership.valid_to >= today),
            Organ.id == acceptance.organ_id if standard else covers,
        )
        .distinct()
        .order_by(Person.name, Person.id)
    )
    return [(person_id, name, organ) for person_id, name, organ in rows]


def booked_then(session: Session, people: Sequence[UUID], period: Range[datetime]) -> Sequence[VisitInspector]:
    """The places these people hold in other visits that overlap a time, the earliest first."""
    return session.scalars(
        select(VisitInspector)
        .where(
            VisitInspector.person_id.in_(people),
            ~VisitInspector.cancelled,
            VisitInspector.period.overlaps(period),
        )
        .order_by(VisitInspector.period, VisitInspector.name)
    ).all()
