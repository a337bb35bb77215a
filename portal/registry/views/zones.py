"""Zones of a system: the matrix of zones and cameras, one zone with its cameras, and the city's gaps for the police."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.registry import operations, queries
from portal.registry.forms.zones import AssignForm, OwnZoneForm, ZoneForm
from portal.registry.labels import UNIT_TYPE
from portal.registry.labels.zones import NOT_ASSESSED, ZONE_STATE, zone_name, zone_words
from portal.registry.queries import zones as zone_queries
from portal.registry.queries.zones import CoveredZone
from portal.registry.rules import rules_for
from portal.registry.rules.zones import coverage_rate, is_assessed, is_short, state_of, template_of
from portal.registry.values import UnitType
from portal.registry.values.zones import ZoneState
from portal.registry.views.blueprint import bp
from portal.registry.views.photos import PICTURE_BYTES, keep_picture, show_picture
from portal.registry.views.saving import system_to_edit
from portal.registry.views.units import district_choices
from portal.web.links import asked, uuid_or_none
from portal.web.security import accepts_upload
from portal.web.session import db_session

ONLY = ("none", "this")


def zone_marks(zones: Sequence[CoveredZone], *, fresh: bool = False) -> list[dict[str, Any]]:
    """The zones as pages show them: their number in the text, or a letter for the unit's own. `fresh`: nobody has said
    anything about any of them, so that none is short yet."""
    told, own, rest = [], 0, 0
    for zone in zones:
        if zone.row.number is not None:
            mark = str(zone.row.number)
        elif zone.row.profile:
            rest += 1
            mark = f"+{rest}"
        else:
            mark, own = chr(ord("A") + own % 26) + (str(own // 26) if own >= 26 else ""), own + 1
        state = state_of(zone.facts)
        told.append(
            {
                "zone": zone.row,
                "key": zone.row.key,
                "mark": mark,
                "name": zone_name(zone.row),
                "facts": zone.facts,
                "state": NOT_ASSESSED if fresh and is_short(zone.facts) else ZONE_STATE[state],
                "gone": state is ZoneState.ABSENT,
                "short": is_short(zone.facts) and not fresh,
            }
        )
    return told


@bp.get("/systems/<uuid:system_id>/zones")
@requires(Permission.SYSTEM_READ)
def zones(system_id: UUID) -> ResponseReturnValue:
    """The coverage matrix: every zone with its state, and which camera covers which."""
    session, identity = db_session(), current_identity()
    system = queries.get_system(session, identity, system_id)
    found = zone_queries.zones_of(session, system_id)
    only = request.args.get("only", "")
    page = None
    if allows(identity, Permission.CAMERA_READ, queries.system_scope(system)):
        page = zone_queries.matrix_page(
            session,
            identity,
            system_id,
            only=only if only == "none" else "",
            keyword=asked("q"),
            after=request.args.get("after"),
        )
    fresh = not is_assessed(zone.facts for zone in found) and not queries.was_submitted(session, system_id)
    marks = zone_marks(found, fresh=fresh)
    template = template_of(rules_for(system.unit, system, on=city_day(utcnow())))
    return render_template(
        "registry/zones.html",
        system=system,
        marks=marks,
        columns=[each for each in marks if not each["gone"]],
        rate=None if fresh else coverage_rate(zone.facts for zone in found),
        asked_for=sum(zone.facts.required and not zone.facts.absent for zone in found),
        template=template,
        unlaid=len({zone.key for zone in template} - {zone.row.key for zone in found}),
        page=page,
        only=only,
        keyword=asked("q"),
        may_edit=allows(identity, Permission.SYSTEM_EDIT, queries.system_scope(system)),
    )


@bp.post("/systems/<uuid:system_id>/zones/lay")
@requires(Permission.SYSTEM_EDIT)
def zones_lay(system_id: UUID) -> ResponseReturnValue:
    """Lay the zones of the template that the system's rules hold."""
    count = operations.lay_zones(db_session(), actor=current_identity(), system_id=system_id, now=utcnow())
    flash(ngettext("%(num)s zone laid from the template.", "%(num)s zones laid from the template.", count), "ok")
    return redirect(url_for("registry.zones", system_id=system_id), 303)


@bp.route("/systems/<uuid:system_id>/zones/new", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def zone_new(system_id: UUID) -> ResponseReturnValue:
    """Add a zone of the unit's own."""
    session, identity = db_session(), current_identity()
    system = system_to_edit(system_id)
    form = OwnZoneForm()
    if request.method == "POST" and form.validate():
        try:
            zone = operations.add_zone(
                session, actor=identity, system_id=system_id, particulars=form.particulars(), now=utcnow()
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The zone is added."), "ok")
            return redirect(url_for("registry.zone", system_id=system_id, zone_id=zone.id), 303)
    page = render_template("registry/zone_form.html", form=form, system=system, zone=None, title="")
    return page, 422 if form.errors else 200


@bp.get("/systems/<uuid:system_id>/zones/<uuid:zone_id>")
@requires(Permission.SYSTEM_READ)
def zone(system_id: UUID, zone_id: UUID) -> ResponseReturnValue:
    """One zone: what is asked, how it is covered, and the cameras to tick."""
    return _show_zone(system_id, zone_id)


def _show_zone(
    system_id: UUID, zone_id: UUID, *, assign: AssignForm | None = None, status: int = 200
) -> tuple[str, int]:
    session, identity = db_session(), current_identity()
    system = queries.get_system(session, identity, system_id)
    found = zone_queries.get_zone(session, system_id, zone_id)
    scope = queries.system_scope(system)
    may_edit = allows(identity, Permission.SYSTEM_EDIT, scope)
    only = request.args.get("only", "" if may_edit else "this")
    page = None
    if allows(identity, Permission.CAMERA_READ, scope):
        page = zone_queries.matrix_page(
            session,
            identity,
            system_id,
            zone=found,
            only=only if only in ONLY else "",
            keyword=asked("q"),
            after=request.args.get("after"),
        )
    covered = zone_queries.zones_of(session, system_id)
    (mark,) = [each for each in zone_marks(covered) if each["zone"].id == zone_id]
    rules = rules_for(system.unit, system, on=city_day(utcnow()))
    names = {each.row.key: zone_name(each.row) for each in covered}
    html = render_template(
        "registry/zone.html",
        system=system,
        zone=found,
        mark=mark,
        names=names,
        citations=next((one.citations for one in rules.zones() if one.zone.key == found.key), ()),
        page=page,
        only=only,
        keyword=asked("q"),
        form=assign or AssignForm(),
        filed=may_edit and queries.is_filed(session, system_id=system_id),
        may_edit=may_edit,
    )
    return html, status


@bp.route("/systems/<uuid:system_id>/zones/<uuid:zone_id>/edit", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
@accepts_upload(PICTURE_BYTES)
def zone_edit(system_id: UUID, zone_id: UUID) -> ResponseReturnValue:
    """Say that a zone is not here, where it has blind spots, and show how it is covered."""
    session, identity = db_session(), current_identity()
    system = system_to_edit(system_id)
    found = zone_queries.get_zone(session, system_id, zone_id)
    form = ZoneForm()
    if request.method == "GET":
        form.show(found)
    elif form.validate():
        try:
            place = {"unit_id": system.unit_id, "district": system.district}
            operations.edit_zone(
                session,
                actor=identity,
                system_id=system_id,
                zone_id=zone_id,
                seen_version=form.version.seen,
                particulars=form.particulars(),
                photo_file_id=keep_picture(form.photo.data, place),
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The zone is changed."), "ok")
            return redirect(url_for("registry.zone", system_id=system_id, zone_id=zone_id), 303)
    page = render_template("registry/zone_form.html", form=form, system=system, zone=found, title=zone_name(found))
    return page, 422 if form.errors else 200


@bp.post("/systems/<uuid:system_id>/zones/<uuid:zone_id>/cameras")
@requires(Permission.SYSTEM_EDIT)
def zone_assign(system_id: UUID, zone_id: UUID) -> ResponseReturnValue:
    """Make the ticked ones of the cameras shown cover a zone."""
    form = AssignForm()
    shown = [key for value in request.form.getlist("shown")[:500] if (key := uuid_or_none(value))]
    ticked = [key for value in request.form.getlist("camera")[:500] if (key := uuid_or_none(value))]
    if not form.validate():
        return _show_zone(system_id, zone_id, assign=form, status=422)
    try:
        changed = operations.assign_cameras(
            db_session(),
            actor=current_identity(),
            system_id=system_id,
            zone_id=zone_id,
            shown=shown,
            ticked=ticked,
            reason=form.reason.data or "",
            now=utcnow(),
        )
    except Invalid as refusal:
        form.take(refusal)
        return _show_zone(system_id, zone_id, assign=form, status=422)
    if changed:
        flash(ngettext("%(num)s camera changed.", "%(num)s cameras changed.", changed), "ok")
    else:
        flash(gettext("Nothing changed."), "info")
    return redirect(url_for("registry.zone", system_id=system_id, zone_id=zone_id), 303)


@bp.post("/systems/<uuid:system_id>/zones/<uuid:zone_id>/remove")
@requires(Permission.SYSTEM_EDIT)
def zone_remove(system_id: UUID, zone_id: UUID) -> ResponseReturnValue:
    """Take a zone of the unit's own away."""
    operations.remove_zone(db_session(), actor=current_identity(), system_id=system_id, zone_id=zone_id, now=utcnow())
    flash(gettext("The zone is removed."), "ok")
    return redirect(url_for("registry.zones", system_id=system_id), 303)


@bp.get("/systems/<uuid:system_id>/zones/<uuid:zone_id>/photo")
@requires(Permission.SCENE_READ)
def zone_photo(system_id: UUID, zone_id: UUID) -> ResponseReturnValue:
    """The photo of a zone's coverage: it shows the place from within, as a camera's picture does."""
    session, identity = db_session(), current_identity()
    system = queries.get_system(session, identity, system_id)
    require(identity, Permission.SCENE_READ, queries.system_scope(system), read=Permission.SYSTEM_READ)
    return show_picture(zone_queries.get_zone(session, system_id, zone_id))


@bp.get("/coverage")
@requires(Permission.COVERAGE_READ)
def coverage() -> ResponseReturnValue:
    """Gaps by district and kind of unit, and the systems behind them."""
    session, identity = db_session(), current_identity()
    district, unit_type = asked("district", 6), asked("type", 20)
    page = zone_queries.short_systems(
        session,
        identity,
        district=district,
        unit_type=unit_type if unit_type in set(UnitType) else "",
        after=request.args.get("after"),
    )
    return render_template(
        "registry/coverage.html",
        gaps=zone_queries.gaps(session, identity),
        page=page,
        district=district,
        unit_type=unit_type,
        districts=district_choices(),
        unit_types=UNIT_TYPE,
        zone_words=zone_words,
    )
