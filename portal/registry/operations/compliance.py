"""Graded protection, standards and product certificates of a system, as its unit states them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.audit.values import SubjectRef
from portal.core.clock import city_day
from portal.core.errors import Invalid, NotFound, Problem
from portal.core.lifecycle import unchanged
from portal.registry.models import ProductCertificate, System, SystemCompliance
from portal.registry.operations.acts import placed, put, system_to_change
from portal.registry.operations.parties import days_in_order
from portal.registry.operations.recording import note
from portal.registry.values import archive
from portal.registry.values.archive import CertificateParticulars, ComplianceParticulars

STATED = (
    "mlps_level",
    "mlps_number",
    "mlps_filed_on",
    "mlps_evaluator",
    "mlps_evaluated_on",
    "mlps_evaluation_to",
    "other_standards",
)
CERTIFIED = ("kind", "product", "model", "maker", "number", "valid_from", "valid_to")


def state_compliance(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    seen_version: int,
    particulars: ComplianceParticulars,
    now: datetime,
) -> SystemCompliance:
    """State a system's compliance; version 0 is that of a system that has stated nothing yet. Raises Stale, Invalid."""
    system = system_to_change(session, actor, system_id)
    row = session.get(SystemCompliance, system.id)
    if row is None:
        row = SystemCompliance(system_id=system.id, standards=[], **placed(system))
        session.add(row)
    else:
        unchanged(row, seen_version)
    _check(particulars, now)
    with session.no_autoflush:
        changes = put(row, particulars, STATED)
        row.standards = [str(each) for each in particulars.standards]
        row.updated_at = now
    subject = SubjectRef("system", system.id, system.name)
    note(session, actor, archive.COMPLIANCE_SET, subject, system, changes=changes, now=now)
    return row


def save_certificate(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    certificate_id: UUID | None = None,
    seen_version: int = 0,
    particulars: CertificateParticulars,
    now: datetime,
) -> ProductCertificate:
    """Enter a product certificate of a system, or change one. Raises Stale, Invalid or NotFound."""
    system = system_to_change(session, actor, system_id)
    if certificate_id is None:
        row = ProductCertificate(system_id=system.id, **placed(system))
    else:
        row = _certificate(session, system, certificate_id)
        unchanged(row, seen_version)
    problems = days_in_order(particulars)
    if problems:
        raise Invalid(problems)
    changes = put(row, particulars, CERTIFIED)
    session.add(row)
    session.flush()
    subject = SubjectRef("product_certificate", row.id, row.product)
    note(session, actor, archive.CERTIFICATE_SET, subject, system, changes=changes, now=now)
    return row


def remove_certificate(
    session: Session, *, actor: Identity, system_id: UUID, certificate_id: UUID, seen_version: int, now: datetime
) -> None:
    """Strike out a certificate that does not belong to the system."""
    system = system_to_change(session, actor, system_id)
    row = _certificate(session, system, certificate_id)
    unchanged(row, seen_version)
    subject = SubjectRef("product_certificate", row.id, row.product)
    session.delete(row)
    note(session, actor, archive.CERTIFICATE_REMOVED, subject, system, now=now)


def _certificate(session: Session, system: System, certificate_id: UUID) -> ProductCertificate:
    row = session.get(ProductCertificate, certificate_id, with_for_update=True)
    if row is None or row.system_id != system.id:
        raise NotFound()
    return row


def _check(particulars: ComplianceParticulars, now: datetime) -> None:
    today, problems = city_day(now), []
    for name in ("mlps_filed_on", "mlps_evaluated_on"):
        day = getattr(particulars, name)
        if day and day > today:
            problems.append(Problem(name, "day_in_future"))
    start, end = particulars.mlps_evaluated_on, particulars.mlps_evaluation_to
    if start and end and end < start:
        problems.append(Problem("mlps_evaluation_to", "period_backwards"))
    if problems:
        raise Invalid(problems)
