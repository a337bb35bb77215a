"""Cameras, and how each is reached."""

from datetime import date, datetime
from decimal import Decimal
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
    Numeric,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.geometry import Datum
from portal.core.ids import new_id
from portal.registry.models.columns import number_of, numbers_of
from portal.registry.models.units import System, Unit
from portal.registry.states import CameraStatus
from portal.registry.values import (
    CameraType,
    CodeEdition,
    Direction,
    Encoding,
    FillLight,
    FunctionType,
    Maker,
    Networked,
    NetworkMode,
    PatrolMode,
    PlaceType,
    PointType,
    PositionMethod,
    PositionType,
    PowerSource,
    Sector,
)


class Camera(Base):
    """One camera. `azimuth` and `view_angle` in degrees (0 = north, clockwise), `range_m` in metres.

    `live` is the last probed state (states.LIVE_CODES): reachability alone writes it, in bulk. The declared pair and its
    datum are the source of `position`, which is computed from them each time and never converted further. `fault_keys`
    are the faults of its file (rules.quality); nothing stands there until it is checked. `filed_district` is the
    system's district where the camera hangs in another: triggers keep it (migration 0026, decision 17).
    """

    __tablename__ = "camera"
    __table_args__ = (
        CheckConstraint(one_of("camera_type", CameraType), name="camera_type"),
        CheckConstraint(one_of("status", CameraStatus), name="status"),
        CheckConstraint(one_of("datum", Datum), name="datum"),
        CheckConstraint("azimuth is null or (azimuth >= 0 and azimuth < 360)", name="azimuth"),
        CheckConstraint("view_angle is null or view_angle between 1 and 360", name="view_angle"),
        CheckConstraint("range_m is null or range_m between 1 and 5000", name="range_m"),
        CheckConstraint("gb_code is null or gb_code ~ '^[0-9]{20}$'", name="gb_code"),
        CheckConstraint(one_of("code_edition", CodeEdition), name="code_edition"),
        CheckConstraint(one_of("position_method", PositionMethod), name="position_method"),
        CheckConstraint(number_of("point_type", PointType), name="point_type"),
        CheckConstraint(numbers_of("function_types", FunctionType), name="function_types"),
        CheckConstraint(numbers_of("position_types", PositionType), name="position_types"),
        CheckConstraint(numbers_of("sectors", Sector), name="sectors"),
        CheckConstraint(f"place_type is null or {one_of('place_type', PlaceType)}", name="place_type"),
        CheckConstraint(number_of("direction", Direction), name="direction"),
        CheckConstraint(number_of("maker", Maker), name="maker"),
        CheckConstraint(number_of("fill_light", FillLight), name="fill_light"),
        CheckConstraint(number_of("encoding", Encoding), name="encoding"),
        CheckConstraint(number_of("networked", Networked), name="networked"),
        CheckConstraint(f"power_source is null or {one_of('power_source', PowerSource)}", name="power_source"),
        CheckConstraint(f"network_mode is null or {one_of('network_mode', NetworkMode)}", name="network_mode"),
        CheckConstraint(f"patrol_mode is null or {one_of('patrol_mode', PatrolMode)}", name="patrol_mode"),
        # Rates of a district or unit are counted in this index alone; dismantled cameras are not judged.
        Index(
            "ix_camera_quality",
            "district",
            "unit_id",
            postgresql_include=["live", "networked", "passes", "secret", "filed_district"],
            postgresql_where=text("status <> 'dismantled'"),
        ),
        Index(
            "ix_camera_failing",
            "district",
            "unit_id",
            "id",
            postgresql_include=["fault_keys", "secret", "filed_district"],
            postgresql_where=text("status <> 'dismantled' and not passes"),
        ),
        Index(
            "ix_camera_district_live_id",
            "district",
            "live",
            "id",
            postgresql_include=["unit_id", "filed_district"],
            postgresql_where=text("not secret"),
        ),
        Index(
            "ix_camera_live_id",
            "live",
            "id",
            postgresql_include=["unit_id", "district", "filed_district"],
            postgresql_where=text("not secret"),
        ),
        Index(
            "ix_camera_filed_district",
            "filed_district",
            "id",
            postgresql_include=["district", "system_id", "unit_id"],
            postgresql_where=text("filed_district is not null"),
        ),
        Index(
            "ix_camera_twinned",
            "district",
            "id",
            postgresql_where=text("fault_keys && '{lon:duplicate,host:duplicate}'::varchar[]"),
        ),
        Index("ix_camera_incomplete", "id", postgresql_where=text("azimuth is null or zone is null")),
        Index("ix_camera_point_type_id", "point_type", "id"),
        # Any equalities asked together, a few bits of each: read from end to end in milliseconds (migration 0034).
        Index(
            "ix_camera_signature",
            "status",
            "camera_type",
            "department",
            "zone",
            "district",
            text("(point_type::int)"),
            text("(networked::int)"),
            text("(maker::int)"),
            text("(encoding::int)"),
            text("(key_point::int)"),
            text("((records_audio or audio_pickup)::int)"),
            postgresql_using="bloom",
            postgresql_with={"length": 144, **{f"col{number}": 3 for number in range(1, 12)}},
        ),
        Index("ix_camera_retention_days", "retention_days"),
        Index("ix_camera_installed_on", "installed_on"),
        # A list ordered by one of these goes on behind the last row seen.
        Index("ix_camera_name_id", "name", "id"),
        Index("ix_camera_updated_at_id", "updated_at", "id"),
        Index("ix_camera_unit_id_id", "unit_id", "id"),
        Index(
            "ix_camera_system_id_id",
            "system_id",
            "id",
            postgresql_include=["retention_days", "unit_id", "district", "filed_district", "secret"],
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6), ForeignKey("division.code"))
    filed_district: Mapped[str | None] = mapped_column(String(6), ForeignKey("division.code"))
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
    position_method: Mapped[str] = mapped_column(String(10), default=PositionMethod.UNKNOWN, server_default="unknown")
    position_accuracy_m: Mapped[Decimal | None] = mapped_column(Numeric(7, 2))
    code_edition: Mapped[str] = mapped_column(String(4), default=CodeEdition.Y2022, server_default="2016")
    popular_name: Mapped[str] = mapped_column(String(60), default="", server_default="")
    camera_type: Mapped[str] = mapped_column(String(20), default=CameraType.UNKNOWN, server_default="unknown")
    function_types: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), default=list, server_default="{}")
    point_type: Mapped[int] = mapped_column(SmallInteger, default=9, server_default="9")
    position_types: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), default=list, server_default="{}")
    police_organ: Mapped[str] = mapped_column(String(12), default="", server_default="")
    police_beat: Mapped[str] = mapped_column(String(60), default="", server_default="")
    pole_number: Mapped[str] = mapped_column(String(40), default="", server_default="")
    qr_number: Mapped[str] = mapped_column(String(40), default="", server_default="")
    zone: Mapped[str | None] = mapped_column(String(40))
    place_type: Mapped[str | None] = mapped_column(String(20))
    faces_homes: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    direction: Mapped[int | None] = mapped_column(SmallInteger)
    azimuth: Mapped[int | None] = mapped_column(SmallInteger)
    view_angle: Mapped[int | None] = mapped_column(SmallInteger)
    vertical_angle: Mapped[int | None] = mapped_column(SmallInteger)
    range_m: Mapped[int | None] = mapped_column(SmallInteger)
    install_height_m: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    maker: Mapped[int | None] = mapped_column(SmallInteger)
    manufacturer: Mapped[str] = mapped_column(String(40), default="", server_default="")
    model: Mapped[str] = mapped_column(String(60), default="", server_default="")
    fill_light: Mapped[int | None] = mapped_column(SmallInteger)
    encoding: Mapped[int | None] = mapped_column(SmallInteger)
    resolution: Mapped[str] = mapped_column(String(12), default="", server_default="")
    osd_text: Mapped[str] = mapped_column(String(120), default="", server_default="")
    records_audio: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    audio_pickup: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    retention_days: Mapped[int | None] = mapped_column(SmallInteger)
    storage_channel: Mapped[int | None] = mapped_column(SmallInteger)
    networked: Mapped[int | None] = mapped_column(SmallInteger)
    network_mode: Mapped[str | None] = mapped_column(String(10))
    city_platform: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    shared_outward: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    power_source: Mapped[str | None] = mapped_column(String(10))
    build_phase: Mapped[str] = mapped_column(String(60), default="", server_default="")
    scene_photo: Mapped[str] = mapped_column(String(300), default="", server_default="")
    installed_on: Mapped[date | None] = mapped_column(Date)
    managing_unit: Mapped[str] = mapped_column(String(120), default="", server_default="")
    managing_phone_sealed: Mapped[str | None] = mapped_column(String(400))
    managing_phone_masked: Mapped[str | None] = mapped_column(String(20))
    maintenance_unit: Mapped[str] = mapped_column(String(120), default="", server_default="")
    maintenance_phone_sealed: Mapped[str | None] = mapped_column(String(400))
    maintenance_phone_masked: Mapped[str | None] = mapped_column(String(20))
    department: Mapped[str] = mapped_column(String(80), default="", server_default="")
    sectors: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), default=list, server_default="{}")
    key_point: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    coverage: Mapped[str] = mapped_column(String(400), default="", server_default="")
    key_sections: Mapped[str] = mapped_column(String(200), default="", server_default="")
    key_hours: Mapped[str] = mapped_column(String(100), default="", server_default="")
    main_content: Mapped[str] = mapped_column(String(200), default="", server_default="")
    patrol_mode: Mapped[str | None] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(12), default=CameraStatus.IN_USE, server_default="in_use")
    # Its own, or its system's alone (`secret_inherited`); triggers keep the two.
    secret: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    secret_inherited: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    live: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    # The picture of what it sees; `scene_photo` is what a sheet says of one kept elsewhere.
    scene_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    fault_keys: Mapped[list[str] | None] = mapped_column(ARRAY(String(40)))
    passes: Mapped[bool] = mapped_column(
        Boolean, Computed("coalesce(cardinality(fault_keys) = 0, false)", persisted=True)
    )
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    system: Mapped[System] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}

    def hang_in(self, district: str, system: System) -> None:
        """Say which district the camera hangs in. A trigger says the rest to whoever writes past this."""
        self.district, self.filed_district = district, None if system.district == district else system.district


class CameraAccess(Base):
    """How a camera is reached. User and password are one sealed value bound to the camera's id, and so is the address of
    the recorder that keeps its footage."""

    __tablename__ = "camera_access"
    __table_args__ = (
        CheckConstraint("rtsp_port is null or rtsp_port between 1 and 65535", name="rtsp_port"),
        CheckConstraint("onvif_port is null or onvif_port between 1 and 65535", name="onvif_port"),
        Index("ix_camera_access_host", "host"),
    )

    camera_id: Mapped[UUID] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    host: Mapped[str] = mapped_column(String(253))
    ipv6: Mapped[str] = mapped_column(String(45), default="", server_default="")
    mac: Mapped[str] = mapped_column(String(17), default="", server_default="")
    rtsp_port: Mapped[int | None] = mapped_column(Integer)
    onvif_port: Mapped[int | None] = mapped_column(Integer)
    storage_address_sealed: Mapped[str | None] = mapped_column(String(800))
    credentials_sealed: Mapped[str | None] = mapped_column(String(800))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
