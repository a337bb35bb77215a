"""Leak cases: the list, a report by serial, one case with its measures and its end; the purpose that is met."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever
from portal.core.clock import city_day, utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import Invalid, NotAllowed, NotFound
from portal.evidence import operations, queries
from portal.evidence.forms.leaks import CloseLeakForm, ContainForm, LeakForm, PurposeMetForm
from portal.evidence.labels import LEAK
from portal.evidence.models import LeakCase
from portal.evidence.operations.holds import scope_of
from portal.evidence.queries import leaks as cases
from portal.evidence.states import LEAK_TRANSITIONS as MOVES
from portal.evidence.states import LeakAction, LeakStatus
from portal.evidence.values.leaks import LEAK_READ, LeakTexts
from portal.evidence.views.blueprint import bp
from portal.web.links import asked
from portal.web.session import db_session, keep_record, repeatable

Form = Any
ACTS: dict[str, tuple[type[Form], LeakAction]] = {
    "contain": (ContainForm, LeakAction.CONTAIN),
    "close": (CloseLeakForm, LeakAction.CLOSE),
}


@bp.get("/evidence/leaks")
@requires(Permission.LEAK_REPORT)
def leaks() -> ResponseReturnValue:
    """Leak cases in the reader's reach."""
    session, identity = db_session(), current_identity()
    status = request.args.get("status", "")
    wanted = LeakStatus(status) if status in set(LeakStatus) else None
    return render_template(
        "evidence/leaks.html",
        page=cases.leak_page(session, identity, wanted, after=request.args.get("after")),
        wanted=wanted,
        statuses=LEAK,
        today=city_day(utcnow()),
        may_report=may_ever(identity, Permission.LEAK_REPORT),
    )


@bp.route("/evidence/leaks/new", methods=["GET", "POST"])
@requires(Permission.LEAK_REPORT)
def leak_new() -> ResponseReturnValue:
    """Report a leak by the serial that was read off what leaked."""
    session, identity, now, form = db_session(), current_identity(), utcnow(), LeakForm()
    if request.method == "POST" and form.validate():
        try:
            with undone_if_refused(session):
                leak = operations.report_leak(
                    session,
                    actor=identity,
                    serial=form.serial.data or "",
                    found_on=form.found_on.data,
                    found=form.found.data or "",
                    now=now,
                )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The leak is on record. Both sides and the inspectorate are told."), "ok")
            return redirect(url_for("evidence.leak", leak_id=leak.id), 303)
    elif request.method == "GET":
        form.serial.data, form.found_on.data = asked("serial", 40), city_day(now)
    page = render_template("evidence/leak_new.html", form=form)
    return page, 422 if form.errors or form.form_errors else 200


@bp.get("/evidence/leaks/<uuid:leak_id>")
@requires(Permission.LEAK_REPORT)
def leak(leak_id: UUID) -> ResponseReturnValue:
    """One leak case."""
    found = _read(leak_id)
    return _page(found, None if found.request.secret else cases.texts_of(db_session(), found))


@bp.post("/evidence/leaks/<uuid:leak_id>/content")
@requires(Permission.LEAK_REPORT)
@repeatable("shows what is sealed: the answer must not be kept in the open; every look is recorded anew")
def leak_content(leak_id: UUID) -> ResponseReturnValue:
    """What is written about the leak of a secret case, for those it names; the look is sealed first."""
    found = _read(leak_id)
    texts = operations.open_leak(db_session(), actor=current_identity(), leak=found, now=utcnow())
    if texts is None:
        raise NotAllowed("evidence.readers_only")
    return _page(found, texts)


@bp.post("/evidence/leaks/<uuid:leak_id>/<act>")
@requires(Permission.LEAK_HANDLE)
def leak_act(leak_id: UUID, act: str) -> ResponseReturnValue:
    """Record measures, or close the case."""
    if act not in ACTS:
        raise NotFound()
    session, form = db_session(), ACTS[act][0]()
    if form.validate():
        try:
            with undone_if_refused(session):
                _do(act, form, leak_id)
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The case says so now."), "ok")
            return redirect(url_for("evidence.leak", leak_id=leak_id), 303)
    found = _read(leak_id)
    keep_record()
    return _page(found, None if found.request.secret else cases.texts_of(session, found), 422, **{act: form})


@bp.route("/evidence/requests/<uuid:request_id>/purpose-met", methods=["GET", "POST"])
@requires(Permission.REQUEST_READ)
def purpose_met(request_id: UUID) -> ResponseReturnValue:
    """Say that the footage has served its purpose; the duty to delete begins."""
    session, identity, now, form = db_session(), current_identity(), utcnow(), PurposeMetForm()
    found = queries.get_request(session, identity, request_id)
    if not operations.may_state(identity, found):
        raise NotAllowed("evidence.not_yours")
    if request.method == "POST" and form.validate():
        try:
            with undone_if_refused(session):
                operations.state_purpose_met(
                    session, actor=identity, request_id=request_id, met_on=form.met_on.data, now=now
                )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The purpose is met. Whoever holds a copy is told by when it is to go."), "ok")
            return redirect(url_for("evidence.request_", request_id=request_id), 303)
    elif request.method == "GET":
        form.met_on.data = city_day(now)
    shown = queries.get_request(session, identity, request_id)
    page = render_template("evidence/purpose_met.html", request_=shown, form=form)
    return page, 422 if form.errors else 200


def _read(leak_id: UUID) -> LeakCase:
    """A case that is about to be shown; the look is recorded."""
    session, identity = db_session(), current_identity()
    found = cases.get_leak(session, identity, leak_id)
    operations.record_read(
        session, actor=identity, request=found.request, tag=LEAK_READ, now=utcnow(), what=found.number
    )
    return found


def _do(act: str, form: Form, leak_id: UUID) -> None:
    session, identity, now = db_session(), current_identity(), utcnow()
    if act == "contain":
        operations.contain_leak(
            session,
            actor=identity,
            leak_id=leak_id,
            measures=form.measures.data or "",
            liable=form.liable.data or "",
            now=now,
        )
    else:
        operations.close_leak(session, actor=identity, leak_id=leak_id, outcome=form.outcome.data or "", now=now)


def _page(found: LeakCase, texts: LeakTexts | None, status: int = 200, **given: Form) -> ResponseReturnValue:
    identity = current_identity()
    handles = allows(identity, Permission.LEAK_HANDLE, scope_of(found.request))
    named = queries.may_read_content(identity, found.request) and identity.person_id != found.copy.receiver_id
    forms = {act: given.get(act) or ACTS[act][0](formdata=None) for act in ACTS}
    if texts is not None and "contain" not in given:
        forms["contain"].liable.data = texts.liable
    return (
        render_template(
            "evidence/leak.html",
            leak=found,
            copy=found.copy,
            request_=found.request,
            texts=texts,
            measures=cases.measures_of(db_session(), found, texts),
            closed=found.request.secret and texts is None and queries.may_read_content(identity, found.request),
            status=LEAK[LeakStatus(found.status)],
            forms=forms,
            may={act: handles and named and (found.status, move) in MOVES for act, (_form, move) in ACTS.items()},
            own_report=identity.person_id == found.reported_by,
            today=city_day(utcnow()),
        ),
        status,
    )
