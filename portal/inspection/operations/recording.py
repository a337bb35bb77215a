"""One act of an acceptance's life, in the log and to the people it concerns."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.outbox import TaskName, enqueue
from portal.inspection.models import Acceptance
from portal.inspection.states import ReadinessCause
from portal.registry.models import System
from portal.registry.operations.recording import about, note


def notify(session: Session, acceptance: Acceptance, what: str) -> None:
    """Tell the people whom a step of an acceptance concerns, once."""
    enqueue(
        session,
        TaskName.INSPECTION_NOTIFY,
        dedupe=f"acceptance:{acceptance.id}:{acceptance.version}:{what}",
        acceptance_id=acceptance.id,
    )


def ask_readiness(session: Session, acceptance: Acceptance) -> None:
    """Have the portal check what it can, as soon as the application is in."""
    enqueue(
        session,
        TaskName.READINESS_RUN,
        dedupe=f"readiness:{acceptance.id}:{acceptance.version}",
        acceptance_id=acceptance.id,
        cause=str(ReadinessCause.APPLICATION),
    )


def record_act(
    session: Session,
    actor: Identity,
    tag: str,
    acceptance: Acceptance,
    system: System,
    *,
    reason: str | None = None,
    changes: Sequence[FieldChange] = (),
    now: datetime,
) -> None:
    """One act of the acceptance's life, in the log."""
    note(session, actor, tag, about(acceptance, system.name), acceptance, changes=changes, reason=reason, now=now)
