"""Moving a camera by order: the position changes, the record names the order."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.audit.operations import speak_for
from portal.audit.values import FieldChange
from portal.core.geometry import Datum, LonLat, lonlat, point, to_element
from portal.registry import values
from portal.registry.models import Camera
from portal.registry.operations.changes import run_change_clock
from portal.registry.operations.quality import recheck
from portal.registry.operations.recording import about, note
from portal.registry.operations.routing import district_at
from portal.registry.queries import lock_camera
from portal.registry.rules.changes import camera_changes
from portal.registry.values import PositionMethod


def move_camera(
    session: Session, *, actor: Identity, camera_id: UUID, to: LonLat, order_id: UUID, reason: str, now: datetime
) -> Camera:
    """Hang a camera where its relocation order says (WGS-84). The caller has checked the order and the permission.

    Raises Invalid for a place outside the city.
    """
    camera = lock_camera(session, camera_id)
    old, element = lonlat(camera.position), to_element(point(*to))
    district = district_at(session, *to)
    # The trigger that notes moves of public cameras reads which order this one belongs to.
    session.connection().execute(text("select set_config('portal.relocation', :key, true)"), {"key": str(order_id)})
    speak_for(session, actor.actor, reason)
    with session.no_autoflush:
        camera.position = element
        camera.hang_in(district, camera.system)
        camera.datum, camera.position_method = Datum.WGS84, PositionMethod.SURVEY
        camera.declared_lon, camera.declared_lat = f"{to[0]:.7f}", f"{to[1]:.7f}"
        camera.updated_at = now
        recheck(session, camera, camera.system, now=now)
        session.flush()
    session.connection().execute(text("select set_config('portal.relocation', '', true)"))
    changes = [FieldChange(name="position", old=_written(old), new=_written(to))]
    run_change_clock(session, camera.system, camera_changes({"position": (old, to)}, subject=camera.name), now=now)
    note(session, actor, values.CAMERA_CHANGED, about(camera), camera, changes=changes, reason=reason, now=now)
    return camera


def _written(place: LonLat) -> str:
    return f"{place[0]:.6f}, {place[1]:.6f}"
