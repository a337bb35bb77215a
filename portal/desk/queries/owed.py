"""What is owed on footage requests: by the unit on a notice, by who called, by the unit to an individual."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.desk.values import Todo
from portal.evidence.models import FootageRequest, IndividualViewing, SupplyDuty, UrgentCall
from portal.evidence.queries.asks import GIVEN_UP, told_ahead
from portal.evidence.queries.requests import visible_requests
from portal.evidence.states import RequestStatus


def owed_waiting(session: Session, identity: Identity, *, now: datetime, most: int) -> list[Todo]:
    """By the number alone: what a request is about stands on its own page."""
    if not may_ever(identity, Permission.REQUEST_READ):
        return []
    return [
        *_supplies(session, identity, now, most),
        *_papers(session, identity, city_day(now), most),
        *_answers(session, identity, city_day(now), most),
    ]


def _ours(identity: Identity) -> ColumnElement[bool]:
    """The person's unit keeps what is asked for, or the person asked for it."""
    keeps = visible(visibility(identity, Permission.REQUEST_ACKNOWLEDGE), unit=FootageRequest.unit_id)
    return or_(keeps, FootageRequest.requester_id == identity.person_id)


def _supplies(session: Session, identity: Identity, now: datetime, most: int) -> list[Todo]:
    keeps = visible(visibility(identity, Permission.REQUEST_ACKNOWLEDGE), unit=FootageRequest.unit_id)
    late = SupplyDuty.due_at < now
    rows = session.execute(
        select(FootageRequest.id, FootageRequest.number, SupplyDuty.due_at)
        .join(SupplyDuty, SupplyDuty.request_id == FootageRequest.id)
        .where(
            visible_requests(identity),
            SupplyDuty.supplied_at.is_(None),
            FootageRequest.status.not_in([str(one) for one in GIVEN_UP]),
            or_(keeps & (SupplyDuty.due_at <= now + told_ahead(now)), _ours(identity) & late),
        )
        .order_by(SupplyDuty.due_at, FootageRequest.id)
        .limit(most)
    )
    return [
        Todo(kind="supply_due", id=key, text=number or "", due=city_day(due), late=due < now)
        for key, number, due in rows
        if due is not None
    ]


def _papers(session: Session, identity: Identity, today: date, most: int) -> list[Todo]:
    rows = session.execute(
        select(FootageRequest.id, FootageRequest.number, UrgentCall.paper_due_on)
        .join(UrgentCall, UrgentCall.request_id == FootageRequest.id)
        .where(
            visible_requests(identity),
            UrgentCall.arrived_at.is_(None),
            FootageRequest.status.not_in([str(one) for one in GIVEN_UP]),
            or_(
                FootageRequest.requester_id == identity.person_id,
                _ours(identity) & (UrgentCall.paper_due_on < today),
            ),
        )
        .order_by(UrgentCall.paper_due_on, FootageRequest.id)
        .limit(most)
    )
    return [
        Todo(kind="call_paper", id=key, text=number or "", due=due, late=due is not None and due < today)
        for key, number, due in rows
    ]


def _answers(session: Session, identity: Identity, today: date, most: int) -> list[Todo]:
    if not may_ever(identity, Permission.REQUEST_DECIDE):
        return []
    decides = visible(visibility(identity, Permission.REQUEST_DECIDE), unit=FootageRequest.unit_id)
    rows = session.execute(
        select(FootageRequest.id, FootageRequest.number, FootageRequest.decide_by)
        .join(IndividualViewing, IndividualViewing.request_id == FootageRequest.id)
        .where(
            visible_requests(identity),
            decides,
            FootageRequest.status == RequestStatus.IN_APPROVAL,
            FootageRequest.decide_by.is_not(None),
            FootageRequest.requester_id != identity.person_id,
        )
        .order_by(FootageRequest.decide_by, FootageRequest.id)
        .limit(most)
    )
    return [
        Todo(kind="answer_due", id=key, text=number or "", due=due, late=due is not None and due < today)
        for key, number, due in rows
    ]
