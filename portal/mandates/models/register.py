"""The register of those who must install, its dictionary and sources, suggested matches, orders, covered parts."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.mandates.states import MatchStatus, OrderStatus, SourceStatus
from portal.mandates.values import EscalationKind, MatchMethod, NumberKind, ServiceMethod
from portal.registry.models import Unit


class MandateProvision(Base):
    """What was added to the dictionary of categories (Anyang 2007 art. 8(11)): its paper, and from when to when.

    Rows are ended, never rewritten: what held on a past day can be told. Two of one category never hold at once.
    """

    __tablename__ = "mandate_provision"
    __table_args__ = (
        CheckConstraint("valid_to is null or valid_to > valid_from", name="period"),
        ExcludeConstraint(
            ("key", "="), (text("daterange(valid_from, valid_to)"), "&&"), name="ex_mandate_provision_once"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(40))
    zh: Mapped[str] = mapped_column(String(80))
    en: Mapped[str] = mapped_column(String(120))
    parts: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list, server_default="[]")
    unit_types: Mapped[list[str]] = mapped_column(ARRAY(String(20)), default=list, server_default="{}")
    industries: Mapped[list[str]] = mapped_column(ARRAY(String(4)), default=list, server_default="{}")
    basis_title: Mapped[str] = mapped_column(String(200))
    basis_number: Mapped[str] = mapped_column(String(80))
    basis_article: Mapped[str] = mapped_column(String(40), default="", server_default="")
    stored_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    entered_by_name: Mapped[str] = mapped_column(String(40))
    entered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    def in_language(self, language: str) -> str:
        """The category's name as a reader of that language reads it."""
        return self.zh if language.startswith("zh") else self.en


class MandateSource(Base):
    """A list that places were taken from: a business register's export, an industry department's list."""

    __tablename__ = "mandate_source"
    __audited__ = False  # progress is bookkeeping; taking a list in and loading it are in the log
    __table_args__ = (CheckConstraint(one_of("status", SourceStatus), name="status"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    origin: Mapped[str] = mapped_column(String(120))
    dated_on: Mapped[date] = mapped_column(Date)
    stored_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    districts: Mapped[list[str]] = mapped_column(ARRAY(String(6)), default=list, server_default="{}")
    status: Mapped[str] = mapped_column(String(10), default=SourceStatus.QUEUED, server_default="queued")
    rows_read: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    rows_new: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    rows_known: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    faults: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    failure: Mapped[str | None] = mapped_column(String(60))
    taken_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class MandatedUnit(Base):
    """A place that must install, whether anything is filed there or not (CAT-01).

    `unit_id` is the unit that a person confirmed it to be; how far the place has come follows from there.
    """

    __tablename__ = "mandated_unit"
    __table_args__ = (
        CheckConstraint("(unit_id is null) = (matched_at is null)", name="matched"),
        CheckConstraint("(struck_at is null) = (struck_reason = '')", name="struck"),
        CheckConstraint(f"matched_how is null or {one_of('matched_how', MatchMethod)}", name="matched_how"),
        Index("uq_mandated_unit_code_name", "uscc", "name", unique=True, postgresql_where=text("uscc is not null")),
        Index("ix_mandated_unit_place", "district", "category", "id"),
        Index("ix_mandated_unit_unit", "unit_id"),
        Index("ix_mandated_unit_source", "source_id", "id"),
        Index("ix_mandated_unit_name_trgm", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    uscc: Mapped[str | None] = mapped_column(String(18))
    category: Mapped[str] = mapped_column(String(40))
    unit_type: Mapped[str | None] = mapped_column(String(20))
    industry: Mapped[str] = mapped_column(String(4), default="", server_default="")
    district: Mapped[str] = mapped_column(String(6), ForeignKey("division.code"))
    address: Mapped[str] = mapped_column(String(200), default="", server_default="")
    position: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", 4326, spatial_index=True))
    source_id: Mapped[UUID | None] = mapped_column(ForeignKey("mandate_source.id"))
    source_row: Mapped[int | None] = mapped_column(Integer)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    matched_how: Mapped[str | None] = mapped_column(String(10))
    matched_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    matched_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    struck_reason: Mapped[str] = mapped_column(String(400), default="", server_default="")
    struck_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    unit: Mapped[Unit | None] = relationship(lazy="raise")
    source: Mapped[MandateSource | None] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}


class MandateMatch(Base):
    """A unit that an entry may be, found by code or by name and nearness. A person decides."""

    __tablename__ = "mandate_match"
    __table_args__ = (
        CheckConstraint(one_of("status", MatchStatus), name="status"),
        UniqueConstraint("mandated_id", "unit_id"),
        Index("ix_mandate_match_open", "district", "by_code", "id", postgresql_where=text("status = 'open'")),
        Index("ix_mandate_match_unit", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    mandated_id: Mapped[UUID] = mapped_column(ForeignKey("mandated_unit.id", ondelete="CASCADE"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    by_code: Mapped[bool] = mapped_column(Boolean)
    similarity: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    distance_m: Mapped[int | None] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(10), default=MatchStatus.OPEN, server_default="open")
    decided_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    found_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    entry: Mapped[MandatedUnit] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")


class InstallOrder(Base):
    """An order to install (CAT-01): on what basis, by when, how served, what was replied, how it ended."""

    __tablename__ = "install_order"
    __table_args__ = (
        CheckConstraint(one_of("status", OrderStatus), name="status"),
        CheckConstraint(f"served_how is null or {one_of('served_how', ServiceMethod)}", name="served_how"),
        CheckConstraint(f"escalated_to is null or {one_of('escalated_to', EscalationKind)}", name="escalated_to"),
        CheckConstraint("status in ('issued', 'withdrawn', 'fulfilled') or served_on is not null", name="served"),
        CheckConstraint("(status = 'fulfilled') = (fulfilled_on is not null)", name="fulfilled"),
        Index(
            "uq_install_order_open",
            "mandated_id",
            unique=True,
            postgresql_where=text("status in ('issued','served','replied','escalated')"),
        ),
        Index("ix_install_order_mandated", "mandated_id", "id"),
        Index("ix_install_order_district_status_id", "district", "status", "id"),
        Index("ix_install_order_unit", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    mandated_id: Mapped[UUID] = mapped_column(ForeignKey("mandated_unit.id"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    organ_name: Mapped[str] = mapped_column(String(80))
    addressee: Mapped[str] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(String(12), default=OrderStatus.ISSUED, server_default="issued")
    basis: Mapped[list[list[str]]] = mapped_column(JSONB)
    parts: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list, server_default="[]")
    demand: Mapped[str] = mapped_column(Text)
    issued_on: Mapped[date] = mapped_column(Date)
    issued_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    issued_by_name: Mapped[str] = mapped_column(String(40))
    due_set: Mapped[date | None] = mapped_column(Date)
    served_on: Mapped[date | None] = mapped_column(Date)
    served_how: Mapped[str | None] = mapped_column(String(10))
    served_to: Mapped[str] = mapped_column(String(80), default="", server_default="")
    due_on: Mapped[date | None] = mapped_column(Date)
    due_why: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    reply: Mapped[str] = mapped_column(Text, default="", server_default="")
    replied_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    escalated_to: Mapped[str | None] = mapped_column(String(20))
    escalated_on: Mapped[date | None] = mapped_column(Date)
    escalation_note: Mapped[str] = mapped_column(Text, default="", server_default="")
    fulfilled_on: Mapped[date | None] = mapped_column(Date)
    filing_number: Mapped[str] = mapped_column(String(40), default="", server_default="")
    ended_note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    version: Mapped[int] = mapped_column(Integer)

    entry: Mapped[MandatedUnit] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}


class PartCover(Base):
    """CAT-02: a camera that covers an important part, or the finding that the place has no such part (no camera)."""

    __tablename__ = "mandate_part_cover"
    __table_args__ = (
        CheckConstraint("(camera_id is null) = (absent_reason <> '')", name="camera_or_absent"),
        Index("uq_mandate_part_cover_camera", "mandated_id", "part", "camera_id", unique=True),
        Index(
            "uq_mandate_part_cover_absent",
            "mandated_id",
            "part",
            unique=True,
            postgresql_where=text("camera_id is null"),
        ),
        Index("ix_mandate_part_cover_camera", "camera_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    mandated_id: Mapped[UUID] = mapped_column(ForeignKey("mandated_unit.id", ondelete="CASCADE"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    part: Mapped[str] = mapped_column(String(40))
    camera_id: Mapped[UUID | None] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"))
    absent_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    said_by_name: Mapped[str] = mapped_column(String(40))
    said_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class MandateNumber(Base):
    """The running number of an organ's papers of a kind in a year; the row is locked while one is taken."""

    __tablename__ = "mandate_number"
    __audited__ = False
    __table_args__ = (CheckConstraint(one_of("kind", NumberKind), name="kind"),)

    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"), primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
