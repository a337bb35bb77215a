"""Sites of a unit: the list with what stands there, and the form."""

from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.core.clock import utcnow
from portal.core.errors import NotFound
from portal.registry import queries
from portal.registry.forms.archive import SiteForm
from portal.registry.labels.archive import SITE_KIND
from portal.registry.models import Unit
from portal.registry.operations import sites as acts
from portal.registry.queries import archive
from portal.registry.views.blueprint import bp
from portal.registry.views.saving import answered, saved, unit_to_edit
from portal.registry.views.units import district_choices
from portal.web.session import db_session


@bp.get("/units/<uuid:unit_id>/sites")
@requires(Permission.UNIT_READ)
def unit_sites(unit_id: UUID) -> ResponseReturnValue:
    """The sites of a unit, and what stands at each."""
    session, identity = db_session(), current_identity()
    unit = queries.get_unit(session, identity, unit_id)
    systems: dict[UUID | None, list[object]] = {}
    for system in queries.systems_of(session, unit_id):
        systems.setdefault(system.site_id, []).append(system)
    scope = queries.unit_scope(unit)
    return render_template(
        "registry/sites.html",
        unit=unit,
        sites=archive.sites_of(session, unit_id),
        systems=systems,
        counts=archive.counts_by_site(session, unit_id),
        kinds=SITE_KIND,
        may_cameras=allows(identity, Permission.CAMERA_READ, scope),
        may_edit=allows(identity, Permission.UNIT_EDIT, scope),
    )


@bp.route("/units/<uuid:unit_id>/sites/new", methods=["GET", "POST"])
@requires(Permission.UNIT_EDIT)
def site_new(unit_id: UUID) -> ResponseReturnValue:
    """Enter a site."""
    unit = unit_to_edit(unit_id, Permission.UNIT_EDIT)
    return _handle(unit, SiteForm(data={"district": unit.district}), None)


@bp.route("/units/<uuid:unit_id>/sites/<uuid:site_id>", methods=["GET", "POST"])
@requires(Permission.UNIT_EDIT)
def site_edit(unit_id: UUID, site_id: UUID) -> ResponseReturnValue:
    """Change a site, or strike it out."""
    unit = unit_to_edit(unit_id, Permission.UNIT_EDIT)
    site = next((each for each in archive.sites_of(db_session(), unit_id) if each.id == site_id), None)
    if site is None:
        raise NotFound()
    form = SiteForm()
    if request.method == "GET":
        form.show(site)
    return _handle(unit, form, site_id)


def _handle(unit: Unit, form: SiteForm, site_id: UUID | None) -> ResponseReturnValue:
    form.district.choices = district_choices()
    striking = site_id is not None and request.form.get("act") == "remove"
    common: dict[str, Any] = {
        "actor": current_identity(),
        "unit_id": unit.id,
        "seen_version": form.version.seen,
        "now": utcnow(),
    }

    def act() -> None:
        if striking and site_id is not None:
            acts.remove_site(db_session(), site_id=site_id, **common)
        else:
            acts.save_site(db_session(), site_id=site_id, particulars=form.particulars(), **common)

    done = gettext("The site is struck out.") if striking else gettext("The site is recorded.")
    answer = saved(form, act, done=done, to=url_for("registry.unit_sites", unit_id=unit.id))
    return answer or answered(render_template("registry/site_form.html", form=form, unit=unit, site_id=site_id), form)
