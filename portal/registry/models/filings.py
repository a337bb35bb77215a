"""Filings, what was submitted with them, their papers and their numbers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.registry.models.units import System, Unit
from portal.registry.states import NUMBERED, FilingStatus
from portal.registry.values import FilingKind, Handler
from portal.vault.values import Secrecy

_NUMBERED = ",".join(f"'{status}'" for status in NUMBERED)


class Filing(Base):
    """A filing of a system with the competent police organ; one open filing a system at a time.

    `routed_why` tells which rule made the organ competent; `edition` counts the filings of one record, the first being 1;
    what ended or interrupted an accepted filing stands in the `standing_` columns.
    """

    __tablename__ = "filing"
    __table_args__ = (
        CheckConstraint(one_of("status", FilingStatus), name="status"),
        CheckConstraint(one_of("kind", FilingKind), name="kind"),
        CheckConstraint(one_of("handled_by", Handler), name="handled_by"),
        CheckConstraint(f"(status in ({_NUMBERED})) = (number is not null)", name="numbered"),
        Index(
            "uq_filing_open",
            "system_id",
            unique=True,
            postgresql_where=text("status in ('draft','submitted','returned')"),
        ),
        Index("ix_filing_organ_id_status_id", "organ_id", "status", "id"),
        Index("ix_filing_due_id", text("coalesce(due_on, '9999-12-31'::date)"), "id"),
        Index(
            "ix_filing_status_submitted_id",
            "status",
            text("coalesce(submitted_at, '9999-12-31 00:00:00+00'::timestamptz)"),
            "id",
        ),
        Index("ix_filing_unit_id_id", "unit_id", "id"),
        Index("ix_filing_system_id_id", "system_id", "id"),
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
    previous_id: Mapped[UUID | None] = mapped_column(ForeignKey("filing.id"))
    edition: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    handled_by: Mapped[str] = mapped_column(String(10), default=Handler.AGENT, server_default="agent")
    declaration: Mapped[str] = mapped_column(String(20), default="", server_default="")
    late_days: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    routed_why: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    national_filed_on: Mapped[date | None] = mapped_column(Date)
    standing_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    standing_reason: Mapped[str] = mapped_column(String(400), default="", server_default="")
    standing_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
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
        CheckConstraint(one_of("secrecy", Secrecy), name="secrecy"),
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
    place: Mapped[str] = mapped_column(String(120), default="", server_default="")
    expires_on: Mapped[date | None] = mapped_column(Date)
    verified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    uploaded_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    # Of what is said about the paper; `version_no` counts the papers themselves.
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}


class FilingNumber(Base):
    """The running number of an organ's filings in a year; the row is locked while one is taken."""

    __tablename__ = "filing_number"
    __audited__ = False

    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"), primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
