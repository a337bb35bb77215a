"""Webhooks, what was sent to each, and how far the log has been told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, Integer, SmallInteger, String, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.webhooks.states import DeliveryStatus
from portal.webhooks.values import Disabled


class Webhook(Base):
    """An address that a person had told of what happens within their own reach. The secret is sealed."""

    __tablename__ = "webhook"
    __table_args__ = (
        CheckConstraint(f"disabled is null or {one_of('disabled', Disabled)}", name="disabled"),
        CheckConstraint("cardinality(topics) > 0", name="topics"),
        Index("ix_webhook_person_id_id", "person_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(60))
    url: Mapped[str] = mapped_column(String(500))
    topics: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    secret_sealed: Mapped[str] = mapped_column(String(400))
    disabled: Mapped[str | None] = mapped_column(String(10))
    failures: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    # Nothing that happened before is told: what came while it was off is not sent later in a heap.
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class WebhookDelivery(Base):
    """One message to one webhook: what was sent, each try, and what came of it."""

    __tablename__ = "webhook_delivery"
    __audited__ = False  # bookkeeping of what the log itself holds; a person's own acts on it are recorded
    __table_args__ = (
        CheckConstraint(one_of("status", DeliveryStatus), name="status"),
        Index("ix_webhook_delivery_webhook_id_id", "webhook_id", "id"),
        Index("ix_webhook_delivery_created_at", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhook.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    types: Mapped[list[str]] = mapped_column(ARRAY(String(60)))
    events: Mapped[int] = mapped_column(SmallInteger)
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(12), default=DeliveryStatus.WAITING, server_default="waiting")
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    next_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # Each try: when, the answer's status or how it failed, and how long it took.
    log: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    webhook: Mapped[Webhook] = relationship(lazy="raise")


class WebhookCursor(Base):
    """How far the sealed log and the devices' changes have been told; one row, locked while more is."""

    __tablename__ = "webhook_cursor"
    __audited__ = False

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    device_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    device_id: Mapped[int] = mapped_column(BigInteger)
