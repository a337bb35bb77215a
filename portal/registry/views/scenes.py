"""The picture of what a camera sees: a card of the camera's page, and the picture itself."""

from typing import BinaryIO, cast
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.core.clock import utcnow
from portal.core.errors import Invalid, Problem
from portal.registry import operations, queries
from portal.registry.models import Camera
from portal.registry.views.blueprint import bp
from portal.vault.operations import store_upload
from portal.vault.queries import get_file
from portal.vault.serving import send_stored_file
from portal.vault.values import MIB, FileKind, Secrecy
from portal.web.panels import Panel, add_panels
from portal.web.problems import say
from portal.web.security import accepts_upload
from portal.web.session import db_session

# The longer edge of what is shown; the picture as it came stays sealed in the vault.
SHOWN_EDGE = 1280


@bp.post("/cameras/<uuid:camera_id>/scene")
@requires(Permission.CAMERA_EDIT)
@accepts_upload(21 * MIB)
def scene_keep(camera_id: UUID) -> ResponseReturnValue:
    """Keep one picture; the answer is the card, put into the page in place of the one before."""
    session, identity, now = db_session(), current_identity(), utcnow()
    upload = request.files.get("photo")
    camera = operations.camera_to_picture(session, actor=identity, camera_id=camera_id)
    try:
        if upload is None or not upload.filename:
            raise Invalid([Problem("photo", "required")])
        stored = store_upload(
            session,
            actor=identity.actor,
            stream=cast(BinaryIO, upload.stream),
            filename=upload.filename,
            kind=FileKind.PHOTO,
            unit_id=camera.unit_id,
            district=camera.district,
            secrecy=Secrecy.SENSITIVE,
            field="photo",
            shown_edge=SHOWN_EDGE,
            now=now,
        )
    except Invalid as refusal:
        return scene_of(camera, fault=say(refusal.problems[0])), 422
    operations.keep_scene(session, actor=identity, camera=camera, stored=stored, now=now)
    return scene_of(camera)


@bp.post("/cameras/<uuid:camera_id>/scene/remove")
@requires(Permission.CAMERA_EDIT)
def scene_remove(camera_id: UUID) -> ResponseReturnValue:
    """Take the picture off again."""
    return scene_of(operations.remove_scene(db_session(), actor=current_identity(), camera_id=camera_id, now=utcnow()))


@bp.get("/cameras/<uuid:camera_id>/scene")
@requires(Permission.SCENE_READ)
def scene(camera_id: UUID) -> ResponseReturnValue:
    """The picture; the look is recorded."""
    session = db_session()
    stored = operations.scene_to_show(session, actor=current_identity(), camera_id=camera_id, now=utcnow())
    return send_stored_file(session, get_file(session, stored))


def scene_of(camera: Camera, fault: str = "") -> str:
    """The card, for those who may see the picture or put one there; nothing for the others."""
    identity, scope = current_identity(), queries.camera_scope(camera)
    may_see = allows(identity, Permission.SCENE_READ, scope)
    may_edit = allows(identity, Permission.CAMERA_EDIT, scope)
    if not may_edit and not (may_see and camera.scene_file_id):
        return ""
    stored = get_file(db_session(), camera.scene_file_id) if camera.scene_file_id and may_see else None
    return render_template("registry/_scene.html", camera=camera, stored=stored, may_edit=may_edit, fault=fault)


add_panels(bp, Panel(place="registry.camera", draw=scene_of, order=5))
