"""Tables of the shell: answers remembered by idempotency key."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base
from portal.core.ids import new_id


class IdempotencyRecord(Base):
    """The answer a state-changing request was given, written in that request's own transaction (reliability.md D2)."""

    __tablename__ = "idempotency_record"
    __audited__ = False
    __table_args__ = (UniqueConstraint("principal", "key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    principal: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(80))
    request_sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(SmallInteger)
    location: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(Text)
    content_type: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
