"""The whole report of an acceptance, a new run, and the organ's word that it goes on all the same."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.core.clock import utcnow
from portal.core.errors import Invalid
from portal.inspection import queries
from portal.inspection.labels import CONCLUSION
from portal.inspection.models import Acceptance
from portal.inspection.operations import waive_readiness
from portal.inspection.rules import FrozenList
from portal.inspection.states import OPEN
from portal.readiness import operations
from portal.readiness.forms import WaiveForm
from portal.readiness.labels import CAUSE, title_of
from portal.readiness.queries import list_of, runs_of
from portal.readiness.views.blueprint import Told, bp, rows_of, told_of
from portal.web.problems import say
from portal.web.session import db_session


@bp.get("/acceptances/<uuid:acceptance_id>/readiness")
@requires(Permission.ACCEPTANCE_READ)
def report(acceptance_id: UUID) -> ResponseReturnValue:
    """The last report, check by check."""
    return _show(acceptance_id, WaiveForm(formdata=None))


@bp.post("/acceptances/<uuid:acceptance_id>/readiness/check")
@requires(Permission.READINESS_RUN)
def check(acceptance_id: UUID) -> ResponseReturnValue:
    """Check again, now."""
    queries.get_handled(db_session(), current_identity(), acceptance_id, Permission.READINESS_RUN)
    try:
        operations.check_again(db_session(), actor=current_identity(), acceptance_id=acceptance_id, now=utcnow())
    except Invalid as refusal:
        flash(say(refusal.problems[0]), "warn")
    else:
        flash(gettext("The portal has checked this application again."), "ok")
    return redirect(url_for("readiness.report", acceptance_id=acceptance_id), 303)


@bp.post("/acceptances/<uuid:acceptance_id>/readiness/waive")
@requires(Permission.READINESS_WAIVE)
def waive(acceptance_id: UUID) -> ResponseReturnValue:
    """Allow the visit although checks fail."""
    queries.get_handled(db_session(), current_identity(), acceptance_id, Permission.READINESS_WAIVE)
    form = WaiveForm()
    if not form.validate():
        return _show(acceptance_id, form)
    waive_readiness(
        db_session(),
        actor=current_identity(),
        acceptance_id=acceptance_id,
        reason=form.reason.data or "",
        now=utcnow(),
    )
    flash(gettext("The visit is allowed; the reason is kept with the report."), "ok")
    return redirect(url_for("readiness.report", acceptance_id=acceptance_id), 303)


def _show(acceptance_id: UUID, form: WaiveForm) -> ResponseReturnValue:
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_acceptance(session, identity, acceptance_id)
    told, frozen = told_of(session, acceptance_id), list_of(found, now=now)
    page = render_template(
        "readiness/report.html",
        acceptance=found,
        told=told,
        rows=rows_of(told, found, identity),
        causes={str(cause): text for cause, text in CAUSE.items()},
        title_of=title_of,
        runs=runs_of(session, acceptance_id),
        form=form,
        numbers={item.key: item.number for item in frozen.checklist.items} if frozen else {},
        may_run=_may(found, Permission.READINESS_RUN),
        may_waive=bool(told.barring) and _may(found, Permission.READINESS_WAIVE),
        **_outlook(told, frozen),
    )
    return page, 422 if form.problems() else 200


def _outlook(told: Told, frozen: FrozenList | None) -> Mapping[str, Any]:
    """How the visit would end, and the items that would fail it."""
    outlook = told.report.outlook if told.report else {}
    if not outlook or frozen is None:
        return {"outlook": None, "failing_items": (), "conclusion": None}
    failing = set(outlook["failing"])
    return {
        "outlook": outlook,
        "failing_items": [item for item in frozen.checklist.items if item.key in failing],
        "conclusion": CONCLUSION[outlook["conclusion"]],
    }


def _may(found: Acceptance, permission: Permission) -> bool:
    return found.status in OPEN and allows(current_identity(), permission, queries.handling_scope(found))
