"""Orders to correct, findings that they were refused, and proposals of fines (domain.md 1.3)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.measures.states import CorrectionStatus, FineStatus, RefusalStatus
from portal.measures.values import FineAgainst, ServiceMethod
from portal.registry.models import Unit


class CorrectionOrder(Base):
    """An order to correct a violation by a day (责令改正). `basis` is the article as it stood when the order was issued;
    `needs_refusal` says whether a fine for it must wait for a finding of refusal; `finding_ids` are the findings of
    inspections it follows."""

    __tablename__ = "correction_order"
    __table_args__ = (
        CheckConstraint(one_of("status", CorrectionStatus), name="status"),
        CheckConstraint(f"served_how is null or {one_of('served_how', ServiceMethod)}", name="served_how"),
        CheckConstraint("status in ('issued', 'withdrawn') or served_on is not null", name="served"),
        CheckConstraint("(served_on is null) = (due_on is null)", name="limited"),
        CheckConstraint("(status = 'corrected') = (corrected_on is not null)", name="corrected"),
        # What a proposal of a fine refers to, so that it cannot say of an order what the order does not say of itself.
        UniqueConstraint("id", "needs_refusal"),
        Index("ix_correction_order_unit_id_id", "unit_id", "id"),
        Index("ix_correction_order_district_status_id", "district", "status", "id"),
        Index("ix_correction_order_finding_ids", "finding_ids", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    status: Mapped[str] = mapped_column(String(10), default=CorrectionStatus.ISSUED, server_default="issued")
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    organ_name: Mapped[str] = mapped_column(String(80))
    addressee: Mapped[str] = mapped_column(String(120))
    system_id: Mapped[UUID | None] = mapped_column(ForeignKey("system.id"))
    finding_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default="{}")
    basis: Mapped[dict[str, Any]] = mapped_column(JSONB)
    needs_refusal: Mapped[bool] = mapped_column(Boolean)
    grave_reason: Mapped[str] = mapped_column(String(400), default="", server_default="")
    facts: Mapped[str] = mapped_column(Text)
    demand: Mapped[str] = mapped_column(Text)
    issued_on: Mapped[date] = mapped_column(Date)
    issued_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    issued_by_name: Mapped[str] = mapped_column(String(40))
    due_set: Mapped[date | None] = mapped_column(Date)
    served_on: Mapped[date | None] = mapped_column(Date)
    served_how: Mapped[str | None] = mapped_column(String(10))
    served_to: Mapped[str] = mapped_column(String(80), default="", server_default="")
    due_on: Mapped[date | None] = mapped_column(Date)
    due_why: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    extended_reason: Mapped[str] = mapped_column(String(400), default="", server_default="")
    report: Mapped[str] = mapped_column(Text, default="", server_default="")
    report_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    reported_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    reported_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    return_note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    corrected_on: Mapped[date | None] = mapped_column(Date)
    ended_note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    version: Mapped[int] = mapped_column(Integer)

    unit: Mapped[Unit] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}


class RefusalFinding(Base):
    """The finding that an order was not obeyed (拒不改正认定): made after the day it had, by one person, confirmed by
    another. `confirmed` follows from the status and is what a proposal of a fine refers to."""

    __tablename__ = "refusal_finding"
    __table_args__ = (
        CheckConstraint(one_of("status", RefusalStatus), name="status"),
        CheckConstraint("found_on > due_on", name="after_due"),
        CheckConstraint("decided_by is null or decided_by <> found_by", name="second_person"),
        CheckConstraint("(status = 'found') = (decided_at is null)", name="decided"),
        UniqueConstraint("id", "order_id", "confirmed"),
        Index("uq_refusal_finding_order_id", "order_id", unique=True, postgresql_where=text("status <> 'rejected'")),
        Index("ix_refusal_finding_unit_id", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str | None] = mapped_column(String(60), unique=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("correction_order.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    status: Mapped[str] = mapped_column(String(10), default=RefusalStatus.FOUND, server_default="found")
    confirmed: Mapped[bool] = mapped_column(Boolean, Computed("status = 'confirmed'", persisted=True))
    facts: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date] = mapped_column(Date)
    found_on: Mapped[date] = mapped_column(Date)
    found_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    found_by_name: Mapped[str] = mapped_column(String(40))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_note: Mapped[str] = mapped_column(String(400), default="", server_default="")


class FineProposal(Base):
    """A fine as it is proposed to whoever decides it, and what came of it.

    The two composite keys make a fine before refusal impossible: what the order says of `needs_refusal` is repeated
    here and held to be the same, and a finding that is named is a confirmed one of that very order.
    """

    __tablename__ = "fine_proposal"
    __table_args__ = (
        CheckConstraint(one_of("status", FineStatus), name="status"),
        CheckConstraint(one_of("against", FineAgainst), name="against"),
        CheckConstraint("not needs_refusal or refusal_id is not null", name="refused_first"),
        CheckConstraint("refusal_confirmed", name="refusal_confirmed"),
        CheckConstraint("amount between low and high", name="within_the_article"),
        CheckConstraint("against = 'unit' or person_name <> ''", name="whom"),
        CheckConstraint(
            "status <> 'imposed' or (decided_amount is not null and decided_on is not null)", name="imposed"
        ),
        ForeignKeyConstraint(
            ["order_id", "needs_refusal"],
            ["correction_order.id", "correction_order.needs_refusal"],
            name="fk_fine_proposal_of_order",
        ),
        ForeignKeyConstraint(
            ["refusal_id", "order_id", "refusal_confirmed"],
            ["refusal_finding.id", "refusal_finding.order_id", "refusal_finding.confirmed"],
            name="fk_fine_proposal_after_refusal",
        ),
        Index("ix_fine_proposal_order_id", "order_id"),
        Index("ix_fine_proposal_unit_id", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    status: Mapped[str] = mapped_column(String(10), default=FineStatus.PROPOSED, server_default="proposed")
    order_id: Mapped[UUID]
    needs_refusal: Mapped[bool] = mapped_column(Boolean)
    refusal_id: Mapped[UUID | None]
    refusal_confirmed: Mapped[bool] = mapped_column(Boolean, default=True, server_default="true")
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    against: Mapped[str] = mapped_column(String(12))
    person_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    low: Mapped[int] = mapped_column(Integer)
    high: Mapped[int] = mapped_column(Integer)
    amount: Mapped[int] = mapped_column(Integer)
    reasons: Mapped[str] = mapped_column(Text)
    proposed_on: Mapped[date] = mapped_column(Date)
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    proposed_by_name: Mapped[str] = mapped_column(String(40))
    decided_on: Mapped[date | None] = mapped_column(Date)
    decision_number: Mapped[str] = mapped_column(String(80), default="", server_default="")
    deciding_organ: Mapped[str] = mapped_column(String(120), default="", server_default="")
    decided_amount: Mapped[int | None] = mapped_column(Integer)
    outcome_note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}
