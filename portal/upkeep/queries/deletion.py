"""What a deletion ticket asks of footage: which medium a serial names, and whether a preservation hold stands."""

from uuid import UUID

from sqlalchemy import column, exists, or_, select, table
from sqlalchemy.orm import Session

from portal.registry.models import Camera

# Read by name: footage is kept beside this package, not below it.
_HOLD = table("preservation_hold", column("request_id"), column("unit_id"), column("status"))
_CAMERA = table("footage_request_camera", column("request_id"), column("camera_id"))
_COPY = table("footage_copy", column("id"), column("request_id"), column("serial"), column("role"), column("status"))
_REQUEST = table("footage_request", column("id"), column("unit_id"))


def master_named(session: Session, unit_id: UUID, serial: str) -> UUID | None:
    """The sealed master of that serial which the unit keeps, if there is one."""
    found = session.scalar(
        select(_COPY.c.id)
        .join_from(_COPY, _REQUEST, _REQUEST.c.id == _COPY.c.request_id)
        .where(
            _REQUEST.c.unit_id == unit_id,
            _COPY.c.serial == serial.strip(),
            _COPY.c.role == "master",
            _COPY.c.status == "kept",
        )
    )
    return found if found is None or isinstance(found, UUID) else UUID(str(found))


def is_held(
    session: Session, unit_id: UUID, *, system_id: UUID | None, camera_id: UUID | None, copy_id: UUID | None
) -> bool:
    """Whether any hold that is not released forbids it: on the copy's request, the camera, a camera of the system; of
    what is named less exactly, any hold of the unit."""
    standing = (_HOLD.c.unit_id == unit_id) & (_HOLD.c.status != "released")
    if copy_id is not None:
        standing &= _HOLD.c.request_id.in_(select(_COPY.c.request_id).where(_COPY.c.id == copy_id))
    elif camera_id is not None or system_id is not None:
        here = Camera.id == camera_id if camera_id is not None else Camera.system_id == system_id
        cameras = select(Camera.id).where(here)
        standing &= exists().where(_CAMERA.c.request_id == _HOLD.c.request_id, _CAMERA.c.camera_id.in_(cameras))
    return session.scalar(select(or_(exists(select(_HOLD.c.request_id).where(standing))))) is True
