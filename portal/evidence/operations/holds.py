"""Preservation holds: confirmed by the unit, lifted only by two people."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity, Scope
from portal.audit.operations import record
from portal.audit.values import AuditTag, SubjectRef
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound, Problem
from portal.evidence import values
from portal.evidence.models import FootageRequest, PreservationHold
from portal.evidence.queries import hold_of, lock_request
from portal.evidence.states import FOOTAGE_SAFE, HoldAction, HoldStatus, RequestStatus, next_hold_status


def acknowledge_hold(session: Session, *, actor: Identity, request_id: UUID, now: datetime) -> PreservationHold:
    """The unit confirms that it keeps the footage past its normal time."""
    request, hold = _locked(session, actor, request_id)
    require(actor, Permission.REQUEST_ACKNOWLEDGE, scope_of(request), read=Permission.REQUEST_READ)
    status = next_hold_status(HoldStatus(hold.status), HoldAction.ACKNOWLEDGE)
    hold.status, hold.acknowledged_by = status, actor.person_id
    hold.acknowledged_name, hold.acknowledged_at = actor.name, now
    _record(session, actor, values.HOLD_ACKNOWLEDGED, request, now=now)
    return hold


def ask_release(session: Session, *, actor: Identity, request_id: UUID, reason: str, now: datetime) -> PreservationHold:
    """First key: the requester says that the footage need no longer be kept."""
    request, hold = _locked(session, actor, request_id)
    if actor.person_id != request.requester_id:
        raise NotAllowed("evidence.not_yours")
    status = next_hold_status(HoldStatus(hold.status), HoldAction.ASK_RELEASE)
    if RequestStatus(request.status) not in FOOTAGE_SAFE:
        raise IllegalTransition("evidence.hold.illegal", status=hold.status)
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    hold.status, hold.release_reason = status, reason.strip()[:400]
    hold.release_asked_by, hold.release_asked_at = actor.person_id, now
    _record(session, actor, values.HOLD_RELEASE_ASKED, request, now=now)
    return hold


def confirm_release(session: Session, *, actor: Identity, request_id: UUID, now: datetime) -> PreservationHold:
    """Second key: somebody else who may decide on requests, on the requester's side or the unit's."""
    request, hold = _locked(session, actor, request_id)
    require(actor, Permission.REQUEST_DECIDE, scope_of(request), read=Permission.REQUEST_READ)
    status = next_hold_status(HoldStatus(hold.status), HoldAction.RELEASE)
    if actor.person_id == hold.release_asked_by:
        raise NotAllowed("evidence.second_person_needed")
    hold.status, hold.release_confirmed_by, hold.released_at = status, actor.person_id, now
    _record(session, actor, values.HOLD_RELEASED, request, now=now)
    return hold


def scope_of(request: FootageRequest) -> Scope:
    """Where a request stands: the unit that keeps the footage, the organ and the person that ask."""
    return Scope(
        unit_ids=frozenset({request.unit_id}),
        districts=frozenset({request.district}),
        organ_ids=frozenset({request.requester_organ_id} if request.requester_organ_id else ()),
        person_ids=frozenset({request.requester_id}),
    )


def _locked(session: Session, actor: Identity, request_id: UUID) -> tuple[FootageRequest, PreservationHold]:
    request = lock_request(session, actor, request_id)
    hold = hold_of(session, request.id, lock=True)
    if hold is None:
        raise NotFound()
    return request, hold


def _record(session: Session, actor: Identity, tag: AuditTag, request: FootageRequest, *, now: datetime) -> None:
    subject = SubjectRef(values.SUBJECT, request.id, request.called)
    record(session, actor=actor.actor, tag=tag, subject=subject, unit_id=request.unit_id, now=now)
    session.flush()
