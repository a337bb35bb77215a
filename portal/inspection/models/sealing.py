"""What is recorded on site: the devices that seal, and the entries they sealed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.inspection.states import EntryKind


class FieldDevice(Base):
    """A browser on a telephone, known by the public half of a key that cannot leave it. It signs within its person's
    own sign-in only; the organ that sends the person sees it and can end it.

    `skew_s` is by how much its clock was ahead of the server's when it last reported.
    """

    __tablename__ = "field_device"
    __table_args__ = (
        UniqueConstraint("key_sha256", name="uq_field_device_key"),
        Index("ix_field_device_person_id", "person_id"),
        Index("ix_field_device_organ_id", "organ_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    label: Mapped[str] = mapped_column(String(60))
    public_key: Mapped[str] = mapped_column(String(100))
    key_sha256: Mapped[str] = mapped_column(String(64))
    enrolled_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    seen_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    skew_s: Mapped[int | None] = mapped_column(Integer)
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))


class SealedEntry(Base):
    """One entry of a visit, word for word as it was sealed: never changed, never removed (trigger and grants).

    Without a device it was made on the portal's own page and sealed as it was saved. An entry with a `fault` is kept
    as evidence and counts for nothing.
    """

    __tablename__ = "sealed_entry"
    __table_args__ = (
        CheckConstraint(one_of("kind", EntryKind), name="kind"),
        Index(
            "uq_sealed_entry_device",
            "visit_id",
            "device_id",
            "seq",
            unique=True,
            postgresql_where=text("device_id is not null"),
        ),
        Index(
            "uq_sealed_entry_online",
            "visit_id",
            "person_id",
            "seq",
            unique=True,
            postgresql_where=text("device_id is null"),
        ),
        Index("ix_sealed_entry_visit_id_item", "visit_id", "item"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    person_name: Mapped[str] = mapped_column(String(40))
    device_id: Mapped[UUID | None] = mapped_column(ForeignKey("field_device.id"))
    device_label: Mapped[str] = mapped_column(String(60), default="", server_default="")
    seq: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(10))
    item: Mapped[str | None] = mapped_column(String(60))
    photos: Mapped[list[str]] = mapped_column(ARRAY(String(64)), default=list, server_default="{}")
    body: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    signature: Mapped[str] = mapped_column(String(100), default="", server_default="")
    fault: Mapped[str] = mapped_column(String(40), default="", server_default="")
    captured_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    skew_s: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
