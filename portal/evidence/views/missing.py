"""Missing footage: the list for both sides, the page of one finding, what the unit says and what follows."""

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from flask_babel.speaklater import LazyString

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.accounts.values import Identity
from portal.core.clock import utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import Invalid
from portal.evidence import operations
from portal.evidence.forms.missing import CloseMissingForm, StateForm
from portal.evidence.labels import CONSEQUENCE, MISSING, MISSING_CAUSE
from portal.evidence.models import MissingFootage
from portal.evidence.operations.holds import scope_of
from portal.evidence.operations.missing import close_missing, may_close, state_missing
from portal.evidence.queries import missing as findings
from portal.evidence.states import MISSING_TRANSITIONS as MOVES
from portal.evidence.states import MissingAction, MissingStatus
from portal.evidence.values import FORM_PRINTED
from portal.evidence.values.missing import MISSING_READ, Consequence, MissingCause
from portal.evidence.values.overwriting import said_from
from portal.evidence.views.blueprint import bp
from portal.evidence.views.filters import span_text
from portal.evidence.views.overwriting import said_text
from portal.papers.operations import render
from portal.papers.values import Ledger, LedgerColumn, Stamp, shortened
from portal.web.formats import datetime_
from portal.web.session import db_session, keep_record

Form = Any


@bp.app_template_filter("missing_cause")
def missing_cause(cause: str) -> LazyString:
    """Why footage is missing."""
    return MISSING_CAUSE[MissingCause(cause)]


@bp.get("/evidence/missing")
@requires(Permission.REQUEST_READ)
def missing() -> ResponseReturnValue:
    """Findings in the reader's reach, those of the own unit and of the own organ's requests."""
    status, cause = request.args.get("status", ""), request.args.get("cause", "")
    wanted = MissingStatus(status) if status in set(MissingStatus) else None
    why = MissingCause(cause) if cause in set(MissingCause) else None
    page = findings.missing_page(
        db_session(), current_identity(), status=wanted, cause=why, after=request.args.get("after")
    )
    return render_template(
        "evidence/missing.html", page=page, wanted=wanted, why=why, statuses=MISSING, causes=MISSING_CAUSE
    )


@bp.get("/evidence/missing/<uuid:missing_id>")
@requires(Permission.REQUEST_READ)
def missing_(missing_id: UUID) -> ResponseReturnValue:
    """One finding."""
    found = _read(missing_id, MISSING_READ)
    return _page(found)


@bp.post("/evidence/missing/<uuid:missing_id>/state")
@requires(Permission.REQUEST_ACKNOWLEDGE)
def missing_state(missing_id: UUID) -> ResponseReturnValue:
    """The unit's statement."""
    session, identity, form = db_session(), current_identity(), StateForm()
    if form.validate():
        try:
            with undone_if_refused(session):
                state_missing(
                    session,
                    actor=identity,
                    missing_id=missing_id,
                    responsible=form.responsible.data or "",
                    statement=form.statement.data or "",
                    now=utcnow(),
                )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The statement is on record; the other side closes the finding."), "ok")
            return redirect(url_for("evidence.missing_", missing_id=missing_id), 303)
    return _page_again(missing_id, state=form)


@bp.post("/evidence/missing/<uuid:missing_id>/close")
@requires(Permission.LEAK_HANDLE)
def missing_close(missing_id: UUID) -> ResponseReturnValue:
    """What follows."""
    session, identity, form = db_session(), current_identity(), CloseMissingForm()
    if form.validate():
        try:
            with undone_if_refused(session):
                close_missing(
                    session,
                    actor=identity,
                    missing_id=missing_id,
                    consequence=form.given(),
                    result=form.result.data or "",
                    now=utcnow(),
                )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The finding is closed."), "ok")
            return redirect(url_for("evidence.missing_", missing_id=missing_id), 303)
    return _page_again(missing_id, close=form)


@bp.get("/evidence/missing/<uuid:missing_id>/finding.pdf")
@requires(Permission.REQUEST_READ)
def missing_pdf(missing_id: UUID) -> ResponseReturnValue:
    """The finding as a paper; the print is recorded."""
    found = _read(missing_id, FORM_PRINTED)
    paper = Ledger(
        stamp=Stamp(
            serial=found.number,
            printed_by=current_identity().name,
            printed_at=utcnow(),
            issuer=current_identity().organ_name,
        ),
        title=gettext("Finding on missing footage"),
        organisation=found.request.unit.name,
        period=span_text(found.span_from, found.span_to),
        columns=(LedgerColumn(head=gettext("Item"), share=1), LedgerColumn(head=gettext("Content"), share=4)),
        rows=tuple((label, shortened(text)) for label, text in _told(found)),
    )
    answer = Response(render(paper.form, paper, lang=str(get_locale())), mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "inline", filename=f"{found.number}.pdf")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _read(missing_id: UUID, tag: Any) -> MissingFootage:
    session, identity = db_session(), current_identity()
    found = findings.get_missing(session, identity, missing_id)
    operations.record_read(session, actor=identity, request=found.request, tag=tag, now=utcnow(), what=found.number)
    return found


def _page_again(missing_id: UUID, **refused: Form) -> ResponseReturnValue:
    found = _read(missing_id, MISSING_READ)
    keep_record()
    return _page(found, **refused), 422


def _told(found: MissingFootage) -> list[tuple[str, str]]:
    """The finding line by line, as its paper says it."""
    consequence = str(CONSEQUENCE[Consequence(found.consequence)]) if found.consequence else ""
    told = [
        (gettext("Number of the finding"), found.number),
        (gettext("Footage request"), found.request.number or ""),
        (gettext("Camera"), found.label),
        (gettext("Missing span"), span_text(found.span_from, found.span_to)),
        (gettext("Cause"), str(MISSING_CAUSE[MissingCause(found.cause)])),
        (gettext("Explanation"), found.note),
        (gettext("Ought to have been there"), _owed(found)),
        (gettext("How long it was said to be kept"), "; ".join(said_text(one) for one in said_from(found.kept_said))),
        (gettext("When and by whom it was found"), f"{found.found_name} {datetime_(found.found_at)}"),
        (gettext("Responsible person"), found.responsible),
        (gettext("Why the footage is missing"), found.statement),
        (
            gettext("When and by whom it was stated"),
            f"{found.stated_name} {datetime_(found.stated_at)}" if found.stated_at else "",
        ),
        (gettext("What follows for it"), consequence),
        (gettext("Result"), found.result),
        (gettext("Closed by"), f"{found.closed_name} {datetime_(found.closed_at)}" if found.closed_at else ""),
    ]
    return [(label, text or "—") for label, text in told]


def _owed(found: MissingFootage) -> str:
    if found.held:
        return gettext("Yes: a preservation hold stood")
    if found.was_owed:
        return gettext("Yes: within the %(days)s days the rules require", days=found.required_days)
    return gettext("No: past the %(days)s days the rules require, and not held", days=found.required_days)


def _page(found: MissingFootage, **given: Form) -> str:
    identity = current_identity()
    scope, status = scope_of(found.request), MissingStatus(found.status)
    may = {
        "state": allows(identity, Permission.REQUEST_ACKNOWLEDGE, scope) and (status, MissingAction.STATE) in MOVES,
        "close": _closes(identity, found) and (status, MissingAction.CLOSE) in MOVES,
    }
    state = given.get("state") or StateForm(formdata=None)
    if "state" not in given:
        state.responsible.data, state.statement.data = found.responsible, found.statement
    return render_template(
        "evidence/finding.html",
        found=found,
        status=MISSING[status],
        told=_told(found),
        may=may,
        state=state,
        close=given.get("close") or CloseMissingForm(formdata=None),
        faulty=bool(given),
    )


def _closes(identity: Identity, found: MissingFootage) -> bool:
    return allows(identity, Permission.LEAK_HANDLE, scope_of(found.request)) and may_close(
        identity, found, found.request
    )
