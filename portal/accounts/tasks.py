"""Housekeeping of sign-ins."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.accounts.models import LoginSession
from portal.core.clock import real_now
from portal.core.outbox import TaskName
from portal.jobs import job
from portal.web.models import IdempotencyRecord

KEEP_ANSWERS = timedelta(days=7)
KEEP_SESSIONS = timedelta(days=30)


@job(TaskName.ACCOUNTS_EXPIRE_SESSIONS)
def expire_sessions(session: Session, *, now: datetime, **_: object) -> None:  # noqa: ARG001
    """Forget sign-in sessions long over; the audit log keeps that they were."""
    session.execute(delete(LoginSession).where(LoginSession.expires_at < real_now() - KEEP_SESSIONS))


@job(TaskName.WEB_PURGE_IDEMPOTENCY)
def purge_answers(session: Session, *, now: datetime, **_: object) -> None:  # noqa: ARG001
    """Forget remembered answers that no browser will ask for again."""
    session.execute(delete(IdempotencyRecord).where(IdempotencyRecord.created_at < real_now() - KEEP_ANSWERS))
