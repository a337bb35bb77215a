"""Units, their sites, and their systems."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.registry.models.parties import SystemContact, SystemParty
from portal.registry.states import UseStatus
from portal.registry.values import StorageKind, SystemKind, UnitType
from portal.registry.values.archive import FundingSource, SiteKind
from portal.regulation.schema.vocabulary import Regime


class Unit(Base):
    """A unit that runs CCTV of its own, or must. The phone numbers are sealed; pages show the masked form."""

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint(one_of("unit_type", UnitType), name="unit_type"),
        Index("ix_unit_name_trgm", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
        Index("ix_unit_initials", "initials"),
        Index("ix_unit_name_id", "name", "id"),
        Index("ix_unit_district_id", "district", "id"),
        Index("ix_unit_unit_type_district", "unit_type", "district"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    initials: Mapped[str] = mapped_column(String(120), default="", server_default="")
    unit_type: Mapped[str] = mapped_column(String(20))
    category: Mapped[str | None] = mapped_column(String(40))
    counter_terror_target: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    district: Mapped[str] = mapped_column(String(6), ForeignKey("division.code"))
    address: Mapped[str] = mapped_column(String(200))
    position: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", 4326, spatial_index=True))
    principal_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    security_head_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    contact_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    contact_phone_sealed: Mapped[str | None] = mapped_column(String(400))
    contact_phone_masked: Mapped[str | None] = mapped_column(String(20))
    duty_phone_sealed: Mapped[str | None] = mapped_column(String(400))
    duty_phone_masked: Mapped[str | None] = mapped_column(String(20))
    house_profiles: Mapped[list[str]] = mapped_column(ARRAY(String(60)), default=list, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}


class Site(Base):
    """REG-13: a place of a unit: campus, branch, depot. Its systems name it, and can name no other unit's."""

    __tablename__ = "site"
    __table_args__ = (
        UniqueConstraint("unit_id", "name"),
        UniqueConstraint("id", "unit_id"),
        CheckConstraint(one_of("kind", SiteKind), name="kind"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(String(120))
    district: Mapped[str] = mapped_column(String(6), ForeignKey("division.code"))
    address: Mapped[str] = mapped_column(String(200))
    position: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", 4326, spatial_index=False))
    kind: Mapped[str] = mapped_column(String(12), default=SiteKind.MAIN, server_default="main")
    version: Mapped[int] = mapped_column(Integer, server_default="1")

    __mapper_args__ = {"version_id_col": version}


class System(Base):
    """A video image information system (REG-01, REG-05, REG-11).

    `party_names` repeats the parties by role, so that the history of a system's row tells who they were.
    `declared_devices` are the numbers by type that its owner declares, which a filing needs before any camera has a file
    of its own.
    """

    __tablename__ = "system"
    __table_args__ = (
        CheckConstraint(one_of("kind", SystemKind), name="kind"),
        CheckConstraint(one_of("regime", Regime), name="regime"),
        CheckConstraint(one_of("use_status", UseStatus), name="use_status"),
        CheckConstraint(f"storage_kind is null or {one_of('storage_kind', StorageKind)}", name="storage_kind"),
        CheckConstraint("retention_days is null or retention_days between 0 and 3650", name="retention_days"),
        Index("ix_system_unit_id_id", "unit_id", "id"),
        Index("ix_system_name_id", "name", "id"),
        Index("ix_system_district_id", "district", "id"),
        Index("ix_system_organ_id", "organ_id"),
        Index("ix_system_site_id", "site_id"),
        CheckConstraint(f"funding is null or {one_of('funding', FundingSource)}", name="funding"),
        ForeignKeyConstraint(["site_id", "unit_id"], ["site.id", "site.unit_id"], name="fk_system_site_of_unit"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    site_id: Mapped[UUID | None]
    district: Mapped[str] = mapped_column(String(6), ForeignKey("division.code"))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    regime: Mapped[str] = mapped_column(String(20))
    regime_answers: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    purpose: Mapped[str] = mapped_column(String(400), default="", server_default="")
    department: Mapped[str] = mapped_column(String(80), default="", server_default="")
    address: Mapped[str] = mapped_column(String(200))
    position: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", 4326, spatial_index=False))
    use_status: Mapped[str] = mapped_column(String(24), default=UseStatus.PLANNED, server_default="planned")
    in_use_on: Mapped[date | None] = mapped_column(Date)
    construction_began_on: Mapped[date | None] = mapped_column(Date)
    construction_finished_on: Mapped[date | None] = mapped_column(Date)
    declared_devices: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict, server_default="{}")
    retention_days: Mapped[int | None] = mapped_column(SmallInteger)
    storage_kind: Mapped[str | None] = mapped_column(String(12))
    records_audio: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    has_analytics: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    networked: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    software: Mapped[str] = mapped_column(String(120), default="", server_default="")
    funding: Mapped[str | None] = mapped_column(String(10))
    party_names: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict, server_default="{}")
    secret: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    unit: Mapped[Unit] = relationship(lazy="raise", overlaps="site")
    site: Mapped[Site | None] = relationship(lazy="raise", overlaps="unit", viewonly=True)
    parties: Mapped[list[SystemParty]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by=lambda: (SystemParty.role, SystemParty.valid_from)
    )
    contacts: Mapped[list[SystemContact]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by=lambda: SystemContact.place
    )
    __mapper_args__ = {"version_id_col": version}
