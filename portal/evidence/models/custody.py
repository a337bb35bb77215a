"""Execution and custody: two keys, the call register, the files, the sealed set and its handover.

No file has a row without the register entry of the act that made it, and no handover without its own: the foreign keys
are NOT NULL, so the ledger cannot be stepped round.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.evidence.values import CustodyAct, MediumKind, Purpose


class UnlockSession(Base):
    """One opening of the recordings under two keys (000 art. 10(3)): the executor and a second person, both signed in.

    The database itself refuses the same person twice and the requester on either key.
    """

    __tablename__ = "footage_unlock"
    __table_args__ = (
        CheckConstraint("executor_id <> second_id", name="two_people"),
        CheckConstraint("executor_id <> requester_id and second_id <> requester_id", name="not_the_requester"),
        ForeignKeyConstraint(
            ["request_id", "requester_id"],
            ["footage_request.id", "footage_request.requester_id"],
            name="fk_footage_unlock_request",
        ),
        Index("ix_footage_unlock_request", "request_id"),
        Index("ix_footage_unlock_opened", "opened_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(Uuid)
    requester_id: Mapped[UUID] = mapped_column(Uuid)
    executor_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    executor_name: Mapped[str] = mapped_column(String(40))
    second_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    second_name: Mapped[str] = mapped_column(String(40))
    workstation: Mapped[str] = mapped_column(String(80), default="", server_default="")
    no_phone_notice: Mapped[bool] = mapped_column(Boolean)
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class CustodyEntry(Base):
    """One line of the statutory call register (Decree 799 art. 16(2)(3)): never changed, never removed.

    Every column is text as it stood at the time, so the line stays readable whatever is renamed later. For a secret
    case `content` says only that the case is secret. A line is of a request, or of a deed at a unit's own equipment.
    """

    __tablename__ = "custody_entry"
    __table_args__ = (
        CheckConstraint(one_of("act", CustodyAct), name="act"),
        CheckConstraint(one_of("purpose", Purpose), name="purpose"),
        CheckConstraint(
            "(request_id is null) = (use_id is not null) and (use_id is null) = (deed_id is null)", name="origin"
        ),
        UniqueConstraint("use_id", "seq", name="uq_custody_entry_use_seq"),
        UniqueConstraint("deed_id", name="uq_custody_entry_deed"),
        UniqueConstraint("request_id", "seq", name="uq_custody_entry_seq"),
        Index("ix_custody_entry_unit_at", "unit_id", "at", "id"),
        Index("ix_custody_entry_organ_at", "requester_organ_id", "at", "id"),
        Index("ix_custody_entry_at", "at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("footage_request.id"))
    use_id: Mapped[UUID | None] = mapped_column(ForeignKey("equipment_use.id"))
    deed_id: Mapped[UUID | None] = mapped_column(ForeignKey("equipment_deed.id"))
    unlock_id: Mapped[UUID | None] = mapped_column(ForeignKey("footage_unlock.id"))
    seq: Mapped[int] = mapped_column(SmallInteger)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    unit_name: Mapped[str] = mapped_column(String(120))
    requester_organ_id: Mapped[UUID | None] = mapped_column(Uuid)
    requester_id: Mapped[UUID] = mapped_column(Uuid)
    request_number: Mapped[str] = mapped_column(String(24))
    requester_unit: Mapped[str] = mapped_column(String(120))
    requester_people: Mapped[str] = mapped_column(String(400))
    instrument: Mapped[str] = mapped_column(String(120))
    purpose: Mapped[str] = mapped_column(String(24))
    secret: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)
    span_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    span_to: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    act: Mapped[str] = mapped_column(String(20))
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    operator_name: Mapped[str] = mapped_column(String(40))
    second_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    destination: Mapped[str] = mapped_column(String(200), default="", server_default="")
    note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    # On which something was destroyed before its time (RET-04).
    ticket: Mapped[str] = mapped_column(String(40), default="", server_default="")
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class FootageItem(Base):
    """One exported file: stored here, or known by its hash while it travels on a medium."""

    __tablename__ = "footage_item"
    __table_args__ = (
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("sm3 is null or sm3 ~ '^[0-9a-f]{64}$'", name="sm3"),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("span_to > span_from", name="span"),
        UniqueConstraint("request_id", "sha256", name="uq_footage_item_sha256"),
        ForeignKeyConstraint(
            ["request_id", "camera_id"],
            ["footage_request_camera.request_id", "footage_request_camera.camera_id"],
            name="fk_footage_item_camera",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(Uuid)
    camera_id: Mapped[UUID] = mapped_column(Uuid)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("custody_entry.id"))
    unlock_id: Mapped[UUID] = mapped_column(ForeignKey("footage_unlock.id"))
    place: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    sm3: Mapped[str | None] = mapped_column(String(64))
    format: Mapped[str] = mapped_column(String(40))
    player: Mapped[str] = mapped_column(String(80), default="", server_default="")
    span_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    span_to: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    clock_offset_seconds: Mapped[int] = mapped_column(Integer)
    stored_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    registered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    registered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class FootageManifest(Base):
    """The sealed set of a request: the lines as digested, and their Merkle root. Never changed."""

    __tablename__ = "footage_manifest"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id"), primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("custody_entry.id"))
    digest: Mapped[str] = mapped_column(String(64))
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    sealed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    sealed_name: Mapped[str] = mapped_column(String(40))
    sealed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Handover(Base):
    """A copy changing hands: giver, receiver and witness are three people, and the receiver answers for the digest."""

    __tablename__ = "footage_handover"
    __table_args__ = (
        CheckConstraint(one_of("medium", MediumKind), name="medium"),
        CheckConstraint("receiver_id is null or receiver_id <> giver_id", name="giver_is_not_receiver"),
        CheckConstraint("witness_id <> giver_id", name="witness_is_not_giver"),
        CheckConstraint("receiver_id is null or receiver_id <> witness_id", name="witness_is_not_receiver"),
        CheckConstraint("acknowledged_by is null or acknowledged_by <> giver_id", name="acknowledged_by_other"),
        CheckConstraint("(acknowledged_at is null) = (acknowledged_by is null)", name="acknowledged"),
        UniqueConstraint("request_id", "copy_serial", name="uq_footage_handover_copy"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_manifest.request_id"))
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("custody_entry.id"))
    manifest_digest: Mapped[str] = mapped_column(String(64))
    giver_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    giver_name: Mapped[str] = mapped_column(String(40))
    receiver_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    receiver_name: Mapped[str] = mapped_column(String(80))
    witness_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    witness_name: Mapped[str] = mapped_column(String(40))
    medium: Mapped[str] = mapped_column(String(20))
    medium_serial: Mapped[str] = mapped_column(String(80))
    copy_serial: Mapped[str] = mapped_column(String(40))
    destination: Mapped[str] = mapped_column(String(200))
    given_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    acknowledged_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    acknowledged_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    acknowledged_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
