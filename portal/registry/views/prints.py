"""Papers of a filing as files: receipt, certificate, and the basic information as PDF and sheet."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.clock import utcnow
from portal.registry import queries
from portal.registry.labels import FILING_KIND, PARTY, REGIME, STORAGE, SYSTEM_KIND, UNIT_TYPE
from portal.registry.models import Filing
from portal.registry.papers import Print, Words, basic_pdf, basic_sheet, certificate_pdf, receipt_pdf
from portal.registry.values import FILING_EXPORTED
from portal.registry.views.blueprint import bp, setting
from portal.web.session import db_session

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/filings/<uuid:filing_id>/receipt.pdf")
@requires(Permission.FILING_READ)
def filing_receipt(filing_id: UUID) -> ResponseReturnValue:
    """The receipt of an accepted filing, with the code that anyone may check."""
    session, identity = db_session(), current_identity()
    found = queries.get_filing(session, identity, filing_id)
    body = receipt_pdf(session, found, officer=found.decided_by_name, how=_how(identity))
    return _file(body, f"receipt-{found.number}.pdf", PDF)


@bp.get("/filings/<uuid:filing_id>/certificate.pdf")
@requires(Permission.FILING_READ)
def filing_certificate(filing_id: UUID) -> ResponseReturnValue:
    """The certificate for the wall, with the same code."""
    session, identity = db_session(), current_identity()
    found = queries.get_filing(session, identity, filing_id)
    body = certificate_pdf(session, found, how=_how(identity))
    return _file(body, f"certificate-{found.number}.pdf", PDF)


@bp.get("/filings/<uuid:filing_id>/basic.pdf")
@requires(Permission.FILING_READ)
def filing_basic(filing_id: UUID) -> ResponseReturnValue:
    """The basic information of Decree 799 article 14, as the national form has it. Taking it out is recorded."""
    session, identity = db_session(), current_identity()
    found = queries.get_filing(session, identity, filing_id)
    phone = found.unit.contact_phone_masked or found.unit.duty_phone_masked or ""
    body = basic_pdf(session, found, phone=phone, words=_words(), how=_how(identity))
    _note(identity, found, "pdf")
    return _file(body, f"basic-{found.number or found.id}.pdf", PDF)


@bp.get("/filings/<uuid:filing_id>/basic.xlsx")
@requires(Permission.FILING_READ)
def filing_basic_sheet(filing_id: UUID) -> ResponseReturnValue:
    """The same as a sheet, for the national platform."""
    session, identity = db_session(), current_identity()
    found = queries.get_filing(session, identity, filing_id)
    body = basic_sheet(
        session,
        found,
        labels=_headers(),
        title=gettext("Basic information for filing"),
        words=_words(),
        how=_how(identity),
    )
    _note(identity, found, "xlsx")
    return _file(body, f"basic-{found.number or found.id}.xlsx", XLSX)


def _headers() -> tuple[str, ...]:
    return (
        gettext("Filing number"),
        gettext("National filing number"),
        gettext("Unit name"),
        gettext("Unified social credit code"),
        gettext("Kind of unit"),
        gettext("Address"),
        gettext("System name"),
        gettext("Place of installation"),
        gettext("District"),
        gettext("Number of cameras"),
        gettext("Cameras by type"),
        gettext("Footage kept (days)"),
        gettext("In use since"),
        gettext("Kind of filing"),
        gettext("Submitted"),
        gettext("Organ"),
    )


def _how(identity: Identity) -> Print:
    return Print(printed_by=identity.name, base_url=setting["base_url"], now=utcnow(), lang=str(get_locale()))


def _words() -> Words:
    def said(labels: Mapping[Any, Any]) -> dict[str, str]:
        return {str(key): str(text) for key, text in labels.items()}

    return Words(
        kind=said(FILING_KIND),
        unit_type=said(UNIT_TYPE),
        system_kind=said(SYSTEM_KIND),
        regime=said(REGIME),
        storage=said(STORAGE),
        party=said(PARTY),
    )


def _note(identity: Identity, filing: Filing, form: str) -> None:
    record(
        db_session(),
        actor=identity.actor,
        tag=FILING_EXPORTED,
        subject=SubjectRef("filing", filing.id, filing.system.name),
        unit_id=filing.unit_id,
        district=filing.district,
        changes=[FieldChange(name="form", old=None, new=form)],
        now=utcnow(),
    )


def _file(body: bytes, name: str, content_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, content_type=content_type, headers=headers)
