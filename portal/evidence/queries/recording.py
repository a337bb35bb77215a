"""How cameras are recorded, against what the rules ask of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.evidence.models import RecordingSetting
from portal.evidence.queries.overwriting import said_of
from portal.evidence.rules.overwriting import all_said
from portal.evidence.rules.recording import ImageFloor, RecordingFault, recording_faults
from portal.evidence.values.overwriting import Said
from portal.evidence.values.recording import RecordingMode
from portal.reachability.queries import measured_among
from portal.registry.models import Camera, System
from portal.registry.queries import visible_cameras
from portal.registry.rules import rules_for
from portal.registry.states import CameraStatus
from portal.regulation.schema.keys import RuleKey

MOST = 3000


@dataclass(frozen=True)
class Recording:
    """One camera's recording: what is set, what is said of its keeping, its picture, and what falls short."""

    camera: Camera
    setting: RecordingSetting | None
    said: Sequence[Said]
    picture: tuple[int, int] | None
    floor: ImageFloor
    real_time: bool
    faults: Sequence[RecordingFault]


def recordings_of(session: Session, system: System, cameras: Sequence[Camera], *, on: date) -> list[Recording]:
    """Cameras of one system, which comes with its unit. The caller has shown that the reader may see them."""
    rules = rules_for(system.unit, system, on=on)
    floor = ImageFloor(
        width=rules.integer(RuleKey.IMAGE_MIN_WIDTH),
        height=rules.integer(RuleKey.IMAGE_MIN_HEIGHT),
        live_lines=rules.integer(RuleKey.IMAGE_MIN_LIVE_TVL),
        playback_lines=rules.integer(RuleKey.IMAGE_MIN_PLAYBACK_TVL),
    )
    required, real_time = rules.integer(RuleKey.RETENTION_MIN_DAYS) or 0, rules.flag(RuleKey.RETENTION_REAL_TIME)
    ids = [camera.id for camera in cameras]
    said, measured = said_of(session, ids), measured_among(session, ids)
    settings = settings_of(session, ids)
    found = []
    for camera in cameras:
        setting, seen = settings.get(camera.id), measured.get(camera.id)
        whole = all_said(said.get(camera.id, ()), required=required)
        picture = seen.picture if seen else None
        faults = recording_faults(
            whole,
            mode=RecordingMode(setting.mode) if setting else None,
            real_time=real_time,
            resolution=camera.resolution,
            picture=picture,
            floor=floor,
        )
        found.append(Recording(camera, setting, whole, picture, floor, real_time, faults))
    return found


def settings_of(session: Session, camera_ids: Sequence[UUID]) -> dict[UUID, RecordingSetting]:
    """What is set on the recorders of some cameras."""
    rows = session.scalars(select(RecordingSetting).where(RecordingSetting.camera_id.in_(camera_ids)))
    return {row.camera_id: row for row in rows}


def cameras_of_system(session: Session, identity: Identity, system_id: UUID) -> Sequence[Camera]:
    """The cameras of a system that the reader may see, as many as one page still judges."""
    return session.scalars(
        visible_cameras(identity)
        .where(Camera.system_id == system_id, Camera.status != CameraStatus.DISMANTLED)
        .order_by(Camera.name, Camera.id)
        .limit(MOST)
    ).all()
