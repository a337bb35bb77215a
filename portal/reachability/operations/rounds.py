"""Cutting a lane into ranges, handing a range to a worker, taking its results."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core.addresses import AddressDenied
from portal.core.outbox import TaskName, enqueue
from portal.core.services import services
from portal.reachability.models import DeviceStatus, ProbeChunk, ProbeRound, ProbeTarget
from portal.reachability.operations.targets import mark_denied
from portal.reachability.probes.base import Endpoint
from portal.reachability.rules import Level, Observation, encode_chunk
from portal.reachability.states import Lane, RoundStatus
from portal.registry.states import LiveState

# A thousand live devices take a second; dead ones wait out their time-outs together, so more of them go in one task.
CHUNK: Final[Mapping[Lane, int]] = {Lane.LIVE: 1_000, Lane.DOWN: 5_000}
TASKS: Final[Mapping[Lane, TaskName]] = {
    Lane.LIVE: TaskName.REACH_PROBE_RANGE,
    Lane.DOWN: TaskName.REACH_PROBE_DOWN,
}
_DOWN_PATIENCE: Final = timedelta(minutes=5)
_LIVE_PATIENCE: Final = timedelta(minutes=2)
# Two waves of threads.
_DEEP_CHUNK: Final = 64
_DEEP_AT_ONCE: Final = 1_024
_LOCK: Final = 7_405_008

_STANDING: Final = (LiveState.ONLINE, LiveState.DEGRADED)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a worker is to probe: endpoints by target, and which of them were standing before."""

    low: int
    high: int
    endpoints: Mapping[int, Endpoint]
    standing: frozenset[int]


def start_rounds(session: Session, *, now: datetime) -> list[int]:
    """Begin what is due in each lane, unless its last round still runs; the new rounds' numbers."""
    if not session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return []
    _close_late(session, now)
    begun = [_begin(session, lane, now) for lane in Lane if _is_due(session, lane, now)]
    _cut_deep(session, now)
    return [number for number in begun if number is not None]


def _close_late(session: Session, now: datetime) -> None:
    """A round past its deadline is judged by what arrived; one of which nothing arrived has expired."""
    late = select(ProbeRound).where(ProbeRound.status == RoundStatus.RUNNING, ProbeRound.deadline_at < now)
    for one in session.scalars(late.with_for_update()):
        arrived = select(func.count()).where(ProbeChunk.round_id == one.id, ProbeChunk.finished_at.is_not(None))
        if session.scalar(arrived):
            enqueue(session, TaskName.REACH_SETTLE, dedupe=f"reach:settle:{one.id}", round_id=one.id)
        else:
            one.status, one.settled_at = RoundStatus.EXPIRED, now
    session.flush()


def _is_due(session: Session, lane: Lane, now: datetime) -> bool:
    running = select(ProbeRound.id).where(ProbeRound.lane == lane, ProbeRound.status == RoundStatus.RUNNING)
    if session.scalar(running) is not None:
        return False
    if lane is Lane.DOWN:
        return True
    last = session.scalar(select(func.max(ProbeRound.started_at)).where(ProbeRound.lane == lane))
    return last is None or now - last >= services(session).probe_interval


def _lane_condition(lane: Lane, now: datetime) -> Any:
    usable = ProbeTarget.enabled & ProbeTarget.denied.is_(None)
    if lane is Lane.DOWN:
        return usable & (DeviceStatus.recheck_at <= now)
    return usable & DeviceStatus.recheck_at.is_(None) & DeviceStatus.state.in_(_STANDING)


def _begin(session: Session, lane: Lane, now: datetime) -> int | None:
    numbered = (
        select(
            ProbeTarget.id.label("id"),
            ((func.row_number().over(order_by=ProbeTarget.id) - 1) // CHUNK[lane]).label("n"),
        )
        .join(DeviceStatus, DeviceStatus.target_id == ProbeTarget.id)
        .where(_lane_condition(lane, now))
        .subquery()
    )
    ranges = session.execute(
        select(func.min(numbered.c.id), func.max(numbered.c.id)).group_by(numbered.c.n).order_by(numbered.c.n)
    ).all()
    if not ranges and lane is Lane.DOWN:
        return None
    patience = _DOWN_PATIENCE if lane is Lane.DOWN else max(services(session).probe_interval, _LIVE_PATIENCE)
    begun = ProbeRound(lane=lane, started_at=now, deadline_at=now + patience, chunks=len(ranges))
    session.add(begun)
    session.flush()
    for number, (low, last) in enumerate(ranges):
        session.add(ProbeChunk(round_id=begun.id, number=number, low=low, high=last + 1))
        enqueue(session, TASKS[lane], dedupe=f"reach:{lane}:{begun.id}:{number}", round_id=begun.id, number=number)
    if not ranges:
        begun.status, begun.settled_at = RoundStatus.SETTLED, now
    session.flush()
    return begun.id


def _cut_deep(session: Session, now: datetime) -> None:
    """Ranges of devices whose login is due; a range asked for twice finds its devices already claimed."""
    due = session.scalars(
        select(DeviceStatus.target_id)
        .where(DeviceStatus.deep_due_at <= now, DeviceStatus.state.in_(_STANDING))
        .order_by(DeviceStatus.target_id)
        .limit(_DEEP_AT_ONCE)
    ).all()
    slot = int(now.timestamp()) // 60
    for start in range(0, len(due), _DEEP_CHUNK):
        part = due[start : start + _DEEP_CHUNK]
        low, high = part[0], part[-1] + 1
        enqueue(session, TaskName.REACH_PROBE_DEEP, dedupe=f"reach:deep:{slot}:{low}", low=low, high=high)


def claim_chunk(session: Session, *, round_id: int, number: int, now: datetime) -> Claim | None:
    """What to probe for one chunk; None when it is done already or its round is over.

    Every address passes the policy once more here: the operator may have withdrawn a network since it was saved.
    """
    found = session.get(ProbeRound, round_id)
    chunk = session.get(ProbeChunk, (round_id, number))
    if found is None or chunk is None or chunk.finished_at is not None:
        return None
    if found.status != RoundStatus.RUNNING or now > found.deadline_at:
        return None
    rows = session.execute(
        select(ProbeTarget, DeviceStatus.state, DeviceStatus.downs)
        .join(DeviceStatus, DeviceStatus.target_id == ProbeTarget.id)
        .where(ProbeTarget.id >= chunk.low, ProbeTarget.id < chunk.high, _lane_condition(Lane(found.lane), now))
    ).all()
    endpoints, denied = {}, []
    for target, _, _ in rows:
        try:
            endpoints[target.id] = endpoint_of(session, target)
        except AddressDenied as refusal:
            target.denied = str(refusal.denial)
            denied.append(target.id)
    standing = frozenset(target.id for target, state, downs in rows if state in _STANDING and not downs)
    low, high = chunk.low, chunk.high
    mark_denied(session, denied, now=now)
    return Claim(low, high, endpoints, standing)


def endpoint_of(session: Session, target: ProbeTarget, *, channel: int | None = None) -> Endpoint:
    """The checked endpoint of a target, on a recorder at the camera's own channel. Raises AddressDenied."""
    policy = services(session).address_policy
    literal = policy.check(target.host, target.rtsp_port, target.http_port)
    return Endpoint(address=literal, rtsp_port=target.rtsp_port, http_port=target.http_port, channel=channel or 1)


def record_chunk(
    session: Session,
    *,
    round_id: int,
    number: int,
    claim: Claim,
    results: Mapping[int, tuple[Observation, int | None]],
    lag_ms: int,
    now: datetime,
) -> bool:
    """Keep one chunk's results; the last chunk asks for the round to be judged. False when it came twice or late."""
    # The round's row is locked first: of two last chunks, the second must see the first.
    found = session.get(ProbeRound, round_id, with_for_update=True)
    chunk = session.get(ProbeChunk, (round_id, number))
    if found is None or chunk is None or chunk.finished_at is not None or found.status != RoundStatus.RUNNING:
        return False
    chunk.states, chunk.details = encode_chunk(results, low=claim.low, high=claim.high)
    chunk.finished_at, chunk.lag_ms, chunk.checked = now, lag_ms, len(results)
    chunk.newly_down = sum(
        number_ in claim.standing and seen.level is Level.DOWN for number_, (seen, _) in results.items()
    )
    session.flush()
    missing = select(func.count()).where(ProbeChunk.round_id == round_id, ProbeChunk.finished_at.is_(None))
    if not session.scalar(missing):
        enqueue(session, TaskName.REACH_SETTLE, dedupe=f"reach:settle:{round_id}", round_id=round_id)
    return True
