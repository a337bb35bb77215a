"""What fell short at a visit: stated with its conclusion, cured by the unit, verified by the organ, closed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.core.errors import Invalid, Problem
from portal.core.lifecycle import unchanged
from portal.core.outbox import TaskName, enqueue
from portal.inspection import values
from portal.inspection.models import Acceptance, Finding, FindingCure, FindingProof, Visit
from portal.inspection.operations.diary import refuse_interested
from portal.inspection.queries import (
    finding_scope,
    lock_finding,
    open_findings_of,
    proof_of,
    require_finding,
    waiting_cure,
)
from portal.inspection.rules import CURE_WITHIN, FrozenList, shortfalls
from portal.inspection.states import OPEN, FindingAction, FindingStatus, Severity, next_finding_status
from portal.inspection.values import MOST_PROOFS, ItemAnswer
from portal.registry.operations.recording import about, note
from portal.registry.rules import rules_for, working_of
from portal.regulation.calendar import WorkCalendar
from portal.regulation.effective import EffectiveRules
from portal.vault.models import StoredFile


def state_findings(
    session: Session,
    actor: Identity,
    acceptance: Acceptance,
    visit: Visit,
    *,
    answers: Mapping[str, ItemAnswer],
    chosen: Mapping[str, Severity],
    now: datetime,
) -> Sequence[Finding]:
    """A finding for each item that fell short, with the day until which it is to be cured. `chosen` is how grave the
    inspector takes an item to be where he differs from the list."""
    frozen = FrozenList.from_json(acceptance.checklist or {})
    rules = rules_for(acceptance.unit, acceptance.system, on=city_day(now))
    at = {"acceptance_id": acceptance.id, "visit_id": visit.id, "system_id": acceptance.system_id}
    return state_shortfalls(
        session, actor, acceptance, frozen, answers=answers, rules=rules, chosen=chosen, at=at, now=now
    )


NOTHING_CHOSEN: Mapping[str, Severity] = {}
AT_NO_ACCEPTANCE: Mapping[str, UUID] = {}


def state_shortfalls(
    session: Session,
    actor: Identity,
    home: Any,
    frozen: FrozenList,
    *,
    answers: Mapping[str, ItemAnswer],
    rules: EffectiveRules,
    chosen: Mapping[str, Severity] = NOTHING_CHOSEN,
    at: Mapping[str, UUID] = AT_NO_ACCEPTANCE,
    now: datetime,
) -> Sequence[Finding]:
    """A finding for each item of a filled list that fell short. `home` is the row whose unit, district and organ they
    are of; `at` names the acceptance, its visit and system, where there is one."""
    today, stated = city_day(now), []
    for short in shortfalls(frozen, answers):
        severity = chosen.get(short.item.key, short.severity)
        counted = rules.deadline(CURE_WITHIN[severity], start=today, calendar=WorkCalendar())
        finding = Finding(
            **at,
            unit_id=home.unit_id,
            district=home.district,
            organ_id=home.organ_id,
            list_key=frozen.checklist.key,
            item=short.item.key,
            number=short.item.number,
            asked={"zh": short.item.zh, "en": short.item.en},
            found=short.answer.told,
            severity=severity,
            stated_on=today,
            due_on=counted.due if counted else None,
            due_why=working_of(counted),
        )
        session.add(finding)
        stated.append(finding)
    session.flush()
    for finding in stated:
        _note(session, actor, values.FINDING_STATED, finding, reason=finding.found, now=now)
    return stated


def settle_findings(
    session: Session, actor: Identity, acceptance: Acceptance, *, again: Sequence[Finding], now: datetime
) -> None:
    """The look on site settles what earlier visits of the series found: what fell short again goes on under its new
    finding, the rest is cured."""
    followers = {finding.item: finding for finding in again}
    for finding in open_findings_of(session, acceptance, before=True):
        follower = followers.get(finding.item)
        finding.followed_by_id = follower.id if follower else None
        _close(session, actor, finding, now=now)


def close_verified(session: Session, actor: Identity, acceptance: Acceptance, *, now: datetime) -> None:
    """No look on site is to come after all: what was verified on paper is settled."""
    for finding in open_findings_of(session, acceptance):
        if finding.status == FindingStatus.VERIFIED:
            _close(session, actor, finding, now=now)


def cure_finding(
    session: Session,
    *,
    actor: Identity,
    finding_id: UUID,
    seen_version: int,
    words: str,
    proofs: Sequence[StoredFile],
    now: datetime,
) -> Finding:
    """The unit says how it cured a finding and shows it. Raises Invalid without words or proof."""
    finding = finding_to_cure(session, actor=actor, finding_id=finding_id)
    unchanged(finding, seen_version)
    problems = [] if words.strip() else [Problem("words", "required")]
    if not 0 < len(proofs) <= MOST_PROOFS:
        problems.append(Problem("proof1", "proof_needed"))
    if problems:
        raise Invalid(problems)
    finding.status = next_finding_status(FindingStatus(finding.status), FindingAction.CURE)
    owned = {"unit_id": finding.unit_id, "district": finding.district}
    cure = FindingCure(
        finding_id=finding.id,
        words=words.strip(),
        cured_by=actor.person_id,
        cured_by_name=actor.name[:40],
        cured_at=now,
        **owned,
    )
    cure.proofs = [FindingProof(stored_file_id=stored.id, **owned) for stored in proofs]
    session.add(cure)
    changes = [FieldChange(name="sha256", new=stored.sha256) for stored in proofs]
    _note(session, actor, values.FINDING_CURED, finding, reason=words, changes=changes, now=now)
    _tell(session, finding)
    return finding


def finding_to_cure(session: Session, *, actor: Identity, finding_id: UUID) -> Finding:
    """A finding held for the unit's report; asked before the bytes of a proof are examined. Raises IllegalTransition
    where nothing is owed."""
    finding = lock_finding(session, finding_id)
    require(actor, Permission.FINDING_CURE, finding_scope(finding), read=Permission.ACCEPTANCE_READ)
    next_finding_status(FindingStatus(finding.status), FindingAction.CURE)
    return finding


def decide_cure(
    session: Session,
    *,
    actor: Identity,
    finding_id: UUID,
    seen_version: int,
    accepted: bool,
    reason: str,
    now: datetime,
) -> Finding:
    """An inspector verifies the cure, or returns it with the reason. What is verified is closed by the re-inspection that
    is to come; where none is, at once."""
    finding = lock_finding(session, finding_id)
    require_finding(actor, finding)
    refuse_interested(session, actor, finding.unit_id, on=city_day(now))
    unchanged(finding, seen_version)
    action = FindingAction.VERIFY if accepted else FindingAction.RETURN
    status = next_finding_status(FindingStatus(finding.status), action)
    if not accepted and not reason.strip():
        raise Invalid([Problem("reason", "reason_needed")])
    cure = waiting_cure(session, finding.id)
    cure.accepted, cure.decision = accepted, reason.strip()
    cure.decided_by, cure.decided_by_name, cure.decided_at = actor.person_id, actor.name[:40], now
    finding.status = status
    tag = values.FINDING_VERIFIED if accepted else values.FINDING_RETURNED
    _note(session, actor, tag, finding, reason=reason, now=now)
    if accepted and not _looked_at_again(session, finding):
        _close(session, actor, finding, now=now)
    _tell(session, finding)
    return finding


def proof_to_show(session: Session, *, actor: Identity, finding_id: UUID, proof_id: UUID, now: datetime) -> UUID:
    """The file of a proof, for whoever may read the finding; the look is recorded. Raises NotFound."""
    finding, stored = proof_of(session, actor, finding_id, proof_id)
    _note(session, actor, values.PROOF_READ, finding, now=now)
    return stored


def _looked_at_again(session: Session, finding: Finding) -> bool:
    """Whether an acceptance after the finding's is under way for its system; what a routine visit found is settled by
    the look at its cure."""
    if finding.acceptance_id is None:
        return False
    later = select(Acceptance.id).where(
        Acceptance.system_id == finding.system_id,
        Acceptance.previous_id == finding.acceptance_id,
        Acceptance.status.in_([str(status) for status in OPEN]),
    )
    return session.scalar(later.limit(1)) is not None


def _close(session: Session, actor: Identity, finding: Finding, *, now: datetime) -> None:
    finding.status = next_finding_status(FindingStatus(finding.status), FindingAction.CLOSE)
    finding.closed_on = city_day(now)
    _note(session, actor, values.FINDING_CLOSED, finding, now=now)


def _note(
    session: Session,
    actor: Identity,
    tag: str,
    finding: Finding,
    *,
    reason: str | None = None,
    changes: Sequence[FieldChange] = (),
    now: datetime,
) -> None:
    subject = about(finding, f"{finding.number} {finding.asked['zh']}"[:120])
    note(session, actor, tag, subject, finding, reason=reason, changes=changes, now=now)


def _tell(session: Session, finding: Finding) -> None:
    session.flush()
    enqueue(
        session,
        TaskName.INSPECTION_NOTIFY_FINDING,
        dedupe=f"finding:{finding.id}:{finding.version}",
        finding_id=finding.id,
    )
