"""Signs of a system, privacy masks of its cameras, and where its points stand with the police."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid, NotFound
from portal.core.geometry import lonlat
from portal.registry import operations, queries
from portal.registry.forms.zones import MaskForm, SignForm, StandardsForm
from portal.registry.labels.zones import REVIEW_STATUS, zone_name
from portal.registry.models import PrivacyMask, Sign, System
from portal.registry.queries import zones as zone_queries
from portal.registry.queries.reviews import reviews_of_camera, reviews_of_system
from portal.registry.rules import rules_for
from portal.registry.rules.zones import sign_places, standards_named, unsigned
from portal.registry.values.zones import ReviewKind
from portal.registry.views.blueprint import bp
from portal.registry.views.photos import PICTURE_BYTES, keep_picture, show_picture
from portal.registry.views.saving import system_to_edit
from portal.regulation.labels import said
from portal.regulation.loader import rulebook
from portal.regulation.schema.keys import RuleKey
from portal.regulation.schema.reference import Standard
from portal.web.security import accepts_upload
from portal.web.session import db_session


@bp.get("/systems/<uuid:system_id>/privacy")
@requires(Permission.SYSTEM_READ)
def privacy(system_id: UUID) -> ResponseReturnValue:
    """Signs, points in review and views into homes of one system."""
    session, identity = db_session(), current_identity()
    system = queries.get_system(session, identity, system_id)
    scope = queries.system_scope(system)
    zones = zone_queries.zones_of(session, system_id)
    rules = rules_for(system.unit, system, on=city_day(utcnow()))
    signs = zone_queries.signs_of(session, system_id)
    places = sign_places(rules, [zone.facts for zone in zones])
    missing = unsigned(places, {sign.zone_key for sign in signs if sign.removed_on is None})
    names = {zone.row.key: zone_name(zone.row) for zone in zones}
    may_points = allows(identity, Permission.REVIEW_READ, scope)
    return render_template(
        "registry/privacy.html",
        system=system,
        signs=signs,
        names=names,
        missing=missing,
        sign_rule=rules.citations(RuleKey.SIGN_REQUIRED),
        mask_rule=rules.citations(RuleKey.PRIVACY_MASK_RESIDENCES),
        reviews=reviews_of_system(session, identity, system_id) if may_points else (),
        homes=zone_queries.cameras_facing_homes(session, identity, system_id) if may_points else (),
        review_status=REVIEW_STATUS,
        interior=ReviewKind.INTERIOR,
        may_edit=allows(identity, Permission.SYSTEM_EDIT, scope),
        lonlat=lonlat,
    )


@bp.route("/systems/<uuid:system_id>/signs/new", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
@accepts_upload(PICTURE_BYTES)
def sign_new(system_id: UUID) -> ResponseReturnValue:
    """Record a sign with its photo."""
    session, identity = db_session(), current_identity()
    system = system_to_edit(system_id)
    form = SignForm(data={"zone_key": request.args.get("zone", "")})
    zones = zone_queries.zones_of(session, system_id)
    form.zone_key.choices = [(zone.row.key, zone_name(zone.row)) for zone in zones if not zone.row.absent]
    if request.method == "POST" and form.validate():
        try:
            stored = keep_picture(form.photo.data, _place_of(system))
            if stored is None:
                raise NotFound()
            operations.record_sign(
                session,
                actor=identity,
                system_id=system_id,
                particulars=form.particulars(),
                photo_file_id=stored,
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The sign is recorded."), "ok")
            return redirect(url_for("registry.privacy", system_id=system_id), 303)
    page = render_template("registry/sign_form.html", form=form, system=system)
    return page, 422 if form.errors else 200


@bp.post("/systems/<uuid:system_id>/signs/<uuid:sign_id>/remove")
@requires(Permission.SYSTEM_EDIT)
def sign_remove(system_id: UUID, sign_id: UUID) -> ResponseReturnValue:
    """Record that a sign was taken down today."""
    now = utcnow()
    operations.remove_sign(
        db_session(), actor=current_identity(), system_id=system_id, sign_id=sign_id, on=city_day(now), now=now
    )
    flash(gettext("The sign is recorded as taken down."), "ok")
    return redirect(url_for("registry.privacy", system_id=system_id), 303)


@bp.get("/systems/<uuid:system_id>/signs/<uuid:sign_id>/photo")
@requires(Permission.SYSTEM_READ)
def sign_photo(system_id: UUID, sign_id: UUID) -> ResponseReturnValue:
    """The photo of a sign."""
    session = db_session()
    queries.get_system(session, current_identity(), system_id)
    sign = session.get(Sign, sign_id)
    if sign is None or sign.system_id != system_id:
        raise NotFound()
    return show_picture(sign)


@bp.get("/systems/<uuid:system_id>/standards")
@requires(Permission.SYSTEM_READ)
def standards(system_id: UUID) -> ResponseReturnValue:
    """Which editions of which standards a system is built to."""
    session, identity = db_session(), current_identity()
    system = queries.get_system(session, identity, system_id)
    rules = rules_for(system.unit, system, on=city_day(utcnow()))
    return render_template(
        "registry/standards.html",
        system=system,
        named=standards_named(zone_queries.standards_of(session, system_id)),
        numbers={one.key: one.number for one in rulebook().reference.standard},
        rule=rules.citations(RuleKey.SYSTEM_STANDARDS),
        may_edit=allows(identity, Permission.SYSTEM_EDIT, queries.system_scope(system)),
    )


@bp.route("/systems/<uuid:system_id>/standards/edit", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def standards_edit(system_id: UUID) -> ResponseReturnValue:
    """Name the standards from the dictionary, withdrawn editions marked: an old system may well follow one."""
    session, identity = db_session(), current_identity()
    system = system_to_edit(system_id)
    form = StandardsForm(data={"standards": zone_queries.standards_of(session, system_id)})
    form.standards.choices = [(one.key, standard_choice(one)) for one in rulebook().reference.standard]
    if request.method == "POST" and form.validate():
        operations.name_standards(
            session, actor=identity, system_id=system_id, keys=form.standards.data or (), now=utcnow()
        )
        flash(gettext("The standards are recorded."), "ok")
        return redirect(url_for("registry.standards", system_id=system_id), 303)
    page = render_template("registry/standards_form.html", form=form, system=system)
    return page, 422 if form.errors else 200


def standard_choice(one: Standard) -> str:
    """A standard as the form offers it."""
    text = f"{one.number} {said(one.title)}"
    return gettext("%(standard)s (withdrawn)", standard=text) if one.status == "withdrawn" else text


@bp.get("/cameras/<uuid:camera_id>/masks")
@requires(Permission.CAMERA_READ)
def masks(camera_id: UUID) -> ResponseReturnValue:
    """Privacy masks of a camera's view and the reviews of its point."""
    session, identity = db_session(), current_identity()
    camera = queries.get_camera(session, identity, camera_id)
    scope = queries.camera_scope(camera)
    return render_template(
        "registry/masks.html",
        camera=camera,
        masks=zone_queries.masks_of(session, camera_id),
        reviews=reviews_of_camera(session, camera_id) if allows(identity, Permission.REVIEW_READ, scope) else (),
        review_status=REVIEW_STATUS,
        interior=ReviewKind.INTERIOR,
        may_edit=allows(identity, Permission.CAMERA_EDIT, scope),
    )


@bp.route("/cameras/<uuid:camera_id>/masks/new", methods=["GET", "POST"])
@requires(Permission.CAMERA_EDIT)
@accepts_upload(PICTURE_BYTES)
def mask_new(camera_id: UUID) -> ResponseReturnValue:
    """Record a privacy mask with the picture of the masked view."""
    session, identity = db_session(), current_identity()
    camera = queries.get_camera(session, identity, camera_id)
    require(identity, Permission.CAMERA_EDIT, queries.camera_scope(camera), read=Permission.CAMERA_READ)
    form = MaskForm()
    if request.method == "POST" and form.validate():
        try:
            stored = keep_picture(form.photo.data, {"unit_id": camera.unit_id, "district": camera.district})
            if stored is None:
                raise NotFound()
            operations.record_mask(
                session,
                actor=identity,
                camera_id=camera_id,
                masked=form.masked.data,
                photo_file_id=stored,
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The privacy mask is recorded."), "ok")
            return redirect(url_for("registry.masks", camera_id=camera_id), 303)
    page = render_template("registry/mask_form.html", form=form, camera=camera)
    return page, 422 if form.errors else 200


@bp.post("/cameras/<uuid:camera_id>/masks/<uuid:mask_id>/remove")
@requires(Permission.CAMERA_EDIT)
def mask_remove(camera_id: UUID, mask_id: UUID) -> ResponseReturnValue:
    """Record that a mask was taken off."""
    operations.remove_mask(db_session(), actor=current_identity(), camera_id=camera_id, mask_id=mask_id, now=utcnow())
    flash(gettext("The privacy mask is recorded as removed."), "ok")
    return redirect(url_for("registry.masks", camera_id=camera_id), 303)


@bp.get("/cameras/<uuid:camera_id>/masks/<uuid:mask_id>/photo")
@requires(Permission.CAMERA_READ)
def mask_photo(camera_id: UUID, mask_id: UUID) -> ResponseReturnValue:
    """The picture of a masked view."""
    session = db_session()
    queries.get_camera(session, current_identity(), camera_id)
    mask = session.get(PrivacyMask, mask_id)
    if mask is None or mask.camera_id != camera_id:
        raise NotFound()
    return show_picture(mask)


def _place_of(system: System) -> dict[str, Any]:
    return {"unit_id": system.unit_id, "district": system.district}
