"""The only writer of the call register."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.core.errors import NotAllowed
from portal.evidence.models import CustodyEntry, FootageRequest, RequestCamera, UnlockSession
from portal.evidence.values import CustodyAct

NAMED_CAMERAS = 12


def book(
    session: Session,
    *,
    actor: Identity,
    request: FootageRequest,
    act: CustodyAct,
    now: datetime,
    unlock: UnlockSession | None = None,
    destination: str = "",
    note: str = "",
) -> CustodyEntry:
    """Add one line. The caller holds the request's lock, so the running number cannot be taken twice."""
    if actor.person_id is None:
        raise NotAllowed("evidence.no_person")
    last = session.scalar(select(func.max(CustodyEntry.seq)).where(CustodyEntry.request_id == request.id)) or 0
    entry = CustodyEntry(
        request_id=request.id,
        unlock_id=unlock.id if unlock else None,
        seq=last + 1,
        unit_id=request.unit_id,
        unit_name=request.unit.name,
        requester_organ_id=request.requester_organ_id,
        requester_id=request.requester_id,
        request_number=request.number or "",
        requester_unit=request.requester_name,
        requester_people="、".join(officer.name for officer in request.officers)[:400],
        instrument=request.instrument_number,
        purpose=request.purpose,
        secret=request.secret,
        # A secret case is booked without a word on what it is about or where it happened (000 art. 9, form note 3).
        reason="" if request.secret else (request.reason or ""),
        content="" if request.secret else places_of(request.cameras),
        span_from=request.span_from,
        span_to=request.span_to,
        act=act,
        operator_id=actor.person_id,
        operator_name=actor.name,
        second_name=unlock.second_name if unlock else "",
        destination=destination[:200],
        note=note[:400],
        at=now,
    )
    session.add(entry)
    session.flush()
    return entry


def places_of(cameras: Sequence[RequestCamera]) -> str:
    """The places a request covers, for a register line: the first dozen by name, the rest by count."""
    named = "、".join(camera.label for camera in cameras[:NAMED_CAMERAS])
    more = len(cameras) - NAMED_CAMERAS
    return f"{named} …(+{more})" if more > 0 else named
