"""Court packages that were made for a request."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.evidence.models import FootagePackage


def packages_of(session: Session, request_id: UUID) -> Sequence[FootagePackage]:
    """The newest packages of a request. The caller has checked that the reader sees it."""
    statement = select(FootagePackage).where(FootagePackage.request_id == request_id)
    return session.scalars(statement.order_by(FootagePackage.id.desc()).limit(50)).all()


def count_packages(session: Session, request_id: UUID) -> int:
    """How many were ever made, for the next serial."""
    counted = select(func.count()).select_from(FootagePackage).where(FootagePackage.request_id == request_id)
    return session.scalar(counted) or 0
