"""Who may sign for a change of settings on a day: a technician of an authorised firm, or a professional of the unit."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.registry.models import (
    Contractor,
    Engagement,
    EngagementTechnician,
    Operator,
    Qualification,
    Technician,
)
from portal.upkeep.models import WorkTicket
from portal.upkeep.queries.places import belongs
from portal.upkeep.values import Signer


def signers_for(session: Session, ticket: WorkTicket, *, on: date) -> Sequence[Signer]:
    """Everybody entitled to carry out this change that day; somebody whose certificate ran out is not among them."""
    return [*_technicians(session, ticket, on), *_own(session, ticket, on)]


def _own(session: Session, ticket: WorkTicket, on: date) -> list[Signer]:
    """Professionals whom the unit itself appointed, and who belong to it still."""
    rows = session.scalars(
        select(Operator)
        .where(
            Operator.unit_id == ticket.unit_id,
            Operator.professional,
            Operator.appointed_on <= on,
            or_(Operator.ended_on.is_(None), Operator.ended_on > on),
            belongs(Operator.person_id, ticket.unit_id, on),
        )
        .order_by(Operator.name, Operator.id)
    )
    return [
        Signer(
            key=f"operator:{one.id}",
            name=one.name,
            firm="",
            entitled=f"{one.appointed_by_name} {one.appointed_on.isoformat()}",
        )
        for one in rows
    ]


def _technicians(session: Session, ticket: WorkTicket, on: date) -> list[Signer]:
    """Technicians named for a firm's running work at the unit (at this very system where the ticket names one), the
    firm qualified for that kind of work on the day, their own certificate not run out."""
    statement = (
        select(Technician, Contractor.name, Qualification.number, Qualification.valid_to)
        .join(EngagementTechnician, EngagementTechnician.technician_id == Technician.id)
        .join(Engagement, Engagement.id == EngagementTechnician.engagement_id)
        .join(Contractor, Contractor.id == Engagement.contractor_id)
        .join(
            Qualification,
            (Qualification.contractor_id == Contractor.id) & (Qualification.kind == Engagement.kind),
        )
        .where(
            Engagement.unit_id == ticket.unit_id,
            *_on(Engagement.valid_from, Engagement.valid_to, on),
            *_on(EngagementTechnician.valid_from, EngagementTechnician.valid_to, on),
            *_on(Qualification.valid_from, Qualification.valid_to, on),
            or_(Technician.certificate_to.is_(None), Technician.certificate_to >= on),
        )
        .order_by(Technician.name, Technician.id, Qualification.valid_to.desc().nulls_first())
    )
    if ticket.system_id is not None:
        statement = statement.where(Engagement.system_id == ticket.system_id)
    found: dict[str, Signer] = {}
    for technician, firm, number, until in session.execute(statement):
        key = f"technician:{technician.id}"
        entitled = " → ".join(filter(None, (number, until.isoformat() if until else "")))
        found.setdefault(key, Signer(key=key, name=technician.name, firm=firm, entitled=entitled))
    return list(found.values())


def _on(
    start: "InstrumentedAttribute[date | None]", end: "InstrumentedAttribute[date | None]", day: date
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return or_(start.is_(None), start <= day), or_(end.is_(None), end >= day)
