"""What a unit means to build beside what stands."""

from collections import Counter
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.core.clock import city_day, utcnow
from portal.registry import queries
from portal.registry.forms.archive import MatchForm, PlanForm
from portal.registry.labels import CAMERA_TYPE
from portal.registry.labels.archive import BUILT
from portal.registry.models import PlanItem, Unit
from portal.registry.operations import plans as acts
from portal.registry.queries import plans
from portal.registry.queries.archive import sites_of
from portal.registry.rules.plans import Built, compare, likeness
from portal.registry.views.blueprint import bp
from portal.registry.views.saving import answered, saved, unit_to_edit
from portal.web.links import asked
from portal.web.session import db_session

# From here on a camera's name tells of the place often enough to be offered first.
LIKELY = 0.6


@bp.get("/units/<uuid:unit_id>/plan")
@requires(Permission.CAMERA_READ)
def unit_plan(unit_id: UUID) -> ResponseReturnValue:
    """A unit's plan, how far each item has come, and the cameras nobody planned."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    unit = queries.get_unit(session, identity, unit_id)
    scope = queries.unit_scope(unit)
    require(identity, Permission.CAMERA_READ, scope, read=Permission.UNIT_READ)
    rows = compare(plans.plan_of(session, unit_id), plans.matched_in(session, identity, unit_id), on=today)
    cameras, unplanned = plans.unplanned_cameras(session, identity, unit_id, limit=20)
    live = [row for row in rows if row.state is not Built.DROPPED]
    return render_template(
        "registry/plan.html",
        unit=unit,
        rows=rows,
        cameras=cameras if rows else [],
        unplanned=unplanned,
        planned=sum(row.item.count for row in live),
        built=sum(min(row.built, row.item.count) for row in live),
        missing=sum(row.missing for row in live),
        states=Counter(row.state for row in rows),
        built_label=BUILT,
        kinds=CAMERA_TYPE,
        may_edit=allows(identity, Permission.SYSTEM_EDIT, scope),
    )


@bp.route("/units/<uuid:unit_id>/plan/new", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def plan_new(unit_id: UUID) -> ResponseReturnValue:
    """Enter a plan item."""
    unit = unit_to_edit(unit_id, Permission.SYSTEM_EDIT)
    return _handle(unit, PlanForm(data={"status": "planned", "camera_type": "unknown"}), None)


@bp.route("/units/<uuid:unit_id>/plan/<uuid:item_id>", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def plan_edit(unit_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Change a plan item."""
    unit = unit_to_edit(unit_id, Permission.SYSTEM_EDIT)
    item = plans.plan_item(db_session(), unit_id, item_id)
    form = PlanForm()
    if request.method == "GET":
        form.show(item)
    return _handle(unit, form, item_id)


def _handle(unit: Unit, form: PlanForm, item_id: UUID | None) -> ResponseReturnValue:
    form.site_id.choices = [(str(site.id), site.name) for site in sites_of(db_session(), unit.id)]
    done = saved(
        form,
        lambda: acts.save_plan_item(
            db_session(),
            actor=current_identity(),
            unit_id=unit.id,
            item_id=item_id,
            seen_version=form.version.seen,
            particulars=form.particulars(),
            now=utcnow(),
        ),
        done=gettext("The plan item is recorded."),
        to=url_for("registry.unit_plan", unit_id=unit.id),
    )
    return done or answered(render_template("registry/plan_form.html", form=form, unit=unit, item_id=item_id), form)


@bp.route("/units/<uuid:unit_id>/plan/<uuid:item_id>/cameras", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def plan_match(unit_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Tick the cameras that fulfil a plan item; those whose names are like its place come first."""
    session, identity = db_session(), current_identity()
    unit = unit_to_edit(unit_id, Permission.SYSTEM_EDIT)
    item: PlanItem = plans.plan_item(session, unit_id, item_id)
    own, keyword = plans.matched_to(session, item_id), asked("q")
    found = plans.candidates(session, identity, item, keyword=keyword)
    rank = {row.id: (row.id not in own, -likeness(item.place, row.name), row.name) for row in found}
    likely = {row.id for row in found if row.id not in own and rank[row.id][1] <= -LIKELY}
    form = MatchForm()
    if request.method == "GET":
        form.cameras.data = [str(key) for key in own]
    form.cameras.choices = [
        (str(row.id), f"{row.name} · {CAMERA_TYPE[row.camera_type]}")  # type: ignore[index]
        for row in sorted(found, key=lambda row: rank[row.id])
    ]
    done = saved(
        form,
        lambda: acts.match_cameras(
            session, actor=identity, unit_id=unit_id, item_id=item_id, camera_ids=form.chosen(), now=utcnow()
        ),
        done=gettext("The cameras are matched with the plan."),
        to=url_for("registry.unit_plan", unit_id=unit_id),
    )
    args = {"form": form, "unit": unit, "item": item, "likely": len(likely), "keyword": keyword, "own": len(own)}
    return done or answered(render_template("registry/plan_match.html", **args), form)
