"""Probing one camera because somebody asks: bounded in rate, recorded, and never repeating what a device says."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import SubjectRef
from portal.core.addresses import AddressDenied
from portal.core.errors import Invalid, TooMany
from portal.core.outbox import TaskName, enqueue
from portal.core.services import services
from portal.reachability import values
from portal.reachability.models import DeviceStatus, ProbeRun, ProbeTarget
from portal.reachability.operations.deep import keep_findings, login_of, moved_by
from portal.reachability.operations.rounds import endpoint_of
from portal.reachability.operations.standings import Moved, locked, write
from portal.reachability.operations.targets import reconcile_targets
from portal.reachability.probes.base import Credential, DeepResult, Endpoint, QuickResult, Reason
from portal.reachability.rules import Observation, advance, observe
from portal.reachability.states import ENDED, RunAction, RunStatus, next_run_status
from portal.registry.models import Camera, CameraAccess
from portal.registry.queries import get_camera, ground_scope
from portal.registry.states import LiveState

# More than a person checking cameras one by one needs, far less than a scan.
PER_PERSON: Final = 20
PER_PERSON_IN: Final = timedelta(minutes=5)
PER_CAMERA: Final = 3
PER_CAMERA_IN: Final = timedelta(minutes=1)
# A run whose worker died is not waited for longer than this.
_STALE: Final = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class AskedProbe:
    """What the worker needs for one asked probe."""

    run_id: UUID
    target_id: int
    endpoint: Endpoint
    credential: Credential | None
    # The device refused this very login before; trying it again would lock the account, not open it.
    refused: bool = False


def ask_probe(session: Session, *, actor: Identity, camera_id: UUID, now: datetime) -> ProbeRun:
    """Ask for one camera to be probed now; a run already under way is given instead of a second.

    Raises NotFound, NotAllowed, Invalid("no_access_data") and TooMany.
    """
    camera = get_camera(session, actor, camera_id)
    require(actor, Permission.PROBE_NOW, ground_scope(camera), read=Permission.CAMERA_READ)
    if session.get(CameraAccess, camera_id) is None:
        raise Invalid("no_access_data")
    # One asker at a time for this camera; the unique index would make the second an error page.
    session.execute(select(Camera.id).where(Camera.id == camera_id).with_for_update())
    open_run = _open_run(session, camera_id, now)
    if open_run is not None:
        return open_run
    _refuse_too_many(session, actor, camera_id, now)
    run = ProbeRun(
        camera_id=camera_id, unit_id=camera.unit_id, district=camera.district, asked_by=actor.person_id, asked_at=now
    )
    session.add(run)
    session.flush()
    record(
        session,
        actor=actor.actor,
        tag=values.PROBE_ASKED,
        subject=SubjectRef("camera", camera.id, camera.name),
        unit_id=camera.unit_id,
        district=camera.district,
        now=now,
    )
    enqueue(session, TaskName.REACH_PROBE_NOW, dedupe=f"reach:now:{run.id}", run_id=run.id)
    return run


def _open_run(session: Session, camera_id: UUID, now: datetime) -> ProbeRun | None:
    run = session.scalars(
        select(ProbeRun).where(ProbeRun.camera_id == camera_id, ProbeRun.status.not_in(ENDED))
    ).one_or_none()
    if run is not None and now - run.asked_at > _STALE:
        _end(run, RunAction.GIVE_UP, None, now)
        session.flush()
        return None
    return run


def _refuse_too_many(session: Session, actor: Identity, camera_id: UUID, now: datetime) -> None:
    for condition, limit, span in (
        (ProbeRun.asked_by == actor.person_id, PER_PERSON, PER_PERSON_IN),
        (ProbeRun.camera_id == camera_id, PER_CAMERA, PER_CAMERA_IN),
    ):
        count, oldest = session.execute(
            select(func.count(), func.min(ProbeRun.asked_at)).where(condition, ProbeRun.asked_at > now - span)
        ).one()
        if count >= limit:
            raise TooMany("too_many_probes", retry_after=max(1, round((oldest + span - now).total_seconds())))


def begin_run(session: Session, *, run_id: UUID, now: datetime) -> AskedProbe | None:
    """Take an asked probe; None when it has ended, or ends here because nothing may be asked."""
    run = session.get(ProbeRun, run_id, with_for_update=True)
    if run is None or run.status in ENDED:
        return None
    run.status, run.started_at = next_run_status(RunStatus(run.status), RunAction.TAKE), run.started_at or now
    access = session.get(CameraAccess, run.camera_id)
    target = _target_of(session, run.camera_id)
    if access is not None and (target is None or target.access_seen_at != access.updated_at):
        # Whoever has just entered an address means this one, not what the schedule last knew.
        reconcile_targets(session, now=now, camera_id=run.camera_id)
        target = _target_of(session, run.camera_id)
    if target is None or access is None:
        _end(run, RunAction.GIVE_UP, None, now)
        return None
    channel = session.scalar(select(Camera.storage_channel).where(Camera.id == run.camera_id))
    try:
        endpoint = endpoint_of(session, target, channel=channel)
    except AddressDenied:
        _end(run, RunAction.FINISH, Reason.DENIED_ADDRESS, now)
        return None
    return AskedProbe(
        run.id, target.id, endpoint, login_of(session, access), refused=_was_refused(session, target.id, access)
    )


def _target_of(session: Session, camera_id: UUID) -> ProbeTarget | None:
    wanted = select(ProbeTarget).where(ProbeTarget.camera_id == camera_id)
    return session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def _was_refused(session: Session, target_id: int, access: CameraAccess) -> bool:
    known = session.get(DeviceStatus, target_id)
    if known is None or known.deep_reason != Reason.AUTH_FAILED or known.deep_at is None:
        return False
    return access.updated_at <= known.deep_at


def _end(run: ProbeRun, action: RunAction, reason: Reason | None, now: datetime) -> None:
    run.status = next_run_status(RunStatus(run.status), action)
    run.reason, run.finished_at = reason and str(reason), now


def note_step(session: Session, *, run_id: UUID, step: str, layers: dict[str, Any]) -> None:
    """Show how far a probe is: which layer is being asked, what the ones before found."""
    run = session.get(ProbeRun, run_id, with_for_update=True)
    if run is not None and run.status == RunStatus.RUNNING:
        run.step, run.layers = step, layers


def finish_run(
    session: Session,
    *,
    asked: AskedProbe,
    quick: QuickResult | None,
    deep: DeepResult | None,
    layers: dict[str, Any],
    now: datetime,
) -> None:
    """Keep the result and let it count like any other answer; without one the run has failed."""
    run = session.get(ProbeRun, asked.run_id, with_for_update=True)
    if run is None or run.status in ENDED:
        return
    run.layers, run.step = layers, ""
    if quick is None:
        _end(run, RunAction.GIVE_UP, None, now)
        return
    seen = observe(quick)
    refused = Reason.AUTH_FAILED if asked.refused else None
    _end(run, RunAction.FINISH, _verdict(seen, deep.reason if deep else refused), now)
    for known in locked(session, DeviceStatus.target_id == asked.target_id):
        if known.standing.state is LiveState.DISABLED:
            continue
        interval = services(session).probe_interval
        standing = advance(known.standing, seen, now=now, interval=interval, spread=known.spread)
        drift = known.drift_s if seen.drift_s is None else round(seen.drift_s)
        moved = Moved(known, standing, drift, quick.rtt_ms)
        if deep is not None:
            after = moved_by(session, replace(known, standing=standing, drift_s=drift), deep, now=now)
            moved = Moved(known, after.standing, after.drift_s, quick.rtt_ms)
        write(session, [moved], now=now)
        if deep is not None:
            keep_findings(session, known, deep, now=now)


def _verdict(seen: Observation, login: Reason | None) -> Reason:
    """The one reason shown: the login's, when the quick layers had nothing to say."""
    return login if seen.reason is Reason.OK and login is not None else seen.reason
