"""What is said of how long cameras keep their footage, and how their clocks stand."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.core.clock import city_day
from portal.evidence.models import FootageRequest, RecordingSetting, RequestCamera
from portal.evidence.rules.overwriting import all_said, camera_clock, measured_days, offset_of
from portal.evidence.states import FOOTAGE_SAFE
from portal.evidence.values import ActKind
from portal.evidence.values.overwriting import CameraClock, ClockOffset, KeptBy, Said, said_from
from portal.reachability.queries import Measured, drifts_of, measured_among
from portal.registry.models import Camera, System
from portal.registry.rules import rules_for
from portal.regulation.schema.keys import RuleKey


def said_of(session: Session, camera_ids: Sequence[UUID]) -> Mapping[UUID, list[Said]]:
    """Every statement and measurement of some cameras, each with its date. The caller has shown that they are in reach."""
    if not camera_ids:
        return {}
    rows = session.execute(
        select(
            Camera.id,
            Camera.retention_days,
            Camera.updated_at,
            System.retention_days,
            System.updated_at,
            RecordingSetting.retention_days,
            RecordingSetting.read_at,
        )
        .join(System, System.id == Camera.system_id)
        .outerjoin(RecordingSetting, RecordingSetting.camera_id == Camera.id)
        .where(Camera.id.in_(camera_ids))
    )
    measured = measured_among(session, camera_ids)
    found: dict[UUID, list[Said]] = {}
    for camera_id, on_file, filed_at, declared, declared_at, configured, read_at in rows:
        stated = (
            (KeptBy.CONFIGURED, configured, read_at),
            (KeptBy.ON_FILE, on_file, filed_at),
            (KeptBy.DECLARED, declared, declared_at),
        )
        said = [Said(source, days, at) for source, days, at in stated if days is not None]
        seen = measured.get(camera_id)
        found[camera_id] = said if seen is None else [*_measured(seen), *said]
    return found


def _measured(seen: Measured) -> list[Said]:
    if seen.recorded_from is None or seen.examined_at is None:
        return []
    return [
        measured_days(
            seen.recorded_from,
            measured_at=seen.examined_at,
            alive_since=seen.first_live_at,
            drift_s=seen.drift_s,
        )
    ]


def offsets_of(session: Session, camera_ids: Sequence[UUID], *, now: datetime) -> Mapping[UUID, ClockOffset]:
    """How the clocks of some cameras stand; one that never told its time is left out."""
    found = drifts_of(session, camera_ids, now=now)
    return {camera_id: offset_of(one.seconds, one.rtt_ms, at=one.at) for camera_id, one in found.items()}


def clocks_of(
    session: Session,
    camera_ids: Sequence[UUID],
    *,
    span_from: datetime,
    span_to: datetime,
    required: int,
    now: datetime,
) -> Mapping[UUID, CameraClock]:
    """When each camera's part of a span is lost, as it stands now."""
    said, offsets = said_of(session, camera_ids), offsets_of(session, camera_ids, now=now)
    return {
        camera_id: camera_clock(
            span_from,
            span_to,
            all_said(said.get(camera_id, ()), required=required),
            offset=offsets.get(camera_id),
        )
        for camera_id in camera_ids
    }


def required_days(session: Session, camera_ids: Sequence[UUID], *, on: date) -> Mapping[UUID, int]:
    """How many days the rules ask for of each camera: the most that any text asks of its system (002 art. 9)."""
    rows = session.execute(
        select(Camera.id, System)
        .join(System, System.id == Camera.system_id)
        .options(joinedload(System.unit))
        .where(Camera.id.in_(camera_ids))
    ).all()
    asked = {
        system.id: rules_for(system.unit, system, on=on).integer(RuleKey.RETENTION_MIN_DAYS) or 0
        for system in {system.id: system for _, system in rows}.values()
    }
    return {camera_id: asked[system.id] for camera_id, system in rows}


def clocks_to_come(
    session: Session, camera_ids: Sequence[UUID], *, span_from: datetime, span_to: datetime, now: datetime
) -> Mapping[UUID, CameraClock]:
    """The clocks of cameras that are about to be asked for. The caller has shown that they are in reach."""
    said = said_of(session, camera_ids)
    required = required_days(session, camera_ids, on=city_day(now))
    return {
        camera_id: camera_clock(span_from, span_to, all_said(said[camera_id], required=required[camera_id]))
        for camera_id in camera_ids
        if camera_id in said
    }


def kept_clock(request: FootageRequest, camera: RequestCamera) -> CameraClock | None:
    """The clock of one camera as it was last reckoned; None where footage plays no part or nothing was kept yet."""
    if request.act == ActKind.LIVE or not camera.kept_said:
        return None
    offset = None
    if camera.offset_s is not None and camera.offset_at is not None:
        offset = ClockOffset(camera.offset_s, camera.offset_margin_s or 0, camera.offset_at)
    return camera_clock(request.span_from, request.span_to, said_from(camera.kept_said), offset=offset)


def still_pressing(session: Session, *, limit: int) -> Sequence[UUID]:
    """Requests whose footage is not safe yet, those reckoned longest ago first: for the nightly reckoning."""
    return session.scalars(
        select(FootageRequest.id)
        .join(RequestCamera, RequestCamera.request_id == FootageRequest.id)
        .where(FootageRequest.status.not_in(FOOTAGE_SAFE), FootageRequest.act != ActKind.LIVE)
        .group_by(FootageRequest.id)
        .order_by(func.min(RequestCamera.reckoned_at), FootageRequest.id)
        .limit(limit)
    ).all()
