"""The clock's part: clear what nothing refers to."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.core.outbox import TaskName
from portal.jobs import job
from portal.vault.operations import sweep


@job(TaskName.VAULT_SWEEP)
def sweep_store(session: Session, *, now: datetime, **_: object) -> None:
    """Remove orphaned contents and the leavings of killed jobs."""
    sweep(session, now=now)
