"""A conclusion overridden: asked for by an inspector of the visit, decided by the leader of the organ."""

from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import utcnow
from portal.core.errors import Invalid
from portal.inspection import operations, queries
from portal.inspection.forms import DecideOverrideForm
from portal.inspection.rules import FrozenList
from portal.inspection.views.aftermath import ask_form
from portal.inspection.views.blueprint import bp
from portal.inspection.views.detail import show
from portal.web.session import db_session


@bp.post("/acceptances/<uuid:acceptance_id>/override")
@requires(Permission.OVERRIDE_ASK)
def override_ask(acceptance_id: UUID) -> ResponseReturnValue:
    """An inspector of the visit asks for another conclusion."""
    session, identity = db_session(), current_identity()
    found = queries.get_acceptance(session, identity, acceptance_id)
    form = ask_form(found, FrozenList.from_json(found.checklist) if found.checklist else None, None)
    if not form.validate():
        queries.require_handling(identity, Permission.OVERRIDE_ASK, found)
        return show(acceptance_id, ask_override=form, status=422)
    try:
        operations.ask_override(
            session,
            actor=identity,
            acceptance_id=acceptance_id,
            result=form.result.data or "",
            reason=form.reason.data or "",
            now=utcnow(),
        )
    except Invalid as refusal:
        form.take(refusal)
        return show(acceptance_id, ask_override=form, status=422)
    flash(gettext("Another conclusion is asked for; the leader of the organ decides."), "ok")
    return redirect(url_for("inspection.acceptance", acceptance_id=acceptance_id), 303)


@bp.post("/acceptances/<uuid:acceptance_id>/override/decide")
@requires(Permission.OVERRIDE_DECIDE)
def override_decide(acceptance_id: UUID) -> ResponseReturnValue:
    """The leader decides on another conclusion."""
    session, identity = db_session(), current_identity()
    form = DecideOverrideForm()
    if not form.validate():
        queries.get_handled(session, identity, acceptance_id, Permission.OVERRIDE_DECIDE)
        return show(acceptance_id, decide_override=form, status=422)
    approved = form.verdict.data == "approve"
    try:
        operations.decide_override(
            session,
            actor=identity,
            acceptance_id=acceptance_id,
            approved=approved,
            note=form.note.data or "",
            now=utcnow(),
        )
    except Invalid as refusal:
        form.take(refusal)
        return show(acceptance_id, decide_override=form, status=422)
    flash(gettext("The conclusion is changed.") if approved else gettext("The conclusion stands."), "ok")
    return redirect(url_for("inspection.acceptance", acceptance_id=acceptance_id), 303)
