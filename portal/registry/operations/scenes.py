"""The picture of what a camera sees: taken in, replaced, taken off, looked at on record."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.errors import NotFound
from portal.registry import values
from portal.registry.models import Camera
from portal.registry.operations.recording import about, note
from portal.registry.queries import camera_scope, get_camera, lock_camera
from portal.vault.models import StoredFile
from portal.vault.operations import erase_file


def camera_to_picture(session: Session, *, actor: Identity, camera_id: UUID) -> Camera:
    """The camera, held for change; asked before the bytes of a picture are examined. Raises NotFound, NotAllowed."""
    camera = lock_camera(session, camera_id)
    require(actor, Permission.CAMERA_EDIT, camera_scope(camera), read=Permission.CAMERA_READ)
    return camera


def keep_scene(session: Session, *, actor: Identity, camera: Camera, stored: StoredFile, now: datetime) -> None:
    """Make a stored picture the camera's; the one before is erased."""
    before = camera.scene_file_id
    camera.scene_file_id, camera.updated_at = stored.id, now
    changes = [FieldChange(name="sha256", new=stored.sha256)]
    note(session, actor, values.SCENE_KEPT, about(camera), camera, changes=changes, now=now)
    session.flush()
    if before is not None:
        erase_file(session, actor=actor.actor, file_id=before, reason="scene photo replaced", now=now)


def remove_scene(session: Session, *, actor: Identity, camera_id: UUID, now: datetime) -> Camera:
    """Take the picture off and erase it. Nothing happens where there is none."""
    camera = camera_to_picture(session, actor=actor, camera_id=camera_id)
    stored = camera.scene_file_id
    if stored is not None:
        camera.scene_file_id, camera.updated_at = None, now
        note(session, actor, values.SCENE_REMOVED, about(camera), camera, now=now)
        session.flush()
        erase_file(session, actor=actor.actor, file_id=stored, reason="scene photo taken off", now=now)
    return camera


def scene_to_show(session: Session, *, actor: Identity, camera_id: UUID, now: datetime) -> UUID:
    """The file of a camera's picture, for whoever may see it; the look is recorded. Raises NotFound, NotAllowed."""
    camera = get_camera(session, actor, camera_id)
    require(actor, Permission.SCENE_READ, camera_scope(camera), read=Permission.CAMERA_READ)
    if camera.scene_file_id is None:
        raise NotFound()
    note(session, actor, values.SCENE_READ, about(camera), camera, now=now)
    return camera.scene_file_id
