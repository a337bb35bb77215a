"""One act of an acceptance's life, in the log and to the people it concerns."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.outbox import TaskName, enqueue
from portal.inspection.models import Acceptance
from portal.registry.models import System


def notify(session: Session, acceptance: Acceptance, what: str) -> None:
    """Tell the people whom a step of an acceptance concerns, once."""
    enqueue(
        session,
        TaskName.INSPECTION_NOTIFY,
        dedupe=f"acceptance:{acceptance.id}:{acceptance.version}:{what}",
        acceptance_id=acceptance.id,
    )


def record_act(
    session: Session,
    actor: Identity,
    tag: str,
    acceptance: Acceptance,
    system: System,
    *,
    reason: str | None = None,
    changes: Sequence[FieldChange] | None = None,
    now: datetime,
) -> None:
    """One act of the acceptance's life, in the log."""
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=SubjectRef("acceptance", acceptance.id, system.name),
        unit_id=acceptance.unit_id,
        district=acceptance.district,
        reason=reason,
        changes=changes,
        now=now,
    )
