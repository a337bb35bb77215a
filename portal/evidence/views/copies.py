"""Copies of footage: the register with its media, one copy, a new one, and how each ends."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, cast
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever, require
from portal.accounts.values import Identity
from portal.core.clock import city_day, utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.evidence import operations, queries
from portal.evidence.forms import offer
from portal.evidence.forms.copies import CaseFileForm, CopyForm, DestroyForm, MoveForm, PutOffForm, ReturnForm
from portal.evidence.labels import COPY_ROLE, COPY_STATUS, CUSTODY, LEAK
from portal.evidence.models import CustodyEntry, FootageCopy, FootageRequest
from portal.evidence.operations.holds import scope_of
from portal.evidence.operations.writing import may_write, write_file
from portal.evidence.queries import copies as register
from portal.evidence.queries.execution import items_of
from portal.evidence.queries.leaks import deletion_of, leaks_of
from portal.evidence.rules.copies import keeps_master
from portal.evidence.states import COPY_TRANSITIONS, CopyAction, CopyStatus
from portal.evidence.values import ActKind, CustodyAct
from portal.evidence.values.copies import COPY_READ, CopyRole
from portal.evidence.views.blueprint import bp
from portal.evidence.views.printing import by_ticket
from portal.vault.operations import store_upload
from portal.vault.queries import get_file
from portal.vault.serving import send_stored_file
from portal.vault.values import MIB, FileKind
from portal.web.links import asked
from portal.web.security import accepts_upload
from portal.web.session import db_session

Form = Any
ACTS: dict[str, tuple[type[Form], LazyString, CopyAction | None]] = {
    "return": (ReturnForm, _("Confirm the return"), CopyAction.RETURN),
    "destroy": (DestroyForm, _("Record the destruction"), CopyAction.DESTROY),
    "case-file": (CaseFileForm, _("Placed in the case file"), CopyAction.FILE),
    "put-off": (PutOffForm, _("Give more time"), None),
    "move": (MoveForm, _("Move the medium"), None),
}


@bp.get("/evidence/copies")
@requires(Permission.REQUEST_READ)
def copies() -> ResponseReturnValue:
    """Every copy in the reader's reach, with where it is; the media kept by units among them."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    status, role = request.args.get("status", ""), request.args.get("role", "")
    wanted = register.CopyFilter(
        keyword=asked("q"),
        role=CopyRole(role) if role in set(CopyRole) else None,
        status=CopyStatus(status) if status in set(CopyStatus) else None,
        overdue_on=today if request.args.get("due") == "overdue" else None,
    )
    return render_template(
        "evidence/copies.html",
        page=register.copy_page(session, identity, wanted, after=request.args.get("after")),
        tally=register.copy_tally(session, identity, wanted),
        late=register.count_overdue(session, identity, today=today),
        wanted=wanted,
        conditions=_conditions(wanted),
        may_export=may_ever(identity, Permission.LEDGER_EXPORT),
        today=today,
        statuses=COPY_STATUS,
        roles=COPY_ROLE,
    )


@bp.get("/evidence/copies/<uuid:copy_id>")
@requires(Permission.REQUEST_READ)
def copy_(copy_id: UUID) -> ResponseReturnValue:
    """One copy: what it holds, who has it, by when it must be settled, and its lines in the register."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = register.get_copy(session, identity, copy_id)
    operations.record_read(session, actor=identity, request=found.request, tag=COPY_READ, now=now, what=found.serial)
    lines = register.lines_of_copy(session, found)
    writes = may_write(identity, found, found.request) and deletion_of(session, found.request_id) is None
    session.commit()
    return render_template(
        "evidence/copy.html",
        copy=found,
        request_=found.request,
        status=COPY_STATUS[CopyStatus(found.status)],
        role=COPY_ROLE[CopyRole(found.role)],
        lines=[_line(one) for one in reversed(lines)],
        acts=[(name, ACTS[name][1]) for name in ACTS if _may(identity, found, name)],
        files=[one for one in items_of(session, found.request_id) if one.stored_file_id] if writes else [],
        leaks=leaks_of(session, found.id),
        leak_statuses=LEAK,
        may_report=allows(identity, Permission.LEAK_REPORT, scope_of(found.request)),
        today=city_day(now),
    )


@bp.route("/evidence/requests/<uuid:request_id>/copies/new", methods=["GET", "POST"])
@requires(Permission.REQUEST_EXECUTE)
def copy_new(request_id: UUID) -> ResponseReturnValue:
    """The custodian makes a copy of the sealed set."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_request(session, identity, request_id)
    require(identity, Permission.REQUEST_EXECUTE, scope_of(found), read=Permission.REQUEST_READ)
    offer(receivers=[(str(officer.place), f"{officer.name} · {officer.number_masked}") for officer in found.officers])
    form = CopyForm()
    if request.method == "POST" and form.validate():
        try:
            with undone_if_refused(session):
                made = operations.make_copy(session, actor=identity, request_id=request_id, draft=form.draft(), now=now)
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(
                gettext("Copy %(serial)s is in the register. Write its serial onto the medium.")
                % {"serial": made.serial},
                "ok",
            )
            return redirect(url_for("evidence.copy_", copy_id=made.id), 303)
    elif request.method == "GET":
        _propose(form, found, identity)
    shown = queries.get_request(session, identity, request_id)
    page = render_template("evidence/copy_new.html", request_=shown, form=form)
    return page, 422 if form.errors else 200


@bp.route("/evidence/copies/<uuid:copy_id>/<act>", methods=["GET", "POST"])
@requires(Permission.REQUEST_READ)
@accepts_upload(16 * MIB)
def copy_act(copy_id: UUID, act: str) -> ResponseReturnValue:
    """Return, destruction, case file, more time, another shelf: one form each."""
    if act not in ACTS:
        raise NotFound()
    session, identity = db_session(), current_identity()
    found = register.get_copy(session, identity, copy_id)
    if not _applies(found, act):
        raise IllegalTransition("evidence.copy.illegal", status=found.status, action=act)
    if not _may(identity, found, act):
        raise NotAllowed("evidence.not_the_holder")
    form = ACTS[act][0]()
    if request.method == "POST" and form.validate():
        try:
            with undone_if_refused(session):
                _do(act, form, found)
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The register says so now."), "ok")
            return redirect(url_for("evidence.copy_", copy_id=copy_id), 303)
    elif request.method == "GET":
        _fill(form, found)
    shown = register.get_copy(session, identity, copy_id)
    page = render_template(
        "evidence/copy_act.html", copy=shown, request_=shown.request, form=form, title=ACTS[act][1], act=act,
        ticket=act == "destroy" and operations.needs_ticket(session, shown.request, shown),
    )  # fmt: skip
    return page, 422 if form.errors or form.form_errors else 200


@bp.get("/evidence/copies/<uuid:copy_id>/paper")
@requires(Permission.REQUEST_READ)
def copy_paper(copy_id: UUID) -> Response:
    """The signed paper by which a copy ended."""
    session, identity = db_session(), current_identity()
    found = register.get_copy(session, identity, copy_id)
    if found.ended_file_id is None:
        raise NotFound()
    operations.record_read(
        session, actor=identity, request=found.request, tag=COPY_READ, now=utcnow(), what=found.serial
    )
    return send_stored_file(session, get_file(session, found.ended_file_id))


@bp.get("/evidence/copies/<uuid:copy_id>/files/<uuid:item_id>")
@requires(Permission.REQUEST_READ)
def copy_file(copy_id: UUID, item_id: UUID) -> Response:
    """A file of the sealed set in the recorder's own format, for who writes this copy."""
    session = db_session()
    stored = write_file(session, actor=current_identity(), copy_id=copy_id, item_id=item_id, now=utcnow())
    return send_stored_file(session, stored)


def _conditions(wanted: register.CopyFilter) -> dict[str, str]:
    """The filter as the list's export understands it."""
    due = "overdue" if wanted.overdue_on else ""
    said = {"q": wanted.keyword, "role": wanted.role or "", "status": wanted.status or "", "due": due}
    return {name: str(value) for name, value in said.items() if value}


def _line(entry: CustodyEntry) -> dict[str, Any]:
    kind, what = CUSTODY[CustodyAct(entry.act)]
    return {
        "kind": kind,
        "who": entry.operator_name,
        "what": what,
        "at": entry.at,
        "note": " · ".join(filter(None, (entry.destination, by_ticket(entry)))),
    }


def _applies(copy: FootageCopy, act: str) -> bool:
    """Whether a copy where it is now can take this step at all, whoever asks."""
    action, status = ACTS[act][2], CopyStatus(copy.status)
    if action is None:
        return status is (CopyStatus.WITH_RECIPIENT if act == "put-off" else CopyStatus.KEPT)
    return (status, action) in COPY_TRANSITIONS


def _may(identity: Identity, copy: FootageCopy, act: str) -> bool:
    if not _applies(copy, act):
        return False
    action, status = ACTS[act][2], CopyStatus(copy.status)
    here = allows(identity, Permission.REQUEST_ACKNOWLEDGE, scope_of(copy.request))
    if action is None:
        return here
    out = status is CopyStatus.WITH_RECIPIENT and action is not CopyAction.RETURN
    if out and register.has_account(copy, copy.request):
        return register.answers_for(identity, copy, copy.request)
    return here


def _do(act: str, form: Form, copy: FootageCopy) -> None:
    session, named = db_session(), _named(copy)
    action = ACTS[act][2]
    if action is None:
        step: Callable[..., Any] = operations.put_off if act == "put-off" else operations.move_medium
        step(session, **named, **_given(act, form))
        return
    ending = form.ending()
    if form.file.data is not None:
        ending = replace(ending, stored_file_id=_take_in(copy, form.file.data))
    operations.end_copy(session, **named, action=action, ending=ending)


def _named(copy: FootageCopy) -> dict[str, Any]:
    return {"actor": current_identity(), "request_id": copy.request_id, "copy_id": copy.id, "now": utcnow()}


def _given(act: str, form: Form) -> dict[str, Any]:
    if act == "put-off":
        return {"until": form.until.data, "reason": form.extend_reason.data or ""}
    return {name: form[name].data or "" for name in ("shelf", "keeper_name", "archive_reason")}


def _take_in(copy: FootageCopy, upload: Any) -> UUID:
    stored = store_upload(
        db_session(),
        actor=current_identity().actor,
        stream=cast(Any, upload.stream),
        filename=upload.filename or "paper.pdf",
        kind=FileKind.SIGNED_SCAN,
        unit_id=copy.request.unit_id,
        organ_id=copy.request.requester_organ_id,
        now=utcnow(),
    )
    return stored.id


def _propose(form: CopyForm, found: FootageRequest, identity: Identity) -> None:
    made = register.copies_of(db_session(), found.id)
    master = keeps_master(ActKind(found.act)) and all(one.role != CopyRole.MASTER for one in made)
    form.role.data = CopyRole.MASTER if master else CopyRole.WORKING
    form.keeper_name.data = identity.name


def _fill(form: Form, copy: FootageCopy) -> None:
    today: date = city_day(utcnow())
    for name, value in {
        "on": today, "until": copy.due_back, "shelf": copy.shelf, "keeper_name": copy.keeper_name,
        "archive_reason": copy.archive_reason,
    }.items():  # fmt: skip
        if name in form:
            form[name].data = value
