"""The last run of the portal's own checks of an acceptance, and what stands in the way of a visit."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.errors import Problem
from portal.inspection.models import ReadinessReport, ReadinessWaiver


def last_readiness(session: Session, acceptance_id: UUID) -> ReadinessReport | None:
    """The newest report of an acceptance."""
    return session.scalars(
        select(ReadinessReport)
        .where(ReadinessReport.acceptance_id == acceptance_id)
        .order_by(ReadinessReport.id.desc())
        .limit(1)
    ).one_or_none()


def waivers_of(session: Session, acceptance_id: UUID) -> Sequence[ReadinessWaiver]:
    """Everything the organ went on in spite of, newest first."""
    return session.scalars(
        select(ReadinessWaiver)
        .where(ReadinessWaiver.acceptance_id == acceptance_id)
        .order_by(ReadinessWaiver.id.desc())
    ).all()


def barring_checks(report: ReadinessReport | None, waivers: Sequence[ReadinessWaiver]) -> tuple[str, ...]:
    """The checks of the last report that bar a visit and that nobody has waived."""
    waived = {key for each in waivers for key in each.checks}
    return tuple(key for key in (report.failing if report else ()) if key not in waived)


def bar_to_visit(session: Session, acceptance_id: UUID) -> Problem | None:
    """Why the unit can choose no time now: nothing was checked yet, or something that must hold does not."""
    report = last_readiness(session, acceptance_id)
    if report is None:
        return Problem("", "readiness_unchecked")
    barring = barring_checks(report, waivers_of(session, acceptance_id))
    return Problem("", "readiness_fails", {"count": len(barring)}) if barring else None
