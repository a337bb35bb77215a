"""The clock of approval chains."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts.values import system_identity
from portal.core.outbox import TaskName
from portal.jobs import job
from portal.workflow.operations import lapse_overdue


@job(TaskName.WORKFLOW_LAPSE)
def lapse_runs(session: Session, *, now: datetime, **_: object) -> None:
    """End the runs whose step nobody decided in time."""
    lapse_overdue(session, actor=system_identity("workflow"), now=now)
