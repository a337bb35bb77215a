"""Building a camera's device code: from its parts, with the serial that is free."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.core.clock import utcnow
from portal.core.codes import device_code_problem
from portal.core.errors import Invalid, Problem
from portal.core.geometry import BadGeometry, Datum
from portal.registry import operations, queries
from portal.registry.forms import CameraForm, CodeForm
from portal.registry.labels.camera import fault_text
from portal.registry.models import Camera, System
from portal.registry.rules import build_code, contradictions, parts_of, suggested_parts, usual_industry
from portal.registry.values import CodeEdition, Sector
from portal.registry.views.blueprint import bp
from portal.web.problems import say
from portal.web.session import db_session, repeatable

# What is to be said of a code: the kind of its mark, and a sentence.
Remark = tuple[str, str]
_NEWEST = CodeEdition.Y2022
_SECTORS = frozenset(str(int(one)) for one in Sector)


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


@bp.post("/systems/<uuid:system_id>/cameras/code")
@requires(Permission.CAMERA_EDIT)
@repeatable("reads what is typed and keeps nothing: the next one asked may well get another free code")
def code_for(system_id: UUID) -> ResponseReturnValue:
    """The code field of a camera being entered: a free code suggested, or the one typed judged as far as is known."""
    session, identity = db_session(), current_identity()
    system = queries.get_system(session, identity, system_id)
    require(identity, Permission.CAMERA_EDIT, queries.system_scope(system), read=Permission.SYSTEM_READ)
    form = CameraForm()
    edition = CodeEdition(form["code_edition"].data) if form["code_edition"].data in set(CodeEdition) else _NEWEST
    district = _district_typed(form)
    remarks: list[Remark] = []
    if request.form.get("act") == "suggest":
        sectors = [Sector(int(one)) for one in form["sectors"].data or () if str(one) in _SECTORS]
        parts = suggested_parts(
            district=district or system.district,
            unit_type=system.unit.unit_type,
            system_kind=system.kind,
            edition=edition,
            sectors=sectors,
        )
        form["gb_code"].data = build_code(parts, operations.next_serial(session, parts))
        if not district:
            remarks.append(("warn", gettext("No position in the city yet: the district of the system is assumed.")))
    remarks += _judged(form, system, district, edition)
    return render_template("registry/_code_field.html", form=form, system=system, remarks=remarks)


def _district_typed(form: CameraForm) -> str:
    """The district of the position typed so far; nothing while there is none in the city."""
    try:
        return (
            queries.district_at(
                db_session(),
                lon=float(form["lon"].data),
                lat=float(form["lat"].data),
                datum=Datum(form["datum"].data or Datum.WGS84),
            )
            or ""
        )
    except (TypeError, ValueError, BadGeometry):
        return ""


def _judged(form: CameraForm, system: System, district: str, edition: CodeEdition) -> list[Remark]:
    code = form["gb_code"].data or ""
    if not code:
        return []
    fault = device_code_problem(code)
    if fault is not None:
        return [("bad", say(Problem("gb_code", fault.code, fault.data)))]
    # Asked at every key: of cameras out of the reader's sight it says nothing. Saving tells, and is on record.
    own = queries.visible_cameras(current_identity()).where(Camera.gb_code == code)
    if db_session().scalars(own.limit(1)).one_or_none() is not None:
        return [("bad", say(Problem("gb_code", "gb_code_taken")))]
    clashes = contradictions(
        code,
        edition=edition,
        district=district or code[:6],
        camera_type=form["camera_type"].data or "",
        unit_type=system.unit.unit_type,
    )
    told = [("warn", str(fault_text(f"gb_code:{clash}"))) for clash in clashes]
    return told or [("ok", gettext("Nobody holds this code, and it agrees with what is entered so far."))]
