"""The only writer of the call register."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.core.errors import NotAllowed
from portal.evidence.models import (
    CustodyEntry,
    EquipmentDeed,
    EquipmentUse,
    FootageRequest,
    RequestCamera,
    UnlockSession,
)
from portal.evidence.values import CustodyAct, Purpose

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
    ticket: str = "",
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
        ticket=ticket,
        at=now,
    )
    session.add(entry)
    session.flush()
    return entry


def book_on_site(
    session: Session, *, actor: Identity, use: EquipmentUse, deed: EquipmentDeed, act: CustodyAct
) -> CustodyEntry:
    """Add the line of what investigators saw or took at a unit's own equipment (INV-01). The caller holds the use's lock.

    Investigators come in a criminal case; of a secret one the line says no more than that it is one.
    """
    if actor.person_id is None:
        raise NotAllowed("evidence.no_person")
    last = session.scalar(select(func.max(CustodyEntry.seq)).where(CustodyEntry.use_id == use.id)) or 0
    entry = CustodyEntry(
        use_id=use.id,
        deed_id=deed.id,
        seq=last + 1,
        unit_id=use.unit_id,
        unit_name=use.unit.name,
        requester_organ_id=use.organ_id,
        requester_id=use.applicant_id,
        request_number=use.number,
        requester_unit=use.organ_name,
        requester_people="、".join(officer.name for officer in use.officers)[:400],
        instrument="",
        purpose=Purpose.CRIMINAL_CASE,
        secret=use.secret,
        reason=use.reason,
        content="" if use.secret else deed.label,
        span_from=deed.span_from or deed.at,
        span_to=deed.span_to or deed.at,
        act=act,
        operator_id=actor.person_id,
        operator_name=actor.name,
        destination="" if use.secret else deed.medium,
        note=deed.sha256,
        at=deed.at,
    )
    session.add(entry)
    session.flush()
    return entry


def places_of(cameras: Sequence[RequestCamera]) -> str:
    """The places a request covers, for a register line: the first dozen by name, the rest by count."""
    named = "、".join(camera.label for camera in cameras[:NAMED_CAMERAS])
    more = len(cameras) - NAMED_CAMERAS
    return f"{named} …(+{more})" if more > 0 else named
