"""Preservation holds: footage that must not be overwritten, whatever the retention says."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.evidence.states import HoldStatus


class PreservationHold(Base):
    """An order to the unit to keep a request's span. Lifted only by two different people."""

    __tablename__ = "preservation_hold"
    __table_args__ = (
        CheckConstraint(one_of("status", HoldStatus), name="status"),
        CheckConstraint("status <> 'released' or release_confirmed_by is not null", name="released_by_two"),
        CheckConstraint(
            "release_confirmed_by is null or (release_asked_by is not null and release_confirmed_by <> release_asked_by)",
            name="two_people",
        ),
        Index("uq_preservation_hold_request", "request_id", unique=True, postgresql_where=text("status <> 'released'")),
        Index("ix_preservation_hold_unit", "unit_id", "status"),
        Index("ix_preservation_hold_request_id", "request_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    requester_organ_id: Mapped[UUID | None] = mapped_column(Uuid)
    status: Mapped[str] = mapped_column(String(16), default=HoldStatus.PLACED, server_default="placed")
    span_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    span_to: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    placed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    acknowledged_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    acknowledged_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    acknowledged_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    release_reason: Mapped[str] = mapped_column(String(400), default="", server_default="")
    release_asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    release_asked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    release_confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    released_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
