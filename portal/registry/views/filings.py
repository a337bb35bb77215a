"""Filings: list, detail, and each step of their life."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.models import Organ
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever
from portal.accounts.values import Identity
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid, NotFound
from portal.registry import operations, queries
from portal.registry.course import filing_course
from portal.registry.forms import (
    AcceptForm,
    ConfirmForm,
    FindingForm,
    NationalForm,
    OpenFilingForm,
    ReasonForm,
    ReturnForm,
    SubmitForm,
)
from portal.registry.labels import (
    CAMERA_TYPE,
    COMMENTED,
    CONFIRMATION_TEXT,
    DECLARATION,
    FILING_KIND,
    FILING_STATUS,
    FINDING_STATUS,
    HANDLER,
    PARTY,
)
from portal.registry.models import Filing, FilingRevision, System
from portal.registry.operations.routing import is_competent
from portal.registry.queries.lists import FILINGS
from portal.registry.states import FILING_TRANSITIONS, STANDING, FilingAction, FilingStatus
from portal.registry.values import DECLARATION_VERSION, Shortfall
from portal.registry.views import systems
from portal.registry.views.blueprint import bp
from portal.registry.views.comparing import (
    Withheld,
    comparison_of,
    labels_of_differences,
    mismatches_of,
    routed_of,
    shown_content,
)
from portal.registry.views.documents import document_rows
from portal.registry.views.lists import show_list
from portal.regulation.calendar import WorkCalendar
from portal.web.session import db_session


def calendar() -> WorkCalendar:
    """The working-day calendar deadlines are counted with."""
    return WorkCalendar()


def filing_tabs(at: str) -> list[tuple[str, str, None, bool]]:
    """The two ways of looking at what is filed: one by one, and by what is due."""
    return [
        (gettext("Filings"), url_for("registry.filings"), None, at == "filings"),
        (gettext("Filing deadlines"), url_for("registry.deadlines"), None, at == "deadlines"),
    ]


@bp.get("/filings")
@requires(Permission.FILING_READ)
def filings() -> ResponseReturnValue:
    """Filings the reader may see; the statuses are the filter."""
    identity = current_identity()
    may_file = may_ever(identity, Permission.FILING_SUBMIT) and bool(identity.unit_ids)
    return show_list(
        FILINGS,
        tabs=filing_tabs("filings"),
        create_url=url_for("registry.quick_start") if may_file else "",
        create_text=gettext("File a system"),
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
        handled_by=form.handler,
        calendar=calendar(),
        now=utcnow(),
    )
    flash(gettext("The filing is begun. It is not submitted yet."), "ok")
    return redirect(url_for("registry.filing", filing_id=filing.id), 303)


@bp.get("/filings/<uuid:filing_id>")
@requires(Permission.FILING_READ)
def filing(filing_id: UUID) -> ResponseReturnValue:
    """One filing: what is missing, its clock, its papers, its revisions."""
    return show(filing_id)


@dataclass(frozen=True, kw_only=True)
class Typed:
    """Forms of the page that were refused and come back with what was typed, and refusals that name an article."""

    submit: SubmitForm | None = None
    back: ReturnForm | None = None
    accept: AcceptForm | None = None
    national: NationalForm | None = None
    removal: ReasonForm | None = None
    finding: FindingForm | None = None
    blocked: Sequence[Shortfall] = ()
    refused: Sequence[Shortfall] = ()


def show(filing_id: UUID, typed: Typed | None = None, *, status: int = 200) -> ResponseReturnValue:
    """The page of a filing."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_filing(session, identity, filing_id)
    if found.revision and not queries.keeps_system(found):
        # The system went to another organ's district: what this organ keeps is what was filed with it.
        return redirect(url_for("registry.filing_revision", filing_id=filing_id, revision=found.revision))
    system = queries.get_system(session, identity, found.system_id)
    revisions = queries.revisions_of(session, filing_id)
    page = render_template(
        "registry/filing.html",
        filing=found,
        system=system,
        revisions=revisions,
        filed=_as_filed(found, revisions),
        course=filing_course(session, found, revisions),
        cameras=queries.camera_counts(session, [system.id]).get(system.id, 0),
        status=FILING_STATUS[FilingStatus(found.status)],
        kinds=FILING_KIND,
        handlers=HANDLER,
        today=city_day(now),
        handed_in=city_day(revisions[-1].submitted_at) if revisions else None,
        routed=routed_of(found.routed_why),
        organ_name=organ.name if (organ := session.get(Organ, found.organ_id)) else "",
        comparison=comparison_of(
            session, found, revisions, system=system, withheld=Withheld.of(session, identity, found)
        ),
        findings=queries.findings_of(session, filing_id),
        finding_status=FINDING_STATUS,
        confirmations=queries.confirmations_of(session, filing_id),
        clocks=queries.running_clocks(session, system.id) if found.status in STANDING else [],
        mismatches=mismatches_of(session, system) if found.revision else [],
        **labels_of_differences(),
        **_may(found, system, identity, now),
        **_forms(found, identity, typed or Typed()),
    )
    return page, status


def _as_filed(found: Filing, revisions: Sequence[FilingRevision]) -> dict[str, Any]:
    """What stands on file, which the system may have left behind; nothing while the unit still works on it."""
    if not revisions or found.status in (FilingStatus.DRAFT, FilingStatus.RETURNED):
        return {}
    content: dict[str, Any] = json.loads(revisions[0].content).get("system", {})
    return content


def _may(found: Filing, system: System, identity: Identity, now: datetime) -> dict[str, Any]:
    """What the reader may do next, and what stands in the way."""
    session, scope = db_session(), queries.filing_scope(found)
    possible = {action for (state, action) in FILING_TRANSITIONS if state == found.status}

    def may(action: FilingAction, permission: Permission) -> bool:
        return action in possible and allows(identity, permission, scope)

    documents = queries.documents_of(session, system.id)
    deciding = may(FilingAction.ACCEPT, Permission.FILING_DECIDE) and is_competent(session, identity, found)
    missing = []
    # Whoever decides sees what the unit saw when it handed the filing in: what does not block is theirs to judge.
    if FilingAction.SUBMIT in possible or deciding:
        missing = operations.missing_of(session, system, handled_by=found.handled_by, now=now)
    own = allows(identity, Permission.FILING_SUBMIT, scope)
    return {
        "missing": missing,
        "documents": document_rows(documents),
        "may_submit": may(FilingAction.SUBMIT, Permission.FILING_SUBMIT),
        "may_decide": deciding,
        "may_edit": may(FilingAction.SUBMIT, Permission.SYSTEM_EDIT),
        "may_upload": may(FilingAction.SUBMIT, Permission.DOCUMENT_UPLOAD),
        "may_withdraw": may(FilingAction.WITHDRAW, Permission.FILING_DRAFT),
        "may_confirm": may(FilingAction.CONFIRM, Permission.FILING_SUBMIT),
        "may_remove": may(FilingAction.REMOVE, Permission.FILING_SUBMIT),
        "may_move": may(FilingAction.MOVE, Permission.FILING_SUBMIT),
        "may_note": bool(found.number)
        and allows(identity, Permission.FILING_NUMBER, scope)
        and (own or is_competent(session, identity, found)),
        "may_find": found.revision > 0 and allows(identity, Permission.FILING_DECIDE, scope),
        "in_force": found.status in STANDING,
    }


def _forms(found: Filing, identity: Identity, typed: Typed) -> dict[str, Any]:
    version = {"version": str(found.version)}
    national = {"national_number": found.national_number or "", "national_filed_on": found.national_filed_on}
    return {
        "blocked": typed.blocked,
        "refused": typed.refused,
        "submit_form": typed.submit or SubmitForm(data=version | {"declared_by": identity.name}),
        "return_form": typed.back or ReturnForm(data=version),
        "accept_form": typed.accept or AcceptForm(data=version),
        "confirm_form": ConfirmForm(data=version),
        "national_form": typed.national or NationalForm(data=version | national),
        "removal_form": typed.removal or ReasonForm(),
        "finding_form": typed.finding or FindingForm(),
        "commented": COMMENTED,
        "declaration": DECLARATION[found.declaration or DECLARATION_VERSION],
        "confirmation_text": CONFIRMATION_TEXT,
    }


@bp.post("/filings/<uuid:filing_id>/submit")
@requires(Permission.FILING_SUBMIT)
def filing_submit(filing_id: UUID) -> ResponseReturnValue:
    """Hand a filing to the competent organ."""
    form = SubmitForm()
    if not form.validate():
        return show(filing_id, Typed(submit=form), status=422)
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
        return show(filing_id, Typed(submit=form, blocked=incomplete.shortfalls), status=422)
    flash(gettext("The filing is submitted."), "ok")
    return redirect(url_for("registry.filing", filing_id=filing_id), 303)


@bp.post("/filings/<uuid:filing_id>/return")
@requires(Permission.FILING_DECIDE)
def filing_return(filing_id: UUID) -> ResponseReturnValue:
    """Send a filing back for correction."""
    form = ReturnForm()
    if not form.validate():
        return show(filing_id, Typed(back=form), status=422)
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
        return show(filing_id, Typed(accept=form), status=422)
    try:
        found = operations.accept_filing(
            db_session(),
            actor=current_identity(),
            filing_id=filing_id,
            seen_version=form.version.seen,
            national_number=form.national_number.data or "",
            now=utcnow(),
        )
    except Invalid as refusal:
        form.take(refusal)
        return show(filing_id, Typed(accept=form), status=422)
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
    """What was submitted then, as it was frozen, with its digest, and what differs from the submission before it."""
    session = db_session()
    found = queries.get_filing(session, current_identity(), filing_id)
    rows = queries.revisions_of(session, filing_id)
    withheld = Withheld.of(session, current_identity(), found)
    for row in rows:
        if row.revision == revision:
            return render_template(
                "registry/revision.html",
                filing=found,
                row=row,
                content=shown_content(row.content, withheld),
                parties=PARTY,
                camera_types=CAMERA_TYPE,
                comparison=comparison_of(
                    session, found, [one for one in rows if one.revision <= revision], withheld=withheld
                ),
                status=FILING_STATUS[FilingStatus(found.status)],
                **labels_of_differences(),
            )
    raise NotFound()
