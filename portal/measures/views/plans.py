"""Plans of supervision: list, making one, its visits with the working of each score."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever, require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid, NotFound
from portal.measures.forms import DoneForm, EndForm, PlanForm
from portal.measures.labels import CHOSEN_BY, FACTOR, PLANNED_STATUS
from portal.measures.operations import plans as operations
from portal.measures.queries import draws
from portal.measures.queries import plans as queries
from portal.measures.rules.risk import Factor
from portal.measures.states import PlannedAction
from portal.measures.values import PlanDraft
from portal.measures.views.blueprint import bp
from portal.web.session import db_session


@bp.get("/supervision")
@requires(Permission.PLAN_READ)
def plans() -> ResponseReturnValue:
    """The organ's plans, each with how far it has come."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    page = queries.plan_page(session, identity, after=request.args.get("after"))
    return render_template(
        "measures/plans.html",
        page=page,
        progress=queries.progress_of(session, [plan.id for plan in page.items], today=today),
        may_keep=may_ever(identity, Permission.PLAN_KEEP),
    )


@bp.route("/supervision/new", methods=["GET", "POST"])
@requires(Permission.PLAN_KEEP)
def plan_new() -> ResponseReturnValue:
    """Plan visits by risk, with those a draw named."""
    session, identity, now = db_session(), current_identity(), utcnow()
    form = PlanForm()
    offered = draws.revealed_draws(session, identity) if may_ever(identity, Permission.DRAW_READ) else ()
    form.draw_id.choices = [(str(draw.id), draw.title) for draw in offered]
    if request.method == "POST" and form.validate():
        draft = PlanDraft(
            title=form.title.data,
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
            by_risk=form.by_risk.data,
            draw_id=UUID(str(form.draw_id.data)) if form.draw_id.data else None,
        )
        try:
            plan = operations.make_plan(session, actor=identity, draft=draft, now=now)
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The plan is made."), "ok")
            return redirect(url_for("measures.plan", plan_id=plan.id), 303)
    weights = queries.weights_for(city_day(now))
    page = render_template("measures/plan_form.html", form=form, weights=weights, factors=FACTOR)
    return page, 422 if form.problems() else 200


@bp.get("/supervision/<uuid:plan_id>")
@requires(Permission.PLAN_READ)
def plan(plan_id: UUID) -> ResponseReturnValue:
    """One plan with its visits."""
    return _show(plan_id)


def _show(plan_id: UUID) -> ResponseReturnValue:
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    found = queries.get_plan(session, identity, plan_id)
    return render_template(
        "measures/plan.html",
        plan=found,
        visits=queries.visits_of_plan(session, found.id),
        statuses=PLANNED_STATUS,
        chosen_by=CHOSEN_BY,
        factors=FACTOR,
        since=Factor.SINCE_VISIT,
        today=today,
        may_keep=allows(identity, Permission.PLAN_KEEP, queries.plan_scope(found)),
    )


@bp.route("/supervision/<uuid:plan_id>/visits/<uuid:visit_id>", methods=["GET", "POST"])
@requires(Permission.PLAN_KEEP)
def plan_visit(plan_id: UUID, visit_id: UUID) -> ResponseReturnValue:
    """Record what came of a planned visit: carried out, closed, called off."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    found = queries.get_plan(session, identity, plan_id)
    require(identity, Permission.PLAN_KEEP, queries.plan_scope(found), read=Permission.PLAN_READ)
    visit = next((one for one in queries.visits_of_plan(session, plan_id) if one.id == visit_id), None)
    if visit is None:
        raise NotFound()
    version = {"version": str(visit.version)}
    forms: dict[str, Any] = {
        "carry_out": DoneForm(formdata=None, data={**version, "done_on": today}),
        "end": EndForm(formdata=None, data=version),
    }
    if request.method == "POST":
        action = PlannedAction.CARRY_OUT if "done_on" in request.form else _ending(visit.status)
        name = "carry_out" if action is PlannedAction.CARRY_OUT else "end"
        forms[name] = form = DoneForm() if name == "carry_out" else EndForm()
        if form.validate():
            try:
                _record(identity, visit_id, action, form)
            except Invalid as refusal:
                form.take(refusal)
            else:
                flash(gettext("Recorded."), "ok")
                return redirect(url_for("measures.plan", plan_id=plan_id), 303)
    page = render_template(
        "measures/planned_visit.html", plan=found, visit=visit, forms=forms, statuses=PLANNED_STATUS, factors=FACTOR
    )
    return page, 422 if any(form.problems() for form in forms.values()) else 200


def _ending(status: str) -> PlannedAction:
    return PlannedAction.CANCEL if status == "planned" else PlannedAction.CLOSE


def _record(identity: Any, visit_id: UUID, action: PlannedAction, form: Any) -> None:
    held = {"actor": identity, "visit_id": visit_id, "seen_version": form.version.seen, "now": utcnow()}
    if action is PlannedAction.CARRY_OUT:
        operations.carry_out_visit(
            db_session(), **held, done_on=form.done_on.data, visited_by=form.visited_by.data, findings=form.findings.data or ""
        )  # fmt: skip
    else:
        operations.end_visit(db_session(), **held, action=action, reason=form.reason.data)
