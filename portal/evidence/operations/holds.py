"""Preservation holds: placed with a request or before it, confirmed by the unit, lifted only by two people.

No clock ends a hold. It outlives the request's approval and the days for which the recorder keeps its footage.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity, Scope
from portal.audit.operations import record
from portal.audit.values import AuditTag, SubjectRef
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound, Problem
from portal.core.outbox import TaskName, enqueue
from portal.evidence import values
from portal.evidence.models import FootageRequest, PreservationHold
from portal.evidence.queries import hold_of, lock_request
from portal.evidence.rules.overwriting import near_expiry
from portal.evidence.states import EDITABLE, FOOTAGE_SAFE, HoldAction, HoldStatus, RequestStatus, next_hold_status
from portal.evidence.values import ActKind


def place_hold(session: Session, request: FootageRequest, *, actor: Identity, now: datetime) -> None:
    """Tell the unit to keep the span, unless it was told already. The request is under lock."""
    if request.act == ActKind.LIVE or hold_of(session, request.id) is not None:
        return
    hold = PreservationHold(
        request_id=request.id,
        unit_id=request.unit_id,
        requester_organ_id=request.requester_organ_id,
        span_from=request.span_from,
        span_to=request.span_to,
        placed_by=actor.person_id,
        placed_at=now,
    )
    session.add(hold)
    session.flush()
    _record(session, actor, values.HOLD_PLACED, request, now=now)
    enqueue(session, TaskName.EVIDENCE_NOTIFY_NEXT, dedupe=f"hold:{hold.id}", request_id=request.id)


def widen_hold(session: Session, request: FootageRequest, *, more_cameras: bool, now: datetime) -> None:
    """A hold follows a request that is corrected to more, and never gives up what it kept of a span. What the unit
    confirmed was less: it is asked about the whole."""
    hold = hold_of(session, request.id, lock=True)
    if hold is None or hold.status == HoldStatus.RELEASED:
        return
    before = (hold.span_from, hold.span_to)
    hold.span_from = min(hold.span_from, request.span_from)
    hold.span_to = max(hold.span_to, request.span_to)
    if (hold.span_from, hold.span_to) == before and not more_cameras:
        return
    hold.status = next_hold_status(HoldStatus(hold.status), HoldAction.WIDEN)
    hold.acknowledged_by, hold.acknowledged_name, hold.acknowledged_at = None, "", None
    dedupe = f"hold:{hold.id}:{now.isoformat()}"
    enqueue(session, TaskName.EVIDENCE_NOTIFY_NEXT, dedupe=dedupe, request_id=request.id)


def place_hold_early(session: Session, *, actor: Identity, request_id: UUID, now: datetime) -> FootageRequest:
    """Hold the footage of a draft whose time runs out while its papers are being got together."""
    request = lock_request(session, actor, request_id)
    if actor.person_id != request.requester_id:
        raise NotAllowed("evidence.not_yours")
    if RequestStatus(request.status) not in EDITABLE or not near_expiry(request.lost_at, now=now):
        raise IllegalTransition("evidence.hold.illegal", status=request.status)
    place_hold(session, request, actor=actor, now=now)
    return request


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
    # Of a secret case the words tell what came of it: they stand in the log alone, sealed.
    hold.status, hold.release_reason = status, "" if request.secret else reason.strip()[:400]
    hold.release_asked_by, hold.release_asked_at = actor.person_id, now
    sealed = reason.strip()[:400] if request.secret else None
    _record(session, actor, values.HOLD_RELEASE_ASKED, request, now=now, sealed=sealed)
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


def _record(
    session: Session,
    actor: Identity,
    tag: AuditTag,
    request: FootageRequest,
    *,
    now: datetime,
    sealed: str | None = None,
) -> None:
    subject = SubjectRef(values.SUBJECT, request.id, request.called)
    record(
        session, actor=actor.actor, tag=tag, subject=subject, unit_id=request.unit_id, reason=sealed,
        secret=sealed is not None, now=now,
    )  # fmt: skip
    session.flush()
