"""Keeping the list of targets in step with the registry: pulled on a schedule, pushed by nobody."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, text, true
from sqlalchemy.orm import Session

from portal.core.addresses import AddressDenied, AddressPolicy
from portal.core.services import services
from portal.reachability.models import DeviceStatus, ProbeChunk, ProbeRound, ProbeRun, ProbeTarget
from portal.reachability.operations.standings import Moved, locked, write
from portal.reachability.probes.base import Reason
from portal.reachability.probes.quick import segment_of
from portal.reachability.states import ENDED
from portal.registry.states import LiveState

# Until the policy has looked at it, a new address is refused like any other unknown one.
UNCHECKED: Final = "unchecked"
_BATCH: Final = 5_000
# A first load of a million is taken up over some minutes, each in a transaction of bearable length.
ADD_AT_ONCE: Final = 50_000
_KEEP_ROUNDS: Final = timedelta(days=7)
_KEEP_RUNS: Final = timedelta(days=90)

# A device on record with its network card alone has no address to be probed at.
_WANTED: Final = """
select c.id as camera_id, c.unit_id, c.system_id, c.district, c.secret, a.host, a.rtsp_port, a.onvif_port as http_port,
  a.credentials_sealed is not null as has_login, a.updated_at as access_seen_at,
  c.status = 'in_use' and s.use_status not in ('dismantled', 'suspended') as enabled
from camera_access a join camera c on c.id = a.camera_id join system s on s.id = c.system_id
where a.host <> '' and (cast(:camera as uuid) is null or c.id = cast(:camera as uuid))
"""
# Numbered in an order that scatters neighbours: cameras entered together hang on one switch. Both tables are filled
# by one statement: an anti-join against a table that grows while it is read costs the square of its rows.
_ADD: Final = f"""
with wanted as materialized (
  select w.* from ({_WANTED}) w where not exists (select from probe_target t where t.camera_id = w.camera_id)
  order by md5(w.camera_id::text) limit {ADD_AT_ONCE}
), added as (
  insert into probe_target
    (camera_id, unit_id, district, host, rtsp_port, http_port, has_login, enabled, denied, access_seen_at)
  select w.camera_id, w.unit_id, w.district, w.host, w.rtsp_port, w.http_port, w.has_login, w.enabled, '{UNCHECKED}',
    w.access_seen_at from wanted w
  on conflict (camera_id) do nothing
  returning id, camera_id, unit_id, district, enabled
)
insert into device_status
  (target_id, camera_id, system_id, unit_id, district, secret, since, recheck_at, state)
select a.id, a.camera_id, w.system_id, a.unit_id, a.district, w.secret, :now, :now,
  case when a.enabled then 'unknown' else 'disabled' end
from added a join wanted w on w.camera_id = a.camera_id
"""  # noqa: S608 - only constants of this module
_CHANGE: Final = f"""
with changed as (
  select t.id, t.access_seen_at <> w.access_seen_at as new_access, t.enabled as was_enabled, w.*
  from probe_target t join ({_WANTED}) w on w.camera_id = t.camera_id join device_status s on s.target_id = t.id
  where (t.access_seen_at, t.enabled, t.unit_id, t.district, s.system_id, s.secret)
    is distinct from (w.access_seen_at, w.enabled, w.unit_id, w.district, w.system_id, w.secret)
), moved as (
  update device_status s set unit_id = w.unit_id, district = w.district, system_id = w.system_id, secret = w.secret
  from changed w where s.target_id = w.id
)
update probe_target t set host = w.host, rtsp_port = w.rtsp_port, http_port = w.http_port, has_login = w.has_login,
  unit_id = w.unit_id, district = w.district, enabled = w.enabled, access_seen_at = w.access_seen_at,
  denied = case when w.new_access then '{UNCHECKED}' else t.denied end
from changed w where t.id = w.id returning t.id, w.new_access, w.enabled, w.was_enabled
"""  # noqa: S608 - only constants of this module
_REMOVE: Final = """
with gone as (
  delete from probe_target t where not exists (
      select from camera_access a where a.camera_id = t.camera_id and a.host <> '')
    and (cast(:camera as uuid) is null or t.camera_id = cast(:camera as uuid))
  returning t.camera_id
) update camera c set live = 0 from gone where c.id = gone.camera_id
"""


# Cheap signs that access data came, changed or went since the last time; other changes wait for the whole comparison.
_STIRRED: Final = """
select (select count(*) from camera_access where host <> '') <> (select count(*) from probe_target)
  or (select max(updated_at) from camera_access where host <> '') > coalesce((select max(access_seen_at) from probe_target), '-infinity')
"""
WHOLE_EVERY: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a reconciliation did."""

    added: int
    changed: int
    removed: int


def reconcile_targets(session: Session, *, now: datetime, camera_id: UUID | None = None) -> Reconciled:
    """Add, change and remove targets so that they are what the registry says. Running it again changes nothing.

    With `camera_id` only this camera's target: for whoever probes it before the schedule has come round.
    """
    connection = session.connection()
    which = {"camera": camera_id}
    removed = connection.execute(text(_REMOVE), which).rowcount
    added = connection.execute(text(_ADD), {"now": now, **which}).rowcount
    changed = connection.execute(text(_CHANGE), which).all()
    _restart(session, [row.id for row in changed if row.new_access], now)
    _switch(session, {row.id: row.enabled for row in changed if row.enabled != row.was_enabled}, now)
    check_addresses(session, now=now, camera_id=camera_id)
    return Reconciled(added, len(changed), removed)


def is_due(session: Session, *, now: datetime) -> bool:
    """Whether to compare now: at once when access data stirred, else every few minutes."""
    minute = int(now.timestamp()) // 60
    if minute % int(WHOLE_EVERY.total_seconds() // 60) == 0:
        return True
    return bool(session.scalar(text(_STIRRED)))


def _restart(session: Session, target_ids: list[int], now: datetime) -> None:
    """New access data: what the old login or address showed says nothing any more."""
    moved = []
    for known in locked(session, DeviceStatus.target_id.in_(target_ids)) if target_ids else ():
        fresh = replace(known.standing, deep_reason=None, ups=0, answers=0, misses=0, downs=0, recheck_at=now, flips=())
        moved.append(Moved(known, fresh, known.drift_s))
    write(session, moved, now=now)
    if target_ids:
        asked = {"ids": target_ids, "now": now}
        due = "update device_status set deep_due_at = :now where target_id = any(:ids) and state in ('online', 'degraded')"
        session.connection().execute(text(due), asked)


def _switch(session: Session, enabled: dict[int, bool], now: datetime) -> None:
    """A camera declared out of use is not probed; one back in use starts unknown."""
    moved = []
    for known in locked(session, DeviceStatus.target_id.in_(enabled)) if enabled else ():
        on = enabled[known.target_id]
        fresh = replace(
            known.standing,
            state=LiveState.UNKNOWN if on else LiveState.DISABLED,
            reason=None,
            since=now,
            ups=0,
            answers=0,
            misses=0,
            downs=0,
            recheck_at=now if on else None,
        )
        moved.append(Moved(known, fresh, None))
    write(session, moved, now=now)


def check_addresses(session: Session, *, now: datetime, camera_id: UUID | None = None) -> None:
    """Put the operator's address policy over every target it has not passed yet.

    The refused ones are looked at again each time, so that allowing a network needs no other step.
    """
    policy, last = services(session).address_policy, 0
    which = true() if camera_id is None else ProbeTarget.camera_id == camera_id
    while rows := session.execute(
        select(ProbeTarget.id, ProbeTarget.host, ProbeTarget.rtsp_port, ProbeTarget.http_port, ProbeTarget.denied)
        .where(which, ProbeTarget.denied.is_not(None), ProbeTarget.id > last)
        .order_by(ProbeTarget.id)
        .limit(_BATCH)
    ).all():
        last = rows[-1].id
        verdicts = {row.id: _verdict(policy, row) for row in rows}
        _store_verdicts(session, verdicts)
        refused = [row.id for row in rows if verdicts[row.id][0] is not None and row.denied == UNCHECKED]
        mark_denied(session, refused, now=now)
        _mark_allowed(session, [row.id for row in rows if verdicts[row.id][0] is None], now)


def _verdict(policy: AddressPolicy, row: Any) -> tuple[str | None, str]:
    try:
        literal = policy.check(row.host, row.rtsp_port, row.http_port)
    except AddressDenied as refusal:
        return str(refusal.denial), ""
    return None, segment_of(literal)


def _store_verdicts(session: Session, verdicts: dict[int, tuple[str | None, str]]) -> None:
    rows = {
        "ids": list(verdicts),
        "denied": [denied for denied, _ in verdicts.values()],
        "segments": [segment for _, segment in verdicts.values()],
    }
    source = (
        "(select unnest(:ids ::bigint[]) id, unnest(:denied ::text[]) denied, unnest(:segments ::text[]) segment) v"
    )
    connection = session.connection()
    connection.execute(
        text(
            f"update probe_target t set denied = v.denied from {source} "  # noqa: S608 - constants
            "where t.id = v.id and t.denied is distinct from v.denied"
        ),
        rows,
    )
    connection.execute(
        text(
            f"update device_status s set segment = v.segment from {source} "  # noqa: S608 - constants
            "where s.target_id = v.id and s.segment <> v.segment"
        ),
        rows,
    )


def mark_denied(session: Session, target_ids: list[int], *, now: datetime) -> None:
    """Targets outside the allowed networks are unknown, whatever they were, and say why."""
    moved = []
    for known in locked(session, DeviceStatus.target_id.in_(target_ids)) if target_ids else ():
        if known.standing.state is LiveState.DISABLED or known.standing.reason is Reason.DENIED_ADDRESS:
            continue
        since = known.standing.since if known.standing.state is LiveState.UNKNOWN else now
        fresh = replace(
            known.standing, state=LiveState.UNKNOWN, reason=Reason.DENIED_ADDRESS, since=since, recheck_at=None
        )
        moved.append(Moved(known, fresh, None))
    write(session, moved, now=now)


def _mark_allowed(session: Session, target_ids: list[int], now: datetime) -> None:
    condition = DeviceStatus.target_id.in_(target_ids) & (DeviceStatus.reason == Reason.DENIED_ADDRESS)
    moved = [
        Moved(known, replace(known.standing, reason=None, recheck_at=now), None) for known in locked(session, condition)
    ]
    write(session, moved, now=now)


def tidy(session: Session, *, now: datetime) -> None:
    """Make room for the coming months of history; drop the oldest, and rounds and asked probes nobody looks at any
    more.
    """
    for month in (now, now + timedelta(days=31)):
        session.connection().execute(text("select portal_ensure_history_month(:month)"), {"month": month})
    oldest = {"months": services(session).history_months, "now": now}
    session.connection().execute(
        text("select portal_drop_history_before(cast(:now as timestamptz) - make_interval(months => :months))"), oldest
    )
    old = select(ProbeRound.id).where(ProbeRound.started_at < now - _KEEP_ROUNDS)
    session.execute(delete(ProbeChunk).where(ProbeChunk.round_id.in_(old)))
    session.execute(delete(ProbeRound).where(ProbeRound.started_at < now - _KEEP_ROUNDS))
    session.execute(delete(ProbeRun).where(ProbeRun.asked_at < now - _KEEP_RUNS, ProbeRun.status.in_(ENDED)))
