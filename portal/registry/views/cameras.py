"""Cameras: list, detail, form, and how each is reached."""

import math
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever, require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.core.geometry import lonlat
from portal.registry import operations, queries
from portal.registry.forms import AccessForm, CameraForm
from portal.registry.forms.cameras import DEFAULTS
from portal.registry.labels import CAMERA_PART, LIVE_STATE
from portal.registry.labels.camera import CAMERA_FIELD
from portal.registry.labels.zones import zone_words
from portal.registry.models import Camera, System
from portal.registry.queries.lists import CAMERAS
from portal.registry.queries.zones import own_zone_names
from portal.registry.rules import DUPLICATES, TYPED, rules_for
from portal.registry.rules.fields import Part, in_part
from portal.registry.states import LIVE_CODES
from portal.registry.views.blueprint import bp
from portal.registry.views.camera_file import faults_by_field, file_parts
from portal.registry.views.lists import show_list
from portal.web.session import db_session, repeatable

LIVE_OF = {code: state for state, code in LIVE_CODES.items()}


def zone_choices(system: System) -> list[tuple[str, str]]:
    """The zones the system's rules know, in the reader's language, and the unit's own."""
    zones = rules_for(system.unit, system, on=city_day(utcnow())).zones()
    language = str(get_locale())
    named = [(cited.zone.key, cited.zone.text.in_language(language)) for cited in zones]
    return named + own_zone_names(db_session(), system.id)


def _zone_of(found: Camera, system: System) -> str:
    """What its principal zone is called: by the rules or the unit, else by the dictionary of places."""
    if not found.zone:
        return ""
    return dict(zone_choices(system)).get(found.zone) or zone_words(found.zone, "", "")


@bp.get("/cameras")
@requires(Permission.CAMERA_READ)
def cameras() -> ResponseReturnValue:
    """Cameras the reader may see, with their live states as filters."""
    return show_list(
        CAMERAS,
        may_bulk=may_ever(current_identity(), Permission.CAMERA_EDIT),
        empty_title=gettext("No camera yet"),
        empty_why=gettext("Cameras are entered at their system, one by one or from a sheet."),
        empty_url=url_for("registry.systems"),
        empty_action=gettext("To the systems"),
    )


@bp.route("/systems/<uuid:system_id>/cameras/new", methods=["GET", "POST"])
@requires(Permission.CAMERA_EDIT)
def camera_new(system_id: UUID) -> ResponseReturnValue:
    """Enter a camera; the position may come from a click on the map."""
    session, identity = db_session(), current_identity()
    system = queries.get_system(session, identity, system_id)
    require(identity, Permission.CAMERA_EDIT, queries.system_scope(system), read=Permission.SYSTEM_READ)
    picked = {name: request.args[name] for name in ("lon", "lat", "datum") if name in request.args}
    if "lon" in picked:
        picked["position_method"] = "map_pick"
    form = CameraForm(data={**DEFAULTS, **picked})
    form["zone"].choices = zone_choices(system)
    if request.method == "POST" and form.validate():
        try:
            entered = operations.add_camera(
                session, actor=identity, system_id=system_id, particulars=form.particulars(), now=utcnow()
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The camera is entered."), "ok")
            _warn_of_distance(entered)
            if request.form.get("then") == "another":
                return redirect(url_for("registry.camera_new", system_id=system_id), 303)
            return redirect(url_for("registry.camera", camera_id=entered.id), 303)
    returned = queries.returned_filing(session, system_id)
    page = render_template(
        "registry/camera_form.html", form=form, system=system, camera=None, returned=returned, **_form_parts(None)
    )
    return page, 422 if form.errors else 200


def _warn_of_distance(camera: Camera) -> None:
    """A camera across a district's border may be right, but is more often a slip of the position."""
    if camera.filed_district is not None:
        flash(gettext("This camera stands in another district than its system. Please check its position."), "warn")


def _form_parts(camera: Camera | None) -> dict[str, Any]:
    """The typed fields part by part, and what the file's check found at each."""
    return {
        "parts": [(CAMERA_PART[part], in_part(part, TYPED)) for part in Part],
        "faults": faults_by_field(camera.fault_keys if camera else ()),
    }


@bp.get("/cameras/<uuid:camera_id>")
@requires(Permission.CAMERA_READ)
def camera(camera_id: UUID) -> ResponseReturnValue:
    """One camera, one file."""
    session, identity = db_session(), current_identity()
    found = queries.get_camera(session, identity, camera_id)
    scope = queries.camera_scope(found)
    system = (
        found.system
    )  # its name and regime; its own page may be out of sight, where the camera hangs across a border
    access = queries.access_of(session, camera_id)
    may_access = allows(identity, Permission.CREDENTIAL_EDIT, scope)
    may_edit = allows(identity, Permission.CAMERA_EDIT, scope)
    twins = operations.twins_of(session, identity, found) if DUPLICATES.intersection(found.fault_keys or ()) else {}
    return render_template(
        "registry/camera.html",
        camera=found,
        parts=file_parts(
            found,
            access,
            zone=_zone_of(found, system),
            may_reveal=allows(identity, Permission.CONTACT_REVEAL, scope),
            may_access=may_access,
            may_edit=may_edit,
        ),
        faulty=faults_by_field(found.fault_keys),
        field_label=CAMERA_FIELD,
        twins=[twin for key, cameras in twins.items() if key in (found.fault_keys or ()) for twin in cameras],
        sector=sector_path(found.azimuth, found.view_angle),
        position=lonlat(found.position),
        access=access,
        live=LIVE_STATE[LIVE_OF[found.live]],
        may_edit=may_edit,
        may_access=may_access,
        may_map=allows(identity, Permission.MAP_VIEW, scope),
        may_system=allows(identity, Permission.SYSTEM_READ, queries.system_scope(system)),
    )


def sector_path(azimuth: int | None, view_angle: int | None, *, radius: float = 50) -> str:
    """The sector a camera sees, as an SVG path around the origin with north up; a bare line where no angle is known."""
    if azimuth is None:
        return ""

    def at(bearing: float) -> str:
        turn = math.radians(bearing)
        return f"{radius * math.sin(turn):.1f} {-radius * math.cos(turn):.1f}"

    if view_angle is None:
        return f"M0 0L{at(azimuth)}"
    if view_angle >= 360:
        return f"M0 {-radius}A{radius} {radius} 0 1 1 0 {radius}A{radius} {radius} 0 1 1 0 {-radius}Z"
    left, right = azimuth - view_angle / 2, azimuth + view_angle / 2
    return f"M0 0L{at(left)}A{radius} {radius} 0 {int(view_angle > 180)} 1 {at(right)}Z"


@bp.route("/cameras/<uuid:camera_id>/edit", methods=["GET", "POST"])
@requires(Permission.CAMERA_EDIT)
def camera_edit(camera_id: UUID) -> ResponseReturnValue:
    """Change a camera, with the reason."""
    session, identity = db_session(), current_identity()
    found = queries.get_camera(session, identity, camera_id)
    require(identity, Permission.CAMERA_EDIT, queries.camera_scope(found), read=Permission.CAMERA_READ)
    system = queries.get_system(session, identity, found.system_id)
    form = CameraForm()
    form["zone"].choices = zone_choices(system)
    if request.method == "GET":
        form.show(found)
    elif form.validate():
        try:
            changed = operations.edit_camera(
                session,
                actor=identity,
                camera_id=camera_id,
                seen_version=form.version.seen,
                particulars=form.particulars(),
                reason=form.reason.data or "",
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The camera is changed."), "ok")
            _warn_of_distance(changed)
            return redirect(url_for("registry.camera", camera_id=camera_id), 303)
    page = render_template(
        "registry/camera_form.html",
        form=form,
        system=system,
        camera=found,
        filed=queries.is_filed(session, system_id=found.system_id),
        returned=queries.returned_filing(session, system.id),
        **_form_parts(found),
    )
    return page, 422 if form.errors else 200


@bp.route("/cameras/<uuid:camera_id>/access", methods=["GET", "POST"])
@requires(Permission.CREDENTIAL_EDIT)
def camera_access(camera_id: UUID) -> ResponseReturnValue:
    """How a camera is reached; the password is never shown again."""
    session, identity = db_session(), current_identity()
    found = queries.get_camera(session, identity, camera_id)
    require(identity, Permission.CREDENTIAL_EDIT, queries.camera_scope(found), read=Permission.CAMERA_READ)
    access = queries.access_of(session, camera_id)
    form = AccessForm(obj=access)
    if request.method == "POST" and form.validate():
        try:
            operations.set_access(session, actor=identity, camera_id=camera_id, access=form.particulars(), now=utcnow())
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The device access is stored."), "ok")
            return redirect(url_for("registry.camera", camera_id=camera_id), 303)
    page = render_template("registry/camera_access.html", form=form, camera=found, access=access)
    return page, 422 if form.errors else 200


@bp.post("/cameras/<uuid:camera_id>/phone/<which>")
@requires(Permission.CONTACT_REVEAL)
@repeatable("shows what is sealed: the answer must not be kept in the open; every look is recorded anew")
def camera_phone(camera_id: UUID, which: str) -> ResponseReturnValue:
    """Show a full telephone number; the look is recorded before it is shown."""
    number = operations.reveal_camera_phone(
        db_session(), actor=current_identity(), camera_id=camera_id, which=which, now=utcnow()
    )
    return render_template("registry/_phone.html", number=number)
