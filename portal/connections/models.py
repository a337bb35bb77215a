"""Connection orders and the cameras each covers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, Integer, SmallInteger, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.connections.states import OrderStatus
from portal.connections.values import ConnectionPurpose, RestsOn
from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.registry.models import Unit
from portal.registry.values.archive import TargetPlatform

APPROVED_OR_LATER = "status in ('approved', 'active', 'suspended', 'ended')"


class ConnectionOrder(Base):
    """An order to connect one system of a unit directly to one platform, for one purpose, from a day to a day.

    `consented_at` is the consent that stands; taken back, it is empty and `withdrawn_at` says since when. `cut_on` is
    the day on which the organ saw that nothing flows any more. What is of the technical joining itself, the registry's
    `system_connection` keeps: an active one there without an order here is found out.
    """

    __tablename__ = "connection_order"
    __table_args__ = (
        CheckConstraint(one_of("status", OrderStatus), name="status"),
        CheckConstraint(one_of("purpose", ConnectionPurpose), name="purpose"),
        CheckConstraint(one_of("platform", TargetPlatform), name="platform"),
        CheckConstraint(one_of("rests_on", RestsOn), name="rests_on"),
        CheckConstraint("ends_on >= starts_on", name="span"),
        CheckConstraint(
            "rests_on <> 'law' or (claim_article <> '' and claim_reason <> '' and claimed_at is not null)",
            name="claimed",
        ),
        CheckConstraint(f"not ({APPROVED_OR_LATER}) or approved_at is not null", name="approved"),
        CheckConstraint(
            "not (status in ('approved', 'active')) or (rests_on = 'consent' and consented_at is not null)"
            " or (rests_on = 'law' and seconded_at is not null)",
            name="consent_or_law",
        ),
        CheckConstraint(
            "approved_by is null or (approved_by is distinct from proposed_by and approved_by is distinct from claimed_by)",
            name="approver",
        ),
        CheckConstraint(
            "seconded_by is null or (seconded_by <> proposed_by and seconded_by <> approved_by"
            " and seconded_by <> claimed_by)",
            name="second_person",
        ),
        CheckConstraint("(status = 'ended') = (ended_on is not null)", name="ended"),
        CheckConstraint("status <> 'ended' or cut_on is not null", name="cut"),
        CheckConstraint("status not in ('active', 'suspended') or connected_on is not null", name="connected"),
        Index("ix_connection_order_unit_id_id", "unit_id", "id"),
        Index("ix_connection_order_district_status_id", "district", "status", "id"),
        Index("ix_connection_order_system_id", "system_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    status: Mapped[str] = mapped_column(String(12), default=OrderStatus.PROPOSED, server_default="proposed")
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    organ_name: Mapped[str] = mapped_column(String(80))
    addressee: Mapped[str] = mapped_column(String(120))
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id"))
    purpose: Mapped[str] = mapped_column(String(16))
    platform: Mapped[str] = mapped_column(String(16))
    platform_name: Mapped[str] = mapped_column(String(80))
    need: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(String(200))
    officer_name: Mapped[str] = mapped_column(String(40))
    officer_number: Mapped[str] = mapped_column(String(20))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    camera_count: Mapped[int] = mapped_column(Integer)
    cameras_checked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    basis: Mapped[list[list[str]]] = mapped_column(JSONB)
    rests_on: Mapped[str] = mapped_column(String(8), default=RestsOn.CONSENT, server_default="consent")
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    proposed_by_name: Mapped[str] = mapped_column(String(40))
    proposed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    consented_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    consented_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    consented_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    consent_terms: Mapped[str] = mapped_column(String(400), default="", server_default="")
    refusal_reason: Mapped[str] = mapped_column(String(400), default="", server_default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    withdrawn_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    claim_article: Mapped[str] = mapped_column(String(200), default="", server_default="")
    claim_reason: Mapped[str] = mapped_column(String(800), default="", server_default="")
    claimed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    claimed_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    claimed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    approved_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    seconded_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    seconded_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    seconded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    connected_on: Mapped[date | None] = mapped_column(Date)
    suspended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    suspended_reason: Mapped[str] = mapped_column(String(400), default="", server_default="")
    cut_on: Mapped[date | None] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    ended_note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    version: Mapped[int] = mapped_column(Integer)

    unit: Mapped[Unit] = relationship(lazy="raise")
    __mapper_args__: dict[str, Any] = {"version_id_col": version}


class ConnectionCamera(Base):
    """One camera that an order covers, as it was called then."""

    __tablename__ = "connection_camera"
    __table_args__ = (
        Index("ix_connection_camera_camera_id", "camera_id"),
        Index("ix_connection_camera_unit_id", "unit_id"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("connection_order.id"), primary_key=True)
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("camera.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    label: Mapped[str] = mapped_column(String(120))
    code: Mapped[str] = mapped_column(String(20), default="", server_default="")


class ConnectionNumber(Base):
    """The running number of connection orders in a year; the row is locked while one is taken."""

    __tablename__ = "connection_number"
    __audited__ = False

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
