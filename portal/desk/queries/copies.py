"""Copies whose whereabouts are owed, footage to be deleted, leaks to be dealt with."""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.desk.values import Todo
from portal.evidence.models import DeletionDuty, FootageCopy, FootageRequest, LeakCase
from portal.evidence.queries.copies import overdue
from portal.evidence.queries.requests import visible_requests
from portal.evidence.states import CopyStatus, LeakStatus

REMIND_COPIES = timedelta(days=7)


def copies_waiting(session: Session, identity: Identity, *, today: date, most: int) -> list[Todo]:
    """What the person is to settle, delete or deal with, by the serials and numbers alone."""
    if not may_ever(identity, Permission.REQUEST_READ):
        return []
    found = _due(session, identity, today, most) + _deletions(session, identity, today, most)
    return found + (_leaks(session, identity, today, most) if may_ever(identity, Permission.LEAK_HANDLE) else [])


def _holds(identity: Identity) -> ColumnElement[bool]:
    """The copy is in this person's hands, or was asked for by them."""
    return or_(
        FootageCopy.receiver_id == identity.person_id,
        and_(FootageCopy.receiver_id.is_(None), FootageRequest.requester_id == identity.person_id),
    )


def _keeps(identity: Identity) -> ColumnElement[bool]:
    """The person's unit keeps what is asked about."""
    return visible(visibility(identity, Permission.REQUEST_ACKNOWLEDGE), unit=FootageRequest.unit_id)


def _due(session: Session, identity: Identity, today: date, most: int) -> list[Todo]:
    rows = session.execute(
        select(FootageCopy.id, FootageCopy.serial, FootageCopy.due_back)
        .join(FootageRequest, FootageRequest.id == FootageCopy.request_id)
        .where(
            visible_requests(identity),
            FootageCopy.status == CopyStatus.WITH_RECIPIENT,
            or_(
                and_(_holds(identity), FootageCopy.due_back <= today + REMIND_COPIES),
                and_(_keeps(identity), overdue(today)),
            ),
        )
        .order_by(FootageCopy.due_back, FootageCopy.id)
        .limit(most)
    )
    return [
        Todo(kind="copy_due", id=key, text=serial, due=due, late=due is not None and due < today)
        for key, serial, due in rows
    ]


def _deletions(session: Session, identity: Identity, today: date, most: int) -> list[Todo]:
    own = FootageCopy.request_id == FootageRequest.id
    out = exists().where(own, FootageCopy.status == CopyStatus.WITH_RECIPIENT, _holds(identity))
    lies_here = [CopyStatus.MADE, CopyStatus.RETURNED]
    here = exists().where(
        own,
        or_(
            FootageCopy.status.in_(lies_here),
            and_(FootageCopy.status == CopyStatus.KEPT, FootageCopy.archive_reason == ""),
        ),
    )
    rows = session.execute(
        select(FootageRequest.id, FootageRequest.number, DeletionDuty.due_on)
        .join(DeletionDuty, DeletionDuty.request_id == FootageRequest.id)
        .where(visible_requests(identity), DeletionDuty.done_at.is_(None), or_(out, and_(_keeps(identity), here)))
        .order_by(DeletionDuty.due_on, FootageRequest.id)
        .limit(most)
    )
    return [
        Todo(kind="deletion", id=key, text=number or "", due=due, late=due is not None and due < today)
        for key, number, due in rows
    ]


def _leaks(session: Session, identity: Identity, today: date, most: int) -> list[Todo]:
    handled = visible(
        visibility(identity, Permission.LEAK_HANDLE),
        unit=FootageRequest.unit_id,
        organ=FootageRequest.requester_organ_id,
    )
    rows = session.execute(
        select(LeakCase.id, LeakCase.number, LeakCase.due_on, LeakCase.status)
        .join(FootageRequest, FootageRequest.id == LeakCase.request_id)
        .where(visible_requests(identity), LeakCase.status != LeakStatus.CLOSED, handled)
        .order_by(LeakCase.due_on, LeakCase.id)
        .limit(most)
    )
    return [
        Todo(
            kind="leak",
            id=key,
            text=number,
            due=due if status == LeakStatus.REPORTED else None,
            late=status == LeakStatus.REPORTED and due is not None and due < today,
        )
        for key, number, due, status in rows
    ]
