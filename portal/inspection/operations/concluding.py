"""The conclusion that a visit's answers come to."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.core.errors import Invalid, Problem
from portal.core.lifecycle import unchanged
from portal.inspection import values
from portal.inspection.models import Acceptance, Visit
from portal.inspection.operations.clocks import end_clock
from portal.inspection.operations.diary import BARRED, interested
from portal.inspection.operations.effects import CONCLUSIONS, enter_use, give_certificate
from portal.inspection.operations.findings import settle_findings, state_findings
from portal.inspection.operations.judging import given_answers, proofs_missing
from portal.inspection.operations.recording import notify, record_act
from portal.inspection.operations.reinspecting import follow_conclusion
from portal.inspection.operations.signing import record_problems
from portal.inspection.operations.visiting import visit_under_way
from portal.inspection.queries import lock_acceptance
from portal.inspection.rules import FrozenList, judge
from portal.inspection.states import (
    AcceptanceKind,
    AcceptanceStatus,
    Severity,
    VisitAction,
    VisitStatus,
    next_status,
    next_visit_status,
)
from portal.inspection.values import Outcome


def conclude(
    session: Session,
    *,
    actor: Identity,
    acceptance_id: UUID,
    seen_version: int,
    opinion: str,
    rectification: str,
    severities: Mapping[str, Severity] | None = None,
    now: datetime,
) -> Acceptance:
    """Close the visit with the result the arithmetic gives (no hand-set grade). A pass puts the system into use; any
    other result states what must be put right; each item that fell short becomes a finding, as grave as the list takes
    it or as `severities` say. Raises Invalid naming the items still open."""
    acceptance = lock_acceptance(session, acceptance_id)
    visit = visit_under_way(session, actor, acceptance, Permission.VISIT_CONCLUDE)
    unchanged(acceptance, seen_version)
    answers = given_answers(session, visit.id)
    frozen = FrozenList.from_json(acceptance.checklist or {})
    outcome = judge(frozen, answers)
    problems = [Problem(key, "item_open") for key in outcome.unanswered]
    problems += record_problems(session, acceptance, visit, now=now)
    problems += proofs_missing(session, frozen, visit.id)
    problems += _interests(session, visit)
    if outcome.conclusion != "pass" and not rectification.strip():
        problems.append(Problem("rectification", "rectification_needed"))
    if problems:
        raise Invalid(problems)
    acceptance.status = next_status(AcceptanceStatus(acceptance.status), CONCLUSIONS[outcome.conclusion])
    acceptance.score, acceptance.grade, acceptance.result = outcome.score, outcome.grade, _kept(outcome)
    acceptance.opinion, acceptance.rectification = opinion.strip(), rectification.strip()
    acceptance.concluded_by, acceptance.concluded_at = actor.person_id, now
    visit.status = next_visit_status(VisitStatus(visit.status), VisitAction.CONCLUDE)
    end_clock(session, acceptance, on=city_day(now))
    if outcome.conclusion != "fail" and acceptance.kind != AcceptanceKind.STANDARD:
        enter_use(session, actor, acceptance, now=now)
    give_certificate(acceptance)
    changes = [
        FieldChange(name="conclusion", new=outcome.conclusion),
        FieldChange(name="score", new=outcome.score),
        FieldChange(name="grade", new=outcome.grade),
    ]
    record_act(session, actor, values.CONCLUDED, acceptance, acceptance.system, changes=changes, now=now)
    stated = state_findings(session, actor, acceptance, visit, answers=answers, chosen=severities or {}, now=now)
    settle_findings(session, actor, acceptance, again=stated, now=now)
    follow_conclusion(session, actor, acceptance, now=now)
    notify(session, acceptance, "concluded")
    return acceptance


def _interests(session: Session, visit: Visit) -> list[Problem]:
    """Whoever was sent and turns out to have an interest in the unit: another team goes, or none."""
    going = {place.person_id: place.name for place in visit.inspectors if not place.cancelled}
    who = interested(session, going, visit.unit_id, on=city_day(visit.starts_at))
    return [Problem("", BARRED, {"who": "、".join(who)})] if who else []


def _kept(outcome: Outcome) -> dict[str, object]:
    """The arithmetic as it was, to keep beside whatever is decided on it."""
    return {
        "conclusion": outcome.conclusion,
        "grade": outcome.grade,
        "groups": [
            {"key": g.key, "points": _text(g.points), "possible": _text(g.possible), "rate": _text(g.rate)}
            for g in outcome.groups
        ],
    }


def _text(number: object) -> str | None:
    return None if number is None else str(number)
