"""Telling news by the clock; sending, each try by itself and outside any transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core.clock import real_now
from portal.core.db import Database
from portal.core.egress import post
from portal.core.outbox import TaskName
from portal.jobs import job
from portal.webhooks import operations
from portal.webhooks.rules import headers_of


@job(TaskName.WEBHOOKS_TELL)
def tell(session: Session, *, now: datetime, **_: Any) -> None:
    """What the log has to tell since last time."""
    operations.tell_news(session, now=now)


@job(TaskName.WEBHOOKS_DELIVER, holds_transaction=False)
def deliver(database: Database, *, now: datetime, delivery_id: str, attempt: int, **_: Any) -> None:
    """One try. A worker killed between sending and noting sends again; the receiver knows the message by its id."""
    key = UUID(delivery_id)
    with database.transaction() as session:
        found = operations.outgoing(session, delivery_id=key, attempt=attempt)
    if found is None:
        return
    headers = headers_of(found.secret, message_id=str(key), now=real_now(), body=found.body)
    sent = post(database.services.egress, found.url, found.body, headers)
    with database.transaction() as session:
        operations.note_try(session, delivery_id=key, attempt=attempt, sent=sent, now=now)


@job(TaskName.WEBHOOKS_FORGET)
def forget(session: Session, *, now: datetime, **_: Any) -> None:
    """Drop old deliveries."""
    operations.forget_deliveries(session, now=now)
