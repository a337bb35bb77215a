"""Suspicious or key recordings that the duty side backs up by itself, before anybody has asked for them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.evidence.values.backups import BackupKind, BackupMedium
from portal.registry.models import Unit


class DutyBackup(Base):
    """A stretch of one camera that was backed up, on what, where it lies and who keeps it (003 item 5).

    Whoever ends the keeping is not the one who made the back-up: data somebody found suspicious is not let go by them
    alone.
    """

    __tablename__ = "footage_backup"
    __table_args__ = (
        CheckConstraint(one_of("kind", BackupKind), name="kind"),
        CheckConstraint(one_of("medium", BackupMedium), name="medium"),
        CheckConstraint("span_to > span_from", name="span"),
        CheckConstraint("sha256 = '' or sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("(ended_at is null) = (ended_by is null)", name="ended"),
        CheckConstraint("ended_by is null or (ended_by <> made_by and end_reason <> '')", name="ended_by_another"),
        Index("ix_footage_backup_unit", "unit_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("camera.id"))
    label: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(12))
    span_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    span_to: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    what: Mapped[str] = mapped_column(String(400))
    medium: Mapped[str] = mapped_column(String(20))
    medium_serial: Mapped[str] = mapped_column(String(80))
    shelf: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64), default="", server_default="")
    made_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    made_name: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    ended_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    end_reason: Mapped[str] = mapped_column(String(400), default="", server_default="")

    unit: Mapped[Unit] = relationship(lazy="raise")
