"""Handing over, acknowledging, archiving."""

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.core.clock import utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import Invalid, NotAllowed, NotFound
from portal.evidence import operations, queries
from portal.evidence.forms import ArchiveForm, HandoverForm, ReceiptForm, offer
from portal.evidence.operations.holds import scope_of
from portal.evidence.queries.copies import copies_of
from portal.evidence.queries.execution import handovers_of, items_of, manifest_of
from portal.evidence.states import CopyStatus
from portal.evidence.views.blueprint import bp
from portal.web.session import db_session
from portal.web.widgets import PortalForm


@bp.route("/evidence/requests/<uuid:request_id>/handover", methods=["GET", "POST"])
@requires(Permission.REQUEST_EXECUTE)
def handover(request_id: UUID) -> ResponseReturnValue:
    """Give the sealed set to one of the officers, before a witness who signs on this form."""
    session, identity = db_session(), current_identity()
    found = queries.get_request(session, identity, request_id)
    require(identity, Permission.REQUEST_EXECUTE, scope_of(found), read=Permission.REQUEST_READ)
    made = [one for one in copies_of(session, found.id) if one.status == CopyStatus.MADE]
    offer(
        receivers=[(str(officer.place), f"{officer.name} · {officer.number_masked}") for officer in found.officers],
        copies=[(str(one.id), f"{one.serial} · {one.receiver_name}") for one in made if one.receiver_name],
    )
    form = HandoverForm()
    if request.method == "POST" and form.validate():
        try:
            with undone_if_refused(session):
                operations.hand_over(
                    session,
                    actor=identity,
                    request_id=request_id,
                    receiver_place=int(str(form.receiver.data)),
                    medium=form.kind(),
                    medium_serial=form.medium_serial.data or "",
                    destination=form.destination.data or "",
                    id_seen=bool(form.id_seen.data),
                    copy_id=UUID(str(form.copy.data)) if form.copy.data else None,
                    due_back=form.due_back.data,
                    second_login=form.second_login.data or "",
                    second_password=form.second_password.data or "",
                    second_totp=form.second_totp.data or "",
                    now=utcnow(),
                )
        except Invalid as refusal:
            _keep_or_roll_back(refusal, form)
        else:
            flash(gettext("The handover is on record. The receiver must acknowledge the digest."), "ok")
            return redirect(url_for("evidence.request_", request_id=request_id), 303)
    page = render_template(
        "evidence/handover.html",
        request_=queries.get_request(session, identity, request_id),
        form=form,
        manifest=manifest_of(session, request_id),
        items=items_of(session, request_id),
    )
    return page, 422 if form.errors or form.form_errors else 200


@bp.route("/evidence/requests/<uuid:request_id>/handovers/<uuid:handover_id>/receipt", methods=["GET", "POST"])
@requires(Permission.REQUEST_READ)
def receipt(request_id: UUID, handover_id: UUID) -> ResponseReturnValue:
    """The receiver states the digest of what they hold."""
    session, identity, form = db_session(), current_identity(), ReceiptForm()
    found = queries.get_request(session, identity, request_id)
    given = next((one for one in handovers_of(session, request_id) if one.id == handover_id), None)
    if given is None:
        raise NotFound()
    if identity.person_id != (given.receiver_id or given.witness_id):
        raise NotAllowed("evidence.not_the_receiver")
    if request.method == "POST" and form.validate():
        try:
            with undone_if_refused(session):
                operations.acknowledge_receipt(
                    session,
                    actor=identity,
                    request_id=request_id,
                    handover_id=handover_id,
                    manifest_digest=form.manifest_digest.data or "",
                    now=utcnow(),
                )
        except Invalid as refusal:
            _keep_or_roll_back(refusal, form)
        else:
            flash(gettext("The receipt is acknowledged."), "ok")
            return redirect(url_for("evidence.request_", request_id=request_id), 303)
    page = render_template(
        "evidence/receipt.html", request_=found, handover=given, form=form, items=items_of(session, request_id)
    )
    return page, 422 if form.errors or form.form_errors else 200


@bp.route("/evidence/requests/<uuid:request_id>/archive", methods=["GET", "POST"])
@requires(Permission.REQUEST_ACKNOWLEDGE)
def archive(request_id: UUID) -> ResponseReturnValue:
    """Book where the two copies of the slip lie, and close."""
    session, identity, form = db_session(), current_identity(), ArchiveForm()
    found = queries.get_request(session, identity, request_id)
    require(identity, Permission.REQUEST_ACKNOWLEDGE, scope_of(found), read=Permission.REQUEST_READ)
    if request.method == "POST" and form.validate():
        try:
            with undone_if_refused(session):
                operations.archive_request(
                    session,
                    actor=identity,
                    request_id=request_id,
                    place=form.archive_place.data or "",
                    second_place=form.archive_place_b.data or "",
                    now=utcnow(),
                )
        except Invalid as refusal:
            _keep_or_roll_back(refusal, form)
        else:
            flash(gettext("The request is archived and closed."), "ok")
            return redirect(url_for("evidence.request_", request_id=request_id), 303)
    page = render_template("evidence/archive.html", request_=found, form=form)
    return page, 422 if form.errors else 200


def _keep_or_roll_back(refusal: Invalid, form: PortalForm) -> None:
    """A counted wrong password or a recorded mismatch is kept although the answer is a refusal."""
    if refusal.data.get("commit"):
        g.commit_anyway = True
    form.take(refusal)
