"""A drawn camera as rows of the registry: the camera, and how it is reached."""

import json
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.core.crypto import Envelope, row_context
from portal.demo.cameras import CameraPlan
from portal.demo.equipment import Connection
from portal.demo.plan import Behaviour

Row = dict[str, object]

# A networked camera that hangs on no device of the simulator is on record with its network card alone.
_NETWORK_CARDS = text(
    "insert into camera_access (camera_id, unit_id, district, host, mac, updated_at) "
    "select id, unit_id, district, '', "
    "'02' || upper(regexp_replace(left(md5(id::text), 10), '(..)', ':\\1', 'g')), created_at from camera c "
    "where networked = 1 and not fault_keys @> array['host:missing']::varchar[] "
    "and not exists (select from camera_access a where a.camera_id = c.id) "
    "and (cast(:system as uuid) is null or system_id = cast(:system as uuid))"
)


def camera_row(
    camera: CameraPlan, *, key: UUID, system_id: UUID, unit_id: UUID, district: str, entered: datetime
) -> Row:
    """A drawn camera as a row of the camera table."""
    return {
        "id": key,
        "system_id": system_id,
        "unit_id": unit_id,
        "district": district,
        "gb_code": camera.gb_code,
        "name": camera.name,
        "address": camera.address,
        "position": f"SRID=4326;POINT({camera.lon} {camera.lat})",
        "declared_lon": f"{camera.lon:.6f}",
        "declared_lat": f"{camera.lat:.6f}",
        "camera_type": camera.camera_type,
        "point_type": camera.point_type,
        "zone": camera.zone,
        "azimuth": camera.azimuth,
        "view_angle": camera.view_angle,
        "range_m": camera.range_m,
        "resolution": camera.resolution,
        "manufacturer": camera.manufacturer,
        "model": camera.model,
        "records_audio": camera.records_audio,
        "retention_days": camera.retention_days,
        "installed_on": camera.installed_on,
        "status": camera.status,
        "created_at": entered,
        "updated_at": entered,
        "version": 1,
    }


def access_row(camera: Row, connection: Connection, envelope: Envelope) -> Row:
    """How a camera is reached; the password is sealed under the camera's own identifier."""
    device = connection.device
    secret = json.dumps({"user": device.username, "password": device.registered_password}).encode()
    context = row_context("camera_access", "credentials_sealed", camera["id"])
    return {
        "camera_id": camera["id"],
        "unit_id": camera["unit_id"],
        "district": camera["district"],
        "host": device.address,
        "rtsp_port": device.rtsp_port,
        "onvif_port": None if device.behaviour is Behaviour.RTSP_ONLY else device.onvif_port,
        "credentials_sealed": envelope.seal(secret, context=context),
        "updated_at": camera["updated_at"],
    }


def add_network_cards(session: Session, system_id: UUID | None = None) -> None:
    """Enter the network cards of networked cameras that answer nowhere, of one system or of all."""
    session.execute(_NETWORK_CARDS, {"system": system_id})
