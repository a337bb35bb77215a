"""REG-06: an owner's complaint about the police, from its raising to the accepted answer."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.queries import competent_police
from portal.accounts.values import Identity, OrganKind
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.clock import city_day
from portal.core.errors import Invalid, Problem
from portal.core.lifecycle import unchanged
from portal.core.outbox import TaskName, enqueue
from portal.mandates import values
from portal.mandates.models import OwnerComplaint
from portal.mandates.operations.numbering import take_number
from portal.mandates.queries.complaints import complaint_scope, lock_complaint
from portal.mandates.queries.uses import use_entry
from portal.mandates.states import ComplaintAction, ComplaintStatus, next_complaint_status
from portal.mandates.values import ComplaintAbout, NumberKind
from portal.registry.models import Unit
from portal.registry.operations.recording import about, note
from portal.registry.queries import get_unit, unit_scope
from portal.registry.rules import rules_for, working_of
from portal.regulation.calendar import WorkCalendar
from portal.regulation.schema.keys import RuleKey


@dataclass(frozen=True, kw_only=True)
class Grievance:
    """What an owner complains of."""

    about: ComplaintAbout
    about_organ: str
    text: str
    happened_on: date | None = None
    entry_id: UUID | None = None


def handling_organ(session: Session, district: str) -> Organ:
    """Who handles complaints: the city's bureau, never the branch they are about; without one, the competent organ."""
    city = session.scalars(
        select(Organ).where(Organ.kind == OrganKind.POLICE_CITY, Organ.citywide).order_by(Organ.code).limit(1)
    ).one_or_none()
    return city or competent_police(session, district)


def raise_complaint(
    session: Session, *, actor: Identity, unit_id: UUID, grievance: Grievance, calendar: WorkCalendar, now: datetime
) -> OwnerComplaint:
    """Raise a complaint; both limits are counted at once. Raises Invalid for a use of another unit."""
    unit = get_unit(session, actor, unit_id)
    require(actor, Permission.COMPLAINT_RAISE, unit_scope(unit), read=Permission.UNIT_READ)
    problems = [
        Problem(field, "required")
        for field, text in (("text", grievance.text), ("about_organ", grievance.about_organ))
        if not text.strip()
    ]
    today = city_day(now)
    if grievance.happened_on is not None and grievance.happened_on > today:
        problems.append(Problem("happened_on", "in_the_future"))
    if grievance.entry_id is not None and use_entry(session, unit.id, grievance.entry_id) is None:
        problems.append(Problem("", "entry_unknown"))
    if problems:
        raise Invalid(problems)
    organ = handling_organ(session, unit.district)
    rules = rules_for(unit, None, on=today)
    first = rules.deadline(RuleKey.COMPLAINT_ACKNOWLEDGE_WITHIN, start=today, calendar=calendar)
    last = rules.deadline(RuleKey.COMPLAINT_ANSWER_WITHIN, start=today, calendar=calendar)
    complaint = OwnerComplaint(
        number=take_number(session, NumberKind.COMPLAINT, organ, today.year),
        unit_id=unit.id,
        organ_id=organ.id,
        organ_name=organ.name,
        about=grievance.about,
        about_organ=grievance.about_organ.strip(),
        entry_id=grievance.entry_id,
        happened_on=grievance.happened_on,
        text=grievance.text.strip(),
        raised_by=actor.person_id,
        raised_by_name=actor.name,
        raised_at=now,
        acknowledge_by=first.due if first else None,
        answer_by=last.due if last else None,
        answer_why=working_of(last),
    )
    session.add(complaint)
    session.flush()
    note(session, actor, values.COMPLAINT_RAISED, about(complaint, complaint.number), complaint, now=now)
    _tell(session, complaint)
    return complaint


def acknowledge_complaint(
    session: Session, *, actor: Identity, complaint_id: UUID, seen_version: int, now: datetime
) -> OwnerComplaint:
    """The handling organ takes it up."""
    complaint = _handled(session, actor, complaint_id, seen_version)
    complaint.status = next_complaint_status(ComplaintStatus(complaint.status), ComplaintAction.ACKNOWLEDGE)
    complaint.acknowledged_by_name, complaint.acknowledged_at = actor.name, now
    note(session, actor, values.COMPLAINT_ACKNOWLEDGED, about(complaint, complaint.number), complaint, now=now)
    _tell(session, complaint)
    return complaint


def answer_complaint(
    session: Session,
    *,
    actor: Identity,
    complaint_id: UUID,
    seen_version: int,
    upheld: bool,
    answer: str,
    now: datetime,
) -> OwnerComplaint:
    """The written answer."""
    complaint = _handled(session, actor, complaint_id, seen_version)
    if not answer.strip():
        raise Invalid([Problem("answer", "answer_needed")])
    complaint.status = next_complaint_status(ComplaintStatus(complaint.status), ComplaintAction.ANSWER)
    complaint.answer, complaint.upheld = answer.strip(), upheld
    complaint.answered_by_name, complaint.answered_at = actor.name, now
    changes = [FieldChange(name="upheld", new=upheld)]
    tag = values.COMPLAINT_ANSWERED
    note(session, actor, tag, about(complaint, complaint.number), complaint, changes=changes, now=now)
    _tell(session, complaint)
    return complaint


def contest_answer(
    session: Session, *, actor: Identity, complaint_id: UUID, reason: str, now: datetime
) -> OwnerComplaint:
    """The owner does not accept the answer: it is looked into once more."""
    complaint = _own(session, actor, complaint_id)
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    complaint.status = next_complaint_status(ComplaintStatus(complaint.status), ComplaintAction.CONTEST)
    complaint.contest_reason = reason.strip()
    note(session, actor, values.COMPLAINT_CONTESTED, about(complaint, complaint.number), complaint, now=now)
    _tell(session, complaint)
    return complaint


def close_complaint(session: Session, *, actor: Identity, complaint_id: UUID, now: datetime) -> OwnerComplaint:
    """The owner accepts the answer."""
    complaint = _own(session, actor, complaint_id)
    complaint.status = next_complaint_status(ComplaintStatus(complaint.status), ComplaintAction.CLOSE)
    complaint.closed_at = now
    note(session, actor, values.COMPLAINT_CLOSED, about(complaint, complaint.number), complaint, now=now)
    return complaint


def withdraw_complaint(session: Session, *, actor: Identity, complaint_id: UUID, now: datetime) -> OwnerComplaint:
    """The owner takes the complaint back before it is answered."""
    complaint = _own(session, actor, complaint_id)
    complaint.status = next_complaint_status(ComplaintStatus(complaint.status), ComplaintAction.WITHDRAW)
    complaint.closed_at = now
    note(session, actor, values.COMPLAINT_WITHDRAWN, about(complaint, complaint.number), complaint, now=now)
    return complaint


def note_uses_read(session: Session, *, actor: Identity, unit: Unit, now: datetime) -> None:
    """Record that somebody outside the unit reads what the police did with its footage."""
    subject = SubjectRef("unit", unit.id, unit.name)
    record(session, actor=actor.actor, tag=values.USES_READ, subject=subject, unit_id=unit.id, now=now)


def _handled(session: Session, actor: Identity, complaint_id: UUID, seen_version: int) -> OwnerComplaint:
    complaint = lock_complaint(session, complaint_id)
    require(actor, Permission.COMPLAINT_HANDLE, complaint_scope(complaint), read=Permission.COMPLAINT_READ)
    unchanged(complaint, seen_version)
    return complaint


def _own(session: Session, actor: Identity, complaint_id: UUID) -> OwnerComplaint:
    complaint = lock_complaint(session, complaint_id)
    require(actor, Permission.COMPLAINT_RAISE, complaint_scope(complaint), read=Permission.COMPLAINT_READ)
    return complaint


def _tell(session: Session, complaint: OwnerComplaint) -> None:
    session.flush()
    dedupe = f"complaint:{complaint.id}:{complaint.status}:{complaint.version}"
    enqueue(session, TaskName.MANDATES_NOTIFY, dedupe=dedupe, kind="complaint", subject_id=complaint.id)
