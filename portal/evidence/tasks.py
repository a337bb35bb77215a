"""Jobs of footage requests: telling people, and following chains that ran out of time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.values import system_identity
from portal.core.outbox import TaskName
from portal.evidence import labels  # noqa: F401 - the words of its list, for files that a worker writes
from portal.evidence.operations import expire_lapsed, send_notices
from portal.evidence.queries import listing  # noqa: F401 - its list, for the same
from portal.jobs import job


@job(TaskName.EVIDENCE_NOTIFY_NEXT)
def notify_next(session: Session, *, request_id: str, now: datetime, **_: object) -> None:
    """Tell those a request now waits for that an item awaits them; no word on what it is."""
    send_notices(session, request_id=UUID(request_id), now=now)


@job(TaskName.EVIDENCE_EXPIRE)
def expire(session: Session, *, now: datetime, **_: object) -> None:
    """Move the requests whose approval has lapsed."""
    expire_lapsed(session, actor=system_identity("evidence"), now=now)
