"""REG-16: graded protection, standards and product certificates of a system. REG-18: what it is connected to."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, Integer, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.registry.models.columns import IN_ORDER, Lasting, Placed, number_of
from portal.registry.states import ConnectionStatus
from portal.registry.values.archive import CertificateKind, DispatchMeans, MlpsLevel, TargetPlatform


class SystemCompliance(Placed, Base):
    """What a system's unit states about graded protection and the standards it was built to; one row a system."""

    __tablename__ = "system_compliance"
    __table_args__ = (CheckConstraint(number_of("mlps_level", MlpsLevel), name="mlps_level"),)

    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id", ondelete="CASCADE"), primary_key=True)
    mlps_level: Mapped[int | None] = mapped_column(SmallInteger)
    mlps_number: Mapped[str] = mapped_column(String(40), default="", server_default="")
    mlps_filed_on: Mapped[date | None] = mapped_column(Date)
    mlps_evaluator: Mapped[str] = mapped_column(String(120), default="", server_default="")
    mlps_evaluated_on: Mapped[date | None] = mapped_column(Date)
    mlps_evaluation_to: Mapped[date | None] = mapped_column(Date)
    standards: Mapped[list[str]] = mapped_column(ARRAY(String(24)), default=list, server_default="{}")
    other_standards: Mapped[str] = mapped_column(String(200), default="", server_default="")
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}


class ProductCertificate(Lasting, Placed, Base):
    """A certificate of a product in the system: compulsory certification, public-security certification, type test."""

    __tablename__ = "product_certificate"
    __table_args__ = (
        CheckConstraint(one_of("kind", CertificateKind), name="kind"),
        CheckConstraint(IN_ORDER, name="period"),
        Index("ix_product_certificate_unit_id", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    product: Mapped[str] = mapped_column(String(80))
    model: Mapped[str] = mapped_column(String(60), default="", server_default="")
    maker: Mapped[str] = mapped_column(String(80), default="", server_default="")
    number: Mapped[str] = mapped_column(String(60), default="", server_default="")
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}


class SystemConnection(Placed, Base):
    """A connection of a unit's system to a public platform, from proposal to end; one that is not over per platform."""

    __tablename__ = "system_connection"
    __table_args__ = (
        CheckConstraint(one_of("platform", TargetPlatform), name="platform"),
        CheckConstraint(one_of("status", ConnectionStatus), name="status"),
        CheckConstraint(f"dispatch is null or {one_of('dispatch', DispatchMeans)}", name="dispatch"),
        CheckConstraint(
            "status not in ('consented', 'approved', 'active', 'suspended') or consented_on is not null",
            name="consented",
        ),
        Index(
            "uq_system_connection_open",
            "system_id",
            "platform",
            unique=True,
            postgresql_where=text("status not in ('ended', 'refused')"),
        ),
        Index("ix_system_connection_unit_id", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id"), index=True)
    platform: Mapped[str] = mapped_column(String(16))
    platform_name: Mapped[str] = mapped_column(String(80))
    purpose: Mapped[str] = mapped_column(String(20), default="", server_default="")
    path: Mapped[str] = mapped_column(String(120), default="", server_default="")
    status: Mapped[str] = mapped_column(String(12), default=ConnectionStatus.PROPOSED, server_default="proposed")
    consented_on: Mapped[date | None] = mapped_column(Date)
    consented_by: Mapped[str] = mapped_column(String(40), default="", server_default="")
    approved_on: Mapped[date | None] = mapped_column(Date)
    approved_by: Mapped[str] = mapped_column(String(40), default="", server_default="")
    connected_on: Mapped[date | None] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    end_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    dispatch: Mapped[str | None] = mapped_column(String(10))
    dispatch_centre: Mapped[str] = mapped_column(String(80), default="", server_default="")
    dispatch_tested_on: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}
