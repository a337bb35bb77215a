"""What a routine visit is made of: who may go, what was photographed, what it found and how that stands."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import Membership, Person
from portal.accounts.values import Role
from portal.inspection.models import Finding
from portal.inspection.states import UNSETTLED
from portal.measures.models import PlannedVisit, PlannedVisitPhoto

VISITORS = (Role.INSPECTOR, Role.SECTOR_SUPERVISOR)


def visitors_of(session: Session, organ_id: UUID, *, today: date) -> Sequence[tuple[UUID, str]]:
    """Who of an organ may go on a routine visit: person and name."""
    rows = session.execute(
        select(Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.organ_id == organ_id,
            Membership.role.in_(VISITORS),
            Membership.valid_from <= today,
            or_(Membership.valid_to.is_(None), Membership.valid_to >= today),
        )
        .distinct()
        .order_by(Person.name, Person.id)
    )
    return [(key, name) for key, name in rows]


def photos_of_planned(session: Session, visit_id: UUID) -> Mapping[str, Sequence[PlannedVisitPhoto]]:
    """The photos of a visit by item, in the order they were taken."""
    found: dict[str, list[PlannedVisitPhoto]] = {}
    rows = select(PlannedVisitPhoto).where(PlannedVisitPhoto.planned_id == visit_id).order_by(PlannedVisitPhoto.id)
    for photo in session.scalars(rows):
        found.setdefault(photo.item, []).append(photo)
    return found


def findings_of_visit(session: Session, visit: PlannedVisit) -> Sequence[Finding]:
    """What a visit found, in the order of its list."""
    if not visit.finding_ids:
        return []
    rows = select(Finding).where(Finding.id.in_(visit.finding_ids))
    return session.scalars(rows.order_by(Finding.number, Finding.id)).all()


def unsettled_of_visit(session: Session, visit: PlannedVisit) -> int:
    """How many of its findings are not closed yet."""
    return sum(finding.status in UNSETTLED for finding in findings_of_visit(session, visit))


def visit_that_found(session: Session, finding_id: UUID) -> PlannedVisit | None:
    """The routine visit that a finding comes from, as far as the reader's organ made it."""
    return session.scalars(
        select(PlannedVisit).where(PlannedVisit.finding_ids.contains([finding_id])).limit(1)
    ).one_or_none()
