"""Units, sites, systems, cameras, filings and documents: columns and constraints, no decisions.

`unit_id` and `district` are repeated on every row that row-level security guards, so that a policy is one indexed
comparison and never a join.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base
from portal.core.geometry import Datum
from portal.core.ids import new_id
from portal.registry.states import CameraStatus, FilingStatus, ImportStatus, UseStatus
from portal.registry.values import (
    CameraType,
    FilingKind,
    PartyRole,
    StorageKind,
    SystemKind,
    UnitType,
)
from portal.regulation.schema.vocabulary import Regime


def _one_of(column: str, values: Any) -> str:
    return f"{column} in ({', '.join(repr(str(value)) for value in values)})"


class Unit(Base):
    """A unit that runs CCTV of its own, or must. The phone numbers are sealed; pages show the masked form."""

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint(_one_of("unit_type", UnitType), name="unit_type"),
        Index("ix_unit_name_trgm", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
        Index("ix_unit_initials", "initials"),
        Index("ix_unit_district_id", "district", "id"),
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
    """REG-13: a place of a unit: campus, branch, depot."""

    __tablename__ = "site"
    __table_args__ = (UniqueConstraint("unit_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(String(120))
    district: Mapped[str] = mapped_column(String(6), ForeignKey("division.code"))
    address: Mapped[str] = mapped_column(String(200))
    position: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", 4326, spatial_index=False))


class System(Base):
    """A video image information system (REG-01, REG-05, REG-11)."""

    __tablename__ = "system"
    __table_args__ = (
        CheckConstraint(_one_of("kind", SystemKind), name="kind"),
        CheckConstraint(_one_of("regime", Regime), name="regime"),
        CheckConstraint(_one_of("use_status", UseStatus), name="use_status"),
        CheckConstraint(f"storage_kind is null or {_one_of('storage_kind', StorageKind)}", name="storage_kind"),
        CheckConstraint("retention_days is null or retention_days between 0 and 3650", name="retention_days"),
        Index("ix_system_unit_id_id", "unit_id", "id"),
        Index("ix_system_district_id", "district", "id"),
        Index("ix_system_organ_id", "organ_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    district: Mapped[str] = mapped_column(String(6), ForeignKey("division.code"))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    regime: Mapped[str] = mapped_column(String(20))
    regime_answers: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    purpose: Mapped[str] = mapped_column(String(400), default="", server_default="")
    department: Mapped[str] = mapped_column(String(80), default="", server_default="")
    address: Mapped[str] = mapped_column(String(200))
    use_status: Mapped[str] = mapped_column(String(24), default=UseStatus.PLANNED, server_default="planned")
    in_use_on: Mapped[date | None] = mapped_column(Date)
    retention_days: Mapped[int | None] = mapped_column(SmallInteger)
    storage_kind: Mapped[str | None] = mapped_column(String(12))
    records_audio: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    has_analytics: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    networked: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    software: Mapped[str] = mapped_column(String(120), default="", server_default="")
    secret: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    unit: Mapped[Unit] = relationship(lazy="raise")
    parties: Mapped[list["SystemParty"]] = relationship(lazy="raise", cascade="all, delete-orphan")
    __mapper_args__ = {"version_id_col": version}


class SystemParty(Base):
    """REG-05: who invests, builds, uses and manages a system."""

    __tablename__ = "system_party"
    __table_args__ = (CheckConstraint(_one_of("role", PartyRole), name="role"),)

    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(12), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    name: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str] = mapped_column(String(30), default="", server_default="")


class Camera(Base):
    """One camera. `azimuth` and `view_angle` in degrees (0 = north, clockwise), `range_m` in metres.

    `live` is the last probed state (states.LIVE_CODES): reachability alone writes it, in bulk.
    """

    __tablename__ = "camera"
    __table_args__ = (
        CheckConstraint(_one_of("camera_type", CameraType), name="camera_type"),
        CheckConstraint(_one_of("status", CameraStatus), name="status"),
        CheckConstraint(_one_of("datum", Datum), name="datum"),
        CheckConstraint("azimuth is null or (azimuth >= 0 and azimuth < 360)", name="azimuth"),
        CheckConstraint("view_angle is null or view_angle between 1 and 360", name="view_angle"),
        CheckConstraint("range_m is null or range_m between 1 and 5000", name="range_m"),
        CheckConstraint("gb_code is null or gb_code ~ '^[0-9]{20}$'", name="gb_code"),
        Index(
            "ix_camera_district_live_id",
            "district",
            "live",
            "id",
            postgresql_include=["unit_id"],
            postgresql_where=text("not secret"),
        ),
        Index(
            "ix_camera_live_id",
            "live",
            "id",
            postgresql_include=["unit_id", "district"],
            postgresql_where=text("not secret"),
        ),
        Index("ix_camera_incomplete", "id", postgresql_where=text("azimuth is null or zone is null")),
        Index("ix_camera_unit_id_id", "unit_id", "id"),
        Index("ix_camera_system_id_id", "system_id", "id"),
        Index("ix_camera_name_trgm", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6), ForeignKey("division.code"))
    gb_code: Mapped[str | None] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(200), default="", server_default="")
    position: Mapped[WKBElement] = mapped_column(Geometry("POINT", 4326, spatial_index=True))
    mercator: Mapped[WKBElement] = mapped_column(
        Geometry("POINT", 3857, spatial_index=True), Computed("st_transform(position, 3857)", persisted=True)
    )
    datum: Mapped[str] = mapped_column(String(10), default=Datum.WGS84, server_default="wgs84")
    declared_lon: Mapped[str] = mapped_column(String(20), default="", server_default="")
    declared_lat: Mapped[str] = mapped_column(String(20), default="", server_default="")
    camera_type: Mapped[str] = mapped_column(String(20), default=CameraType.UNKNOWN, server_default="unknown")
    point_type: Mapped[int] = mapped_column(SmallInteger, default=9, server_default="9")
    zone: Mapped[str | None] = mapped_column(String(40))
    azimuth: Mapped[int | None] = mapped_column(SmallInteger)
    view_angle: Mapped[int | None] = mapped_column(SmallInteger)
    range_m: Mapped[int | None] = mapped_column(SmallInteger)
    resolution: Mapped[str] = mapped_column(String(12), default="", server_default="")
    manufacturer: Mapped[str] = mapped_column(String(40), default="", server_default="")
    model: Mapped[str] = mapped_column(String(60), default="", server_default="")
    records_audio: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    retention_days: Mapped[int | None] = mapped_column(SmallInteger)
    installed_on: Mapped[date | None] = mapped_column(Date)
    status: Mapped[str] = mapped_column(String(12), default=CameraStatus.IN_USE, server_default="in_use")
    secret: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    live: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    system: Mapped[System] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}


class CameraAccess(Base):
    """How a camera is reached. User and password are one sealed value bound to the camera's id."""

    __tablename__ = "camera_access"
    __table_args__ = (
        CheckConstraint("rtsp_port is null or rtsp_port between 1 and 65535", name="rtsp_port"),
        CheckConstraint("onvif_port is null or onvif_port between 1 and 65535", name="onvif_port"),
    )

    camera_id: Mapped[UUID] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    host: Mapped[str] = mapped_column(String(253))
    rtsp_port: Mapped[int | None] = mapped_column(Integer)
    onvif_port: Mapped[int | None] = mapped_column(Integer)
    credentials_sealed: Mapped[str | None] = mapped_column(String(800))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Filing(Base):
    """A filing of a system with the competent police organ; one open filing a system at a time."""

    __tablename__ = "filing"
    __table_args__ = (
        CheckConstraint(_one_of("status", FilingStatus), name="status"),
        CheckConstraint(_one_of("kind", FilingKind), name="kind"),
        CheckConstraint("(status in ('accepted','superseded')) = (number is not null)", name="numbered"),
        Index(
            "uq_filing_open",
            "system_id",
            unique=True,
            postgresql_where=text("status in ('draft','submitted','returned')"),
        ),
        Index("ix_filing_organ_id_status_id", "organ_id", "status", "id"),
        Index("ix_filing_unit_id_id", "unit_id", "id"),
        Index("ix_filing_district_status_id", "district", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    kind: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(12), default=FilingStatus.DRAFT, server_default="draft")
    number: Mapped[str | None] = mapped_column(String(40), unique=True)
    national_number: Mapped[str | None] = mapped_column(String(40))
    revision: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    due_on: Mapped[date | None] = mapped_column(Date)
    due_why: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    submitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decision_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    decided_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    field_comments: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict, server_default="{}")
    declared_by: Mapped[str] = mapped_column(String(40), default="", server_default="")
    receipt_code: Mapped[str | None] = mapped_column(String(12), unique=True)
    receipt_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    system: Mapped[System] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}


class FilingRevision(Base):
    """What was submitted, whole and frozen: canonical JSON and its SHA-256. Never updated (trigger)."""

    __tablename__ = "filing_revision"
    __table_args__ = (UniqueConstraint("filing_id", "revision"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    filing_id: Mapped[UUID] = mapped_column(ForeignKey("filing.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    revision: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    submitted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Document(Base):
    """A paper of a system in a typed slot; a new upload is a new version, old ones stay."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("system_id", "slot", "version_no"),
        Index("ix_document_unit_id", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    slot: Mapped[str] = mapped_column(String(60))
    version_no: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    stored_file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    secrecy: Mapped[str] = mapped_column(String(12), default="internal", server_default="internal")
    custodian: Mapped[str] = mapped_column(String(40), default="", server_default="")
    uploaded_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class CameraImport(Base):
    """One import of cameras from a sheet: what came in, how far it is, every fault found."""

    __tablename__ = "camera_import"
    __audited__ = False  # progress is bookkeeping; the acts on both its ends are in the log
    __table_args__ = (
        CheckConstraint(_one_of("status", ImportStatus), name="status"),
        Index("ix_camera_import_unit_id_id", "unit_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    stored_file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    datum: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(12), default=ImportStatus.QUEUED, server_default="queued")
    rows_read: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    rows_good: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    rows_bad: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    faults: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    # Whether somebody looks at what was read before it is loaded, and the first rows as they were understood.
    preview_first: Mapped[bool] = mapped_column(default=False, server_default=false())
    preview: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    failure: Mapped[str | None] = mapped_column(String(60))
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class FilingNumber(Base):
    """The running number of an organ's filings in a year; the row is locked while one is taken."""

    __tablename__ = "filing_number"
    __audited__ = False

    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"), primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
