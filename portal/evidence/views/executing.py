"""Carrying a request out: assigned, opened under two keys, files registered, outcomes booked, the set sealed."""

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.core.clock import city_day, utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import Invalid
from portal.evidence import operations, queries
from portal.evidence.forms import AssignForm, FileForm, NotSuppliedForm, OutcomeForm, UnlockForm, offer
from portal.evidence.labels import OUTCOME
from portal.evidence.operations.holds import scope_of
from portal.evidence.queries.posts import custodians_for
from portal.evidence.values import TAKES_AWAY, ActKind
from portal.evidence.views.blueprint import bp
from portal.evidence.views.presenting import request_view
from portal.web.session import db_session
from portal.web.widgets import PortalForm


@bp.route("/evidence/requests/<uuid:request_id>/assign", methods=["GET", "POST"])
@requires(Permission.REQUEST_ASSIGN)
def request_assign(request_id: UUID) -> ResponseReturnValue:
    """Name the custodian."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_request(session, identity, request_id)
    require(identity, Permission.REQUEST_ASSIGN, scope_of(found), read=Permission.REQUEST_READ)
    people = custodians_for(session, found, today=city_day(now))
    offer(custodians=[(str(person), name) for person, name in people if person != found.requester_id])
    form = AssignForm()
    if request.method == "POST" and form.validate():
        try:
            with undone_if_refused(session):
                operations.assign_custodian(
                    session,
                    actor=identity,
                    request_id=request_id,
                    custodian_id=UUID(str(form.custodian.data)),
                    now=now,
                )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The request is assigned."), "ok")
            return redirect(url_for("evidence.request_", request_id=request_id), 303)
    page = render_template("evidence/assign.html", request_=found, form=form)
    return page, 422 if form.errors else 200


@bp.get("/evidence/requests/<uuid:request_id>/execution")
@requires(Permission.REQUEST_EXECUTE)
def execution(request_id: UUID) -> ResponseReturnValue:
    """The custodian's page: first the two keys, then files and outcomes, then the seal."""
    return _page(request_id)


@bp.post("/evidence/requests/<uuid:request_id>/unlock")
@requires(Permission.REQUEST_EXECUTE)
def unlock(request_id: UUID) -> ResponseReturnValue:
    """Open the recordings: the second person signs on the same form."""
    session, form = db_session(), UnlockForm()
    if form.validate():
        try:
            with undone_if_refused(session):
                operations.unlock_footage(
                    session,
                    actor=current_identity(),
                    request_id=request_id,
                    second_login=form.second_login.data or "",
                    second_password=form.second_password.data or "",
                    second_totp=form.second_totp.data or "",
                    workstation=form.workstation.data or "",
                    no_phone_notice=bool(form.no_phone_notice.data),
                    now=utcnow(),
                )
        except Invalid as refusal:
            return _refused(request_id, refusal, form, "unlock")
        flash(gettext("The recordings are open. The call is booked in the register."), "ok")
        return redirect(url_for("evidence.execution", request_id=request_id), 303)
    return _page(request_id, unlock=form)


@bp.post("/evidence/requests/<uuid:request_id>/files")
@requires(Permission.REQUEST_EXECUTE)
def file_register(request_id: UUID) -> ResponseReturnValue:
    """Register one exported file by its hash."""
    session, identity = db_session(), current_identity()
    offer(cameras=_cameras(request_id))
    form = FileForm()
    if form.validate():
        try:
            with undone_if_refused(session):
                operations.register_file(
                    session, actor=identity, request_id=request_id, file=form.draft(), now=utcnow()
                )
        except Invalid as refusal:
            return _refused(request_id, refusal, form, "file")
        flash(gettext("The file is registered."), "ok")
        return redirect(url_for("evidence.execution", request_id=request_id), 303)
    return _page(request_id, file=form)


@bp.post("/evidence/requests/<uuid:request_id>/files/<uuid:item_id>/strike")
@requires(Permission.REQUEST_EXECUTE)
def file_strike(request_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Take back a file entered by mistake."""
    operations.strike_file(db_session(), actor=current_identity(), request_id=request_id, item_id=item_id, now=utcnow())
    flash(gettext("The file is struck. Its line in the register stays."), "ok")
    return redirect(url_for("evidence.execution", request_id=request_id), 303)


@bp.post("/evidence/requests/<uuid:request_id>/outcome")
@requires(Permission.REQUEST_EXECUTE)
def camera_outcome(request_id: UUID) -> ResponseReturnValue:
    """Book what became of one camera."""
    session = db_session()
    offer(cameras=_cameras(request_id))
    form = OutcomeForm()
    if form.validate():
        try:
            with undone_if_refused(session):
                operations.book_outcome(
                    session,
                    actor=current_identity(),
                    request_id=request_id,
                    camera_id=UUID(str(form.camera.data)),
                    outcome=form.given(),
                    note=form.note.data or "",
                    now=utcnow(),
                )
        except Invalid as refusal:
            return _refused(request_id, refusal, form, "outcome")
        flash(gettext("The outcome is booked."), "ok")
        return redirect(url_for("evidence.execution", request_id=request_id), 303)
    return _page(request_id, outcome=form)


@bp.post("/evidence/requests/<uuid:request_id>/conclude")
@requires(Permission.REQUEST_EXECUTE)
def conclude(request_id: UUID) -> ResponseReturnValue:
    """End a viewing."""
    operations.conclude_viewing(db_session(), actor=current_identity(), request_id=request_id, now=utcnow())
    flash(gettext("The viewing is concluded."), "ok")
    return redirect(url_for("evidence.request_", request_id=request_id), 303)


@bp.post("/evidence/requests/<uuid:request_id>/seal")
@requires(Permission.REQUEST_EXECUTE)
def seal(request_id: UUID) -> ResponseReturnValue:
    """Seal the files as they stand."""
    session, form = db_session(), PortalForm(formdata=None)
    try:
        with undone_if_refused(session):
            operations.seal_set(session, actor=current_identity(), request_id=request_id, now=utcnow())
    except Invalid as refusal:
        return _refused(request_id, refusal, form, "seal")
    flash(gettext("The set is sealed."), "ok")
    return redirect(url_for("evidence.request_", request_id=request_id), 303)


@bp.route("/evidence/requests/<uuid:request_id>/not-supplied", methods=["GET", "POST"])
@requires(Permission.REQUEST_ACKNOWLEDGE)
def not_supplied(request_id: UUID) -> ResponseReturnValue:
    """The unit supplies nothing and says why."""
    session, identity, form = db_session(), current_identity(), NotSuppliedForm()
    found = queries.get_request(session, identity, request_id)
    require(identity, Permission.REQUEST_ACKNOWLEDGE, scope_of(found), read=Permission.REQUEST_READ)
    if request.method == "POST" and form.validate():
        try:
            with undone_if_refused(session):
                operations.refuse_supply(
                    session,
                    actor=identity,
                    request_id=request_id,
                    outcome=form.given(),
                    reason=form.reason.data or "",
                    now=utcnow(),
                )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("It is on record that nothing is supplied, and why."), "info")
            return redirect(url_for("evidence.request_", request_id=request_id), 303)
    page = render_template("evidence/not_supplied.html", request_=found, form=form)
    return page, 422 if form.errors else 200


def _cameras(request_id: UUID) -> list[tuple[str, str]]:
    found = queries.get_request(db_session(), current_identity(), request_id)
    return [(str(camera.camera_id), camera.label) for camera in found.cameras]


def _refused(request_id: UUID, refusal: Invalid, form: PortalForm, name: str) -> ResponseReturnValue:
    """The page again with the faults. A counted wrong password is kept, everything else is rolled back."""
    if refusal.data.get("commit"):
        g.commit_anyway = True
    form.take(refusal)
    return _page(request_id, **{name: form})


def _page(request_id: UUID, **given: PortalForm) -> ResponseReturnValue:
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_request(session, identity, request_id)
    require(identity, Permission.REQUEST_EXECUTE, scope_of(found), read=Permission.REQUEST_READ)
    view = request_view(session, identity, found, now=now)
    choices = [(str(camera.camera_id), camera.label) for camera in found.cameras]
    offer(cameras=choices)
    forms: dict[str, Any] = {
        "unlock": given.get("unlock") or UnlockForm(formdata=None),
        "file": given.get("file") or FileForm(formdata=None),
        "outcome": given.get("outcome") or OutcomeForm(formdata=None),
        "seal": given.get("seal"),
    }
    if "file" not in given:
        forms["file"].span_from.data, forms["file"].span_to.data = found.span_from, found.span_to
        forms["file"].camera.data = choices[0][0] if len(choices) == 1 else None
    faulty = any(form.errors or form.form_errors for form in given.values())
    page = render_template(
        "evidence/execution.html",
        seen=view,
        request_=found,
        forms=forms,
        outcomes=OUTCOME,
        takes=ActKind(found.act) in TAKES_AWAY,
        faulty=faulty,
    )
    return page, 422 if faulty else 200
