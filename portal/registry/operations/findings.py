"""REG-19: something filed is found to be false: noted, decided, put right, with what follows from it."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotFound, Problem
from portal.core.lifecycle import unchanged
from portal.registry import values
from portal.registry.models import Filing, FilingFinding
from portal.registry.operations.clocks import end_clocks, start_clock
from portal.registry.operations.recording import about, note
from portal.registry.queries import filing_scope, lock_filing, lock_system
from portal.registry.states import FindingAction, FindingStatus, next_finding_status
from portal.registry.values import ClockKind, FindingBasis
from portal.regulation.calendar import WorkCalendar
from portal.regulation.deadlines import deadline
from portal.regulation.schema.base import Citation
from portal.regulation.schema.values import Period

MOST_DAYS = 180


def raise_finding(
    session: Session,
    *,
    actor: Identity,
    filing_id: UUID,
    basis: FindingBasis,
    item: str,
    declared: str,
    found: str,
    now: datetime,
) -> FilingFinding:
    """Note that something filed contradicts what was found. Nothing follows until it is upheld."""
    filing = lock_filing(session, filing_id)
    require(actor, Permission.FILING_DECIDE, filing_scope(filing), read=Permission.FILING_READ)
    if filing.revision == 0:
        raise IllegalTransition("filing", status=filing.status, action="finding")
    texts = {"item": item, "declared": declared, "found": found}
    problems = [Problem(name, "required") for name, text in texts.items() if not text.strip()]
    if problems:
        raise Invalid(problems)
    finding = FilingFinding(
        filing_id=filing.id,
        unit_id=filing.unit_id,
        district=filing.district,
        basis=basis,
        item=item.strip(),
        declared=declared.strip(),
        found=found.strip(),
        raised_by_name=actor.name[:40],
        raised_at=now,
    )
    session.add(finding)
    session.flush()
    note(
        session,
        actor,
        values.FINDING_RAISED,
        about(filing, filing.system.name),
        filing,
        reason=f"{item.strip()}：{found.strip()}",
        now=now,
    )
    return finding


def decide_finding(
    session: Session,
    *,
    actor: Identity,
    finding_id: UUID,
    seen_version: int,
    upheld: bool,
    reason: str,
    correct_within: int | None = None,
    now: datetime,
) -> FilingFinding:
    """Uphold it, with the days in which the unit corrects its filing, or dismiss it. The reason is owed either way."""
    finding, filing = _held(session, actor, finding_id, seen_version)
    action = FindingAction.UPHOLD if upheld else FindingAction.DISMISS
    status = next_finding_status(FindingStatus(finding.status), action)
    problems = [] if reason.strip() else [Problem("decision", "required")]
    if upheld and not (correct_within and 0 < correct_within <= MOST_DAYS):
        problems.append(Problem("correct_within", "out_of_range", {"low": 1, "high": MOST_DAYS}))
    if problems:
        raise Invalid(problems)
    finding.status, finding.decision = status, reason.strip()
    finding.decided_by_name, finding.decided_at = actor.name[:40], now
    if upheld and correct_within:
        finding.correct_by = city_day(now) + timedelta(days=correct_within)
        _start_correction(session, filing, correct_within, now=now)
    tag = values.FINDING_UPHELD if upheld else values.FINDING_DISMISSED
    note(session, actor, tag, about(filing, filing.system.name), filing, reason=reason, now=now)
    return finding


def close_finding(
    session: Session, *, actor: Identity, finding_id: UUID, seen_version: int, now: datetime
) -> FilingFinding:
    """The unit has put it right, as the organ has seen."""
    finding, filing = _held(session, actor, finding_id, seen_version)
    finding.status = next_finding_status(FindingStatus(finding.status), FindingAction.CORRECT)
    session.flush()
    others = select(FilingFinding.id).where(
        FilingFinding.filing_id == filing.id, FilingFinding.status == FindingStatus.UPHELD
    )
    if session.scalar(others.limit(1)) is None:
        end_clocks(session, filing.system_id, (ClockKind.CORRECTION,), on=city_day(now))
    note(session, actor, values.FINDING_CORRECTED, about(filing, filing.system.name), filing, now=now)
    return finding


def _start_correction(session: Session, filing: Filing, days: int, *, now: datetime) -> None:
    """The limit the organ sets for the correction runs like any other, under the article that lets it set one."""
    system = lock_system(session, filing.system_id)
    counted = deadline(
        Period(days=days, counts_from="correction_ordered"),
        start=city_day(now),
        calendar=WorkCalendar(),
        citations=(Citation.of("decree-799-2025", "29"),),
    )
    start_clock(session, system, ClockKind.CORRECTION, counted)


def _held(session: Session, actor: Identity, finding_id: UUID, seen_version: int) -> tuple[FilingFinding, Filing]:
    filing_id = session.scalar(select(FilingFinding.filing_id).where(FilingFinding.id == finding_id))
    if filing_id is None:
        raise NotFound()
    filing = lock_filing(session, filing_id)
    require(actor, Permission.FILING_DECIDE, filing_scope(filing), read=Permission.FILING_READ)
    finding = session.get_one(FilingFinding, finding_id, with_for_update=True)
    unchanged(finding, seen_version)
    return finding, filing
