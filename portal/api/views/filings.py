"""Filings for programs: read, begun, handed in."""

from uuid import UUID

from flask import url_for
from flask.typing import ResponseReturnValue

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.api import labels, queries
from portal.api.bodies import FilingOpened, FilingsAsked, FilingShown, FilingsListed, FilingSubmitted
from portal.api.shapes import filing_shown
from portal.api.views.blueprint import ROOT, body_of, bp, held_system, query_of, reply, wanted
from portal.core.clock import utcnow
from portal.registry import operations
from portal.registry import queries as registry
from portal.registry.operations import FilingIncomplete
from portal.registry.views.filings import calendar
from portal.registry.views.filters import shortfall
from portal.web.errors import answer
from portal.web.openapi import answers
from portal.web.session import db_session


@bp.get(f"{ROOT}/filings")
@requires(Permission.FILING_READ)
@answers(labels.FILINGS, FilingsListed, asks=FilingsAsked, also=labels.REFUSALS)
def filings() -> ResponseReturnValue:
    """Filings the person may read."""
    page = queries.filings_page(db_session(), current_identity(), wanted(query_of(FilingsAsked)))
    return reply(FilingsListed(items=list(map(filing_shown, page.items)), next=page.next_cursor))


@bp.get(f"{ROOT}/filings/<uuid:filing_id>")
@requires(Permission.FILING_READ)
@answers(labels.FILING, FilingShown, also=labels.REFUSALS)
def filing(filing_id: UUID) -> ResponseReturnValue:
    """One filing."""
    found = registry.get_filing(db_session(), current_identity(), filing_id)
    queries.stays_inside(current_identity(), Permission.FILING_READ, found.system)
    return reply(filing_shown(found))


@bp.post(f"{ROOT}/systems/<uuid:system_id>/filings")
@requires(Permission.FILING_DRAFT)
@answers(labels.FILING_NEW, FilingShown, takes=FilingOpened, status=201, also=labels.REFUSALS)
def filing_new(system_id: UUID) -> ResponseReturnValue:
    """Begin a filing."""
    session, identity = db_session(), current_identity()
    held_system(system_id, Permission.FILING_DRAFT)
    asked = body_of(FilingOpened)
    opened = operations.open_filing(
        session, actor=identity, system_id=system_id, kind=asked.kind, calendar=calendar(), now=utcnow()
    )
    shown = filing_shown(registry.lock_filing(session, opened.id))
    return reply(shown, status=201, location=url_for("api.filing", filing_id=opened.id))


@bp.post(f"{ROOT}/filings/<uuid:filing_id>/submit")
@requires(Permission.FILING_SUBMIT)
@answers(labels.FILING_SUBMIT, FilingShown, takes=FilingSubmitted, also=labels.REFUSALS)
def filing_submit(filing_id: UUID) -> ResponseReturnValue:
    """Hand a filing in; what it still lacks is named, one by one."""
    session, identity = db_session(), current_identity()
    found = registry.lock_filing(session, filing_id)
    require(identity, Permission.FILING_SUBMIT, registry.filing_scope(found), read=Permission.FILING_READ)
    asked = body_of(FilingSubmitted)
    try:
        operations.submit_filing(
            session,
            actor=identity,
            filing_id=filing_id,
            seen_version=asked.version,
            declared_by=asked.declared_by,
            calendar=calendar(),
            now=utcnow(),
        )
    except FilingIncomplete as missing:
        lacking = [{"field": each.where, "code": each.code, "message": shortfall(each)} for each in missing.shortfalls]
        return answer(422, code="filing_incomplete", details=[each["message"] for each in lacking], fields=lacking)
    session.flush()
    return reply(filing_shown(registry.lock_filing(session, filing_id)))
