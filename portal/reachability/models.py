"""Targets, where each device stands, every change of that, and the rounds in which it was found out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.reachability.states import Lane, RoundStatus, RunStatus
from portal.registry.states import LiveState


class ProbeTarget(Base):
    """A device to probe, copied from the registry by reconciliation; the dense number makes ranges small."""

    __tablename__ = "probe_target"
    __audited__ = False

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"), unique=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    host: Mapped[str] = mapped_column(String(253))
    rtsp_port: Mapped[int | None] = mapped_column(Integer)
    http_port: Mapped[int | None] = mapped_column(Integer)
    has_login: Mapped[bool] = mapped_column(Boolean)
    enabled: Mapped[bool] = mapped_column(Boolean)
    denied: Mapped[str | None] = mapped_column(String(20))
    access_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class DeviceStatus(Base):
    """Where one device stands. Written only when something about it changes (about two rows in a hundred a round)."""

    __tablename__ = "device_status"
    __audited__ = False
    __table_args__ = (
        CheckConstraint(one_of("state", LiveState), name="state"),
        Index(
            "ix_device_status_unsteady",
            "target_id",
            postgresql_where=text("state <> 'online' or ups < 2 or flapping or recheck_at is not null"),
        ),
        Index("ix_device_status_recheck_at", "recheck_at", postgresql_where=text("recheck_at is not null")),
        Index("ix_device_status_deep_due_at", "deep_due_at", postgresql_where=text("deep_due_at is not null")),
        Index("ix_device_status_system_id", "system_id"),
        Index("ix_device_status_segment", "segment"),
        Index("ix_device_status_unit_id_state", "unit_id", "state"),
        Index("ix_device_status_since_target_id", "since", "target_id"),
        Index("ix_device_status_state_since_target_id", "state", "since", "target_id"),
        # Covers the tally: a city's count by state reads the index and no row.
        Index("ix_device_status_tally", "district", "state", "secret", "unit_id"),
        {"postgresql_with": {"fillfactor": "80"}},
    )

    target_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("probe_target.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"), unique=True)
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    secret: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    segment: Mapped[str] = mapped_column(String(45), default="", server_default="")

    state: Mapped[str] = mapped_column(String(12), default=LiveState.UNKNOWN, server_default="unknown")
    reason: Mapped[str | None] = mapped_column(String(20))
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ups: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    answers: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    misses: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    downs: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    flips: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list, server_default="{}")
    flapping: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    first_live_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    recheck_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    drift_s: Mapped[int | None] = mapped_column(Integer)
    rtt_ms: Mapped[int | None] = mapped_column(Integer)

    deep_due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    deep_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    deep_reason: Mapped[str | None] = mapped_column(String(20))
    identity: Mapped[str | None] = mapped_column(String(64))
    identity_changed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    profiles: Mapped[int | None] = mapped_column(SmallInteger)
    streams: Mapped[bool | None] = mapped_column(Boolean)
    open_access: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    recorded_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    recorded_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # As its main stream describes itself, and when it did: an examination that fails leaves them as they were.
    picture_width: Mapped[int | None] = mapped_column(SmallInteger)
    picture_height: Mapped[int | None] = mapped_column(SmallInteger)
    picture_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class DeviceStateChange(Base):
    """One change of a device's state: partitioned by month, so that an old month is dropped and never deleted row by row."""

    __tablename__ = "device_state_change"
    __audited__ = False
    __table_args__ = (
        Index("ix_device_state_change_camera_id_at", "camera_id", "at"),
        Index("ix_device_state_change_unit_id_at", "unit_id", "at"),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"))
    unit_id: Mapped[UUID]
    district: Mapped[str] = mapped_column(String(6))
    old_state: Mapped[str] = mapped_column(String(12))
    new_state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(20))


class ProbeRound(Base):
    """One pass over a lane, cut into chunks; nothing it found counts until the whole of it has been judged."""

    __tablename__ = "probe_round"
    __audited__ = False
    __table_args__ = (
        CheckConstraint(one_of("lane", Lane), name="lane"),
        CheckConstraint(one_of("status", RoundStatus), name="status"),
        Index("ix_probe_round_lane_started_at", "lane", "started_at"),
        Index("uq_probe_round_running", "lane", unique=True, postgresql_where=text("status = 'running'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    lane: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(12), default=RoundStatus.RUNNING, server_default="running")
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    deadline_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    chunks: Mapped[int] = mapped_column(Integer)
    checked: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    newly_down: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    changed: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class ProbeChunk(Base):
    """A range of targets in one round and, once probed, every result of it in a few bytes a device."""

    __tablename__ = "probe_chunk"
    __audited__ = False
    __table_args__ = (
        Index("ix_probe_chunk_finished_at", "finished_at", postgresql_where=text("finished_at is not null")),
    )

    round_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("probe_round.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    low: Mapped[int] = mapped_column(BigInteger)
    high: Mapped[int] = mapped_column(BigInteger)
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    checked: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    newly_down: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    lag_ms: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    states: Mapped[bytes | None] = mapped_column(LargeBinary)
    details: Mapped[bytes | None] = mapped_column(LargeBinary)


class ProbeRun(Base):
    """A probe somebody asked for: who, when, how far it is and what each layer found."""

    __tablename__ = "probe_run"
    __audited__ = False
    __table_args__ = (
        CheckConstraint(one_of("status", RunStatus), name="status"),
        Index("ix_probe_run_camera_id_asked_at", "camera_id", "asked_at"),
        Index("ix_probe_run_asked_by_asked_at", "asked_by", "asked_at"),
        Index("uq_probe_run_open", "camera_id", unique=True, postgresql_where=text("status in ('queued','running')")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    status: Mapped[str] = mapped_column(String(8), default=RunStatus.QUEUED, server_default="queued")
    step: Mapped[str] = mapped_column(String(8), default="", server_default="")
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str | None] = mapped_column(String(20))
    # {"rtsp": {"reason", "rtt_ms"}, "clock": {…, "drift_s"}, "login": {…}}: enumerated values and numbers only.
    layers: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
