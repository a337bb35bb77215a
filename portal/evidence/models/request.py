"""The request itself: who asks for what on which paper, from which cameras, and who may know what it is about."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.clock import city_day
from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.evidence.states import RequestStatus
from portal.evidence.values import (
    ActKind,
    IdKind,
    InstrumentKind,
    Outcome,
    Paper,
    Purpose,
    Relation,
    RequesterKind,
)
from portal.registry.models import Unit


class FootageRequest(Base):
    """One request to one unit. A wider ask is several of these under one `ask_id`, because a notice has one addressee.

    What the case is about stands in the open columns, or sealed in `content_sealed` when the case is secret: never both.
    """

    __tablename__ = "footage_request"
    __table_args__ = (
        CheckConstraint(one_of("status", RequestStatus), name="status"),
        CheckConstraint(one_of("requester_kind", RequesterKind), name="requester_kind"),
        CheckConstraint(one_of("instrument_kind", InstrumentKind), name="instrument_kind"),
        CheckConstraint(one_of("purpose", Purpose), name="purpose"),
        CheckConstraint(one_of("act", ActKind), name="act"),
        CheckConstraint(f"relation is null or {one_of('relation', Relation)}", name="relation"),
        CheckConstraint("span_to > span_from", name="span"),
        # Decree 799 art. 21: an individual may view, and nothing leaves the unit with them.
        CheckConstraint("requester_kind <> 'individual' or act in ('live', 'view')", name="individual_views_only"),
        CheckConstraint(
            "not secret or (case_number is null and case_name is null and summary is null and reason is null"
            " and copy_reason is null)",
            name="secret_is_sealed",
        ),
        CheckConstraint("not secret or necessity is null", name="secret_necessity_is_sealed"),
        CheckConstraint("secret or content_sealed is null", name="open_is_not_sealed"),
        CheckConstraint("custodian_id is null or custodian_id <> requester_id", name="custodian"),
        CheckConstraint("status in ('draft', 'withdrawn') or number is not null", name="numbered"),
        UniqueConstraint("id", "requester_id", name="uq_footage_request_requester"),
        Index("ix_footage_request_unit_status", "unit_id", "status", "id"),
        Index("ix_footage_request_organ_status", "requester_organ_id", "status", "id"),
        Index("ix_footage_request_requester", "requester_id", "id"),
        Index("ix_footage_request_ask", "ask_id"),
        # The list of what is lost first, and what a desk says of it.
        Index(
            "ix_footage_request_lost",
            "lost_at",
            "id",
            postgresql_where=text(
                "status in ('draft', 'returned', 'in_approval', 'approved', 'assigned', 'executing')"
            ),
        ),
        Index("ix_footage_request_submitted", "submitted_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str | None] = mapped_column(String(24), unique=True)
    ask_id: Mapped[UUID] = mapped_column(Uuid)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    status: Mapped[str] = mapped_column(String(16), default=RequestStatus.DRAFT)
    requester_kind: Mapped[str] = mapped_column(String(24))
    requester_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    requester_organ_id: Mapped[UUID | None] = mapped_column(ForeignKey("organ.id"))
    requester_name: Mapped[str] = mapped_column(String(120))
    instrument_kind: Mapped[str] = mapped_column(String(24))
    instrument_number: Mapped[str] = mapped_column(String(80), default="", server_default="")
    supply_due: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    urgent_by_phone: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    purpose: Mapped[str] = mapped_column(String(24))
    act: Mapped[str] = mapped_column(String(12))
    relation: Mapped[str | None] = mapped_column(String(20))
    secret: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    case_number: Mapped[str | None] = mapped_column(String(80))
    case_name: Mapped[str | None] = mapped_column(String(200))
    summary: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    copy_reason: Mapped[str | None] = mapped_column(Text)
    necessity: Mapped[str | None] = mapped_column(Text)
    content_sealed: Mapped[str | None] = mapped_column(Text)
    undertaking_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    span_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    span_to: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    lost_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    retention_days: Mapped[int | None] = mapped_column(SmallInteger)
    camera_count: Mapped[int] = mapped_column(Integer)
    rules_used: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("approval_run.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decide_by: Mapped[date | None] = mapped_column(Date)
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    custodian_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    custodian_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    assigned_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    archive_place: Mapped[str] = mapped_column(String(200), default="", server_default="")
    archive_place_b: Mapped[str] = mapped_column(String(200), default="", server_default="")
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    unit: Mapped[Unit] = relationship(lazy="raise")
    cameras: Mapped[list["RequestCamera"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="RequestCamera.label, RequestCamera.camera_id"
    )
    officers: Mapped[list["RequestOfficer"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="RequestOfficer.place"
    )
    readers: Mapped[list["RequestReader"]] = relationship(lazy="raise", cascade="all, delete-orphan")
    documents: Mapped[list["RequestDocument"]] = relationship(lazy="raise", order_by="RequestDocument.uploaded_at")
    __mapper_args__ = {"version_id_col": version}

    @property
    def called(self) -> str:
        """What the log calls it: its number, and before it has one the day it was drafted on."""
        return self.number or city_day(self.created_at).isoformat()


class RequestCamera(Base):
    """One camera of a request, as it was when asked for, with what became of it."""

    __tablename__ = "footage_request_camera"
    __table_args__ = (
        CheckConstraint(one_of("outcome", Outcome), name="outcome"),
        CheckConstraint(
            "(offset_s is null) = (offset_at is null) and (offset_s is null) = (offset_margin_s is null)", name="clock"
        ),
        Index("ix_footage_request_camera_camera", "camera_id", "request_id"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id", ondelete="CASCADE"), primary_key=True)
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("camera.id"), primary_key=True)
    label: Mapped[str] = mapped_column(String(120))
    code: Mapped[str] = mapped_column(String(20), default="", server_default="")
    place: Mapped[str] = mapped_column(String(200), default="", server_default="")
    zone: Mapped[str] = mapped_column(String(40), default="", server_default="")
    # The least of what is said, and the moments it makes of the span; the valid period is what was stated of it.
    retention_days: Mapped[int] = mapped_column(SmallInteger)
    lost_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    lost_to: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    valid_days: Mapped[int] = mapped_column(SmallInteger)
    kept_said: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    offset_s: Mapped[int | None] = mapped_column(Integer)
    offset_margin_s: Mapped[int | None] = mapped_column(Integer)
    offset_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reckoned_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    outcome: Mapped[str] = mapped_column(String(12), default=Outcome.PENDING, server_default="pending")
    outcome_note: Mapped[str] = mapped_column(String(400), default="", server_default="")


class RequestOfficer(Base):
    """A person who comes for the footage. The number on their paper is sealed; pages show its masked form."""

    __tablename__ = "footage_request_officer"
    __table_args__ = (CheckConstraint(one_of("id_kind", IdKind), name="id_kind"),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    id_kind: Mapped[str] = mapped_column(String(16))
    number_sealed: Mapped[str] = mapped_column(Text)
    number_masked: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))


class RequestReader(Base):
    """One name on the need-to-know list of a secret case: nobody else opens its content."""

    __tablename__ = "footage_request_reader"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    added_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class RequestDocument(Base):
    """A paper attached to a request; kept even when a later version replaces it."""

    __tablename__ = "footage_request_document"
    __table_args__ = (
        CheckConstraint(one_of("kind", Paper), name="kind"),
        Index("ix_footage_request_document_request", "request_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(24))
    title: Mapped[str] = mapped_column(String(200))
    stored_file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class RequestNumber(Base):
    """The running number of requests in a year; the row is locked while one is taken."""

    __tablename__ = "footage_request_number"
    __audited__ = False

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
