"""Looks at past versions that must not go unrecorded."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import SubjectRef
from portal.registry import values
from portal.registry.values import HistoryKind


def note_past_view(
    session: Session,
    *,
    actor: Identity,
    kind: HistoryKind,
    row_id: UUID,
    label: str,
    unit_id: UUID,
    district: str,
    now: datetime,
) -> None:
    """Record that somebody reads how a secret camera or system once was. The caller has let them in."""
    record(
        session,
        actor=actor.actor,
        tag=values.HISTORY_READ,
        subject=SubjectRef(str(kind), row_id, label),
        unit_id=unit_id,
        district=district,
        now=now,
    )
