"""The inspectors' week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import Membership, Organ, Person
from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Role
from portal.core.errors import NotFound
from portal.core.geometry import LonLat, lonlat
from portal.inspection.models import (
    Acceptance,
    CalendarFeed,
    InspectorAbsence,
    InspectorConflict,
    InspectorProfile,
    Visit,
    VisitInspector,
)
from portal.registry.models import Site, System, Unit


@dataclass(frozen=True)
class BoardRow:
    """An inspector's week: what he stands for, his visits and his absences."""

    person_id: UUID
    name: str
    organ_id: UUID
    organ: str
    profile: InspectorProfile | None
    visits: Sequence[Visit] = ()
    absences: Sequence[InspectorAbsence] = ()


def week_board(session: Session, identity: Identity, week: Range[datetime], *, today: date) -> Sequence[BoardRow]:
    """The week of everybody who inspects for the reader's organs, by organ and name."""
    seen = visibility(identity, Permission.INSPECTOR_READ)
    people = session.execute(
        select(Person.id, Person.name, Organ.id, Organ.name)
        .join(Membership, Membership.person_id == Person.id)
        .join(Organ, Organ.id == Membership.organ_id)
        .where(
            Membership.role == Role.INSPECTOR,
            Membership.valid_from <= today,
            or_(Membership.valid_to.is_(None), Membership.valid_to >= today),
            visible(seen, organ=Organ.id),
        )
        .distinct()
        .order_by(Organ.name, Person.name, Person.id)
    ).all()
    keys = [row[0] for row in people]
    profiles = {
        row.person_id: row
        for row in session.scalars(select(InspectorProfile).where(InspectorProfile.person_id.in_(keys)))
    }
    visits: dict[UUID, list[Visit]] = {}
    for person, visit in session.execute(
        select(VisitInspector.person_id, Visit)
        .join(Visit, Visit.id == VisitInspector.visit_id)
        .where(VisitInspector.person_id.in_(keys), ~VisitInspector.cancelled, VisitInspector.period.overlaps(week))
        .order_by(Visit.starts_at)
        .options(joinedload(Visit.acceptance).joinedload(Acceptance.unit))
    ):
        visits.setdefault(person, []).append(visit)
    absences: dict[UUID, list[InspectorAbsence]] = {}
    for absence in session.scalars(
        select(InspectorAbsence)
        .where(
            InspectorAbsence.person_id.in_(keys), ~InspectorAbsence.withdrawn, InspectorAbsence.period.overlaps(week)
        )
        .order_by(InspectorAbsence.period)
    ):
        absences.setdefault(absence.person_id, []).append(absence)
    return [BoardRow(*row, profiles.get(row[0]), visits.get(row[0], ()), absences.get(row[0], ())) for row in people]


def own_calendar(session: Session, identity: Identity) -> CalendarFeed | None:
    """The reader's own calendar address, while it holds."""
    return session.scalars(
        select(CalendarFeed).where(CalendarFeed.person_id == identity.person_id, CalendarFeed.revoked_at.is_(None))
    ).one_or_none()


@dataclass(frozen=True)
class InspectorCard:
    """One inspector of the reader's organ, with what is kept of him."""

    person_id: UUID
    name: str
    organ_id: UUID
    organ: str
    profile: InspectorProfile | None
    conflicts: Sequence[tuple[InspectorConflict, str]] = ()


def get_inspector(session: Session, identity: Identity, person_id: UUID, *, today: date) -> InspectorCard:
    """An inspector of one of the reader's organs. Raises NotFound."""
    seen = visibility(identity, Permission.INSPECTOR_READ)
    row = session.execute(
        select(Person.id, Person.name, Organ.id, Organ.name)
        .join(Membership, Membership.person_id == Person.id)
        .join(Organ, Organ.id == Membership.organ_id)
        .where(
            Person.id == person_id,
            Membership.role == Role.INSPECTOR,
            Membership.valid_from <= today,
            or_(Membership.valid_to.is_(None), Membership.valid_to >= today),
            visible(seen, organ=Organ.id),
        )
        .order_by(Organ.name)
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NotFound()
    conflicts = session.execute(
        select(InspectorConflict, Unit.name)
        .join(Unit, Unit.id == InspectorConflict.unit_id)
        .where(InspectorConflict.person_id == person_id, InspectorConflict.organ_id == row[2])
        .order_by(InspectorConflict.until.is_not(None), InspectorConflict.since.desc())
    ).all()
    profile = session.get(InspectorProfile, person_id)
    return InspectorCard(*row, profile, [(conflict, name) for conflict, name in conflicts])


def places_of(session: Session, visit_ids: Sequence[UUID]) -> Mapping[UUID, LonLat]:
    """Where each of these visits takes place: at its system, else its site, else its unit."""
    at = func.coalesce(System.position, Site.position, Unit.position, type_=System.position.type)
    rows = session.execute(
        select(Visit.id, at)
        .join(Acceptance, Acceptance.id == Visit.acceptance_id)
        .join(System, System.id == Acceptance.system_id)
        .join(Unit, Unit.id == System.unit_id)
        .outerjoin(Site, Site.id == System.site_id)
        .where(Visit.id.in_(visit_ids), at.is_not(None))
    )
    return {key: lonlat(place) for key, place in rows}
