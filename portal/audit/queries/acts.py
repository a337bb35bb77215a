"""How often somebody did a thing of late, for what is closed to whoever does it too often."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import AuditStage


def acts_since(session: Session, *, person_id: UUID, tag: str, since: datetime) -> tuple[int, datetime | None]:
    """How many acts of that kind are on record of a person since then, and when the first of them was."""
    count, first = session.execute(
        select(func.count(), func.min(AuditStage.at)).where(
            AuditStage.actor_person == person_id, AuditStage.at > since, AuditStage.tag == tag
        )
    ).one()
    return count, first
