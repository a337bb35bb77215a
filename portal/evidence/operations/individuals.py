"""An individual views under Decree 799 art. 21: papers looked at, decided in time, seen by appointment and under
somebody's eyes. Never a copy."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotFound, Problem
from portal.evidence.models import FootageRequest, IndividualViewing
from portal.evidence.operations.holds import scope_of
from portal.evidence.operations.identities import see_papers
from portal.evidence.operations.supplying import note
from portal.evidence.queries import lock_request
from portal.evidence.queries.asks import viewing_of
from portal.evidence.queries.people import custodians_of
from portal.evidence.states import RequestStatus
from portal.evidence.values import RequesterKind
from portal.evidence.values.asks import DECISION_EXTENDED, PERSON_PROVED, VIEWING_APPOINTED
from portal.registry.rules import deadline_of, rules_for, working_of
from portal.regulation.deadlines import extended
from portal.regulation.schema.keys import RuleKey

APPOINTABLE = frozenset({RequestStatus.APPROVED, RequestStatus.ASSIGNED})


def open_viewing(session: Session, *, request: FootageRequest, decide_why: dict[str, object] | None) -> None:
    """An individual's request needs more than the chain: the count of its answer stands beside it."""
    if request.requester_kind != RequesterKind.INDIVIDUAL:
        return
    viewing = viewing_of(session, request.id)
    if viewing is None:
        viewing = IndividualViewing(request_id=request.id)
        session.add(viewing)
    viewing.decide_why = decide_why


def prove_person(session: Session, *, actor: Identity, request_id: UUID, now: datetime) -> IndividualViewing:
    """Somebody other than the writer looked at the identity card and the proof, with the person before them."""
    request, viewing = _locked(session, actor, request_id)
    require(actor, Permission.REQUEST_ACKNOWLEDGE, scope_of(request), read=Permission.REQUEST_READ)
    if viewing.proved_at is not None:
        raise IllegalTransition("evidence.person_proved", status=request.status)
    see_papers(session, actor=actor, request=request, places=[one.place for one in request.officers], now=now)
    viewing.proved_by, viewing.proved_name, viewing.proved_at = actor.person_id, actor.name, now
    note(session, actor, request, PERSON_PROVED, now=now)
    return viewing


def extend_decision(
    session: Session, *, actor: Identity, request_id: UUID, reason: str, now: datetime
) -> IndividualViewing:
    """Put the answer off once, before it is late, by what the rules allow and with the reason."""
    request, viewing = _locked(session, actor, request_id)
    require(actor, Permission.REQUEST_DECIDE, scope_of(request), read=Permission.REQUEST_READ)
    counted = deadline_of(viewing.decide_why)
    days = extension_days(request, now=now)
    if (
        RequestStatus(request.status) is not RequestStatus.IN_APPROVAL
        or viewing.extended_at is not None
        or counted is None
        or counted.overdue(city_day(now))
        or not days
    ):
        raise IllegalTransition("evidence.no_extension", status=request.status)
    if not reason.strip():
        raise Invalid([Problem("extension", "required")])
    later = extended(counted, days=days, note=f"{actor.name}：{reason.strip()[:200]}")
    request.decide_by, viewing.decide_why = later.due, working_of(later)
    viewing.extension_reason, viewing.extended_name, viewing.extended_at = reason.strip()[:400], actor.name, now
    note(session, actor, request, DECISION_EXTENDED, now=now, decide_by=str(later.due))
    return viewing


def appoint_viewing(
    session: Session,
    *,
    actor: Identity,
    request_id: UUID,
    at: datetime,
    place: str,
    supervisor_id: UUID,
    privacy: str,
    now: datetime,
) -> IndividualViewing:
    """When and where the individual views, who of the unit sits beside them, and how others' faces are kept out."""
    request, viewing = _locked(session, actor, request_id)
    require(actor, Permission.REQUEST_ASSIGN, scope_of(request), read=Permission.REQUEST_READ)
    if RequestStatus(request.status) not in APPOINTABLE:
        raise IllegalTransition("evidence.request.illegal", status=request.status, action="appoint")
    supervisors = dict(custodians_of(session, request.unit_id, today=city_day(now)))
    problems = [
        Problem(name, "required") for name, text in (("place", place), ("privacy", privacy)) if not text.strip()
    ]
    if at < now:
        problems.append(Problem("at", "evidence.moment_is_past"))
    if supervisor_id not in supervisors or supervisor_id == request.requester_id:
        problems.append(Problem("supervisor", "evidence.supervisor_not_open"))
    if problems:
        raise Invalid(problems)
    viewing.appointed_for, viewing.place, viewing.privacy = at, place.strip()[:120], privacy.strip()[:400]
    viewing.supervisor_id, viewing.supervisor_name = supervisor_id, supervisors[supervisor_id]
    viewing.appointed_name, viewing.appointed_at = actor.name, now
    note(session, actor, request, VIEWING_APPOINTED, now=now, supervisor=viewing.supervisor_name)
    return viewing


def require_ready(session: Session, request: FootageRequest, *, second: UUID | None) -> None:
    """Before anything is shown to an individual: papers looked at, an appointment, and its supervisor as second key."""
    if request.requester_kind != RequesterKind.INDIVIDUAL:
        return
    viewing = viewing_of(session, request.id)
    if viewing is None or viewing.proved_at is None:
        raise Invalid([Problem("no_phone_notice", "evidence.person_not_proved")])
    if viewing.appointed_for is None:
        raise Invalid([Problem("no_phone_notice", "evidence.no_appointment")])
    if second not in (None, viewing.supervisor_id) and request.custodian_id != viewing.supervisor_id:
        raise Invalid([Problem("second_login", "evidence.supervisor_absent")], commit=True)


def extension_days(request: FootageRequest, *, now: datetime) -> int:
    """By how many days the rules let the answer to this requester be put off."""
    facts = {"requester_kind": RequesterKind(request.requester_kind).fact}
    return (
        rules_for(request.unit, None, on=city_day(now), facts=facts).integer(RuleKey.EVIDENCE_DECIDE_EXTEND_DAYS) or 0
    )


def _locked(session: Session, actor: Identity, request_id: UUID) -> tuple[FootageRequest, IndividualViewing]:
    request = lock_request(session, actor, request_id)
    viewing = viewing_of(session, request.id)
    if viewing is None:
        raise NotFound()
    return request, viewing
