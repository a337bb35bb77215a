"""One device through time: changes, outages, uptime, and when it was last asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.clock import CITY_TZ, city_day
from portal.core.paging import Page, encode_cursor, place_in
from portal.reachability.models import DeviceStateChange, DeviceStatus, ProbeChunk
from portal.reachability.rules import Observation, Outage, decode_one, outages, uptime
from portal.registry.states import LiveState

_LOOK_BACK: Final = timedelta(days=2)
_CHUNKS: Final = 40
TIMELINE: Final = 15

Changes = Sequence[tuple[datetime, LiveState]]


@dataclass(frozen=True, slots=True)
class Check:
    """The last time the rounds asked a device, and what it said."""

    at: datetime
    seen: Observation
    rtt_ms: int | None


def changes_of(
    session: Session, camera_id: UUID, *, after: str | None = None, size: int = TIMELINE
) -> Page[DeviceStateChange]:
    """Changes of one camera's state, newest first. Raises Invalid for a foreign cursor."""
    statement = select(DeviceStateChange).where(DeviceStateChange.camera_id == camera_id)
    if after:
        last = place_in(after, datetime.fromisoformat, int)
        earlier = (DeviceStateChange.at < last[0]) | (
            (DeviceStateChange.at == last[0]) & (DeviceStateChange.id < last[1])
        )
        statement = statement.where(earlier)
    rows = session.scalars(
        statement.order_by(DeviceStateChange.at.desc(), DeviceStateChange.id.desc()).limit(size + 1)
    ).all()
    cursor = encode_cursor([rows[size - 1].at.isoformat(), rows[size - 1].id]) if len(rows) > size else None
    return Page(items=rows[:size], next_cursor=cursor)


def _window(session: Session, camera_id: UUID, *, start: datetime, end: datetime) -> Changes:
    """The changes inside a window, led by the one that was in force when it began."""
    columns = select(DeviceStateChange.at, DeviceStateChange.new_state).where(DeviceStateChange.camera_id == camera_id)
    newest = (DeviceStateChange.at.desc(), DeviceStateChange.id.desc())
    before = session.execute(columns.where(DeviceStateChange.at < start).order_by(*newest).limit(1)).all()
    inside = session.execute(
        columns.where(DeviceStateChange.at >= start, DeviceStateChange.at < end).order_by(*newest).limit(10_000)
    ).all()
    return [(at, LiveState(state)) for at, state in (*before, *reversed(inside))]


def uptime_of(session: Session, camera_id: UUID, *, days: int, now: datetime) -> float | None:
    """The live share of the last days during which the state was known."""
    start = now - timedelta(days=days)
    return uptime(_window(session, camera_id, start=start, end=now), start=start, end=now)


def outages_of(session: Session, camera_id: UUID, *, days: int, now: datetime) -> list[Outage]:
    """When the device was gone in the last days, newest first."""
    start = now - timedelta(days=days)
    return outages(_window(session, camera_id, start=start, end=now), start=start, end=now)


def daily_uptime(session: Session, camera_id: UUID, *, days: int, now: datetime) -> list[tuple[date, float | None]]:
    """The live share of each of the last calendar days, oldest first; None where nothing is known."""
    today = city_day(now)
    first = today - timedelta(days=days - 1)
    start = datetime.combine(first, datetime.min.time(), CITY_TZ)
    changes = _window(session, camera_id, start=start, end=now)
    shares = []
    for number in range(days):
        begins = start + timedelta(days=number)
        ends = min(begins + timedelta(days=1), now)
        shares.append((first + timedelta(days=number), uptime(changes, start=begins, end=ends)))
    return shares


def last_check(session: Session, status: DeviceStatus, *, now: datetime) -> Check | None:
    """When the rounds last asked this device: its row stays unwritten while nothing changes, its chunk tells."""
    number = status.target_id
    covering = session.execute(
        select(ProbeChunk.round_id, ProbeChunk.number)
        .where(
            ProbeChunk.finished_at > now - _LOOK_BACK,
            ProbeChunk.finished_at.is_not(None),
            ProbeChunk.low <= number,
            ProbeChunk.high > number,
        )
        .order_by(ProbeChunk.finished_at.desc())
        .limit(_CHUNKS)
    ).all()
    for round_id, part in covering:
        chunk = session.get(ProbeChunk, (round_id, part))
        if chunk is None or chunk.finished_at is None:
            continue
        found = decode_one(chunk.states or b"", chunk.details or b"", low=chunk.low, number=number)
        if found is not None:
            return Check(chunk.finished_at, *found)
    return None
