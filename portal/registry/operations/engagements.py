"""Firms at work on a system, and the technicians they named: engaged, changed, ended; identity numbers sealed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record_and_seal
from portal.audit.values import FieldChange, SubjectRef
from portal.core.clock import city_day
from portal.core.codes import resident_id_problem
from portal.core.crypto import row_context
from portal.core.db import told_apart
from portal.core.errors import Invalid, NotFound, Problem
from portal.core.ids import new_id
from portal.core.lifecycle import unchanged
from portal.core.services import services
from portal.registry.models import Contractor, Engagement, EngagementTechnician, System, Technician
from portal.registry.operations.acts import placed, put, system_to_change
from portal.registry.operations.parties import days_in_order
from portal.registry.operations.recording import note
from portal.registry.queries import get_system, system_scope
from portal.registry.values import archive
from portal.registry.values.archive import EngagementParticulars, TechnicianParticulars

ENGAGED = ("kind", "contract_number", "valid_from", "valid_to", "note")
PERSON = ("name", "certificate", "certificate_number", "certificate_to")
PART = ("role", "valid_from", "valid_to")
CLASH = {"ex_engagement_one_at_a_time": Problem("valid_from", "engagement_overlaps")}
PART_CLASH = {"ex_engagement_technician_one_at_a_time": Problem("valid_from", "technician_overlaps")}
PERSON_CLASH = {"uq_technician_person": Problem("id_number", "technician_taken")}
INDEX = "technician.id_number"


def save_engagement(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    contractor_id: UUID | None = None,
    engagement_id: UUID | None = None,
    seen_version: int = 0,
    particulars: EngagementParticulars,
    now: datetime,
) -> Engagement:
    """Engage a firm for a work on a system, or change an engagement; its end is a change. Raises Invalid where the
    same firm does the same work on the same days already, Stale or NotFound."""
    system = system_to_change(session, actor, system_id)
    if engagement_id is None:
        firm = session.get(Contractor, contractor_id) if contractor_id else None
        if firm is None:
            raise Invalid([Problem("contractor", "contractor_unknown")])
        engagement = Engagement(system_id=system.id, contractor_id=firm.id, **placed(system))
    else:
        engagement = _engagement(session, system, engagement_id)
        unchanged(engagement, seen_version)
    problems = days_in_order(particulars)
    if problems:
        raise Invalid(problems)
    with session.no_autoflush, told_apart(session, CLASH):
        changes = put(engagement, particulars, ENGAGED)
        session.add(engagement)
    subject = SubjectRef("engagement", engagement.id, system.name)
    note(session, actor, archive.ENGAGEMENT_SET, subject, system, changes=changes, now=now)
    return engagement


def save_technician(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    engagement_id: UUID | None = None,
    part_id: UUID | None = None,
    particulars: TechnicianParticulars,
    now: datetime,
) -> EngagementTechnician:
    """Name a technician of an engagement, or change one. Who is known by their identity number to this unit is the same
    person in every engagement. Raises Invalid or NotFound."""
    system = system_to_change(session, actor, system_id)
    _check(particulars, needed=part_id is None, today=city_day(now))
    if part_id is None:
        engagement = _engagement(session, system, engagement_id)
        person = _known(session, system, engagement.contractor_id, particulars.id_number)
        part = EngagementTechnician(id=new_id(), engagement_id=engagement.id, **placed(system))
    else:
        part = _part(session, system, part_id)
        person = part.technician
    with session.no_autoflush, told_apart(session, PERSON_CLASH | PART_CLASH):
        changes = put(person, particulars, PERSON)
        if particulars.id_number:
            changes.append(_seal(session, person, particulars.id_number))
        session.add(person)
        session.flush()
        part.technician_id = person.id
        changes += put(part, particulars, PART)
        session.add(part)
    subject = SubjectRef("technician", person.id, person.name)
    note(session, actor, archive.TECHNICIAN_SET, subject, system, changes=changes, now=now)
    return part


def reveal_id_number(session: Session, *, actor: Identity, system_id: UUID, part_id: UUID, now: datetime) -> str:
    """The full identity number of a technician; the look stands sealed before it is opened."""
    system = get_system(session, actor, system_id)
    require(actor, Permission.CONTACT_REVEAL, system_scope(system), read=Permission.SYSTEM_READ)
    person = _part(session, system, part_id).technician
    record_and_seal(
        session,
        actor=actor.actor,
        tag=archive.TECHNICIAN_REVEALED,
        subject=SubjectRef("technician", person.id, person.name),
        unit_id=person.unit_id,
        district=person.district,
        now=now,
    )
    context = row_context("technician", "id_number_sealed", person.id)
    return services(session).envelope.open(person.id_number_sealed, context=context).decode()


def masked_id(number: str) -> str:
    """An identity number as pages show it: neither birthday nor more of the division than its province and city."""
    return f"{number[:4]}{'*' * 10}{number[-4:]}"


def _seal(session: Session, person: Technician, number: str) -> FieldChange:
    envelope = services(session).envelope
    context = row_context("technician", "id_number_sealed", person.id)
    person.id_number_sealed = envelope.seal(number.encode(), context=context)
    person.id_number_masked = masked_id(number)
    person.id_number_index = envelope.blind_index(number, INDEX)
    return FieldChange(name="id_number", new=number, sensitive=True)


def _known(session: Session, system: System, contractor_id: UUID, number: str) -> Technician:
    """The person of this firm whom the unit knows by the number, or a new one."""
    indexes = services(session).envelope.blind_index_candidates(number, INDEX)
    found = session.scalars(
        select(Technician).where(
            Technician.unit_id == system.unit_id,
            Technician.contractor_id == contractor_id,
            Technician.id_number_index.in_(indexes),
        )
    ).one_or_none()
    return found or Technician(id=new_id(), contractor_id=contractor_id, **placed(system))


def _check(particulars: TechnicianParticulars, *, needed: bool, today: date) -> None:
    problems = days_in_order(particulars)
    if particulars.id_number:
        fault = resident_id_problem(particulars.id_number, today=today)
        if fault:
            problems.append(Problem("id_number", fault.code, dict(fault.data)))
    elif needed:
        problems.append(Problem("id_number", "required"))
    if problems:
        raise Invalid(problems)


def _engagement(session: Session, system: System, engagement_id: UUID | None) -> Engagement:
    engagement = session.get(Engagement, engagement_id, with_for_update=True) if engagement_id else None
    if engagement is None or engagement.system_id != system.id:
        raise NotFound()
    return engagement


def _part(session: Session, system: System, part_id: UUID) -> EngagementTechnician:
    part = session.scalars(
        select(EngagementTechnician)
        .join(Engagement, Engagement.id == EngagementTechnician.engagement_id)
        .where(EngagementTechnician.id == part_id, Engagement.system_id == system.id)
        .options(joinedload(EngagementTechnician.technician))
        .with_for_update(of=EngagementTechnician)
    ).one_or_none()
    if part is None:
        raise NotFound()
    return part
