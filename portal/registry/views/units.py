"""Units: list, detail, form, and the audited look at a telephone number."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever, require
from portal.accounts.queries import divisions
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.registry import operations, queries
from portal.registry.forms import UnitForm
from portal.registry.labels import FILING_STATUS, UNIT_TYPE, USE_STATUS
from portal.registry.queries.archive import lapsed_systems
from portal.registry.queries.lists import UNITS
from portal.registry.rules import rules_for
from portal.registry.views.blueprint import bp
from portal.registry.views.lists import show_list
from portal.web import formats
from portal.web.session import db_session, repeatable


def district_choices() -> list[tuple[str, str]]:
    """The city's districts as form choices."""
    return [(row.code, formats.district(row.code)) for row in divisions(db_session())]


@bp.get("/units")
@requires(Permission.UNIT_READ)
def units() -> ResponseReturnValue:
    """Units the reader may see."""
    may_create = may_ever(current_identity(), Permission.UNIT_CREATE)
    return show_list(
        UNITS,
        tabs=home_tabs("units"),
        create_url=url_for("registry.unit_new") if may_create else "",
        create_text=gettext("Enter a unit"),
        empty_title=gettext("No unit yet"),
        empty_why=gettext("Units that run video systems are entered by the registrar, each with its systems."),
        empty_url=url_for("registry.unit_new") if may_create else "",
        empty_action=gettext("Enter a unit"),
    )


def home_tabs(at: str) -> list[tuple[str, str, None, bool]]:
    """Units and systems, the two faces of one entry of the menu."""
    return [
        (gettext("Units"), url_for("registry.units"), None, at == "units"),
        (gettext("Systems"), url_for("registry.systems"), None, at == "systems"),
    ]


@bp.route("/units/new", methods=["GET", "POST"])
@requires(Permission.UNIT_CREATE)
def unit_new() -> ResponseReturnValue:
    """Enter a unit."""
    form = UnitForm()
    form.district.choices = district_choices()
    if request.method == "POST" and form.validate():
        try:
            unit = operations.create_unit(
                db_session(), actor=current_identity(), particulars=form.particulars(), now=utcnow()
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The unit is entered."), "ok")
            return redirect(url_for("registry.unit", unit_id=unit.id), 303)
    return render_template("registry/unit_form.html", form=form, unit=None), 422 if form.errors else 200


@bp.get("/units/<uuid:unit_id>")
@requires(Permission.UNIT_READ)
def unit(unit_id: UUID) -> ResponseReturnValue:
    """One unit with its systems and where each stands."""
    session, identity = db_session(), current_identity()
    found = queries.get_unit(session, identity, unit_id)
    scope = queries.unit_scope(found)
    systems = queries.systems_of(session, unit_id)
    may_cameras = allows(identity, Permission.CAMERA_READ, scope)
    return render_template(
        "registry/unit.html",
        unit=found,
        rules=rules_for(found, None, on=city_day(utcnow())),
        systems=systems,
        filings=queries.latest_filings(session, [system.id for system in systems]),
        lapsed=lapsed_systems(session, [system.id for system in systems], on=city_day(utcnow())),
        counts=queries.camera_counts(session, [system.id for system in systems]),
        unit_types=UNIT_TYPE,
        use_status=USE_STATUS,
        filing_status=FILING_STATUS,
        standing=queries.standing_of(session, identity, unit_id=unit_id) if may_cameras else None,
        may_edit=allows(identity, Permission.UNIT_EDIT, scope),
        may_map=allows(identity, Permission.MAP_VIEW, scope),
        may_add=allows(identity, Permission.SYSTEM_EDIT, scope),
        may_reveal=allows(identity, Permission.CONTACT_REVEAL, scope),
    )


@bp.route("/units/<uuid:unit_id>/edit", methods=["GET", "POST"])
@requires(Permission.UNIT_EDIT)
def unit_edit(unit_id: UUID) -> ResponseReturnValue:
    """Change a unit."""
    session, identity = db_session(), current_identity()
    found = queries.get_unit(session, identity, unit_id)
    require(identity, Permission.UNIT_EDIT, queries.unit_scope(found), read=Permission.UNIT_READ)
    form = UnitForm()
    form.district.choices = district_choices()
    if request.method == "GET":
        form.show(found)
    elif form.validate():
        try:
            operations.edit_unit(
                session,
                actor=identity,
                unit_id=unit_id,
                seen_version=form.version.seen,
                particulars=form.particulars(found),
                reason=form.reason.data or "",
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The unit is changed."), "ok")
            return redirect(url_for("registry.unit", unit_id=unit_id), 303)
    filed = queries.is_filed(session, unit_id=unit_id)
    page = render_template("registry/unit_form.html", form=form, unit=found, filed=filed)
    return page, 422 if form.errors else 200


@bp.post("/units/<uuid:unit_id>/phone/<which>")
@requires(Permission.CONTACT_REVEAL)
@repeatable("shows what is sealed: the answer must not be kept in the open; every look is recorded anew")
def unit_phone(unit_id: UUID, which: str) -> ResponseReturnValue:
    """Show a full telephone number; the look is recorded before it is shown."""
    number = operations.reveal_phone(db_session(), actor=current_identity(), unit_id=unit_id, which=which, now=utcnow())
    return render_template("registry/_phone.html", number=number)
