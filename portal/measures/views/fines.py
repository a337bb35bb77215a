"""What follows an order that was not obeyed: the second person's decision, the outcome of a proposed fine, its paper."""

from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.core.clock import utcnow
from portal.core.errors import Invalid, NotFound
from portal.measures.forms import OutcomeForm, RefusalForm
from portal.measures.operations import fines
from portal.measures.papers import fine_pdf
from portal.measures.queries import corrections as queries
from portal.measures.states import FineAction
from portal.measures.values import FineOutcome
from portal.measures.views.blueprint import bp, pdf
from portal.measures.views.corrections import show_correction
from portal.web.session import db_session


@bp.post("/corrections/<uuid:correction_id>/refusal")
@requires(Permission.REFUSAL_CONFIRM)
def correction_refusal(correction_id: UUID) -> ResponseReturnValue:
    """A second person confirms or rejects the finding of refusal."""
    identity = current_identity()
    found = queries.get_correction(db_session(), identity, correction_id)
    require(identity, Permission.REFUSAL_CONFIRM, queries.correction_scope(found), read=Permission.MEASURE_READ)
    form = RefusalForm()
    if not form.validate():
        return show_correction(correction_id, status=422, refusal=form)
    fines.decide_refusal(
        db_session(),
        actor=identity,
        correction_id=correction_id,
        confirmed=form.verdict.data == "confirm",
        reason=form.opinion.data,
        now=utcnow(),
    )
    flash(gettext("The decision is recorded."), "ok")
    return redirect(url_for("measures.correction", correction_id=correction_id), 303)


@bp.post("/corrections/<uuid:correction_id>/fines/<uuid:fine_id>")
@requires(Permission.CORRECTION_ISSUE)
def correction_outcome(correction_id: UUID, fine_id: UUID) -> ResponseReturnValue:
    """Record what was decided outside the portal."""
    identity = current_identity()
    found = queries.get_correction(db_session(), identity, correction_id)
    require(identity, Permission.CORRECTION_ISSUE, queries.correction_scope(found), read=Permission.MEASURE_READ)
    form = OutcomeForm()
    if form.validate():
        outcome = FineOutcome(
            number=form.decision_number.data or "",
            organ=form.deciding_organ.data or "",
            decided_on=form.decided_on.data,
            amount=form.decided_amount.data,
            note=form.outcome_note.data or "",
        )
        try:
            fines.record_outcome(
                db_session(),
                actor=identity,
                correction_id=correction_id,
                fine_id=fine_id,
                action=FineAction(str(form.outcome.data)),
                outcome=outcome,
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The outcome is recorded."), "ok")
            return redirect(url_for("measures.correction", correction_id=correction_id), 303)
    return show_correction(correction_id, status=422, outcome=form)


@bp.get("/corrections/<uuid:correction_id>/fines/<uuid:fine_id>.pdf")
@requires(Permission.CORRECTION_ISSUE)
def correction_fine(correction_id: UUID, fine_id: UUID) -> ResponseReturnValue:
    """The proposal of a fine, for the organ that decides."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_correction(session, identity, correction_id)
    require(identity, Permission.CORRECTION_ISSUE, queries.correction_scope(found), read=Permission.MEASURE_READ)
    fine = next((one for one in queries.fines_of(session, found.id) if one.id == fine_id), None)
    if fine is None:
        raise NotFound()
    refusal = queries.refusal_of(session, found.id)
    counted = refusal if refusal is not None and refusal.id == fine.refusal_id else None
    body = fine_pdf(found, fine, counted, printed_by=identity.name, now=now, lang=str(get_locale()))
    return pdf(body, f"fine-{fine.id.hex[-8:]}")
