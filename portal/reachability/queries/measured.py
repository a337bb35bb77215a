"""What the probes hold of every camera of one system, for whoever judges the system as a whole.

It takes no identity: the caller has shown that the reader may know how the system stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.reachability.models import DeviceStatus, ProbeRound
from portal.reachability.probes.base import Reason
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
    )


def last_round_at(session: Session) -> datetime | None:
    """When a round of probes last came to its end and counted. A device's own row stays unwritten while nothing about it
    changes."""
    return session.scalar(select(func.max(ProbeRound.settled_at)).where(ProbeRound.status == RoundStatus.SETTLED))
