"""What the probes hold of every camera of one system, for whoever judges the system as a whole.

It takes no identity: the caller has shown that the reader may know how the system stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from portal.reachability.models import DeviceStatus, ProbeChunk, ProbeRound
from portal.reachability.probes.base import Reason
from portal.reachability.rules import DRIFT_FURTHEST, decode_one
from portal.reachability.states import RoundStatus
from portal.registry.states import LiveState


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One camera as it was last found; what belongs to an examination under its own login has that moment beside it."""

    state: LiveState
    drift_s: int | None
    first_live_at: datetime | None
    examined_at: datetime | None
    recording: bool | None
    recorded_from: datetime | None
    recorded_until: datetime | None
    open_access: bool | None
    picture: tuple[int, int] | None
    picture_at: datetime | None


def measured_of(session: Session, system_id: UUID) -> Mapping[UUID, Measured]:
    """Every probed camera of a system, by its id."""
    rows = session.scalars(select(DeviceStatus).where(DeviceStatus.system_id == system_id))
    return {row.camera_id: _measured(row) for row in rows}


def _measured(row: DeviceStatus) -> Measured:
    silent = row.deep_reason == Reason.NOT_RECORDING
    return Measured(
        state=LiveState(row.state),
        drift_s=row.drift_s,
        first_live_at=row.first_live_at,
        examined_at=row.deep_at,
        recording=False if silent else (True if row.recorded_until is not None else None),
        recorded_from=row.recorded_from,
        recorded_until=row.recorded_until,
        # Who it is was asked with the same question: without an answer nobody knows who may ask.
        open_access=row.open_access if row.identity is not None else None,
        picture=(row.picture_width, row.picture_height) if row.picture_width and row.picture_height else None,
        picture_at=row.picture_at,
    )


def measured_among(session: Session, camera_ids: Sequence[UUID]) -> Mapping[UUID, Measured]:
    """The same of some cameras, by their ids."""
    rows = session.scalars(select(DeviceStatus).where(DeviceStatus.camera_id.in_(camera_ids))) if camera_ids else ()
    return {row.camera_id: _measured(row) for row in rows}


_LOOK_BACK: Final = timedelta(days=2)
_CHUNKS_EACH: Final = 3


@dataclass(frozen=True, slots=True)
class Drift:
    """How far ahead of ours a device's clock was, how long its answer took, and when that was."""

    seconds: int
    rtt_ms: int | None
    at: datetime


def drifts_of(session: Session, camera_ids: Sequence[UUID], *, now: datetime) -> Mapping[UUID, Drift]:
    """The last reading of each camera's clock; cameras that never told their time are left out.

    A device's row says the drift and not when it was last the same: the chunk of the last round does. For one that
    did not answer since, the row's own moment stands, which is no later than the reading.
    """
    rows = (
        session.scalars(select(DeviceStatus).where(DeviceStatus.camera_id.in_(camera_ids))).all() if camera_ids else []
    )
    fresh = _last_answers(session, [row.target_id for row in rows], now=now)
    found = {row.camera_id: fresh[row.target_id] for row in rows if row.target_id in fresh}
    stale = {
        row.camera_id: Drift(row.drift_s, row.rtt_ms, row.since)
        for row in rows
        if row.drift_s is not None and abs(row.drift_s) < DRIFT_FURTHEST and row.camera_id not in found
    }
    return found | stale


def _last_answers(session: Session, numbers: Sequence[int], *, now: datetime) -> dict[int, Drift]:
    if not numbers:
        return {}
    covers = or_(*(and_(ProbeChunk.low <= number, ProbeChunk.high > number) for number in numbers))
    keys = session.execute(
        select(ProbeChunk.round_id, ProbeChunk.number)
        .where(ProbeChunk.finished_at > now - _LOOK_BACK, covers)
        .order_by(ProbeChunk.finished_at.desc())
        .limit(_CHUNKS_EACH * len(numbers))
    ).all()
    found: dict[int, Drift] = {}
    for key in keys:
        wanted = [number for number in numbers if number not in found]
        chunk = session.get(ProbeChunk, tuple(key)) if wanted else None
        if chunk is None or chunk.finished_at is None:
            continue
        for number in wanted:
            told = decode_one(chunk.states or b"", chunk.details or b"", low=chunk.low, number=number)
            # One at the end of what a chunk can hold may be further off: it is no reading.
            if told is not None and told[0].drift_s is not None and abs(told[0].drift_s) < DRIFT_FURTHEST:
                found[number] = Drift(round(told[0].drift_s), told[1], chunk.finished_at)
    return found


def last_round_at(session: Session) -> datetime | None:
    """When a round of probes last came to its end and counted. A device's own row stays unwritten while nothing about it
    changes."""
    return session.scalar(select(func.max(ProbeRound.settled_at)).where(ProbeRound.status == RoundStatus.SETTLED))
