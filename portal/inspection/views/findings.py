"""Findings: the list of them, one of them, its cure by the unit and the organ's word on it."""

from collections.abc import Mapping
from datetime import date
from typing import BinaryIO, cast
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever
from portal.accounts.queries import divisions
from portal.core.clock import city_day, utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import Invalid
from portal.inspection import operations, queries
from portal.inspection.forms import CureForm, DecideCureForm
from portal.inspection.labels import FINDING_ACT_KIND, FINDING_STATUS, SEVERITY
from portal.inspection.states import FINDING_TRANSITIONS, OWED, AcceptanceKind, FindingAction, FindingStatus, Severity
from portal.inspection.views.blueprint import asked_day, bp
from portal.registry.course import course_of
from portal.vault.models import StoredFile
from portal.vault.operations import store_upload
from portal.vault.queries import get_file
from portal.vault.serving import send_stored_file
from portal.vault.values import MIB, FileKind
from portal.web import formats
from portal.web.links import asked, uuid_or_none
from portal.web.navigation import NavItem, Section, add_to_navigation
from portal.web.security import accepts_upload
from portal.web.session import db_session

add_to_navigation(
    bp,
    NavItem(
        section=Section.SUPERVISION,
        label=_("Findings"),
        endpoint="inspection.findings",
        permission=Permission.ACCEPTANCE_READ,
        order=11,
        covers=("inspection.finding", "inspection.finding_"),
    ),
)


@bp.get("/findings")
@requires(Permission.ACCEPTANCE_READ)
def findings() -> ResponseReturnValue:
    """What inspections found, as far as the reader may see it; statuses and what is overdue are the filter."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    wanted = _wanted(today)
    return render_template(
        "inspection/findings.html",
        page=queries.finding_page(session, identity, wanted, after=request.args.get("after")),
        tally=queries.finding_tally(session, identity, wanted),
        overdue=queries.count_overdue(session, identity, wanted, on=today),
        wanted=wanted,
        today=today,
        owed=OWED,
        districts=[(row.code, formats.district(row.code)) for row in divisions(session)],
        severities=SEVERITY,
        statuses=FINDING_STATUS,
        may_export=may_ever(identity, Permission.LIST_EXPORT),
        conditions=_conditions(),
    )


def _conditions() -> Mapping[str, str]:
    """The conditions of the address, as the list that leaves takes them."""
    known = {one.key for one in queries.FINDINGS.filters}
    return {name: value for name, value in request.args.items() if name in known and value}


def _wanted(today: date) -> queries.FindingFilter:
    status, severity, kind = (request.args.get(name, "") for name in ("status", "severity", "kind"))
    return queries.FindingFilter(
        status=FindingStatus(status) if status in set(FindingStatus) else None,
        severity=Severity(severity) if severity in set(Severity) else None,
        keyword=asked("q"),
        district=asked("district", 6),
        unit_id=uuid_or_none(request.args.get("unit", "")),
        acceptance_id=uuid_or_none(request.args.get("acceptance", "")),
        kind=AcceptanceKind(kind) if kind in set(AcceptanceKind) else None,
        list_key=asked("list", 60),
        item=asked("item", 60),
        stated_from=asked_day("from"),
        stated_until=asked_day("until"),
        overdue_on=today if request.args.get("overdue") == "1" else None,
    )


@bp.get("/findings/<uuid:shortfall_id>")
@requires(Permission.ACCEPTANCE_READ)
def finding(shortfall_id: UUID) -> ResponseReturnValue:
    """One finding: what is asked, what was found, until when, how it was cured."""
    return show(shortfall_id)


def show(
    shortfall_id: UUID, *, cure: CureForm | None = None, decide: DecideCureForm | None = None, status: int = 200
) -> ResponseReturnValue:
    """The page of a finding; a form that was refused comes back with what was typed."""
    session, identity = db_session(), current_identity()
    found = queries.get_finding(session, identity, shortfall_id)
    version = {"version": str(found.version)}
    state = FindingStatus(found.status)
    page = render_template(
        "inspection/finding.html",
        finding=found,
        status=FINDING_STATUS[state],
        severity=SEVERITY[Severity(found.severity)],
        owed=state in OWED,
        today=city_day(utcnow()),
        course=course_of(session, "inspection_finding", found.id, kinds=FINDING_ACT_KIND),
        may_cure=(state, FindingAction.CURE) in FINDING_TRANSITIONS
        and allows(identity, Permission.FINDING_CURE, queries.finding_scope(found)),
        may_decide=(state, FindingAction.VERIFY) in FINDING_TRANSITIONS and queries.handles_finding(identity, found),
        cure_form=cure or CureForm(data=version),
        decide_form=decide or DecideCureForm(data=version),
    )
    return page, status


@bp.post("/findings/<uuid:shortfall_id>/cure")
@requires(Permission.FINDING_CURE)
@accepts_upload(95 * MIB)
def finding_cure(shortfall_id: UUID) -> ResponseReturnValue:
    """The unit reports a finding cured, with what shows it."""
    session, identity, now = db_session(), current_identity(), utcnow()
    form = CureForm()
    if not form.validate():
        operations.finding_to_cure(session, actor=identity, finding_id=shortfall_id)
        return show(shortfall_id, cure=form, status=422)
    try:
        with undone_if_refused(session):
            operations.finding_to_cure(session, actor=identity, finding_id=shortfall_id)
            operations.cure_finding(
                session,
                actor=identity,
                finding_id=shortfall_id,
                seen_version=form.version.seen,
                words=form.words.data or "",
                proofs=_taken(shortfall_id, form),
                now=now,
            )
    except Invalid as refusal:
        form.take(refusal)
        return show(shortfall_id, cure=form, status=422)
    flash(gettext("The cure is reported; the organ looks at it."), "ok")
    return redirect(url_for("inspection.finding", shortfall_id=shortfall_id), 303)


def _taken(shortfall_id: UUID, form: CureForm) -> list[StoredFile]:
    """The proofs that were sent, in the vault."""
    session, identity = db_session(), current_identity()
    found = queries.get_finding(session, identity, shortfall_id)
    return [
        store_upload(
            session,
            actor=identity.actor,
            stream=cast(BinaryIO, upload.data.stream),
            filename=upload.data.filename or "",
            kind=FileKind.FILING_DOCUMENT,
            unit_id=found.unit_id,
            district=found.district,
            organ_id=found.organ_id,
            field=upload.name,
            now=utcnow(),
        )
        for upload in (form.proof1, form.proof2, form.proof3)
        if upload.data is not None
    ]


@bp.post("/findings/<uuid:shortfall_id>/decide")
@requires(Permission.FINDING_VERIFY)
def finding_decide(shortfall_id: UUID) -> ResponseReturnValue:
    """The organ verifies the cure or returns it."""
    session, identity = db_session(), current_identity()
    form = DecideCureForm()
    if not form.validate():
        queries.require_finding(identity, queries.get_finding(session, identity, shortfall_id))
        return show(shortfall_id, decide=form, status=422)
    accepted = form.verdict.data == "verify"
    try:
        operations.decide_cure(
            session,
            actor=identity,
            finding_id=shortfall_id,
            seen_version=form.version.seen,
            accepted=accepted,
            reason=form.reason.data or "",
            now=utcnow(),
        )
    except Invalid as refusal:
        form.take(refusal)
        return show(shortfall_id, decide=form, status=422)
    flash(gettext("The cure is verified.") if accepted else gettext("The cure goes back to the unit."), "ok")
    return redirect(url_for("inspection.finding", shortfall_id=shortfall_id), 303)


@bp.get("/findings/<uuid:shortfall_id>/proofs/<uuid:proof_id>")
@requires(Permission.ACCEPTANCE_READ)
def finding_proof(shortfall_id: UUID, proof_id: UUID) -> ResponseReturnValue:
    """Open a proof of the cure."""
    session = db_session()
    stored = operations.proof_to_show(
        session, actor=current_identity(), finding_id=shortfall_id, proof_id=proof_id, now=utcnow()
    )
    return send_stored_file(session, get_file(session, stored))
