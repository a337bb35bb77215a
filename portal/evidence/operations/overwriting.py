"""Reckoning when a request's footage is lost: at each of its steps, and every night for as long as it is not safe."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.errors import IllegalTransition
from portal.evidence import values
from portal.evidence.models import FootageRequest, RequestCamera
from portal.evidence.queries.overwriting import clocks_of, still_pressing
from portal.evidence.queries.requests import hold_of
from portal.evidence.rules.overwriting import expired, valid_days
from portal.evidence.states import HoldStatus
from portal.evidence.values import ActKind
from portal.evidence.values.overwriting import CLOCKS_RECKONED, CameraClock, KeptBy


def write_clocks(session: Session, request: FootageRequest, *, required: int, now: datetime) -> None:
    """Set every camera's clock, and the request's by the first that runs out. The cameras are loaded or new."""
    # A camera that was put in a moment ago has no clock yet, and cannot be written without.
    with session.no_autoflush:
        clocks = clocks_of(
            session,
            [camera.camera_id for camera in request.cameras],
            span_from=request.span_from,
            span_to=request.span_to,
            required=required,
            now=now,
        )
    for camera in request.cameras:
        _set(camera, clocks[camera.camera_id], now=now)
    first = min(request.cameras, key=lambda camera: camera.lost_at)
    request.retention_days, request.lost_at = first.retention_days, first.lost_at


def reckon_again(session: Session, request: FootageRequest, *, now: datetime) -> None:
    """The same for a request whose rules stand: what they required is kept among what was said."""
    if request.act != ActKind.LIVE:
        write_clocks(session, request, required=_required(request), now=now)


def reckon_clocks(session: Session, *, actor: Identity, now: datetime, limit: int = 500) -> int:
    """Every night: the requests whose footage is not safe, those reckoned longest ago first. One that somebody holds
    is left for the next night."""
    held = session.scalars(
        select(FootageRequest)
        .where(FootageRequest.id.in_(still_pressing(session, limit=limit)))
        .options(selectinload(FootageRequest.cameras))
        .with_for_update(of=FootageRequest, skip_locked=True)
        .order_by(FootageRequest.id)
    ).all()
    moved = []
    for request in held:
        before = request.lost_at
        reckon_again(session, request, now=now)
        if before != request.lost_at:
            moved.append((request, before))
    # A night on which nothing moved is one line, for the first request, and not one for each: drafts left
    # lying would fill the log for ever.
    for request, before in moved or [(one, one.lost_at) for one in held[:1]]:
        record(
            session,
            actor=actor.actor,
            tag=CLOCKS_RECKONED,
            subject=SubjectRef(values.SUBJECT, request.id, request.called),
            unit_id=request.unit_id,
            changes=[FieldChange(name="lost_at", old=before, new=request.lost_at)],
            now=now,
        )
    session.flush()
    return len(held)


def refuse_expired(session: Session, request: FootageRequest, *, now: datetime, camera_id: UUID | None = None) -> None:
    """Footage past its valid period is not opened (000 art. 10(3)): all that is left to do is to say what became of it.
    With `camera_id` that camera is judged, otherwise whether any camera has something left."""
    if request.act == ActKind.LIVE:
        return
    hold = hold_of(session, request.id)
    held = hold is not None and hold.status != HoldStatus.RELEASED
    judged = [one for one in request.cameras if camera_id is None or one.camera_id == camera_id]
    if all(expired(request.span_to, one.valid_days, held=held, now=now) for one in judged):
        raise IllegalTransition("evidence.span_expired", status=request.status)


def _set(camera: RequestCamera, clock: CameraClock, *, now: datetime) -> None:
    camera.retention_days, camera.valid_days = clock.decided.days, valid_days(clock.said)
    camera.lost_at, camera.lost_to = clock.first, clock.last
    camera.kept_said, camera.reckoned_at = [one.as_json() for one in clock.said], now
    offset = clock.offset
    camera.offset_s = offset.seconds if offset else None
    camera.offset_margin_s, camera.offset_at = (offset.margin, offset.at) if offset else (None, None)


def _required(request: FootageRequest) -> int:
    told = (one["days"] for camera in request.cameras for one in camera.kept_said if one["source"] == KeptBy.REQUIRED)
    return max(told, default=request.retention_days or 0)
