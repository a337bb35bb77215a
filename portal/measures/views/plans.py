"""Plans of supervision: list, making one, one with its visits and the working of each score."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.measures.forms import PlanForm
from portal.measures.labels import CHOSEN_BY, FACTOR, PLANNED_STATUS, ROUTINE_RESULT
from portal.measures.operations import plans as operations
from portal.measures.queries import draws
from portal.measures.queries import plans as queries
from portal.measures.states import TO_VISIT
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
            by_filing=form.by_filing.data or 0,
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
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    found = queries.get_plan(session, identity, plan_id)
    visits = queries.visits_of_plan(session, found.id)
    return render_template(
        "measures/plan.html",
        plan=found,
        visits=visits,
        left_out=queries.left_out(session, found, visits),
        statuses=PLANNED_STATUS,
        results=ROUTINE_RESULT,
        to_visit=TO_VISIT,
        chosen_by=CHOSEN_BY,
        factors=FACTOR,
        today=today,
    )
