"""What is set on the recorder, as somebody read it there: how it records a camera and for how many days it keeps that."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, one_of
from portal.evidence.values.recording import RecordingMode


class RecordingSetting(Base):
    """One camera's setting as last read off its recorder; what was read before stands in the audit log."""

    __tablename__ = "recording_setting"
    __table_args__ = (
        CheckConstraint(one_of("mode", RecordingMode), name="mode"),
        CheckConstraint("retention_days is null or retention_days between 0 and 3650", name="retention_days"),
        Index("ix_recording_setting_unit", "unit_id", "mode"),
    )

    camera_id: Mapped[UUID] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    mode: Mapped[str] = mapped_column(String(12))
    retention_days: Mapped[int | None] = mapped_column(SmallInteger)
    hours: Mapped[str] = mapped_column(String(120), default="", server_default="")
    read_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    read_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    read_name: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}
