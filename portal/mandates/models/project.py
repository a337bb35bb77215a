"""Public projects with their cameras (REG-07), relocation orders (REG-08), and moves that nobody ordered."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.mandates.states import RelocationStatus
from portal.mandates.values import ProjectStatus, RelocationKind
from portal.registry.models import Camera


class PublicProject(Base):
    """A project that builds or extends a city public system out of the budget (Anyang 2007 art. 5)."""

    __tablename__ = "public_project"
    __table_args__ = (
        CheckConstraint(one_of("status", ProjectStatus), name="status"),
        CheckConstraint("amount >= 0", name="amount"),
        Index("ix_public_project_district_year", "district", "budget_year", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    organ_name: Mapped[str] = mapped_column(String(80))
    budget_year: Mapped[int] = mapped_column(SmallInteger)
    amount: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    planning_batch: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(10), default=ProjectStatus.PLANNED, server_default="planned")
    funding: Mapped[str] = mapped_column(String(120))
    financing_paper: Mapped[str] = mapped_column(String(120))
    stored_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    builder: Mapped[str] = mapped_column(String(120), default="", server_default="")
    note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}


class ProjectCamera(Base):
    """Which project paid for a camera: one, or none yet."""

    __tablename__ = "project_camera"
    __table_args__ = (Index("ix_project_camera_project", "project_id", "camera_id"),)

    camera_id: Mapped[UUID] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"), primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("public_project.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))


class RelocationOrder(Base):
    """Moving, rebuilding or re-measuring public cameras: why, at whose cost, approved by whom (Anyang 2007 art. 6)."""

    __tablename__ = "relocation_order"
    __table_args__ = (
        CheckConstraint(one_of("status", RelocationStatus), name="status"),
        CheckConstraint(one_of("kind", RelocationKind), name="kind"),
        CheckConstraint("cost >= 0", name="cost"),
        CheckConstraint("status <> 'carried_out' or carried_out_on is not null", name="carried_out"),
        Index("ix_relocation_order_district_status_id", "district", "status", "id"),
        Index("ix_relocation_order_unit", "unit_id", "id"),
        Index("ix_relocation_order_project", "project_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("public_project.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    organ_name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(12), default=RelocationStatus.PROPOSED, server_default="proposed")
    cause: Mapped[str] = mapped_column(String(200))
    cause_number: Mapped[str] = mapped_column(String(80), default="", server_default="")
    cost: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    payer: Mapped[str] = mapped_column(String(120))
    planned_on: Mapped[date] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    proposed_by_name: Mapped[str] = mapped_column(String(40))
    proposed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decision_note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    carried_out_on: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer)

    project: Mapped[PublicProject | None] = relationship(lazy="raise")
    cameras: Mapped[list["RelocationCamera"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="RelocationCamera.camera_id"
    )
    __mapper_args__ = {"version_id_col": version}


class RelocationCamera(Base):
    """One camera of a relocation: where it hung, and where it is to hang."""

    __tablename__ = "relocation_camera"
    __table_args__ = (Index("ix_relocation_camera_camera", "camera_id", "order_id"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("relocation_order.id", ondelete="CASCADE"), primary_key=True)
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("camera.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    old_position: Mapped[WKBElement] = mapped_column(Geometry("POINT", 4326, spatial_index=False))
    new_position: Mapped[WKBElement] = mapped_column(Geometry("POINT", 4326, spatial_index=False))

    camera: Mapped[Camera] = relationship(lazy="raise")


class PublicMove(Base):
    """A public camera's move, written by the database whoever made it (migration); without an order it is a finding.

    A move without an order is explained by a person, or joined to an order made afterwards.
    """

    __tablename__ = "public_move"
    __audited__ = False  # a trigger writes it; explaining is in the log
    __table_args__ = (
        Index("ix_public_move_camera", "camera_id", "id"),
        Index(
            "ix_public_move_open", "district", "id", postgresql_where=text("order_id is null and explained_at is null")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    old_position: Mapped[WKBElement] = mapped_column(Geometry("POINT", 4326, spatial_index=False))
    new_position: Mapped[WKBElement] = mapped_column(Geometry("POINT", 4326, spatial_index=False))
    distance_m: Mapped[int] = mapped_column(Integer)
    moved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    actor_name: Mapped[str] = mapped_column(String(120), default="", server_default="")
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("relocation_order.id"))
    explanation: Mapped[str] = mapped_column(String(400), default="", server_default="")
    explained_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    explained_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    camera: Mapped[Camera] = relationship(lazy="raise")
