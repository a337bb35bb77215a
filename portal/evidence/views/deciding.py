"""Deciding on a request, and the preservation hold beside it."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask import request as http
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.operations import has_second_factor
from portal.accounts.permissions import Permission
from portal.core.clock import utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import IllegalTransition, Invalid, NotAllowed
from portal.evidence import operations, queries
from portal.evidence.forms import DecideForm, ReasonForm, offer, offered
from portal.evidence.views.blueprint import bp
from portal.evidence.views.presenting import request_view
from portal.web.problems import say
from portal.web.session import db_session, keep_record, repeatable
from portal.workflow.labels import VERDICT_ACTS, step_title
from portal.workflow.operations import AlreadyDecided
from portal.workflow.queries import acting_for, barriers_for, get_run, waiting_step


@bp.route("/evidence/requests/<uuid:request_id>/decide", methods=["GET", "POST"])
@requires(Permission.REQUEST_DECIDE)
def request_decide(request_id: UUID) -> ResponseReturnValue:
    """Approve, acknowledge, return or refuse, at the step that waits."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = operations.open_request(session, actor=identity, request_id=request_id, now=now)
    run = get_run(session, found.run_id) if found.run_id else None
    step = waiting_step(run) if run else None
    offer(verdicts=offered(VERDICT_ACTS, step.verdicts) if step else [])
    form = DecideForm()
    if http.method == "POST" and (step is None or form.step.data != step.key):
        return _went_on(request_id)
    if run is None or step is None:
        return redirect(url_for("evidence.request_", request_id=request_id), 303)
    if barred := barriers_for(run, identity):
        # Before any password is judged: a refusal of the person would take the count of a wrong one back.
        raise NotAllowed(f"workflow.barred.{barred[0]}", barriers=[str(one) for one in barred])
    if http.method == "POST" and form.validate():
        try:
            with undone_if_refused(session):
                operations.sign_decision(
                    session,
                    actor=identity,
                    request_id=request_id,
                    step_key=form.step.data or "",
                    verdict=form.given(),
                    comment=form.comment.data or "",
                    password=form.own_password.data or "",
                    totp=form.own_totp.data or "",
                    now=now,
                )
        except Invalid as refusal:
            form.take(refusal)
        except (AlreadyDecided, IllegalTransition):
            return _went_on(request_id)
        else:
            flash(gettext("Your decision is recorded."), "ok")
            return redirect(url_for("evidence.request_", request_id=request_id), 303)
    form.step.data = step.key
    # The page shows the request whatever is wrong with the form: that it was opened stays recorded.
    keep_record()
    view = request_view(session, identity, queries.get_request(session, identity, request_id), now=now)
    page = render_template(
        "evidence/decide.html",
        seen=view,
        request_=view.request,
        form=form,
        step=step_title(step),
        acting=acting_for(run, identity),
        two=has_second_factor(session, actor=identity),
    )
    return page, 422 if form.errors or form.form_errors else 200


def _went_on(request_id: UUID) -> ResponseReturnValue:
    """Somebody else decided, or the requester took it back, since the page was opened."""
    flash(gettext("Your decision was not recorded: the request went on while you had the page open."), "bad")
    return redirect(url_for("evidence.request_", request_id=request_id), 303)


@bp.post("/evidence/requests/<uuid:request_id>/content")
@requires(Permission.REQUEST_READ)
@repeatable("shows what is sealed: the answer must not be kept in the open; every look is recorded anew")
def request_content(request_id: UUID) -> ResponseReturnValue:
    """Open what a secret case is about, for those on its list; sealed in the log before it is shown."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = operations.open_request(session, actor=identity, request_id=request_id, now=now)
    content = operations.open_content(session, actor=identity, request=found, now=now)
    if content is None:
        raise NotAllowed("evidence.not_on_the_list")
    view = request_view(session, identity, found, now=now, content=content)
    return render_template("evidence/request.html", seen=view, request_=found)


@bp.post("/evidence/requests/<uuid:request_id>/hold")
@requires(Permission.REQUEST_DRAFT)
def hold_place(request_id: UUID) -> ResponseReturnValue:
    """Hold the footage of a draft whose time runs out."""
    operations.place_hold_early(db_session(), actor=current_identity(), request_id=request_id, now=utcnow())
    flash(gettext("The unit is told to keep the footage."), "ok")
    return redirect(url_for("evidence.papers", request_id=request_id), 303)


@bp.post("/evidence/requests/<uuid:request_id>/hold/acknowledge")
@requires(Permission.REQUEST_ACKNOWLEDGE)
def hold_acknowledge(request_id: UUID) -> ResponseReturnValue:
    """The unit confirms that it keeps the footage."""
    operations.acknowledge_hold(db_session(), actor=current_identity(), request_id=request_id, now=utcnow())
    flash(gettext("It is on record that the unit keeps the footage."), "ok")
    return redirect(url_for("evidence.request_", request_id=request_id), 303)


@bp.post("/evidence/requests/<uuid:request_id>/hold/release")
@requires(Permission.REQUEST_DRAFT)
def hold_release(request_id: UUID) -> ResponseReturnValue:
    """First key to lifting the hold."""
    form, session = ReasonForm(), db_session()
    try:
        with undone_if_refused(session):
            operations.ask_release(
                session, actor=current_identity(), request_id=request_id, reason=form.reason.data or "", now=utcnow()
            )
    except Invalid as refusal:
        flash(" ".join(say(problem) for problem in refusal.problems), "bad")
    else:
        flash(gettext("A second person must confirm the lifting."), "info")
    return redirect(url_for("evidence.request_", request_id=request_id), 303)


@bp.post("/evidence/requests/<uuid:request_id>/hold/confirm")
@requires(Permission.REQUEST_DECIDE)
def hold_confirm(request_id: UUID) -> ResponseReturnValue:
    """Second key to lifting the hold."""
    operations.confirm_release(db_session(), actor=current_identity(), request_id=request_id, now=utcnow())
    flash(gettext("The hold is lifted."), "ok")
    return redirect(url_for("evidence.request_", request_id=request_id), 303)
