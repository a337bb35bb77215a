"""Where one device stands and how an answer moves it: hysteresis, flapping, when to look again."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from portal.reachability.probes.base import DeepResult, QuickResult, Reason
from portal.registry.states import LiveState

FAILURES_TO_FALL: Final = 3
SUCCESSES_TO_RISE: Final = 2
DRIFT_LIMIT_S: Final = 5.0
FIRST_RECHECK: Final = timedelta(seconds=15)
SECOND_RECHECK: Final = timedelta(seconds=45)
FLAP_CHANGES: Final = 6
FLAP_RESULTS: Final = 21
# A device that has been down longer is asked less often: a dead one costs a round three seconds.
DOWN_LONG: Final = timedelta(hours=1)
DOWN_VERY_LONG: Final = timedelta(days=1)
SPREAD: Final = 0.2
DEEP_EVERY: Final = timedelta(days=1)
DEEP_AGAIN: Final = timedelta(hours=1)
DEEP_AFTER_RECOVERY: Final = timedelta(minutes=1)

_GONE: Final = frozenset({LiveState.OFFLINE, LiveState.UNREACHABLE})
# The authenticated layer could not ask: that says nothing the quick layers do not say better.
_UNASKED: Final = frozenset({Reason.REFUSED, Reason.TIMEOUT, Reason.NO_ROUTE, Reason.CLOSED, Reason.TOO_SLOW})
# Asking again with the same login would only lock the device's account.
_LOGIN: Final = frozenset({Reason.AUTH_FAILED, Reason.AUTH_REQUIRED, Reason.UNSAFE_AUTH})


class Level(IntEnum):
    """How an answer counts."""

    UP = 0
    IMPAIRED = 1  # it answers, but not as it should
    DOWN = 2


@dataclass(frozen=True, slots=True)
class Observation:
    """One answer, judged."""

    level: Level
    reason: Reason
    drift_s: float | None = None


UP: Final = Observation(Level.UP, Reason.OK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is remembered of a device. The counters stop at their thresholds, so that a steady device never changes."""

    state: LiveState = LiveState.UNKNOWN
    reason: Reason | None = None
    since: datetime
    ups: int = 0
    answers: int = 0
    misses: int = 0
    downs: int = 0
    flips: tuple[int, ...] = ()
    flapping: bool = False
    deep_reason: Reason | None = None
    recheck_at: datetime | None = None
    first_live_at: datetime | None = None

    @property
    def last_level(self) -> Level | None:
        """The level of the answer before, if there was one."""
        if self.ups:
            return Level.UP
        if self.downs:
            return Level.DOWN
        return Level.IMPAIRED if self.misses else None


def observe(quick: QuickResult) -> Observation:
    """Judge the unauthenticated layers: down when nothing even accepts a connection."""
    layers = [layer for layer in (quick.rtsp, quick.clock) if layer is not None]
    bad = next((layer for layer in layers if layer.reason is not Reason.OK), None)
    if bad is not None:
        connected = any(layer.connected for layer in layers)
        return Observation(Level.IMPAIRED if connected else Level.DOWN, bad.reason, quick.drift_s)
    if quick.drift_s is not None and abs(quick.drift_s) > DRIFT_LIMIT_S:
        return Observation(Level.IMPAIRED, Reason.CLOCK_DRIFT, quick.drift_s)
    return Observation(Level.UP, Reason.OK, quick.drift_s)


def advance(
    standing: Standing, seen: Observation, *, now: datetime, interval: timedelta, spread: float = 0.0
) -> Standing:
    """Where a device stands after one more answer. `spread` (0 to 1) is the device's own share of jitter.

    A fault the authenticated layer found stays until that layer is asked again: the quick layers cannot see it.
    """
    hidden = standing.deep_reason
    if seen.level is Level.UP and hidden is not None and hidden is not Reason.OK:
        seen = Observation(Level.IMPAIRED, hidden, seen.drift_s)
    counted = replace(
        standing,
        ups=min(standing.ups + 1, SUCCESSES_TO_RISE) if seen.level is Level.UP else 0,
        answers=min(standing.answers + 1, SUCCESSES_TO_RISE) if seen.level is not Level.DOWN else 0,
        misses=min(standing.misses + 1, FAILURES_TO_FALL) if seen.level is not Level.UP else 0,
        downs=min(standing.downs + 1, FAILURES_TO_FALL) if seen.level is Level.DOWN else 0,
        flips=_flips(standing, seen.level, now),
    )
    moved = _moved(counted, _next_state(counted), seen, now)
    return _scheduled(_flapping(moved, now, interval), now, interval, spread)


def _next_state(counted: Standing) -> LiveState:
    state = counted.state
    if counted.ups >= SUCCESSES_TO_RISE:
        return LiveState.ONLINE
    if counted.downs >= FAILURES_TO_FALL:
        return LiveState.UNREACHABLE if state is LiveState.UNREACHABLE else LiveState.OFFLINE
    if state in _GONE or state is LiveState.UNKNOWN:
        returned = counted.answers >= SUCCESSES_TO_RISE and counted.ups == 0
        return LiveState.DEGRADED if returned else state
    return LiveState.DEGRADED if counted.misses >= FAILURES_TO_FALL else state


def _moved(counted: Standing, state: LiveState, seen: Observation, now: datetime) -> Standing:
    reason = counted.reason
    changed = state is not counted.state
    if state is LiveState.ONLINE:
        reason = Reason.OK
    elif (changed and seen.level is not Level.UP) or (state is LiveState.DEGRADED and seen.level is Level.IMPAIRED):
        reason = seen.reason
    live = state in (LiveState.ONLINE, LiveState.DEGRADED)
    return replace(
        counted,
        state=state,
        reason=reason,
        since=now if changed else counted.since,
        first_live_at=now if live and counted.first_live_at is None else counted.first_live_at,
    )


def _flips(standing: Standing, level: Level, now: datetime) -> tuple[int, ...]:
    before = standing.last_level
    if before is None or before is level:
        return standing.flips
    return (*standing.flips, int(now.timestamp()))[-FLAP_CHANGES:]


def _flapping(standing: Standing, now: datetime, interval: timedelta) -> Standing:
    window = FLAP_RESULTS * interval.total_seconds()
    flapping = len(standing.flips) == FLAP_CHANGES and now.timestamp() - standing.flips[0] <= window
    return standing if flapping is standing.flapping else replace(standing, flapping=flapping)


def _scheduled(standing: Standing, now: datetime, interval: timedelta, spread: float) -> Standing:
    wait = _wait(standing, now, interval)
    if wait is None:
        return standing if standing.recheck_at is None else replace(standing, recheck_at=None)
    return replace(standing, recheck_at=now + wait * (1 + SPREAD * spread))


def _wait(standing: Standing, now: datetime, interval: timedelta) -> timedelta | None:
    """Until the next look; None leaves the device to the regular rounds."""
    if standing.state in _GONE:
        if standing.answers:
            return FIRST_RECHECK
        down_for = now - standing.since
        if down_for < DOWN_LONG:
            return interval
        return interval * 3 if down_for < DOWN_VERY_LONG else max(DOWN_LONG, interval)
    if standing.state is LiveState.UNKNOWN:
        return FIRST_RECHECK if standing.downs < SUCCESSES_TO_RISE else SECOND_RECHECK
    undecided = max(standing.downs, standing.misses if standing.state is LiveState.ONLINE else 0)
    if 0 < undecided < FAILURES_TO_FALL:
        return FIRST_RECHECK if undecided == 1 else SECOND_RECHECK
    rising = standing.state is LiveState.DEGRADED and 0 < standing.ups < SUCCESSES_TO_RISE
    return FIRST_RECHECK if rising else None


def after_deep(
    standing: Standing, deep: DeepResult, *, now: datetime, interval: timedelta, spread: float = 0.0
) -> Standing:
    """Where a device stands after the authenticated layer: its answer is definite, so it counts at once.

    Success walked every layer down to the stream and stands for two ordinary ones.
    """
    if deep.reason in _UNASKED:
        return standing
    drifted = deep.drift_s is not None and abs(deep.drift_s) > DRIFT_LIMIT_S
    if deep.reason is Reason.OK and not drifted:
        found = replace(standing, deep_reason=Reason.OK, ups=max(standing.ups, SUCCESSES_TO_RISE - 1))
        return advance(found, UP, now=now, interval=interval, spread=spread)
    reason = Reason.CLOCK_DRIFT if deep.reason is Reason.OK else deep.reason
    seen = Observation(Level.IMPAIRED, reason, deep.drift_s)
    found = replace(
        standing,
        deep_reason=deep.reason,
        ups=0,
        downs=0,
        answers=SUCCESSES_TO_RISE,
        misses=FAILURES_TO_FALL,
        flips=_flips(standing, Level.IMPAIRED, now),
    )
    moved = _moved(found, LiveState.DEGRADED, seen, now)
    return _scheduled(_flapping(moved, now, interval), now, interval, spread)


def next_deep_at(deep: DeepResult, *, now: datetime, spread: float) -> datetime | None:
    """When to ask the authenticated layer again; None after a refused login, until the login changes."""
    if deep.reason in _LOGIN:
        return None
    wait = DEEP_EVERY if deep.reason is Reason.OK else DEEP_AGAIN
    return now + wait * (1 + SPREAD * spread)


def mark_unreachable(standing: Standing, group_down: bool, *, now: datetime) -> Standing:
    """Tell a device's own failure from its site's: the state follows the group while the device is gone."""
    if group_down and standing.state is LiveState.OFFLINE:
        return replace(standing, state=LiveState.UNREACHABLE, reason=Reason.PARENT_DOWN, since=now)
    if not group_down and standing.state is LiveState.UNREACHABLE:
        return replace(standing, state=LiveState.OFFLINE, reason=Reason.TIMEOUT, since=now)
    return standing
