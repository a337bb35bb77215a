"""Complaints of owners: one, a list, those of a unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Scope
from portal.core.db import lock_row
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first, tally_of
from portal.mandates.models import OwnerComplaint
from portal.mandates.states import WAITING_COMPLAINTS, ComplaintStatus


@dataclass(frozen=True, kw_only=True)
class ComplaintFilter:
    """What the list is narrowed to; empty means all."""

    status: ComplaintStatus | None = None
    overdue_on: date | None = None


def complaint_scope(complaint: OwnerComplaint) -> Scope:
    """Where a complaint stands: with the unit that raised it."""
    return Scope(unit_ids=frozenset({complaint.unit_id}))


def complaints_visible_to(identity: Identity) -> Select[OwnerComplaint]:
    """Every complaint the person may read."""
    return select(OwnerComplaint).where(
        visible(visibility(identity, Permission.COMPLAINT_READ), unit=OwnerComplaint.unit_id)
    )


def get_complaint(session: Session, identity: Identity, complaint_id: UUID) -> OwnerComplaint:
    """A complaint with its unit, if the person may read it. Raises NotFound."""
    complaint = session.scalars(
        select(OwnerComplaint).where(OwnerComplaint.id == complaint_id).options(joinedload(OwnerComplaint.unit))
    ).one_or_none()
    if complaint is None:
        raise NotFound()
    require(identity, Permission.COMPLAINT_READ, complaint_scope(complaint))
    return complaint


def lock_complaint(session: Session, complaint_id: UUID) -> OwnerComplaint:
    """A complaint held for change. Raises NotFound."""
    return lock_row(session, OwnerComplaint, complaint_id)


def complaint_page(
    session: Session, identity: Identity, wanted: ComplaintFilter, *, after: str | None = None
) -> Page[OwnerComplaint]:
    """Complaints, newest first."""
    statement = _narrow(complaints_visible_to(identity), wanted)
    options = (joinedload(OwnerComplaint.unit),)
    return newest_first(session, statement, OwnerComplaint.id, after=after, options=options)


def complaint_tally(session: Session, identity: Identity, wanted: ComplaintFilter) -> Mapping[ComplaintStatus, int]:
    """How many complaints stand in each status."""
    narrowed = _narrow(complaints_visible_to(identity), replace(wanted, status=None))
    return tally_of(session, narrowed, OwnerComplaint.status, ComplaintStatus)


def _narrow(statement: Select[Any], wanted: ComplaintFilter) -> Select[Any]:
    if wanted.status is not None:
        statement = statement.where(OwnerComplaint.status == wanted.status)
    if wanted.overdue_on is not None:
        late = or_(
            OwnerComplaint.answer_by < wanted.overdue_on,
            (OwnerComplaint.status == ComplaintStatus.RAISED) & (OwnerComplaint.acknowledge_by < wanted.overdue_on),
        )
        statement = statement.where(OwnerComplaint.status.in_(WAITING_COMPLAINTS), late)
    return statement


def complaints_of_unit(session: Session, unit_id: UUID) -> Sequence[OwnerComplaint]:
    """A unit's newest complaints; the caller has let the reader in."""
    return session.scalars(
        select(OwnerComplaint).where(OwnerComplaint.unit_id == unit_id).order_by(OwnerComplaint.id.desc()).limit(10)
    ).all()
