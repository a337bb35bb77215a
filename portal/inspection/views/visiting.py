"""Before the visit: the look at the papers, planning the visit, calling it off."""

from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.inspection import operations, queries
from portal.inspection.forms import CancelForm, CheckForm
from portal.inspection.states import AcceptanceKind, ProjectClass
from portal.inspection.views.blueprint import bp, papers_asked_for
from portal.inspection.views.detail import schedule_form, show
from portal.regulation.calendar import WorkCalendar
from portal.web.session import db_session


@bp.post("/acceptances/<uuid:acceptance_id>/check")
@requires(Permission.ACCEPTANCE_CHECK)
def check(acceptance_id: UUID) -> ResponseReturnValue:
    """Record the look at the papers."""
    form, session, identity, now = CheckForm(), db_session(), current_identity(), utcnow()
    found = queries.get_handled(session, identity, acceptance_id, Permission.ACCEPTANCE_CHECK)
    if not form.validate():
        return show(acceptance_id, check=form, status=422)
    asked = papers_asked_for(
        found.unit, found.system, AcceptanceKind(found.kind), ProjectClass(found.project_class), on=city_day(now)
    )
    missing = [paper.document for paper, there in asked if paper.required and not there]
    try:
        operations.check_documents(
            session,
            actor=identity,
            acceptance_id=acceptance_id,
            complete=form.verdict.data == "complete",
            note=form.note.data or "",
            missing=missing,
            calendar=WorkCalendar(),
            now=now,
        )
    except Invalid as refusal:
        form.take(refusal)
        return show(acceptance_id, check=form, status=422)
    flash(gettext("The check of the papers is recorded."), "ok")
    return redirect(url_for("inspection.acceptance", acceptance_id=acceptance_id), 303)


@bp.post("/acceptances/<uuid:acceptance_id>/schedule")
@requires(Permission.VISIT_SCHEDULE)
def schedule(acceptance_id: UUID) -> ResponseReturnValue:
    """Plan the visit."""
    session, identity = db_session(), current_identity()
    form = schedule_form(queries.get_handled(session, identity, acceptance_id, Permission.VISIT_SCHEDULE))
    if not form.validate():
        return show(acceptance_id, schedule=form, status=422)
    try:
        operations.schedule_visit(
            session,
            actor=identity,
            acceptance_id=acceptance_id,
            starts_at=form.starts_at.data,
            ends_at=form.ends_at.data,
            inspectors=[UUID(key) for key in form.inspectors.data or ()],
            override=form.override.data or "",
            now=utcnow(),
        )
    except Invalid as refusal:
        form.take(refusal)
        return show(acceptance_id, schedule=form, status=422)
    flash(gettext("The visit is scheduled."), "ok")
    return redirect(url_for("inspection.acceptance", acceptance_id=acceptance_id), 303)


@bp.post("/acceptances/<uuid:acceptance_id>/cancel-visit")
@requires(Permission.VISIT_SCHEDULE)
def cancel_visit(acceptance_id: UUID) -> ResponseReturnValue:
    """Call the visit off."""
    form = CancelForm()
    queries.get_handled(db_session(), current_identity(), acceptance_id, Permission.VISIT_SCHEDULE)
    if not form.validate():
        return show(acceptance_id, cancel=form, status=422)
    operations.cancel_visit(
        db_session(), actor=current_identity(), acceptance_id=acceptance_id, reason=form.reason.data or "", now=utcnow()
    )
    flash(gettext("The visit is called off."), "ok")
    return redirect(url_for("inspection.acceptance", acceptance_id=acceptance_id), 303)
