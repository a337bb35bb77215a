"""The sealed log as it grows, for those who pass on what it says."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import AuditEntry, AuditStage
from portal.audit.values import Outcome


def newest_seq(session: Session) -> int:
    """The number of the last sealed act."""
    return session.scalar(select(func.max(AuditEntry.seq))) or 0


def acts_between(session: Session, first: int, last: int, *, tags: Collection[str]) -> Sequence[AuditStage]:
    """Acts of these kinds that succeeded, numbered above `first` and up to `last`, in the log's order.

    A number is given once the act has been committed, so that a reader who remembers the last one passes nothing by.
    """
    return session.scalars(
        select(AuditStage)
        .join(AuditEntry, AuditEntry.stage_id == AuditStage.id)
        .where(
            AuditEntry.seq > first,
            AuditEntry.seq <= last,
            AuditStage.tag.in_(tags),
            AuditStage.outcome == Outcome.OK,
        )
        .order_by(AuditEntry.seq)
    ).all()
