"""An owner's complaint about what the police did with footage or equipment (REG-06)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, Integer, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.mandates.states import ComplaintStatus
from portal.mandates.values import ComplaintAbout
from portal.registry.models import Unit


class OwnerComplaint(Base):
    """One complaint. `entry_id` is the line of the call register it is about, where there is one; a use that stands in
    no register is complained about without."""

    __tablename__ = "owner_complaint"
    __table_args__ = (
        CheckConstraint(one_of("status", ComplaintStatus), name="status"),
        CheckConstraint(one_of("about", ComplaintAbout), name="about"),
        CheckConstraint("status not in ('answered','contested','closed') or answered_at is not null", name="answered"),
        Index("ix_owner_complaint_unit", "unit_id", "id"),
        Index("ix_owner_complaint_status", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    # No district: the police complained about have no part in it, so their scope must not show the row.
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    organ_name: Mapped[str] = mapped_column(String(80))
    about: Mapped[str] = mapped_column(String(20))
    about_organ: Mapped[str] = mapped_column(String(120), default="", server_default="")
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("custody_entry.id"))
    happened_on: Mapped[date | None] = mapped_column(Date)
    text: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(14), default=ComplaintStatus.RAISED, server_default="raised")
    raised_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    raised_by_name: Mapped[str] = mapped_column(String(40))
    raised_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    acknowledge_by: Mapped[date | None] = mapped_column(Date)
    answer_by: Mapped[date | None] = mapped_column(Date)
    answer_why: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    acknowledged_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    acknowledged_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    answer: Mapped[str] = mapped_column(Text, default="", server_default="")
    upheld: Mapped[bool | None]
    answered_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    contest_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    unit: Mapped[Unit] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}
