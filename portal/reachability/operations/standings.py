"""Loading and storing where devices stand: changed rows only, by COPY, with history and the map's column in one go."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.reachability.models import DeviceStatus
from portal.reachability.probes.base import Reason
from portal.reachability.rules import Standing
from portal.reachability.rules.standing import DEEP_AFTER_RECOVERY
from portal.registry.states import LIVE_CODES, LiveState

_LIVE: Final = frozenset({LiveState.ONLINE, LiveState.DEGRADED})
_COLUMNS: Final = (
    DeviceStatus.target_id,
    DeviceStatus.camera_id,
    DeviceStatus.system_id,
    DeviceStatus.segment,
    DeviceStatus.state,
    DeviceStatus.reason,
    DeviceStatus.since,
    DeviceStatus.ups,
    DeviceStatus.answers,
    DeviceStatus.misses,
    DeviceStatus.downs,
    DeviceStatus.flips,
    DeviceStatus.flapping,
    DeviceStatus.deep_reason,
    DeviceStatus.recheck_at,
    DeviceStatus.first_live_at,
    DeviceStatus.drift_s,
)


@dataclass(frozen=True, slots=True)
class Known:
    """A device's row as it was read, under lock."""

    target_id: int
    camera_id: UUID
    system_id: UUID
    segment: str
    standing: Standing
    drift_s: int | None

    @property
    def spread(self) -> float:
        """The device's own share of jitter, so that devices that fell together are not asked again together."""
        return (self.target_id * 2_654_435_761 % 2**32) / 2**32


@dataclass(frozen=True, slots=True)
class Moved:
    """A row to write: what it was, what it is, and the latest measurements."""

    known: Known
    standing: Standing
    drift_s: int | None
    rtt_ms: int | None = None


def locked(session: Session, condition: Any) -> list[Known]:
    """The rows of a condition, locked in one order so that two writers never wait for each other."""
    statement = select(*_COLUMNS).where(condition).order_by(DeviceStatus.target_id).with_for_update()
    return [_known(row) for row in session.execute(statement)]


def _known(row: Any) -> Known:
    standing = Standing(
        state=LiveState(row.state),
        reason=Reason(row.reason) if row.reason else None,
        since=row.since,
        ups=row.ups,
        answers=row.answers,
        misses=row.misses,
        downs=row.downs,
        flips=tuple(row.flips),
        flapping=row.flapping,
        deep_reason=Reason(row.deep_reason) if row.deep_reason else None,
        recheck_at=row.recheck_at,
        first_live_at=row.first_live_at,
    )
    return Known(row.target_id, row.camera_id, row.system_id, row.segment, standing, row.drift_s)


_TABLE: Final = """
create temp table if not exists standing_change (
  target_id bigint, live smallint, state text, reason text, since timestamptz, ups smallint, answers smallint,
  misses smallint, downs smallint, flips bigint[], flapping boolean, deep_reason text, recheck_at timestamptz,
  first_live_at timestamptz, drift_s int, rtt_ms int, deep_due_at timestamptz, old_state text, tell boolean
) on commit delete rows
"""
_UPDATE: Final = """
update device_status s set state = c.state, reason = c.reason, since = c.since, ups = c.ups, answers = c.answers,
  misses = c.misses, downs = c.downs, flips = c.flips, flapping = c.flapping, deep_reason = c.deep_reason,
  recheck_at = c.recheck_at, first_live_at = c.first_live_at, drift_s = c.drift_s,
  rtt_ms = coalesce(c.rtt_ms, s.rtt_ms), deep_due_at = coalesce(c.deep_due_at, s.deep_due_at)
from standing_change c where s.target_id = c.target_id
"""
_HISTORY: Final = """
insert into device_state_change (at, camera_id, unit_id, district, old_state, new_state, reason)
select :now, s.camera_id, s.unit_id, s.district, c.old_state, c.state, c.reason
from standing_change c join device_status s on s.target_id = c.target_id where c.tell order by c.target_id
"""
# The map reads this column: it moves in the same statement batch, and only where it differs.
_CAMERA: Final = """
update camera k set live = c.live from standing_change c join device_status s on s.target_id = c.target_id
where k.id = s.camera_id and k.live <> c.live
"""


def write(session: Session, moved: Iterable[Moved], *, now: datetime) -> int:
    """Store changed rows, their history and the camera's own column; the number of rows written."""
    rows = [_line(one, now) for one in moved]
    if not rows:
        return 0
    session.flush()
    connection = session.connection()
    connection.execute(text(_TABLE))
    connection.execute(text("truncate standing_change"))
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        cursor.copy_expert("copy standing_change from stdin", io.StringIO("".join(rows)))
    for statement in (_UPDATE, _HISTORY, _CAMERA):
        connection.execute(text(statement), {"now": now} if statement is _HISTORY else {})
    session.expire_all()
    return len(rows)


def _line(one: Moved, now: datetime) -> str:
    """One line of COPY: numbers, times and members of enums, never a text anybody typed."""
    old, new = one.known.standing, one.standing
    changed = new.state is not old.state
    told = changed or (new.state is LiveState.DEGRADED and new.reason is not old.reason)
    fields: Sequence[object] = (
        one.known.target_id,
        LIVE_CODES[new.state],
        new.state,
        new.reason,
        new.since.isoformat(),
        new.ups,
        new.answers,
        new.misses,
        new.downs,
        "{" + ",".join(map(str, new.flips)) + "}",
        "t" if new.flapping else "f",
        new.deep_reason,
        new.recheck_at and new.recheck_at.isoformat(),
        new.first_live_at and new.first_live_at.isoformat(),
        one.drift_s,
        one.rtt_ms,
        _deep_due(one, now),
        old.state,
        "t" if told else "f",
    )
    return "\t".join(r"\N" if field is None else str(field) for field in fields) + "\n"


def _deep_due(one: Moved, now: datetime) -> str | None:
    """A device that came (back) to life is looked at closely: it may not be the same device any more."""
    before, after = one.known.standing.state, one.standing.state
    came = after in _LIVE and before not in _LIVE
    refused = one.standing.deep_reason in (Reason.AUTH_FAILED, Reason.AUTH_REQUIRED, Reason.UNSAFE_AUTH)
    if not came or refused:
        return None
    return (now + DEEP_AFTER_RECOVERY + timedelta(minutes=one.known.spread)).isoformat()
