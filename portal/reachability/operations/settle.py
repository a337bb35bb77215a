"""Judging a round as a whole, then moving the devices it concerns: changed rows only."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.core.services import services
from portal.reachability.models import DeviceStatus, ProbeChunk, ProbeRound
from portal.reachability.operations.standings import Known, Moved, locked, write
from portal.reachability.rules import (
    CHUNK_BAD_LAG_MS,
    Observation,
    Standing,
    Tally,
    advance,
    decode_notable,
    decode_one,
    group_is_down,
    mark_unreachable,
    round_is_believable,
)
from portal.reachability.states import Lane, RoundStatus
from portal.registry.states import LiveState

_GONE: Final = (LiveState.OFFLINE, LiveState.UNREACHABLE)
_GROUPINGS: Final[tuple[InstrumentedAttribute[Any], ...]] = (DeviceStatus.system_id, DeviceStatus.segment)
_UNSTEADY: Final = or_(
    DeviceStatus.state != LiveState.ONLINE,
    DeviceStatus.ups < 2,
    DeviceStatus.flapping,
    DeviceStatus.recheck_at.is_not(None),
)


def settle_round(session: Session, *, round_id: int, now: datetime) -> int:
    """Believe a round or discard it, once; the number of devices whose row changed."""
    found = session.get(ProbeRound, round_id, with_for_update=True)
    if found is None or found.status != RoundStatus.RUNNING:
        return 0
    chunks = session.scalars(
        select(ProbeChunk).where(
            ProbeChunk.round_id == round_id, ProbeChunk.finished_at.is_not(None), ProbeChunk.lag_ms <= CHUNK_BAD_LAG_MS
        )
    ).all()
    found.checked = sum(chunk.checked for chunk in chunks)
    found.newly_down = sum(chunk.newly_down for chunk in chunks)
    found.settled_at = now
    if not _is_believable(session, found, whole=bool(chunks)):
        found.status = RoundStatus.DISCARDED
        session.flush()
        return 0
    moved: dict[int, Moved] = {}
    interval = services(session).probe_interval
    for chunk in chunks:
        moved.update(_moved_by(session, chunk, now=now, interval=interval))
    _judge_groups(session, moved, now)
    found.status = RoundStatus.SETTLED
    found.changed = len(moved)
    session.flush()
    return write(session, moved.values(), now=now)


def _is_believable(session: Session, found: ProbeRound, *, whole: bool) -> bool:
    if not whole:
        # Every chunk came from a prober too busy to be trusted.
        return False
    if found.lane != Lane.LIVE:
        return True
    before = session.scalars(
        select(ProbeRound.status)
        .where(ProbeRound.lane == found.lane, ProbeRound.id < found.id, ProbeRound.status != RoundStatus.EXPIRED)
        .order_by(ProbeRound.id.desc())
        .limit(3)
    ).all()
    discarded = 0
    for status in before:
        if status != RoundStatus.DISCARDED:
            break
        discarded += 1
    return round_is_believable(Tally(checked=found.checked, newly_down=found.newly_down), discarded_before=discarded)


def _moved_by(session: Session, chunk: ProbeChunk, *, now: datetime, interval: timedelta) -> Mapping[int, Moved]:
    """What one chunk changes. A steady device that answered well is not even read."""
    states, details = chunk.states or b"", chunk.details or b""
    notable = decode_notable(states, details, low=chunk.low)
    within = (DeviceStatus.target_id >= chunk.low) & (DeviceStatus.target_id < chunk.high)
    moved = {}
    for known in locked(session, within & or_(_UNSTEADY, DeviceStatus.target_id.in_(notable))):
        result = decode_one(states, details, low=chunk.low, number=known.target_id)
        if result is None or known.standing.state is LiveState.DISABLED:
            continue
        seen, rtt_ms = result
        one = _after(known, seen, rtt_ms, now=now, interval=interval)
        if one is not None:
            moved[known.target_id] = one
    return moved


def _after(known: Known, seen: Observation, rtt_ms: int | None, *, now: datetime, interval: timedelta) -> Moved | None:
    standing = advance(known.standing, seen, now=now, interval=interval, spread=known.spread)
    drift = known.drift_s if seen.drift_s is None else round(seen.drift_s)
    # A second to and fro is how device clocks are read, not news.
    told = drift is not None and (known.drift_s is None or abs(drift - known.drift_s) >= 2)
    if standing == known.standing and not told:
        return None
    return Moved(known, standing, drift, rtt_ms)


def _judge_groups(session: Session, moved: dict[int, Moved], now: datetime) -> None:
    """Where most of a site or network segment is gone, its cameras are unreachable rather than broken."""
    touched = [one for one in moved.values() if _concerns_group(one)]
    if not touched:
        return
    failing = _failing_members(session, touched, moved)
    down = {
        column.key: _groups_down(session, column, {getattr(one, column.key) for one in failing.values()} - {""}, moved)
        for column in _GROUPINGS
    }
    for number, known in failing.items():
        one = moved.get(number) or Moved(known, known.standing, known.drift_s)
        with_group = any(getattr(known, name) in keys for name, keys in down.items())
        standing = mark_unreachable(one.standing, with_group, now=now)
        if standing is not one.standing:
            moved[number] = Moved(one.known, standing, one.drift_s, one.rtt_ms)


def _concerns_group(one: Moved) -> bool:
    states = {one.known.standing.state, one.standing.state}
    return len(states) == 2 and bool(states.intersection(_GONE))


def _fails(standing: Standing) -> bool:
    return standing.downs > 0 or standing.state in _GONE


def _failing_members(session: Session, touched: Iterable[Moved], moved: Mapping[int, Moved]) -> dict[int, Known]:
    """Every failing device of the groups in which something changed, as this round leaves them."""
    wanted = or_(*(column.in_({getattr(one.known, column.key) for one in touched} - {""}) for column in _GROUPINGS))
    failing = or_(DeviceStatus.downs > 0, DeviceStatus.state.in_(_GONE))
    found = {known.target_id: known for known in locked(session, wanted & failing) if known.target_id not in moved}
    return found | {number: one.known for number, one in moved.items() if _fails(one.standing)}


def _groups_down(
    session: Session, column: InstrumentedAttribute[Any], keys: set[Any], moved: Mapping[int, Moved]
) -> set[Any]:
    """Which groups are down: what the table holds, corrected by what this round is about to write."""
    failing = or_(DeviceStatus.downs > 0, DeviceStatus.state.in_(_GONE))
    rows = session.execute(
        select(column, func.count(), func.count().filter(failing))
        .where(column.in_(keys), DeviceStatus.state.not_in((LiveState.DISABLED, LiveState.UNKNOWN)))
        .group_by(column)
    )
    change: Counter[Any] = Counter()
    for one in moved.values():
        change[getattr(one.known, column.key)] += _fails(one.standing) - _fails(one.known.standing)
    return {key for key, members, failed in rows if group_is_down(members=members, failing=failed + change[key])}
