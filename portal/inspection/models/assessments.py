"""A school's own assessment against its scored standard, which comes before it applies (003 §4.2)."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, Numeric, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.inspection.states import SchoolType
from portal.registry.models import System, Unit


class SelfAssessment(Base):
    """One filled list with what the application form (F4) asks of the school.

    `answers` holds, by item, verdict, deductions and note. It is a draft until the school's leader signs; what is
    signed is never changed, and one signed assessment carries one application.
    """

    __tablename__ = "self_assessment"
    __table_args__ = (
        CheckConstraint(f"school_type = '' or {one_of('school_type', SchoolType)}", name="school_type"),
        Index("uq_self_assessment_draft", "system_id", unique=True, postgresql_where=text("signed_at is null")),
        Index("ix_self_assessment_system_id_id", "system_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    checklist: Mapped[dict[str, Any]] = mapped_column(JSONB)
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    principal: Mapped[str] = mapped_column(String(40), default="", server_default="")
    deputy: Mapped[str] = mapped_column(String(40), default="", server_default="")
    school_type: Mapped[str] = mapped_column(String(40), default="", server_default="")
    students: Mapped[int | None] = mapped_column(Integer)
    staff: Mapped[int | None] = mapped_column(Integer)
    teachers: Mapped[int | None] = mapped_column(Integer)
    statement: Mapped[str] = mapped_column(Text, default="", server_default="")
    begun_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    begun_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    signed_by: Mapped[str] = mapped_column(String(40), default="", server_default="")
    signed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    score: Mapped[Decimal | None] = mapped_column(Numeric(5, 1))
    grade: Mapped[str | None] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer)

    system: Mapped[System] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}
