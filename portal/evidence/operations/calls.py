"""An urgent request by telephone: the caller is called back, the paper follows and is compared with what was asked
(MPS administrative procedure rules art. 28)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound, Problem
from portal.evidence.models import FootageRequest, RequestDocument, UrgentCall
from portal.evidence.operations.holds import scope_of
from portal.evidence.operations.supplying import note
from portal.evidence.queries import lock_request
from portal.evidence.queries.asks import call_of
from portal.evidence.values import Paper
from portal.evidence.values.asks import CALL_COMPARED, CALL_PAPER, CALL_VERIFIED
from portal.registry.rules import rules_for, working_of
from portal.regulation.calendar import WorkCalendar
from portal.regulation.schema.keys import RuleKey


def open_call(session: Session, *, request: FootageRequest, now: datetime) -> None:
    """The call stands beside the submitted request, with the day by which its paper is owed."""
    if not request.urgent_by_phone or call_of(session, request.id) is not None:
        return
    rules = rules_for(request.unit, None, on=city_day(now), facts={"urgent": "yes"})
    counted = rules.deadline(RuleKey.EVIDENCE_PAPER_AFTER_CALL_WITHIN, start=city_day(now), calendar=WorkCalendar())
    session.add(
        UrgentCall(
            request_id=request.id,
            called_at=now,
            paper_due_on=counted.due if counted else None,
            paper_due_why=working_of(counted),
        )
    )


def require_verified(session: Session, request: FootageRequest) -> None:
    """Nobody is set to work for a voice that was not called back."""
    if not request.urgent_by_phone:
        return
    call = call_of(session, request.id)
    if call is None or call.verified_at is None:
        raise Invalid([Problem("custodian", "evidence.caller_not_verified")])


def verify_call(session: Session, *, actor: Identity, request_id: UUID, how: str, now: datetime) -> UrgentCall:
    """Somebody of the unit called back under the organ's own number and found the caller to be who they said."""
    request, call = _locked(session, actor, request_id)
    require(actor, Permission.REQUEST_ACKNOWLEDGE, scope_of(request), read=Permission.REQUEST_READ)
    if call.verified_at is not None:
        raise IllegalTransition("evidence.caller_verified", status=request.status)
    if not how.strip():
        raise Invalid([Problem("how", "required")])
    call.verified_by, call.verified_name, call.verified_at = actor.person_id, actor.name, now
    call.verified_how = how.strip()[:200]
    note(session, actor, request, CALL_VERIFIED, now=now)
    return call


def hand_in_paper(
    session: Session,
    *,
    actor: Identity,
    request_id: UUID,
    number: str,
    issued_on: date,
    title: str,
    stored_file_id: UUID,
    now: datetime,
) -> UrgentCall:
    """The notice itself, after the call: by who asked, or by the unit to which it was brought."""
    request, call = _locked(session, actor, request_id)
    if not may_hand_in(actor, request):
        raise NotAllowed("evidence.not_yours")
    if call.matches:
        raise IllegalTransition("evidence.paper_is_there", status=request.status)
    problems = [] if number.strip() else [Problem("number", "evidence.instrument_number_needed")]
    if issued_on > city_day(now):
        problems.append(Problem("paper_on", "evidence.day_is_future"))
    if problems:
        raise Invalid(problems)
    document = RequestDocument(
        request_id=request.id,
        kind=Paper.RETRIEVAL_NOTICE,
        title=title[:200],
        stored_file_id=stored_file_id,
        uploaded_by=actor.person_id,
        uploaded_at=now,
    )
    session.add(document)
    session.flush()
    call.document_id, call.paper_number, call.paper_issued_on = document.id, number.strip()[:80], issued_on
    call.arrived_at = now
    # Another paper after one that differed is compared anew.
    call.matches, call.differences, call.compared_by, call.compared_name, call.compared_at = None, "", None, "", None
    note(session, actor, request, CALL_PAPER, now=now)
    return call


def compare_paper(
    session: Session, *, actor: Identity, request_id: UUID, matches: bool, differences: str, now: datetime
) -> UrgentCall:
    """The unit holds the paper against what was asked on the telephone. A difference stays in oversight's sight."""
    request, call = _locked(session, actor, request_id)
    require(actor, Permission.REQUEST_ACKNOWLEDGE, scope_of(request), read=Permission.REQUEST_READ)
    if call.arrived_at is None or call.matches is not None:
        raise IllegalTransition("evidence.nothing_to_compare", status=request.status)
    if not matches and not differences.strip():
        raise Invalid([Problem("differences", "evidence.differences_needed")])
    said = "" if matches else differences.strip()[:400]
    # Of a secret case the words tell what it is about: they stand in the log alone, sealed.
    call.matches, call.differences = matches, "…" if said and request.secret else said
    call.compared_by, call.compared_name, call.compared_at = actor.person_id, actor.name, now
    told = said if request.secret and said else None
    note(session, actor, request, CALL_COMPARED, now=now, sealed=told, matches="yes" if matches else "no")
    return call


def may_hand_in(actor: Identity, request: FootageRequest) -> bool:
    """Who asked, or the unit that was brought the paper."""
    return actor.person_id == request.requester_id or allows(actor, Permission.REQUEST_ACKNOWLEDGE, scope_of(request))


def _locked(session: Session, actor: Identity, request_id: UUID) -> tuple[FootageRequest, UrgentCall]:
    request = lock_request(session, actor, request_id)
    call = call_of(session, request.id)
    if call is None:
        raise NotFound()
    return request, call
