"""Keeping what the portal found out before a visit, and the organ's word that it goes on all the same.

The facts are gathered and judged above (portal.readiness): what is kept here is all that scheduling and the checklist
read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, Problem
from portal.inspection import values
from portal.inspection.models import Acceptance, ReadinessReport, ReadinessWaiver
from portal.inspection.operations.diary import refuse_interested
from portal.inspection.operations.recording import notify, record_act
from portal.inspection.queries import (
    barring_checks,
    last_readiness,
    lock_acceptance,
    require_handling,
    waivers_of,
)
from portal.inspection.rules import FrozenList
from portal.inspection.states import OPEN, ReadinessCause, Verdict
from portal.inspection.values import ItemAnswer


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """What one run came to, as it is kept."""

    facts: Mapping[str, Any]
    checks: Sequence[Mapping[str, Any]]
    proposals: Mapping[str, Mapping[str, Any]]
    outlook: Mapping[str, Any]


def record_readiness(
    session: Session,
    *,
    acceptance: Acceptance,
    found: Readiness,
    cause: ReadinessCause,
    made_by: UUID | None,
    now: datetime,
) -> ReadinessReport:
    """Keep one run. The unit is told when what bars its visit is not what barred it before."""
    before = last_readiness(session, acceptance.id)
    report = ReadinessReport(
        acceptance_id=acceptance.id,
        unit_id=acceptance.unit_id,
        district=acceptance.district,
        cause=cause,
        made_by=made_by,
        made_at=now,
        facts=dict(found.facts),
        checks=[dict(each) for each in found.checks],
        proposals={item: dict(each) for item, each in found.proposals.items()},
        outlook=dict(found.outlook),
        failing=[each["key"] for each in found.checks if each["blocking"] and each["verdict"] == "not_met"],
    )
    session.add(report)
    session.flush()
    if set(report.failing) - set(before.failing if before else ()):
        notify(session, acceptance, f"readiness:{report.id}")
    return report


def proposed_answers(session: Session, acceptance: Acceptance, frozen: FrozenList) -> Mapping[str, ItemAnswer]:
    """What the last run proposes, as answers an inspector may take over. Points are taken off by nobody but him: an item
    of a scored list that falls short stays open."""
    report = last_readiness(session, acceptance.id)
    found = {}
    for item in frozen.checklist.items:
        told = report.proposals.get(item.key, {}) if report else {}
        verdict = told.get("verdict")
        if verdict and not (item.points is not None and verdict != Verdict.MET):
            found[item.key] = ItemAnswer(verdict=Verdict(verdict), note=told["note"])
    return found


def waive_readiness(
    session: Session, *, actor: Identity, acceptance_id: UUID, reason: str, now: datetime
) -> ReadinessWaiver:
    """The organ lets a visit be arranged although these checks fail. Raises IllegalTransition when nothing bars it."""
    acceptance = lock_acceptance(session, acceptance_id)
    require_handling(actor, Permission.READINESS_WAIVE, acceptance)
    refuse_interested(session, actor, acceptance.unit_id, on=city_day(now))
    report = last_readiness(session, acceptance.id)
    barring = barring_checks(report, waivers_of(session, acceptance.id))
    if report is None or not barring or acceptance.status not in OPEN:
        raise IllegalTransition("readiness_bars_nothing", status=acceptance.status)
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    waiver = ReadinessWaiver(
        acceptance_id=acceptance.id,
        report_id=report.id,
        unit_id=acceptance.unit_id,
        district=acceptance.district,
        checks=list(barring),
        reason=reason.strip(),
        waived_by=actor.person_id,
        waived_by_name=actor.name[:40],
        waived_at=now,
    )
    session.add(waiver)
    changes = [FieldChange(name="checks", new=tuple(barring))]
    record_act(
        session,
        actor,
        values.READINESS_WAIVED,
        acceptance,
        acceptance.system,
        reason=reason,
        changes=changes,
        now=now,
    )
    return waiver
