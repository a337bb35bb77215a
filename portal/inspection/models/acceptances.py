"""Acceptances and their published results."""

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
    SmallInteger,
    String,
    Text,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.inspection.states import AcceptanceKind, AcceptanceStatus, ClockKind, ProjectClass
from portal.registry.models import System, Unit


class AcceptanceClock(Base):
    """A time limit that ran, or runs, for the organ: when it began, when it ends and how that was counted.

    It runs while `ended_on` is empty. What the unit takes to complete its papers counts for nobody: a return ends the
    review, and handing in again begins the next round. `Acceptance.due_on` reads the one that runs.
    """

    __tablename__ = "acceptance_clock"
    __audited__ = False
    __table_args__ = (
        CheckConstraint(one_of("kind", ClockKind), name="kind"),
        Index("uq_acceptance_clock_running", "acceptance_id", unique=True, postgresql_where=text("ended_on is null")),
        Index("ix_acceptance_clock_acceptance_id", "acceptance_id", "id"),
        Index("ix_acceptance_clock_ended_on", "ended_on", "kind"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    acceptance_id: Mapped[UUID] = mapped_column(ForeignKey("acceptance.id", ondelete="CASCADE"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    kind: Mapped[str] = mapped_column(String(10))
    started_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    why: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    ended_on: Mapped[date | None] = mapped_column(Date)
    late_days: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class Acceptance(Base):
    """An acceptance of a system: from the unit's application to the conclusion. A new try is a new row that names the
    one before it, so that a series can be read as one: `series_id` is the first try's, and empty on the first itself.

    `due_on` is the last day of the time limit that runs, read from its clock. A `reinspection` was opened by the portal after a conclusion that the rules let follow one; its first list is the
    earlier one. `result` keeps what the arithmetic gave, whatever was decided on it since.
    """

    __tablename__ = "acceptance"
    __table_args__ = (
        CheckConstraint(one_of("status", AcceptanceStatus), name="status"),
        CheckConstraint(one_of("kind", AcceptanceKind), name="kind"),
        CheckConstraint(one_of("project_class", ProjectClass), name="project_class"),
        # A school's standard creation runs beside the acceptance of the same system, before another organ.
        Index(
            "uq_acceptance_open",
            "system_id",
            text("(kind = 'standard')"),
            unique=True,
            postgresql_where=text("status in ('requested','returned','checked','scheduled')"),
        ),
        Index("ix_acceptance_district_status_id", "district", "status", "id"),
        Index("ix_acceptance_unit_id_id", "unit_id", "id"),
        Index("ix_acceptance_system_id_id", "system_id", "id"),
        Index("ix_acceptance_series_id", "series_id", postgresql_where=text("series_id is not null")),
        Index("ix_acceptance_concluded_at", "concluded_at", postgresql_where=text("concluded_at is not null")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    previous_id: Mapped[UUID | None] = mapped_column(ForeignKey("acceptance.id"))
    series_id: Mapped[UUID | None] = mapped_column(ForeignKey("acceptance.id"))
    attempt: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    reinspection: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    kind: Mapped[str] = mapped_column(String(10), default=AcceptanceKind.NEW, server_default="new")
    project_class: Mapped[str] = mapped_column(String(8), default=ProjectClass.SECOND, server_default="second")
    status: Mapped[str] = mapped_column(String(20), default=AcceptanceStatus.REQUESTED, server_default="requested")
    requested_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    requested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    self_assessment_id: Mapped[UUID | None] = mapped_column(ForeignKey("self_assessment.id"), unique=True)
    self_score: Mapped[Decimal | None] = mapped_column(Numeric(5, 1))
    statement: Mapped[str] = mapped_column(Text, default="", server_default="")
    due_on: Mapped[date | None] = column_property(
        select(AcceptanceClock.due_on)
        .where(AcceptanceClock.acceptance_id == id, AcceptanceClock.ended_on.is_(None))  # noqa: A003 - the column above
        .correlate_except(AcceptanceClock)
        .scalar_subquery()
    )
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
    certificate_code: Mapped[str | None] = mapped_column(String(12), unique=True)
    version: Mapped[int] = mapped_column(Integer)

    system: Mapped[System] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}


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
