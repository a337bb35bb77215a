"""Footage that is lost unless somebody acts: for who asked for it, and for the unit that is to keep it."""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.desk.values import Todo
from portal.evidence.models import FootageRequest, RequestCamera
from portal.evidence.queries import not_kept, visible_requests
from portal.evidence.rules.overwriting import pressing_within
from portal.evidence.values import Outcome


def footage_going(session: Session, identity: Identity, *, now: datetime) -> list[Todo]:
    """One line: of how many cameras the footage is lost within days, and from when; by cameras, not by requests."""
    if not may_ever(identity, Permission.REQUEST_READ):
        return []
    concerned = or_(
        FootageRequest.requester_id == identity.person_id,
        FootageRequest.custodian_id == identity.person_id,
        visible(visibility(identity, Permission.REQUEST_ACKNOWLEDGE), unit=FootageRequest.unit_id),
    )
    count, first = session.execute(
        select(func.count(), func.min(RequestCamera.lost_at))
        .join(FootageRequest, FootageRequest.id == RequestCamera.request_id)
        .where(
            visible_requests(identity),
            concerned,
            not_kept(),
            RequestCamera.lost_at <= now + pressing_within(now),
            RequestCamera.outcome == Outcome.PENDING,
        )
    ).one()
    if not count or first is None:
        return []
    return [
        Todo(
            kind="footage_lost",
            id=None,
            text="",
            count=count,
            query={"lost": "1"},
            due=city_day(first),
            late=first <= now,
        )
    ]
