"""What the unit does: apply, hand in again, withdraw."""

from collections.abc import Sequence
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.core.clock import city_day, utcnow
from portal.core.errors import IllegalTransition, Invalid, Problem
from portal.inspection import operations, queries
from portal.inspection.forms import ApplyForm
from portal.inspection.labels import KIND, KIND_HINT
from portal.inspection.rules import kinds_open_to, refusal_of
from portal.inspection.states import (
    AcceptanceKind,
    ProjectClass,
)
from portal.inspection.views.blueprint import bp, papers_asked_for
from portal.registry.queries import get_system, system_scope
from portal.registry.rules import rules_for
from portal.regulation.calendar import WorkCalendar
from portal.regulation.schema.keys import RuleKey
from portal.web.problems import known_codes, say
from portal.web.session import db_session


@bp.route("/systems/<uuid:system_id>/acceptance", methods=["GET", "POST"])
@requires(Permission.ACCEPTANCE_APPLY)
def apply(system_id: UUID) -> ResponseReturnValue:
    """Apply for acceptance of a system; what papers the rules ask for stands beside the form."""
    session, identity, now = db_session(), current_identity(), utcnow()
    system = get_system(session, identity, system_id)
    require(identity, Permission.ACCEPTANCE_APPLY, system_scope(system), read=Permission.SYSTEM_READ)
    rules = rules_for(system.unit, system, on=city_day(now))
    standing = queries.standing_of(session, system, rules)
    open_kinds = kinds_open_to(standing)
    form = apply_form(open_kinds)
    if request.method == "POST" and form.validate():
        try:
            acceptance = operations.request_acceptance(
                session,
                actor=identity,
                system_id=system_id,
                kind=AcceptanceKind(form.kind.data),
                project_class=ProjectClass(str(form.project_class.data)),
                statement=form.statement.data or "",
                calendar=WorkCalendar(),
                now=now,
            )
        except Invalid as refusal:
            form.take(refusal)
        except IllegalTransition as refusal:
            # What the reader typed stays on the page, with the reason over it.
            form.take(Invalid([Problem("", refusal.code if refusal.code in known_codes() else "illegal_transition")]))
        else:
            flash(gettext("The application is handed in."), "ok")
            return redirect(url_for("inspection.acceptance", acceptance_id=acceptance.id), 303)
    bands, first = rules.bands(RuleKey.GRADE_BANDS), rules.flag(RuleKey.GRADE_SELF_ASSESSMENT_FIRST)
    chosen = str(form.project_class.data)
    project_class = ProjectClass(chosen) if chosen in set(ProjectClass) else ProjectClass.SECOND
    page = render_template(
        "inspection/apply.html",
        form=form,
        system=system,
        papers=[
            (kind, KIND[kind], papers_asked_for(system.unit, system, kind, project_class, on=city_day(now)))
            for kind in open_kinds
        ],
        refused=[
            (KIND[kind], say(Problem("", code))) for kind in AcceptanceKind if (code := refusal_of(kind, standing))
        ],
        least=bands.lowest_pass if bands and first and AcceptanceKind.STANDARD in open_kinds else None,
        assessment=queries.assessment_to_apply_with(session, system_id),
    )
    return page, 422 if form.problems() else 200


def apply_form(open_kinds: Sequence[AcceptanceKind]) -> ApplyForm:
    """The form with the kinds that can be asked for now; where one alone can, it is chosen."""
    form = ApplyForm(data={"project_class": str(ProjectClass.SECOND)})
    form.kind.choices = [
        (str(kind), gettext("%(kind)s: %(hint)s", kind=KIND[kind], hint=KIND_HINT[kind])) for kind in open_kinds
    ]
    if len(open_kinds) == 1 and not form.is_submitted():
        form.kind.data = str(open_kinds[0])
    return form


@bp.post("/acceptances/<uuid:acceptance_id>/resubmit")
@requires(Permission.ACCEPTANCE_APPLY)
def resubmit(acceptance_id: UUID) -> ResponseReturnValue:
    """The unit has completed its papers."""
    operations.resubmit(
        db_session(), actor=current_identity(), acceptance_id=acceptance_id, calendar=WorkCalendar(), now=utcnow()
    )
    flash(gettext("The application is handed in again."), "ok")
    return redirect(url_for("inspection.acceptance", acceptance_id=acceptance_id), 303)


@bp.post("/acceptances/<uuid:acceptance_id>/withdraw")
@requires(Permission.ACCEPTANCE_APPLY)
def withdraw(acceptance_id: UUID) -> ResponseReturnValue:
    """The unit takes its application back."""
    operations.withdraw(db_session(), actor=current_identity(), acceptance_id=acceptance_id, now=utcnow())
    flash(gettext("The application is withdrawn."), "ok")
    return redirect(url_for("inspection.acceptance", acceptance_id=acceptance_id), 303)
