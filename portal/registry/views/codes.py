"""Building a camera's device code: from its parts, with the serial that is free."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.core.clock import utcnow
from portal.core.errors import Invalid
from portal.registry import operations, queries
from portal.registry.forms import CodeForm
from portal.registry.models import Camera
from portal.registry.rules import build_code, parts_of, usual_industry
from portal.registry.values import CodeEdition
from portal.registry.views.blueprint import bp
from portal.web.session import db_session


@bp.route("/cameras/<uuid:camera_id>/code", methods=["GET", "POST"])
@requires(Permission.CAMERA_EDIT)
def camera_code(camera_id: UUID) -> ResponseReturnValue:
    """Choose the parts, see the code they give, and take it."""
    session, identity = db_session(), current_identity()
    camera = queries.get_camera(session, identity, camera_id)
    require(identity, Permission.CAMERA_EDIT, queries.camera_scope(camera), read=Permission.CAMERA_READ)
    form = CodeForm(data=_begin_with(camera))
    form.offer_networks()
    suggestion = ""
    if request.method == "GET" or form.validate():
        try:
            parts = form.parts()
            if request.method == "POST" and request.form.get("then") != "preview":
                operations.assign_code(
                    session,
                    actor=identity,
                    camera_id=camera_id,
                    seen_version=form.version.seen,
                    parts=parts,
                    reason=form.reason.data or "",
                    now=utcnow(),
                )
                flash(gettext("The camera has its device code."), "ok")
                return redirect(url_for("registry.camera", camera_id=camera_id), 303)
            suggestion = build_code(parts, operations.next_serial(session, parts))
        except Invalid as refusal:
            form.take(refusal)
    filed = queries.is_filed(session, system_id=camera.system_id)
    page = render_template("registry/camera_code.html", form=form, camera=camera, suggestion=suggestion, filed=filed)
    return page, 422 if form.errors else 200


def _begin_with(camera: Camera) -> dict[str, str]:
    """The parts of the code a camera has, where it fits its place; else what its place and unit suggest."""
    begin = {
        "division": camera.district,
        "grassroots": "00",
        "industry": usual_industry(camera.unit.unit_type),
        "type": "132",
        "network": "7",
        "edition": str(CodeEdition.Y2022),
        "version": str(camera.version),
    }
    try:
        parts, _serial = parts_of(camera.gb_code or "", CodeEdition(camera.code_edition))
    except ValueError:
        return begin
    if parts.division == camera.district:
        begin["grassroots"] = parts.grassroots
    return begin | {"network": parts.network, "edition": str(parts.edition)}
