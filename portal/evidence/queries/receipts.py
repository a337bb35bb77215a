"""Receipts: those of a request, and one by its digest."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.core.errors import NotFound
from portal.evidence.models import FootageRequest, RequestReceipt
from portal.evidence.queries.requests import visible_requests


def receipts_of(session: Session, request_id: UUID) -> Sequence[RequestReceipt]:
    """Every receipt of a request, in order. The caller has checked that the reader sees it."""
    statement = select(RequestReceipt).where(RequestReceipt.request_id == request_id)
    return session.scalars(statement.order_by(RequestReceipt.issued_at, RequestReceipt.id)).all()


def receipt_by(session: Session, identity: Identity, digest: str) -> tuple[RequestReceipt, bool] | None:
    """The receipt of a digest, and whether its holder also sees the request: of a secret case most do not."""
    seen = visible_requests(identity)
    row = session.execute(
        select(RequestReceipt, seen)
        .join(FootageRequest, FootageRequest.id == RequestReceipt.request_id)
        .where(RequestReceipt.digest == "".join(digest.split()).lower())
    ).one_or_none()
    return (row[0], bool(row[1])) if row else None


def get_receipt(session: Session, identity: Identity, receipt_id: UUID) -> RequestReceipt:
    """One receipt of a request the reader sees. Raises NotFound."""
    found = session.scalars(
        select(RequestReceipt)
        .join(FootageRequest, FootageRequest.id == RequestReceipt.request_id)
        .where(RequestReceipt.id == receipt_id, visible_requests(identity))
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found
