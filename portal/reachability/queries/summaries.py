"""What other features ask: how a system or unit stands, since when, and when it was first seen alive.

These take no identity: the caller has shown that the reader may see the system, unit or camera asked about.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.reachability.models import DeviceStatus
from portal.reachability.probes.base import Reason
from portal.reachability.values import LiveSummary
from portal.registry.models import Camera
from portal.registry.states import LIVE_CODES, LiveState


@dataclass(frozen=True, slots=True)
class StateSince:
    """Where a camera stands, why, and since when."""

    state: LiveState
    reason: Reason | None
    since: datetime


def live_summary(
    session: Session, *, system_id: UUID | None = None, unit_id: UUID | None = None, district: str | None = None
) -> LiveSummary:
    """How many cameras of a system, unit or district stand in each live state; those never probed count as unknown."""
    statement = select(Camera.live, func.count()).group_by(Camera.live)
    if system_id is not None:
        statement = statement.where(Camera.system_id == system_id)
    if unit_id is not None:
        statement = statement.where(Camera.unit_id == unit_id)
    if district is not None:
        statement = statement.where(Camera.district == district)
    found = {code: count for code, count in session.execute(statement)}  # noqa: C416 - rows are not plain tuples
    return LiveSummary(**{str(state): found.get(code, 0) for state, code in LIVE_CODES.items()})


def state_since(session: Session, camera_id: UUID) -> StateSince | None:
    """A camera's state, its reason and since when; None when it has no access data and is not probed at all."""
    row = session.execute(
        select(DeviceStatus.state, DeviceStatus.reason, DeviceStatus.since).where(DeviceStatus.camera_id == camera_id)
    ).one_or_none()
    if row is None:
        return None
    return StateSince(LiveState(row.state), Reason(row.reason) if row.reason else None, row.since)


def first_seen_live(session: Session, system_id: UUID) -> datetime | None:
    """When the first camera of a system was first seen alive: what a declared date of use is compared with."""
    return session.scalar(select(func.min(DeviceStatus.first_live_at)).where(DeviceStatus.system_id == system_id))
