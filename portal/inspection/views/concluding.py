"""After the visit: conclusion and publication."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import utcnow
from portal.core.errors import Invalid, Problem
from portal.inspection import operations, queries
from portal.inspection.forms import ConcludeForm, read_severities
from portal.inspection.views.blueprint import bp
from portal.inspection.views.detail import show
from portal.web.session import db_session


@bp.post("/acceptances/<uuid:acceptance_id>/conclude")
@requires(Permission.VISIT_CONCLUDE)
def conclude(acceptance_id: UUID) -> ResponseReturnValue:
    """Close the visit with the result the arithmetic gives."""
    form = ConcludeForm()
    if not form.validate():
        # Who may not conclude is told so, not what is wrong with the form.
        queries.get_own_visit(db_session(), current_identity(), acceptance_id, Permission.VISIT_CONCLUDE)
        return show(acceptance_id, conclude=form, status=422)
    try:
        operations.conclude(
            db_session(),
            actor=current_identity(),
            acceptance_id=acceptance_id,
            seen_version=form.version.seen,
            opinion=form.opinion.data or "",
            rectification=form.rectification.data or "",
            severities=read_severities(request.form),
            now=utcnow(),
        )
    except Invalid as refusal:
        form.take(_open_items_at_once(refusal))
        return show(acceptance_id, conclude=form, status=422)
    flash(gettext("The acceptance is concluded."), "ok")
    return redirect(url_for("inspection.acceptance", acceptance_id=acceptance_id), 303)


def _open_items_at_once(refusal: Invalid) -> Invalid:
    """Items still open, or without their proof, are told by their number: their fields stand on another page."""
    problems: list[Problem] = []
    rest = list(refusal.problems)
    for told, codes in (
        ("items_open", {"item_open"}),
        ("items_contested", {"item_contested"}),
        ("proofs_missing", {"photo_needed", "document_needed"}),
    ):
        if count := sum(problem.code in codes for problem in rest):
            problems.append(Problem("", told, {"count": count}))
        rest = [problem for problem in rest if problem.code not in codes]
    return Invalid([*problems, *rest])


@bp.post("/acceptances/<uuid:acceptance_id>/publish")
@requires(Permission.RESULT_PUBLISH)
def publish(acceptance_id: UUID) -> ResponseReturnValue:
    """Publish result and grade."""
    operations.publish_result(db_session(), actor=current_identity(), acceptance_id=acceptance_id, now=utcnow())
    flash(gettext("The result is published."), "ok")
    return redirect(url_for("inspection.acceptance", acceptance_id=acceptance_id), 303)
