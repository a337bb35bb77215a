"""Complaints of owners about the police: raised by the unit, handled by the city's inspectorate."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.evidence.labels import CUSTODY
from portal.mandates.forms import AnswerForm, ComplaintForm, ContestForm
from portal.mandates.labels import ABOUT, COMPLAINT_ACTS, COMPLAINT_STATUS
from portal.mandates.models import OwnerComplaint
from portal.mandates.operations import complaints as operations
from portal.mandates.queries import complaints as queries
from portal.mandates.queries.uses import use_entry
from portal.mandates.states import COMPLAINT_TRANSITIONS, WAITING_COMPLAINTS, ComplaintAction, ComplaintStatus
from portal.mandates.values import ComplaintAbout
from portal.mandates.views.blueprint import bp
from portal.registry.course import course_of
from portal.registry.queries import get_unit, unit_scope
from portal.regulation.calendar import WorkCalendar
from portal.web.links import uuid_or_none
from portal.web.session import db_session


@bp.get("/complaints")
@requires(Permission.COMPLAINT_READ)
def complaints() -> ResponseReturnValue:
    """Complaints the reader may see; the statuses are the filter."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    status = request.args.get("status", "")
    wanted = queries.ComplaintFilter(
        status=ComplaintStatus(status) if status in set(ComplaintStatus) else None,
        overdue_on=today if request.args.get("overdue") == "1" else None,
    )
    return render_template(
        "mandates/complaints.html",
        page=queries.complaint_page(session, identity, wanted, after=request.args.get("after")),
        tally=queries.complaint_tally(session, identity, wanted),
        wanted=wanted,
        today=today,
        waiting=WAITING_COMPLAINTS,
        statuses=COMPLAINT_STATUS,
        about=ABOUT,
    )


@bp.route("/units/<uuid:unit_id>/complaints/new", methods=["GET", "POST"])
@requires(Permission.COMPLAINT_RAISE)
def complaint_new(unit_id: UUID) -> ResponseReturnValue:
    """Raise a complaint, about a line of the register or about what stands in none."""
    session, identity, now = db_session(), current_identity(), utcnow()
    unit = get_unit(session, identity, unit_id)
    require(identity, Permission.COMPLAINT_RAISE, unit_scope(unit), read=Permission.UNIT_READ)
    form = ComplaintForm()
    key = uuid_or_none(request.args.get("entry", "") if request.method == "GET" else form.entry.data or "")
    entry = use_entry(session, unit.id, key) if key else None
    if request.method == "GET":
        if entry is not None:
            form.entry.data, form.about_organ.data = str(entry.id), entry.requester_unit
            form.happened_on.data = city_day(entry.at)
    elif form.validate():
        grievance = operations.Grievance(
            about=ComplaintAbout(str(form.about.data)),
            about_organ=form.about_organ.data,
            text=form.text.data,
            happened_on=form.happened_on.data,
            entry_id=key,
        )
        try:
            complaint = operations.raise_complaint(
                session, actor=identity, unit_id=unit_id, grievance=grievance, calendar=WorkCalendar(), now=now
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The complaint is raised; the handling organ has been told."), "ok")
            return redirect(url_for("mandates.complaint", complaint_id=complaint.id), 303)
    page = render_template(
        "mandates/complaint_form.html",
        form=form,
        unit=unit,
        entry=entry,
        acts=CUSTODY,
        organ=operations.handling_organ(session, unit.district),
    )
    return page, 422 if form.problems() else 200


@bp.get("/complaints/<uuid:complaint_id>")
@requires(Permission.COMPLAINT_READ)
def complaint(complaint_id: UUID) -> ResponseReturnValue:
    """One complaint."""
    return _show(complaint_id)


def _show(
    complaint_id: UUID, *, answer: AnswerForm | None = None, contest: ContestForm | None = None, status: int = 200
) -> ResponseReturnValue:
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    found = queries.get_complaint(session, identity, complaint_id)
    page = render_template(
        "mandates/complaint.html",
        complaint=found,
        status=COMPLAINT_STATUS[ComplaintStatus(found.status)],
        about=ABOUT[ComplaintAbout(found.about)],
        entry=use_entry(session, found.unit_id, found.entry_id) if found.entry_id else None,
        acts=CUSTODY,
        waits=found.status in WAITING_COMPLAINTS,
        course=course_of(session, "owner_complaint", found.id, kinds=COMPLAINT_ACTS),
        today=today,
        answer_form=answer or AnswerForm(data={"version": str(found.version)}),
        contest_form=contest or ContestForm(),
        **_next_steps(identity, found),
    )
    return page, status


def _next_steps(identity: Any, found: OwnerComplaint) -> Mapping[str, bool]:
    scope = queries.complaint_scope(found)
    possible = {action for (state, action) in COMPLAINT_TRANSITIONS if state == found.status}
    handles = allows(identity, Permission.COMPLAINT_HANDLE, scope)
    owns = allows(identity, Permission.COMPLAINT_RAISE, scope)
    return {
        "may_acknowledge": handles and ComplaintAction.ACKNOWLEDGE in possible,
        "may_answer": handles and ComplaintAction.ANSWER in possible,
        "may_contest": owns and ComplaintAction.CONTEST in possible,
        "may_close": owns and ComplaintAction.CLOSE in possible,
        "may_withdraw": owns and ComplaintAction.WITHDRAW in possible,
    }


@bp.post("/complaints/<uuid:complaint_id>/acknowledge")
@requires(Permission.COMPLAINT_HANDLE)
def complaint_acknowledge(complaint_id: UUID) -> ResponseReturnValue:
    """Take it up."""
    found = queries.get_complaint(db_session(), current_identity(), complaint_id)
    operations.acknowledge_complaint(
        db_session(), actor=current_identity(), complaint_id=complaint_id, seen_version=found.version, now=utcnow()
    )
    flash(gettext("The complaint is acknowledged."), "ok")
    return redirect(url_for("mandates.complaint", complaint_id=complaint_id), 303)


@bp.post("/complaints/<uuid:complaint_id>/answer")
@requires(Permission.COMPLAINT_HANDLE)
def complaint_answer(complaint_id: UUID) -> ResponseReturnValue:
    """Answer it."""
    form = AnswerForm()
    if not form.validate():
        return _show(complaint_id, answer=form, status=422)
    operations.answer_complaint(
        db_session(),
        actor=current_identity(),
        complaint_id=complaint_id,
        seen_version=form.version.seen,
        upheld=form.upheld.data == "yes",
        answer=form.answer.data,
        now=utcnow(),
    )
    flash(gettext("The answer is sent to the unit."), "ok")
    return redirect(url_for("mandates.complaint", complaint_id=complaint_id), 303)


@bp.post("/complaints/<uuid:complaint_id>/contest")
@requires(Permission.COMPLAINT_RAISE)
def complaint_contest(complaint_id: UUID) -> ResponseReturnValue:
    """The owner does not accept the answer."""
    form = ContestForm()
    if not form.validate():
        return _show(complaint_id, contest=form, status=422)
    operations.contest_answer(
        db_session(), actor=current_identity(), complaint_id=complaint_id, reason=form.reason.data, now=utcnow()
    )
    flash(gettext("The complaint will be looked into once more."), "ok")
    return redirect(url_for("mandates.complaint", complaint_id=complaint_id), 303)


@bp.post("/complaints/<uuid:complaint_id>/<any(close, withdraw):end>")
@requires(Permission.COMPLAINT_RAISE)
def complaint_end(complaint_id: UUID, end: str) -> ResponseReturnValue:
    """The owner accepts the answer, or takes the complaint back."""
    act = operations.close_complaint if end == "close" else operations.withdraw_complaint
    act(db_session(), actor=current_identity(), complaint_id=complaint_id, now=utcnow())
    flash(gettext("The complaint is closed.") if end == "close" else gettext("The complaint is taken back."), "ok")
    return redirect(url_for("mandates.complaint", complaint_id=complaint_id), 303)
