"""One way to write this package's acts into the log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import AuditTag, FieldChange, SubjectRef


def note(
    session: Session,
    actor: Identity,
    tag: AuditTag,
    row: Any,
    label: str,
    *,
    unit_id: UUID | None = None,
    district: str | None = None,
    reason: str | None = None,
    changes: Sequence[FieldChange] = (),
    now: datetime,
) -> None:
    """Record an act on a row of this package, under its table's name; where it stands is read off the row."""
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=SubjectRef(row.__tablename__, row.id, label),
        unit_id=unit_id or getattr(row, "unit_id", None),
        district=district or getattr(row, "district", None),
        reason=(reason or "").strip() or None,
        changes=changes,
        now=now,
    )
