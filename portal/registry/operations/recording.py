"""One way to write an act on a row into the log; where it happened is read off the row."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, Outcome, SubjectRef
from portal.registry.models import Unit


def about(row: Any, label: str | None = None) -> SubjectRef:
    """A row as the log names it: by its table, its key and, unless told otherwise, its name."""
    return SubjectRef(row.__tablename__, row.id, row.name if label is None else label)


def note(
    session: Session,
    actor: Identity,
    tag: str,
    subject: SubjectRef,
    home: Any,
    *,
    changes: Iterable[FieldChange] = (),
    reason: str | None = None,
    outcome: Outcome = Outcome.OK,
    now: datetime,
) -> None:
    """Record an act; `home` is the unit, or the row of one, where it happened."""
    session.flush()
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=subject,
        unit_id=home.id if isinstance(home, Unit) else home.unit_id,
        district=getattr(home, "district", None),
        changes=list(changes),
        reason=(reason or "").strip() or None,
        outcome=outcome,
        now=now,
    )
