"""Letters, interviews and circulars (PEN-08), and the numbers of an organ's papers."""

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
    SmallInteger,
    String,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.measures.states import MeasureStatus
from portal.measures.values import MeasureKind, NumberKind, ServiceMethod
from portal.registry.models import Unit


class Measure(Base):
    """One step of the ladder against one unit: drafted by one person, signed by another, served, replied to, closed or
    followed by the next step, which names it.

    `proposed_on` is the day on which the portal found the reply overdue and proposed the next step. `finding_ids` are the
    findings it follows: kept in the row, so that nobody learns of a paper by a finding before the paper is served.
    """

    __tablename__ = "measure"
    __table_args__ = (
        CheckConstraint(one_of("status", MeasureStatus), name="status"),
        CheckConstraint(one_of("kind", MeasureKind), name="kind"),
        CheckConstraint(f"served_how is null or {one_of('served_how', ServiceMethod)}", name="served_how"),
        CheckConstraint("signed_by is null or signed_by <> drafted_by", name="second_person"),
        CheckConstraint("(number is null) = (signed_on is null)", name="numbered"),
        CheckConstraint("status in ('drafted', 'withdrawn') or signed_on is not null", name="signed"),
        CheckConstraint("status in ('drafted', 'signed', 'withdrawn') or served_on is not null", name="served"),
        CheckConstraint("held_at is null or (kind = 'interview' and minutes <> '')", name="held"),
        CheckConstraint("(status = 'closed') = (closed_on is not null)", name="closed"),
        CheckConstraint("kind = 'letter' or previous_id is not null or skip_reason <> ''", name="step"),
        CheckConstraint("kind <> 'interview' or (place <> '' and meets_at is not null)", name="interview"),
        Index(
            "uq_measure_previous_id",
            "previous_id",
            unique=True,
            postgresql_where=text("status <> 'withdrawn'"),
        ),
        Index("ix_measure_unit_id_id", "unit_id", "id"),
        Index("ix_measure_district_status_id", "district", "status", "id"),
        Index("ix_measure_organ_id_status", "organ_id", "status"),
        Index("ix_measure_finding_ids", "finding_ids", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str | None] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10), default=MeasureStatus.DRAFTED, server_default="drafted")
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    organ_name: Mapped[str] = mapped_column(String(80))
    addressee: Mapped[str] = mapped_column(String(120))
    previous_id: Mapped[UUID | None] = mapped_column(ForeignKey("measure.id"))
    skip_reason: Mapped[str] = mapped_column(String(400), default="", server_default="")
    acceptance_id: Mapped[UUID | None] = mapped_column(ForeignKey("acceptance.id"))
    finding_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default="{}")
    basis: Mapped[list[list[str]]] = mapped_column(JSONB)
    facts: Mapped[str] = mapped_column(Text)
    demands: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(120), default="", server_default="")
    meets_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    recipients: Mapped[list[str]] = mapped_column(JSONB, default=list, server_default="[]")
    drafted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    drafted_by_name: Mapped[str] = mapped_column(String(40))
    drafted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    signed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    signed_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    signed_on: Mapped[date | None] = mapped_column(Date)
    due_set: Mapped[date | None] = mapped_column(Date)
    served_on: Mapped[date | None] = mapped_column(Date)
    served_how: Mapped[str | None] = mapped_column(String(10))
    served_to: Mapped[str] = mapped_column(String(80), default="", server_default="")
    due_on: Mapped[date | None] = mapped_column(Date)
    due_why: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    held_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    attendance: Mapped[list[list[str]]] = mapped_column(JSONB, default=list, server_default="[]")
    minutes: Mapped[str] = mapped_column(Text, default="", server_default="")
    reply: Mapped[str] = mapped_column(Text, default="", server_default="")
    reply_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    replied_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    replied_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_on: Mapped[date | None] = mapped_column(Date)
    ended_note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    proposed_on: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer)

    unit: Mapped[Unit] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}


class MeasureNumber(Base):
    """The running number of an organ's papers of a kind in a year; the row is locked while one is taken."""

    __tablename__ = "measure_number"
    __audited__ = False
    __table_args__ = (CheckConstraint(one_of("kind", NumberKind), name="kind"),)

    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"), primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
