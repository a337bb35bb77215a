"""Zones of a system, the cameras that cover them, signs, privacy masks, and the standards a system is built to."""

from datetime import date, datetime
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base
from portal.core.ids import new_id


class SystemZone(Base):
    """A zone of one system: laid from the template its rules hold, or the unit's own (then `profile` is empty).

    `key` is what `camera.zone` names: that is a camera's principal zone; further ones stand in ZoneCamera. What the
    texts ask (number, required, full, if_present) is copied, so that lists are one question and a new version of a text
    changes them when the zones are laid anew.
    """

    __tablename__ = "system_zone"
    __table_args__ = (
        UniqueConstraint("system_id", "key"),
        CheckConstraint("not absent or absent_reason <> ''", name="absent_reason"),
        CheckConstraint("profile <> '' or name <> ''", name="named"),
        Index("ix_system_zone_district_unit_id", "district", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    key: Mapped[str] = mapped_column(String(40))
    profile: Mapped[str] = mapped_column(String(80), default="", server_default="")
    name: Mapped[str] = mapped_column(String(60), default="", server_default="")
    number: Mapped[int | None] = mapped_column(SmallInteger)
    required: Mapped[bool] = mapped_column(default=False, server_default="false")
    full_coverage: Mapped[bool] = mapped_column(default=False, server_default="false")
    if_present: Mapped[bool] = mapped_column(default=False, server_default="false")
    absent: Mapped[bool] = mapped_column(default=False, server_default="false")
    absent_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    blind_spots: Mapped[str] = mapped_column(String(200), default="", server_default="")
    photo_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}


class ZoneCamera(Base):
    """A further zone that a camera covers besides its principal one."""

    __tablename__ = "zone_camera"
    __table_args__ = (Index("ix_zone_camera_camera_id", "camera_id"),)

    zone_id: Mapped[UUID] = mapped_column(ForeignKey("system_zone.id", ondelete="CASCADE"), primary_key=True)
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))


class SystemStandard(Base):
    """CAT-04: a standard that a system is built to, by its key in profiles/standards.toml."""

    __tablename__ = "system_standard"

    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    named_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Sign(Base):
    """A conspicuous sign (提示标识): where it hangs, its photograph, since when. Taken down, it stays on record."""

    __tablename__ = "sign"
    __table_args__ = (
        CheckConstraint("removed_on is null or removed_on >= put_up_on", name="removed_on"),
        Index("ix_sign_system_id", "system_id", postgresql_where=text("removed_on is null")),
        Index("ix_sign_unit_id", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    zone_key: Mapped[str] = mapped_column(String(40), default="", server_default="")
    place: Mapped[str] = mapped_column(String(120))
    position: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", 4326, spatial_index=False))
    photo_file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    put_up_on: Mapped[date] = mapped_column(Date)
    removed_on: Mapped[date | None] = mapped_column(Date)
    recorded_by_name: Mapped[str] = mapped_column(String(40))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PrivacyMask(Base):
    """CAT-08: what of a camera's view is masked, with a picture of the masked view as proof."""

    __tablename__ = "privacy_mask"
    __table_args__ = (
        Index("ix_privacy_mask_camera_id_id", "camera_id", "id"),
        Index("ix_privacy_mask_unit_id", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    masked: Mapped[str] = mapped_column(String(200))
    photo_file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    recorded_by_name: Mapped[str] = mapped_column(String(40))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
