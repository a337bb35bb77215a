"""The inspectors' week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import Membership, Organ, Person
from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Role
from portal.inspection.models import (
    Acceptance,
    InspectorAbsence,
    InspectorProfile,
    Visit,
    VisitInspector,
)


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
