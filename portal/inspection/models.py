"""Acceptances, visits with their inspectors, answers, published results."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.inspection.states import AcceptanceStatus, Verdict, VisitStatus
from portal.registry.models import System, Unit


class Acceptance(Base):
    """An acceptance of a system: from the unit's application to the conclusion. A new try is a new row that names the
    one before it, so that a series can be read as one."""

    __tablename__ = "acceptance"
    __table_args__ = (
        CheckConstraint(one_of("status", AcceptanceStatus), name="status"),
        Index(
            "uq_acceptance_open",
            "system_id",
            unique=True,
            postgresql_where=text("status in ('requested','returned','checked','scheduled')"),
        ),
        Index("ix_acceptance_district_status_id", "district", "status", "id"),
        Index("ix_acceptance_unit_id_id", "unit_id", "id"),
        Index("ix_acceptance_system_id_id", "system_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    previous_id: Mapped[UUID | None] = mapped_column(ForeignKey("acceptance.id"))
    status: Mapped[str] = mapped_column(String(20), default=AcceptanceStatus.REQUESTED, server_default="requested")
    requested_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    requested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    self_score: Mapped[Decimal | None] = mapped_column(Numeric(5, 1))
    statement: Mapped[str] = mapped_column(Text, default="", server_default="")
    due_on: Mapped[date | None] = mapped_column(Date)
    due_why: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    check_note: Mapped[str] = mapped_column(Text, default="", server_default="")
    checklist: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    score: Mapped[Decimal | None] = mapped_column(Numeric(5, 1))
    grade: Mapped[str | None] = mapped_column(String(20))
    opinion: Mapped[str] = mapped_column(Text, default="", server_default="")
    rectification: Mapped[str] = mapped_column(Text, default="", server_default="")
    concluded_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    concluded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    system: Mapped[System] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}


class Visit(Base):
    """A visit on site."""

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint(one_of("status", VisitStatus), name="status"),
        CheckConstraint("ends_at > starts_at", name="period"),
        Index("uq_visit_planned", "acceptance_id", unique=True, postgresql_where=text("status = 'planned'")),
        Index("ix_visit_acceptance_id", "acceptance_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    acceptance_id: Mapped[UUID] = mapped_column(ForeignKey("acceptance.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    status: Mapped[str] = mapped_column(String(10), default=VisitStatus.PLANNED, server_default="planned")
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    inspectors: Mapped[list["VisitInspector"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class VisitInspector(Base):
    """An inspector's place in a visit. The exclusion constraint makes a double booking impossible."""

    __tablename__ = "visit_inspector"
    __table_args__ = (
        ExcludeConstraint(
            ("person_id", "="), ("period", "&&"), name="ex_visit_inspector_double", where=text("not cancelled")
        ),
    )

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    name: Mapped[str] = mapped_column(String(40))
    period: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    cancelled: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")


class Answer(Base):
    """The judgement of one item at one visit."""

    __tablename__ = "visit_answer"
    __table_args__ = (
        CheckConstraint(one_of("verdict", Verdict), name="verdict"),
        CheckConstraint("deduction >= 0", name="deduction"),
    )

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    item: Mapped[str] = mapped_column(String(60), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    verdict: Mapped[str] = mapped_column(String(16))
    deduction: Mapped[Decimal] = mapped_column(Numeric(5, 1), default=Decimal(0), server_default="0")
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    answered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class VisitPhoto(Base):
    """A photo of what was found at one item. Its bytes lie in the vault."""

    __tablename__ = "visit_photo"
    __table_args__ = (Index("ix_visit_photo_visit_id_item", "visit_id", "item"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    item: Mapped[str] = mapped_column(String(60))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    stored_file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"), unique=True)
    taken_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PublishedResult(Base):
    """What the public may read of an acceptance (Anyang 2007 art. 10): unit, project, result, grade, day. No position,
    no device, and never a secret system."""

    __tablename__ = "published_result"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    acceptance_id: Mapped[UUID] = mapped_column(ForeignKey("acceptance.id"), unique=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    unit_name: Mapped[str] = mapped_column(String(120))
    project_name: Mapped[str] = mapped_column(String(120))
    district: Mapped[str] = mapped_column(String(6), index=True)
    organ_name: Mapped[str] = mapped_column(String(80))
    result: Mapped[str] = mapped_column(String(20))
    grade: Mapped[str | None] = mapped_column(String(20))
    grade_zh: Mapped[str] = mapped_column(String(40), default="", server_default="")
    grade_en: Mapped[str] = mapped_column(String(40), default="", server_default="")
    published_on: Mapped[date] = mapped_column(Date)
