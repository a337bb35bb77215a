"""What a filing entails: running time limits, yearly confirmations, findings of falsehood, and a system's parts."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.registry.models.filings import Filing
from portal.registry.models.units import System
from portal.registry.states import FindingStatus
from portal.registry.values import ClockKind, ComponentPart, FindingBasis


class FilingClock(Base):
    """A time limit of a system that runs, or ran: when it began, when it ends and how that was counted.

    It runs while `ended_on` is empty; `late_days` tells by how much it was missed. One of a kind runs at a time.
    """

    __tablename__ = "filing_clock"
    __audited__ = False
    __table_args__ = (
        CheckConstraint(one_of("kind", ClockKind), name="kind"),
        Index("uq_filing_clock_running", "system_id", "kind", unique=True, postgresql_where=text("ended_on is null")),
        Index("ix_filing_clock_organ_due", "organ_id", "due_on", "id", postgresql_where=text("ended_on is null")),
        Index("ix_filing_clock_district_due", "district", "due_on", "id", postgresql_where=text("ended_on is null")),
        Index("ix_filing_clock_unit", "unit_id", "due_on", "id", postgresql_where=text("ended_on is null")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id", ondelete="CASCADE"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    kind: Mapped[str] = mapped_column(String(12))
    started_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    why: Mapped[dict[str, Any]] = mapped_column(JSONB)
    ended_on: Mapped[date | None] = mapped_column(Date)
    late_days: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    system: Mapped[System] = relationship(lazy="raise")


class FilingConfirmation(Base):
    """The owner's word, once a year, that everything filed is still true."""

    __tablename__ = "filing_confirmation"
    __table_args__ = (Index("ix_filing_confirmation_filing", "filing_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    filing_id: Mapped[UUID] = mapped_column(ForeignKey("filing.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    declared_by: Mapped[str] = mapped_column(String(40))
    declaration: Mapped[str] = mapped_column(String(20))
    confirmed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    next_due_on: Mapped[date | None] = mapped_column(Date)


class FilingFinding(Base):
    """REG-19: something filed was found to be false: what, how it came out, and what follows from it."""

    __tablename__ = "filing_finding"
    __table_args__ = (
        CheckConstraint(one_of("status", FindingStatus), name="status"),
        CheckConstraint(one_of("basis", FindingBasis), name="basis"),
        Index("ix_filing_finding_filing", "filing_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    filing_id: Mapped[UUID] = mapped_column(ForeignKey("filing.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    status: Mapped[str] = mapped_column(String(10), default=FindingStatus.RAISED, server_default="raised")
    basis: Mapped[str] = mapped_column(String(10))
    item: Mapped[str] = mapped_column(String(40))
    declared: Mapped[str] = mapped_column(String(200))
    found: Mapped[str] = mapped_column(String(200))
    raised_by_name: Mapped[str] = mapped_column(String(40))
    raised_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    decided_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decision: Mapped[str] = mapped_column(String(400), default="", server_default="")
    correct_by: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer)

    filing: Mapped[Filing] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}


class SystemComponent(Base):
    """REG-01: one piece of equipment, or one program with its version, that a system consists of."""

    __tablename__ = "system_component"
    __table_args__ = (
        CheckConstraint(one_of("part", ComponentPart), name="part"),
        CheckConstraint("count between 1 and 100000", name="count"),
        Index("ix_system_component_system", "system_id", "part", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id", ondelete="CASCADE"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    part: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(80))
    maker: Mapped[str] = mapped_column(String(60), default="", server_default="")
    model: Mapped[str] = mapped_column(String(60), default="", server_default="")
    software_version: Mapped[str] = mapped_column(String(40), default="", server_default="")
    count: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
