"""The city's register of firms: entered by whoever meets one first, corrected by them and by any registrar."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.codes import uscc_problem
from portal.core.db import told_apart
from portal.core.errors import Invalid, NotFound, Problem
from portal.core.lifecycle import unchanged
from portal.registry.models import Contractor, Qualification, QualificationPaper, Unit
from portal.registry.operations.acts import put
from portal.registry.operations.parties import days_in_order
from portal.registry.queries.contractors import entered_scope, paper_of
from portal.registry.values import archive
from portal.registry.values.archive import ContractorParticulars, QualificationParticulars
from portal.vault.operations import erase_file

FIRM = ("name", "uscc", "address")
CERTIFICATE = ("kind", "number", "grade", "issuer", "valid_from", "valid_to")
FIRM_TAKEN = {"uq_contractor_uscc": Problem("uscc", "contractor_taken")}
NUMBER_TAKEN = {"uq_qualification_number": Problem("number", "qualification_taken")}


def save_contractor(
    session: Session,
    *,
    actor: Identity,
    contractor_id: UUID | None = None,
    seen_version: int = 0,
    particulars: ContractorParticulars,
    now: datetime,
) -> Contractor:
    """Enter a firm, or correct it. Raises Invalid for a code that does not check or is registered, Stale, NotFound."""
    if contractor_id is None:
        require(actor, Permission.CONTRACTOR_ADD)
        firm = Contractor(created_at=now, entered_by=actor.person_id)
    else:
        firm = _firm(session, contractor_id)
        require(actor, Permission.CONTRACTOR_EDIT, entered_scope(firm), read=Permission.CONTRACTOR_READ)
        unchanged(firm, seen_version)
    fault = uscc_problem(particulars.uscc)
    if fault:
        raise Invalid([Problem("uscc", fault.code, dict(fault.data))])
    with session.no_autoflush, told_apart(session, FIRM_TAKEN):
        changes = put(firm, particulars, FIRM)
        firm.kinds = [str(kind) for kind in particulars.kinds]
        session.add(firm)
    _note(session, actor, archive.CONTRACTOR_SET, firm, changes=changes, now=now)
    return firm


def save_qualification(
    session: Session,
    *,
    actor: Identity,
    contractor_id: UUID,
    qualification_id: UUID | None = None,
    seen_version: int = 0,
    particulars: QualificationParticulars,
    now: datetime,
) -> Qualification:
    """Enter a certificate of a firm, or correct one. A renewed one is entered beside the old: what was valid when a
    work was done stays to be seen. Raises Invalid, Stale or NotFound."""
    firm = _firm(session, contractor_id)
    if qualification_id is None:
        require(actor, Permission.CONTRACTOR_ADD, entered_scope(firm), read=Permission.CONTRACTOR_READ)
        certificate = Qualification(contractor_id=firm.id, entered_by=actor.person_id)
    else:
        certificate = _certificate(session, firm, qualification_id)
        require(actor, Permission.CONTRACTOR_EDIT, entered_scope(certificate), read=Permission.CONTRACTOR_READ)
        unchanged(certificate, seen_version)
    problems = days_in_order(particulars)
    if problems:
        raise Invalid(problems)
    with session.no_autoflush, told_apart(session, NUMBER_TAKEN):
        changes = put(certificate, particulars, CERTIFICATE)
        session.add(certificate)
    if certificate.kind not in firm.kinds:
        firm.kinds = [*firm.kinds, certificate.kind]
    _note(session, actor, archive.QUALIFICATION_SET, firm, changes=changes, now=now)
    return certificate


def keep_qualification_paper(
    session: Session, *, actor: Identity, qualification_id: UUID, stored_file_id: UUID, unit_id: UUID, now: datetime
) -> None:
    """Keep the scan one unit was shown, for that unit and its police alone."""
    unit = session.get(Unit, unit_id)
    if unit is None or unit_id not in actor.unit_ids:
        raise NotFound()
    row = session.get(QualificationPaper, (qualification_id, unit_id))
    if row is None:
        row = QualificationPaper(qualification_id=qualification_id, unit_id=unit_id, district=unit.district)
        session.add(row)
    before, row.stored_file_id, row.added_at = row.stored_file_id, stored_file_id, now
    session.flush()
    if before is not None and before != stored_file_id:
        erase_file(session, actor=actor.actor, file_id=before, reason="scan of a qualification replaced", now=now)


def open_qualification_paper(
    session: Session, *, actor: Identity, contractor_id: UUID, qualification_id: UUID, now: datetime
) -> UUID:
    """The scan of a certificate the person's own unit holds, or one of the person's district; the look is recorded."""
    firm = _firm(session, contractor_id)
    certificate = _certificate(session, firm, qualification_id)
    paper = paper_of(session, actor, certificate.id)
    if paper is None:
        raise NotFound()
    record(
        session,
        actor=actor.actor,
        tag=archive.QUALIFICATION_READ,
        subject=SubjectRef("contractor", firm.id, firm.name),
        unit_id=paper.unit_id,
        district=paper.district,
        now=now,
    )
    return paper.stored_file_id


def _firm(session: Session, contractor_id: UUID) -> Contractor:
    firm = session.get(Contractor, contractor_id, with_for_update=True)
    if firm is None:
        raise NotFound()
    return firm


def _certificate(session: Session, firm: Contractor, qualification_id: UUID) -> Qualification:
    certificate = session.get(Qualification, qualification_id)
    if certificate is None or certificate.contractor_id != firm.id:
        raise NotFound()
    return certificate


def _note(
    session: Session, actor: Identity, tag: str, firm: Contractor, *, changes: list[FieldChange], now: datetime
) -> None:
    session.flush()
    subject = SubjectRef("contractor", firm.id, firm.name)
    record(session, actor=actor.actor, tag=tag, subject=subject, changes=changes, now=now)
