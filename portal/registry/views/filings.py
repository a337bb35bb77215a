"""Filings: list, detail, and each step of their life."""

import json
from uuid import UUID

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.core.clock import city_day, utcnow
from portal.core.errors import NotFound
from portal.registry import operations, queries
from portal.registry.course import filing_course
from portal.registry.forms import AcceptForm, OpenFilingForm, ReturnForm, SubmitForm
from portal.registry.labels import CAMERA_TYPE, FILING_KIND, FILING_STATUS, PARTY
from portal.registry.papers import receipt_pdf
from portal.registry.queries.lists import FILINGS
from portal.registry.states import FILING_TRANSITIONS, FilingAction, FilingStatus
from portal.registry.values import FilingKind
from portal.registry.views import systems
from portal.registry.views.blueprint import bp, setting
from portal.registry.views.documents import document_rows
from portal.registry.views.lists import show_list
from portal.regulation.calendar import WorkCalendar
from portal.web.session import db_session


def calendar() -> WorkCalendar:
    """The working-day calendar deadlines are counted with."""
    return WorkCalendar()


@bp.get("/filings")
@requires(Permission.FILING_READ)
def filings() -> ResponseReturnValue:
    """Filings the reader may see; the statuses are the filter."""
    return show_list(
        FILINGS,
        empty_title=gettext("No filing yet"),
        empty_why=gettext("A filing is begun from the page of its system."),
        empty_url=url_for("registry.systems"),
        empty_action=gettext("To the systems"),
    )


@bp.post("/systems/<uuid:system_id>/filings")
@requires(Permission.FILING_DRAFT)
def filing_open(system_id: UUID) -> ResponseReturnValue:
    """Begin a filing of a system."""
    form = OpenFilingForm()
    if not form.validate():
        return systems.show(system_id, filing_form=form, status=422)
    filing = operations.open_filing(
        db_session(),
        actor=current_identity(),
        system_id=system_id,
        kind=FilingKind(str(form.kind.data)),
        calendar=calendar(),
        now=utcnow(),
    )
    flash(gettext("The filing is begun. It is not submitted yet."), "ok")
    return redirect(url_for("registry.filing", filing_id=filing.id), 303)


@bp.get("/filings/<uuid:filing_id>")
@requires(Permission.FILING_READ)
def filing(filing_id: UUID) -> ResponseReturnValue:
    """One filing: what is missing, its clock, its papers, its revisions."""
    return _show(filing_id)


def _show(
    filing_id: UUID,
    *,
    submit: SubmitForm | None = None,
    back: ReturnForm | None = None,
    accept: AcceptForm | None = None,
    blocked: list[object] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_filing(session, identity, filing_id)
    scope = queries.filing_scope(found)
    system = queries.get_system(session, identity, found.system_id)
    version = {"version": str(found.version)}
    possible = {action for (state, action) in FILING_TRANSITIONS if state == found.status}
    may_decide = FilingAction.ACCEPT in possible and allows(identity, Permission.FILING_DECIDE, scope)
    revisions = queries.revisions_of(session, filing_id)
    return (
        render_template(
            "registry/filing.html",
            filing=found,
            system=system,
            missing=operations.missing_of(session, system, now=now) if FilingAction.SUBMIT in possible else [],
            blocked=blocked or [],
            revisions=revisions,
            course=filing_course(session, found, revisions),
            documents=document_rows(queries.documents_of(session, system.id)),
            cameras=queries.camera_counts(session, [system.id]).get(system.id, 0),
            status=FILING_STATUS[FilingStatus(found.status)],
            kinds=FILING_KIND,
            today=city_day(now),
            submit_form=submit or SubmitForm(data=version | {"declared_by": identity.name}),
            return_form=back or ReturnForm(data=version),
            accept_form=accept or AcceptForm(data=version),
            may_submit=FilingAction.SUBMIT in possible and allows(identity, Permission.FILING_SUBMIT, scope),
            may_decide=may_decide,
            may_edit=FilingAction.SUBMIT in possible and allows(identity, Permission.SYSTEM_EDIT, scope),
            may_upload=FilingAction.SUBMIT in possible and allows(identity, Permission.DOCUMENT_UPLOAD, scope),
            may_withdraw=FilingAction.WITHDRAW in possible and allows(identity, Permission.FILING_DRAFT, scope),
        ),
        status,
    )


@bp.post("/filings/<uuid:filing_id>/submit")
@requires(Permission.FILING_SUBMIT)
def filing_submit(filing_id: UUID) -> ResponseReturnValue:
    """Hand a filing to the competent organ."""
    form = SubmitForm()
    if not form.validate():
        return _show(filing_id, submit=form, status=422)
    try:
        operations.submit_filing(
            db_session(),
            actor=current_identity(),
            filing_id=filing_id,
            seen_version=form.version.seen,
            declared_by=form.declared_by.data,
            calendar=calendar(),
            now=utcnow(),
        )
    except operations.FilingIncomplete as incomplete:
        return _show(filing_id, submit=form, blocked=list(incomplete.shortfalls), status=422)
    flash(gettext("The filing is submitted."), "ok")
    return redirect(url_for("registry.filing", filing_id=filing_id), 303)


@bp.post("/filings/<uuid:filing_id>/return")
@requires(Permission.FILING_DECIDE)
def filing_return(filing_id: UUID) -> ResponseReturnValue:
    """Send a filing back for correction."""
    form = ReturnForm()
    if not form.validate():
        return _show(filing_id, back=form, status=422)
    operations.return_filing(
        db_session(),
        actor=current_identity(),
        filing_id=filing_id,
        seen_version=form.version.seen,
        reason=form.reason.data,
        field_comments=form.comments(),
        now=utcnow(),
    )
    flash(gettext("The filing is returned for correction."), "ok")
    return redirect(url_for("registry.filing", filing_id=filing_id), 303)


@bp.post("/filings/<uuid:filing_id>/accept")
@requires(Permission.FILING_DECIDE)
def filing_accept(filing_id: UUID) -> ResponseReturnValue:
    """Accept a filing; it takes its number."""
    form = AcceptForm()
    if not form.validate():
        return _show(filing_id, accept=form, status=422)
    found = operations.accept_filing(
        db_session(),
        actor=current_identity(),
        filing_id=filing_id,
        seen_version=form.version.seen,
        national_number=form.national_number.data or "",
        now=utcnow(),
    )
    flash(gettext("Filed under number %(number)s.", number=found.number), "ok")
    return redirect(url_for("registry.filing", filing_id=filing_id), 303)


@bp.post("/filings/<uuid:filing_id>/withdraw")
@requires(Permission.FILING_DRAFT)
def filing_withdraw(filing_id: UUID) -> ResponseReturnValue:
    """Take a filing back before it is decided."""
    operations.withdraw_filing(db_session(), actor=current_identity(), filing_id=filing_id, reason="", now=utcnow())
    flash(gettext("The filing is withdrawn."), "ok")
    return redirect(url_for("registry.filing", filing_id=filing_id), 303)


@bp.get("/filings/<uuid:filing_id>/revisions/<int:revision>")
@requires(Permission.FILING_READ)
def filing_revision(filing_id: UUID, revision: int) -> ResponseReturnValue:
    """What was submitted then, as it was frozen, with its digest."""
    session = db_session()
    found = queries.get_filing(session, current_identity(), filing_id)
    for row in queries.revisions_of(session, filing_id):
        if row.revision == revision:
            content = json.loads(row.content)
            return render_template(
                "registry/revision.html",
                filing=found,
                row=row,
                content=content,
                parties=PARTY,
                camera_types=CAMERA_TYPE,
            )
    raise NotFound()


@bp.get("/filings/<uuid:filing_id>/receipt.pdf")
@requires(Permission.FILING_READ)
def filing_receipt(filing_id: UUID) -> ResponseReturnValue:
    """The receipt of an accepted filing, with the code that anyone may check."""
    session, identity = db_session(), current_identity()
    found = queries.get_filing(session, identity, filing_id)
    body = receipt_pdf(
        session,
        found,
        officer=found.decided_by_name,
        printed_by=identity.name,
        base_url=setting["base_url"],
        now=utcnow(),
        lang=str(get_locale()),
    )
    name = f"receipt-{found.number}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, content_type="application/pdf", headers=headers)
