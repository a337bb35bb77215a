"""Findings on missing footage that wait: for the unit's statement, and for whoever closes them."""

from sqlalchemy import or_
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.desk.values import Todo
from portal.evidence.models import FootageRequest, MissingFootage
from portal.evidence.queries.missing import missing_visible_to
from portal.evidence.states import MissingStatus


def missing_waiting(session: Session, identity: Identity, *, most: int) -> list[Todo]:
    """By their numbers alone, the oldest first."""
    if not may_ever(identity, Permission.REQUEST_READ):
        return []
    keeps = visible(visibility(identity, Permission.REQUEST_ACKNOWLEDGE), unit=FootageRequest.unit_id)
    closes = visible(
        visibility(identity, Permission.LEAK_HANDLE),
        unit=FootageRequest.unit_id,
        organ=FootageRequest.requester_organ_id,
    )
    # Where an organ asked, its head closes; the unit only where one of its own asked.
    apart = or_(FootageRequest.requester_organ_id.in_(identity.organ_ids), FootageRequest.requester_organ_id.is_(None))
    rows = session.execute(
        missing_visible_to(identity)
        .with_only_columns(MissingFootage.id, MissingFootage.number, MissingFootage.status)
        .where(
            or_(
                (MissingFootage.status == MissingStatus.FOUND) & keeps,
                (MissingFootage.status == MissingStatus.STATED) & closes & apart,
            )
        )
        .order_by(MissingFootage.id)
        .limit(most)
    )
    kinds = {MissingStatus.FOUND: "missing_state", MissingStatus.STATED: "missing_close"}
    return [Todo(kind=kinds[MissingStatus(status)], id=key, text=number) for key, number, status in rows]
