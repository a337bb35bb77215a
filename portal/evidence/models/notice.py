"""Notices: who was told that an item awaits them. They carry no content, so that no channel can leak any."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base
from portal.core.ids import new_id


class FootageNotice(Base):
    """One person told once of one cause. The unique key makes the job that writes it harmless to repeat."""

    __tablename__ = "footage_notice"
    __audited__ = False
    __table_args__ = (
        UniqueConstraint("request_id", "person_id", "cause", name="uq_footage_notice_once"),
        Index("ix_footage_notice_person", "person_id", "sent_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id"))
    person_id: Mapped[UUID] = mapped_column(Uuid)
    cause: Mapped[str] = mapped_column(String(120))
    sent_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
