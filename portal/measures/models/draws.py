"""Draws that nobody can steer, and plans of supervision (PEN-13)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
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
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.measures.states import DrawStatus, PlannedStatus
from portal.measures.values import DrawKind, PlannedBy
from portal.registry.models import Unit


class Draw(Base):
    """A draw: everything that anybody needs to make it again. `seed_sealed` and `mask_sealed` are secret; the mask, which
    turns rows into pseudonyms, stays so. A trigger lets nothing change that was committed to, and the seed be revealed
    once."""

    __tablename__ = "draw"
    __table_args__ = (
        CheckConstraint(one_of("kind", DrawKind), name="kind"),
        CheckConstraint(one_of("status", DrawStatus), name="status"),
        CheckConstraint("population_hash = encode(sha256(convert_to(population, 'UTF8')), 'hex')", name="population"),
        CheckConstraint("sample_size between 1 and population_size", name="size"),
        CheckConstraint(
            "committed_on < entropy_on and entropy_on <= period_from and period_from <= period_to", name="order"
        ),
        CheckConstraint("seed is null or commitment = encode(sha256(decode(seed, 'hex')), 'hex')", name="seed"),
        CheckConstraint("revealed_on is null or revealed_on >= period_from", name="not_before"),
        CheckConstraint(
            "(status = 'revealed') = (seed is not null and entropy <> '' and sample is not null and revealed_on is not null)",
            name="revealed",
        ),
        Index("ix_draw_organ_id_id", "organ_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    organ_name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(10), default=DrawStatus.COMMITTED, server_default="committed")
    title: Mapped[str] = mapped_column(String(120))
    sample_size: Mapped[int] = mapped_column(Integer)
    period_from: Mapped[date] = mapped_column(Date)
    period_to: Mapped[date] = mapped_column(Date)
    entropy_source: Mapped[str] = mapped_column(String(200))
    entropy_on: Mapped[date] = mapped_column(Date)
    population: Mapped[str] = mapped_column(Text)
    population_hash: Mapped[str] = mapped_column(String(64))
    population_size: Mapped[int] = mapped_column(Integer)
    commitment: Mapped[str] = mapped_column(String(64))
    committed_on: Mapped[date] = mapped_column(Date)
    committed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    committed_by_name: Mapped[str] = mapped_column(String(40))
    seed_sealed: Mapped[str] = mapped_column(String(400))
    mask_sealed: Mapped[str] = mapped_column(String(400))
    seed: Mapped[str | None] = mapped_column(String(64))
    entropy: Mapped[str] = mapped_column(String(200), default="", server_default="")
    sample: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    revealed_on: Mapped[date | None] = mapped_column(Date)
    revealed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revealed_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")


class DrawMember(Base):
    """Which row a pseudonym stands for. Append-only, and read by the organ that draws alone."""

    __tablename__ = "draw_member"

    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    pseudonym: Mapped[str] = mapped_column(String(32), primary_key=True)
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    acceptance_id: Mapped[UUID | None] = mapped_column(ForeignKey("acceptance.id"))

    unit: Mapped[Unit] = relationship(lazy="raise")


class SupervisionPlan(Base):
    """An organ's plan of routine visits for a period: so many by risk, and those a draw named. `weights` are the rules'
    as they stood."""

    __tablename__ = "supervision_plan"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="period"),
        Index("ix_supervision_plan_organ_id_id", "organ_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    organ_name: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    assessed: Mapped[int] = mapped_column(Integer)
    weights: Mapped[dict[str, Any]] = mapped_column(JSONB)
    draw_id: Mapped[UUID | None] = mapped_column(ForeignKey("draw.id"))
    made_by_name: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PlannedVisit(Base):
    """A routine visit that a plan holds: why this unit, by when, and what came of it.

    `checklist` is the list as it stood when the visit began, `answers` what its `inspectors` (person, name) judged so far;
    each item that fell short led to one of the findings named.
    """

    __tablename__ = "planned_visit"
    __table_args__ = (
        CheckConstraint(one_of("status", PlannedStatus), name="status"),
        CheckConstraint(one_of("chosen_by", PlannedBy), name="chosen_by"),
        CheckConstraint("status in ('planned', 'under_way', 'cancelled') or done_on is not null", name="done"),
        CheckConstraint(
            "result is null or (result in ('pass', 'basic', 'fail') and checklist is not null)", name="result"
        ),
        CheckConstraint("status <> 'under_way' or checklist is not null", name="listed"),
        Index("uq_planned_visit_plan_id_unit_id", "plan_id", "unit_id", unique=True),
        Index("ix_planned_visit_unit_id", "unit_id"),
        Index("ix_planned_visit_finding_ids", "finding_ids", postgresql_using="gin"),
        Index("ix_planned_visit_owed", "organ_id", "due_on", postgresql_where=text("status = 'planned'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("supervision_plan.id"))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    chosen_by: Mapped[str] = mapped_column(String(8))
    score: Mapped[Decimal] = mapped_column(Numeric(5, 1))
    working: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    place: Mapped[int] = mapped_column(SmallInteger)
    due_on: Mapped[date] = mapped_column(Date)
    status: Mapped[str] = mapped_column(String(10), default=PlannedStatus.PLANNED, server_default="planned")
    done_on: Mapped[date | None] = mapped_column(Date)
    checklist: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    inspectors: Mapped[list[list[str]]] = mapped_column(JSONB, default=list, server_default="[]")
    result: Mapped[str | None] = mapped_column(String(8))
    finding_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default="{}")
    visited_by: Mapped[str] = mapped_column(String(120), default="", server_default="")
    findings: Mapped[str] = mapped_column(Text, default="", server_default="")
    ended_note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    version: Mapped[int] = mapped_column(Integer)

    unit: Mapped[Unit] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}


class PlannedVisitPhoto(Base):
    """A photo taken at one item of a routine visit's list. Its bytes lie in the vault; it is the organ's, as the visit is."""

    __tablename__ = "planned_visit_photo"
    __table_args__ = (Index("ix_planned_visit_photo_planned_id_item", "planned_id", "item"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    planned_id: Mapped[UUID] = mapped_column(ForeignKey("planned_visit.id"))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    item: Mapped[str] = mapped_column(String(60))
    stored_file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"), unique=True)
    taken_by_name: Mapped[str] = mapped_column(String(40))
    taken_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    altered = False  # nothing is sealed at a routine visit
    entry_id = None
